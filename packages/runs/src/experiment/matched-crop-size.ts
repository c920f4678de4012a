import { type Policy, planResolution, resize, type Size } from '@fixres/data';

/**
 * The size at which a family of policies shows objects as large as a training policy, on images of
 * these sizes: the size that the planner finds matched. A multiple of 8, at least 32, the smallest
 * input of the networks.
 */
export function matchedCropSize(
  imageSizes: readonly Size[],
  trainPolicy: Policy,
  family: (size: number) => Policy,
): number {
  const { matched } = planResolution(imageSizes, trainPolicy, {
    trainSize: trainPolicy.output.width,
    // A plan has at least one candidate; simulating this one costs least.
    candidates: [resize(trainPolicy.output.width)],
    family,
  });
  return Math.max(matched.cropSize, 32);
}
