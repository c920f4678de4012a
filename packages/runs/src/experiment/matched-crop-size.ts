import {
  type ImageSize,
  imageSizeOf,
  mapSides,
  planResolution,
  type Policy,
  resize,
  type Size,
} from '@fixres/data';

/**
 * The size at which a family of policies shows objects as large as a training policy, on images of
 * these sizes: the size that the planner finds matched. Its sides are multiples of 8, at
 * least 32, the smallest input of the networks; a rectangle has the shape of the train size.
 */
export function matchedCropSize(
  imageSizes: readonly Size[],
  trainPolicy: Policy,
  family: (size: ImageSize) => Policy,
): ImageSize {
  const trainSize = imageSizeOf(trainPolicy.output);
  const { matched } = planResolution(imageSizes, trainPolicy, {
    trainSize,
    // A plan has at least one candidate; simulating this one costs least.
    candidates: [resize(trainSize)],
    family,
  });
  return mapSides(matched.cropSize, (side) => Math.max(side, 32));
}
