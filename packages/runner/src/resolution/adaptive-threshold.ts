import { mostFailures } from '@fixres/runs';

/** An image, classified at a small and at a large size. */
export interface TwoDecisions {
  /** Highest probability at the small size, 0..1. */
  confidence: number;
  /** Whether both sizes decide for the same class. */
  agrees: boolean;
}

export interface ThresholdOptions {
  /** Largest share of images on which the decision may differ from that at the large size, in (0, 1). */
  risk: number;
  /** Probability that the share is larger nevertheless, in (0, 1). */
  level: number;
}

/**
 * The confidence above which the small size may decide, so that the decisions differ from those at the
 * large size on at most a share `risk` of new images, with probability `1 - level` over the images that
 * the threshold is found with.
 *
 * The share of images on which the small size decides and disagrees only falls as the threshold rises, so
 * the thresholds can be tested from the highest down until one fails, each at the whole level (fixed
 * sequence testing): "Learn then Test", Angelopoulos, Bates, Candes, Jordan and Lei 2021, arXiv
 * 2110.01052, section 2; with a monotone risk it is the upper bound of Bates, Angelopoulos, Lei, Malik and
 * Jordan 2021 (arXiv 2101.02703, theorem 1). Each test is the exact binomial one.
 *
 * It assumes that the images are drawn independently from the images that the model will see, and that
 * they were not used to train it or to choose the sizes. A sample with a fixed number of each class, in
 * their proportions, is at least as good (Hoeffding, Annals of Mathematical Statistics 27, 1956).
 *
 * @returns 1 if the small size may never decide; below the lowest confidence, 0, if it may always
 */
export function adaptiveThreshold(
  images: readonly TwoDecisions[],
  { risk, level }: ThresholdOptions,
): number {
  const allowed = mostFailures(images.length, risk, level);
  if (allowed < 0) return 1;
  const disagreeing = images
    .filter(({ agrees }) => !agrees)
    .map(({ confidence }) => confidence)
    .sort((a, b) => b - a);
  return disagreeing[allowed] ?? 0;
}
