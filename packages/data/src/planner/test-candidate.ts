import { type ImageSize, imageSizeOf, sidesOf } from '../geometry/image-size.ts';
import {
  magnification,
  type Rect,
  type Size,
  sourceRect,
  stretch,
  type View,
} from '../geometry/view.ts';
import { type Policy, viewOf } from '../policies/policy.ts';
import { createRandom } from '../rng.ts';
import { apparentSizeRatios, type TrainingViews } from './apparent-size.ts';
import { drawViews } from './draw-views.ts';
import { type RatioDistribution, ratioDistribution } from './ratio-distribution.ts';
import type { SizeGroup } from './size-groups.ts';

/** The effect of a test policy on a data set, relative to the train policy. */
export interface TestCandidate {
  policy: Policy;
  /** Shorter side, in pixels, to which the policy resizes most images before it crops. */
  imageSize: number;
  /** Size of the network's input. */
  cropSize: ImageSize;
  /** Apparent size at test time / in training. */
  ratio: RatioDistribution;
  /**
   * How much wider objects look than in training, relative to their height: the geometric mean over
   * images and train views. At 1 they have the same shape. {@link ratio} does not depend on it.
   */
  stretch: number;
  /**
   * Fraction of the images, 0 to 1, that the policy enlarges: their pixels do not contain the
   * detail that the input could show.
   */
  upsampledShare: number;
  /** Fraction of an image's area that the crop shows, 0 to 1, on average. */
  visibleShare: number;
  /**
   * Compute of the network relative to the train size: the cost of its convolutions grows with the
   * input's area.
   */
  relativeFlops: number;
}

/**
 * Describes one test policy.
 *
 * @throws FixresDataError `bad-option` if the policy does not fit an image
 */
export function testCandidate(
  policy: Policy,
  training: TrainingViews,
  trainSize: ImageSize,
): TestCandidate {
  const { groups } = training;
  const views = groups.map((group) =>
    viewOf(policy, group, createRandom(training.seed, 'plan-view')),
  );
  const share = (partOf: (group: SizeGroup, view: View) => number): number =>
    groups.reduce((sum, group, i) => sum + group.images * partOf(group, views[i]!), 0) /
    groups.reduce((sum, { images }) => sum + images, 0);
  return {
    policy,
    imageSize: mostCommonSide(groups, views),
    cropSize: imageSizeOf(policy.output),
    ratio: ratioDistribution(apparentSizeRatios(training, drawViews(policy))),
    stretch: Math.exp(share((_, view) => Math.log(stretch(view))) - training.logStretch),
    upsampledShare: share((_, view) => (magnification(view) > 1 ? 1 : 0)),
    visibleShare: share((image, view) => visibleArea(sourceRect(view), image) / area(image)),
    relativeFlops: area(policy.output) / area(sidesOf(trainSize)),
  };
}

function mostCommonSide(groups: readonly SizeGroup[], views: readonly View[]): number {
  const images = new Map<number, number>();
  groups.forEach((group, i) => {
    const { width, height } = views[i]!.resized;
    const side = Math.min(width, height);
    images.set(side, (images.get(side) ?? 0) + group.images);
  });
  return [...images].reduce((best, other) => (other[1] > best[1] ? other : best))[0];
}

/** A padded crop extends beyond its image. */
function visibleArea({ x, y, width, height }: Rect, image: Size): number {
  return (
    (Math.min(x + width, image.width) - Math.max(x, 0)) *
    (Math.min(y + height, image.height) - Math.max(y, 0))
  );
}

function area({ width, height }: Size): number {
  return width * height;
}
