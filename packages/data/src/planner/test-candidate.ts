import { magnification, type Size } from '../geometry/view.ts';
import { type Policy, viewOf } from '../policies/policy.ts';
import { createRandom } from '../rng.ts';
import { apparentSizeRatios, type TrainingViews } from './apparent-size.ts';
import { type RatioDistribution, ratioDistribution } from './ratio-distribution.ts';
import type { SizeGroup } from './size-groups.ts';

/** What a test policy does to a data set, next to the training policy. */
export interface TestCandidate {
  policy: Policy;
  /** Shorter side, in pixels, to which the policy resizes most images before it crops. */
  imageSize: number;
  /** Side of the network's input in pixels; for inputs that are not square the side of a square as large. */
  cropSize: number;
  /** Apparent size at test time / in training. */
  ratio: RatioDistribution;
  /** Part of the images, 0 to 1, that the policy enlarges: their pixels do not hold the detail that the input could show. */
  upsampledShare: number;
  /** Work of the network next to that at the training size: its convolutions grow with the input's area. */
  relativeFlops: number;
}

/** Describes one test policy. @throws FixresDataError `bad-option` when the policy does not fit an image */
export function testCandidate(policy: Policy, training: TrainingViews, trainSize: number): TestCandidate {
  const { groups } = training;
  const views = groups.map((group) => viewOf(policy, group, createRandom(training.seed, 'plan-view')));
  const isUpsampled = (rank: number): boolean => magnification(views[rank]!) > 1;
  const cropArea = policy.output.width * policy.output.height;
  return {
    policy,
    imageSize: mostCommon(groups, (_, rank) => shorterSide(views[rank]!.resized)),
    cropSize: Math.round(Math.sqrt(cropArea)),
    ratio: ratioDistribution(apparentSizeRatios(training, (image, random) => viewOf(policy, image, random))),
    upsampledShare: countImages(groups, (_, rank) => isUpsampled(rank)) / countImages(groups, () => true),
    relativeFlops: cropArea / trainSize ** 2,
  };
}

function countImages(groups: readonly SizeGroup[], counts: (group: SizeGroup, rank: number) => boolean): number {
  return groups.reduce((sum, group, rank) => (counts(group, rank) ? sum + group.images : sum), 0);
}

function mostCommon(groups: readonly SizeGroup[], valueOf: (group: SizeGroup, rank: number) => number): number {
  const images = new Map<number, number>();
  groups.forEach((group, rank) => {
    const value = valueOf(group, rank);
    images.set(value, (images.get(value) ?? 0) + group.images);
  });
  return [...images].reduce((best, other) => (other[1] > best[1] ? other : best))[0];
}

function shorterSide({ width, height }: Size): number {
  return Math.min(width, height);
}
