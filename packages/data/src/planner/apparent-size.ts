import { FixresDataError } from '../errors.ts';
import { magnification, type Size, type View } from '../geometry/view.ts';
import { createRandom, type Random } from '../rng.ts';
import { groupSizes, type SizeGroup } from './size-groups.ts';

/** Draws a view of an image of this size, as `viewOf` does for a policy. */
export type DrawView = (image: Size, random: Random) => View;

export interface SimulationOptions {
  /** Seed of the simulated views. Default 0. */
  seed?: number;
  /** Training views simulated for each image. Default: so many that there are about 100,000 in all, at least one. */
  draws?: number;
}

/** Enough for a mean good to about 0.2 %: the sizes of random crops spread by a third of their mean. */
const VIEWS = 100_000;

/** Simulated training views of a data set, kept so that every candidate is compared with the same ones. */
export interface TrainingViews {
  seed: number;
  groups: readonly SizeGroup[];
  /** For each group one value a view: 1 / magnification, the image's pixels per output pixel. */
  pixelSizes: readonly Float64Array[];
}

/**
 * Simulates the training policy on every image.
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
  const pixelSizes = groups.map((group) => {
    const random = createRandom(seed, 'plan-train', group.width, group.height);
    return Float64Array.from(
      { length: group.images * draws },
      () => 1 / magnification(train(group, random)),
    );
  });
  return { seed, groups, pixelSizes };
}

/**
 * How much larger objects appear at test time than in training, for each simulated training view:
 *
 *     ratio = magnification(test view) / magnification(training view)
 *
 * where a view's magnification is the geometric mean of the two axes' scales. At 1 the network sees objects as large as it learned
 * them; at 0.6 they are 40 % smaller. For a crop of the part s^2 of the image's area, resized to the side T, against the whole image
 * squashed to the side S the ratio is s * S / T (Touvron et al. 2019, section 3), so its arithmetic mean is E[s] * S / T. That mean is
 * what a plan calls the ratio. Other means are smaller: the mean size in training is ruled by the few tiny crops.
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
