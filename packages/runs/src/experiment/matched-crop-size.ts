import { type Policy, planResolution, type Size } from '@fixres/data';

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
    candidates: [trainPolicy],
    family,
  });
  return Math.max(matched.cropSize, 32);
}
