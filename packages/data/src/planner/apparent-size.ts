import { FixresDataError } from '../errors.ts';
import { magnification, type Size, stretch, type View } from '../geometry/view.ts';
import { createRandom, type Random } from '../rng.ts';
import { groupSizes, type SizeGroup } from './size-groups.ts';

/** Draws a view of an image of this size, as `viewOf` does for a policy. */
export type DrawView = (image: Size, random: Random) => View;

export interface SimulationOptions {
  /** Seed of the simulated views. Default 0. */
  seed?: number;
  /**
   * Number of simulated train views per image. Default: about 100,000 views in total, at least one
   * per image.
   */
  draws?: number;
}

/**
 * Enough for a mean that is accurate to about 0.2 %: the sizes of random crops vary by a third of
 * their mean.
 */
const VIEWS = 100_000;

/**
 * Simulated train views of a data set, stored so that every candidate is compared with the same
 * views.
 */
export interface TrainingViews {
  seed: number;
  groups: readonly SizeGroup[];
  /** Per group, one value per view: 1 / magnification, the image's pixels per output pixel. */
  pixelSizes: readonly Float64Array[];
  /** Mean of ln(stretch) over all views: by how much the train policy changes the shape of objects. */
  logStretch: number;
}

/**
 * Simulates the train policy on every image.
 *
 * @throws FixresDataError `bad-option`
 */
export function simulateTraining(
  sizes: readonly Size[],
  train: DrawView,
  options: SimulationOptions = {},
): TrainingViews {
  const groups = groupSizes(sizes);
  const { seed = 0, draws = Math.ceil(VIEWS / sizes.length) } = options;
  if (!Number.isInteger(draws) || draws < 1) {
    throw new FixresDataError(
      'bad-option',
      `Option "draws" is ${draws}; it must be a whole number of at least 1.`,
    );
  }
  let stretched = 0;
  const pixelSizes = groups.map((group) => {
    const random = createRandom(seed, 'plan-train', group.width, group.height);
    const sizesOfPixels = new Float64Array(group.images * draws);
    for (let i = 0; i < sizesOfPixels.length; i++) {
      const view = train(group, random);
      stretched += Math.log(stretch(view));
      sizesOfPixels[i] = 1 / magnification(view);
    }
    return sizesOfPixels;
  });
  return { seed, groups, pixelSizes, logStretch: stretched / (sizes.length * draws) };
}

/**
 * How much larger objects appear at test time than in training, for each simulated train view:
 *
 *     ratio = magnification(test view) / magnification(train view)
 *
 * A view's magnification is the geometric mean of the two axes' scales. At 1 the network sees
 * objects as large as in training; at 0.6 they are 40 % smaller. Compare a crop of the fraction s^2
 * of the image's area, resized to the side T, with the whole image squashed to the side S: the ratio
 * is s * S / T (Touvron et al. 2019, section 3), so its arithmetic mean is E[s] * S / T. That mean
 * is what a plan calls the ratio. Other means are smaller, because a few tiny crops dominate the
 * mean size in training.
 *
 * @returns in ascending order, every view with the same weight
 */
export function apparentSizeRatios(
  { seed, groups, pixelSizes }: TrainingViews,
  test: DrawView,
): Float64Array {
  const ratios = new Float64Array(pixelSizes.reduce((sum, { length }) => sum + length, 0));
  let i = 0;
  for (const [rank, group] of groups.entries()) {
    const random = createRandom(seed, 'plan-test', group.width, group.height);
    for (const pixelSize of pixelSizes[rank]!)
      ratios[i++] = magnification(test(group, random)) * pixelSize;
  }
  return ratios.sort();
}
