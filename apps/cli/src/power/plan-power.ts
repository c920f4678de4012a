import {
  type DifferenceVariance,
  imagesNeeded,
  pairedPower,
  type PlannedComparison,
  smallestDifference,
} from '@fixres/runs';
import { percent } from '@fixres/runs/report';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';
import { type ObservedVariation, observedVariation } from './observed-variation.ts';
import type { PowerOptions } from './power-options.ts';

/** The output of `fixres power --json`. */
export interface PowerPlan {
  format: 1;
  /** The run whose predictions were used; null without one. */
  observed: ObservedVariation | null;
  /** What was assumed. */
  assumed: {
    /** Fraction of the images on which only one arm is correct, with one seed. */
    discordance: number;
    /** Standard deviation of the difference between seeds, 0 to 1; null if nothing is known of it, which counts as 0. */
    seedDeviation: number | null;
    /** Variation of the difference, see `DifferenceVariance` of `@fixres/runs`. */
    variance: DifferenceVariance;
  };
  /** Number of comparisons in Holm's correction. */
  comparisons: number;
  /** Required probability of finding the difference, 0 to 1. */
  power: number;
  /** The difference to find, 0 to 1; null if none was given. */
  difference: number | null;
  /** One per number of images and seeds. */
  plans: {
    images: number;
    seedCount: number;
    /** Smallest true difference (0 to 1) that is found with the required probability; null if none is. */
    smallestDifference: number | null;
    /** Probability of finding `difference`; null if none was given. */
    power: number | null;
  }[];
  /** One per number of seeds; empty if no difference was given. */
  needed: {
    seedCount: number;
    /** Number of held-out images; null if no number is enough. */
    images: number | null;
  }[];
}

const SEED_COUNTS = [1, 2, 3, 5, 10];

/**
 * Computes what a planned comparison can show.
 *
 * @param run run folder with predictions of both arms; without one, `discordance` is needed
 * @throws ExitError for options that do not fit; FixresRunsError for a folder that is not a run
 */
export async function planPower(
  run: string | undefined,
  options: PowerOptions,
): Promise<PowerPlan> {
  const { power, seedCounts = SEED_COUNTS } = options;
  checkOptions(run, options);
  const observed = run === undefined ? null : await observedVariation(run, options);
  const comparisons = options.comparisons ?? observed?.comparisons ?? 1;
  const difference = options.difference === undefined ? null : options.difference / 100;
  const images = options.images ?? (observed ? [observed.images] : []);
  const assumed = assumption(observed, options);
  const { variance } = assumed;
  const combinations = images.flatMap((n) =>
    seedCounts.map((seedCount): PlannedComparison => ({
      images: n,
      seedCount,
      comparisons,
      variance,
    })),
  );
  return {
    format: 1,
    observed,
    assumed,
    comparisons,
    power,
    difference,
    plans: combinations.map((planned) => ({
      images: planned.images,
      seedCount: planned.seedCount,
      smallestDifference: smallestDifference(planned, power),
      power: difference === null ? null : pairedPower(difference, planned),
    })),
    needed:
      difference === null
        ? []
        : seedCounts.map((seedCount) => ({
            seedCount,
            images: imagesNeeded(difference, { seedCount, comparisons, variance }, power),
          })),
  };
}

/**
 * The variation to plan with. If only a discordance is known, all of it counts as variation over
 * images, the case in which more seeds help least.
 */
function assumption(
  observed: ObservedVariation | null,
  { discordance, seedDeviation, difference = 0 }: PowerOptions,
): PowerPlan['assumed'] {
  const given = seedDeviation === undefined ? undefined : seedDeviation / 100;
  const known = observed?.variance ?? undefined;
  const overSeeds = given === undefined ? (known?.overSeeds ?? 0) : given ** 2;
  const psi = discordance ?? observed!.discordance;
  const { overImages, residual } = known ?? {
    overImages: Math.max(0, psi - overSeeds - (difference / 100) ** 2),
    residual: 0,
  };
  return {
    discordance: psi,
    seedDeviation: given ?? (known ? Math.sqrt(known.overSeeds) : null),
    variance: { overImages, overSeeds, residual },
  };
}

function checkOptions(
  run: string | undefined,
  { discordance, difference, images, arms, testPolicy }: PowerOptions,
): void {
  const bad = (message: string): never => {
    throw new ExitError(exitCodes.usage, `error: ${message}`);
  };
  if (run === undefined && discordance === undefined)
    bad(
      'Without a run, --discordance is needed: the fraction of the images on which only one of the arms is correct.',
    );
  if (run !== undefined && discordance !== undefined)
    bad('Option --discordance is for plans without a run; the run shows it.');
  if (run === undefined && difference === undefined && images === undefined)
    bad('Without a run, --images or --difference is needed.');
  if (run === undefined && arms !== undefined)
    bad(`Option --arms is "${arms.join(',')}", but there is no run.`);
  if (run === undefined && testPolicy !== undefined)
    bad(`Option --test-policy is "${testPolicy}", but there is no run.`);
  if (discordance !== undefined && difference !== undefined && difference / 100 > discordance)
    bad(
      `Option --difference is ${difference} points, but --discordance is ${discordance}: arms that disagree on ${percent(discordance)} of the images differ by at most that.`,
    );
  if (arms !== undefined && arms[0] === arms[1])
    bad(`Option --arms is "${arms.join(',')}"; it must be two different arms.`);
  if (arms !== undefined && arms.length !== 2)
    bad(`Option --arms is "${arms.join(',')}"; it must be two arms, separated by a comma.`);
}
