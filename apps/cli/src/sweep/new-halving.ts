import {
  armsToMeasure,
  halvingRounds,
  halvingRungs,
  type PlannedExperiment,
  type PrecisionChoice,
} from '@fixres/runs';
import { settingRanges } from '@fixres/runs/names';
import { counted } from '@fixres/runs/report';
import { exitCodes, ExitError } from '../command-line/exit-error.ts';
import type { HalvingChoice } from './halving-options.ts';
import type { SweepContent } from './plan-sweep.ts';
import type { SweepHalving } from './sweep-plan.ts';

type Planned = PlannedExperiment<PrecisionChoice>;

/**
 * The settings of a new sweep that chooses among the arms of an experiment.
 *
 * @param atOnce number of trials at a time
 * @throws ExitError for an experiment whose arms depend on each other, or that holds no images back;
 * FixresRunsError `bad-option`
 */
export function newHalving(
  { planned, dataset }: SweepContent,
  choice: HalvingChoice,
  atOnce: number,
): SweepHalving {
  const { over, reduction, survivors, minEpochs } = choice;
  requireIndependent(planned);
  if (dataset.holdBack === undefined)
    throw refused(
      'it chooses on training images that are held back, never on the held-out ones; add to dataset, for example, holdBack: 0.1',
    );
  const roots = rootsOf(planned);
  if (roots.length < 2)
    throw refused(
      'it chooses among arms that are trained from scratch, and the experiment has one; at least 2 are needed',
    );
  const { baseline = roots[0]! } = choice;
  if (!roots.includes(baseline))
    throw new ExitError(
      exitCodes.usage,
      `error: Option --baseline is "${baseline}"; it must be one of ${roots.join(', ')}.`,
    );
  const common = { reduction, survivors, baseline, finalSeeds: [...planned.seeds] };
  if (over === 'epochs') {
    const epochs = epochsOf(planned);
    const rungs = halvingRungs({ arms: roots.length, epochs }, { reduction, survivors, minEpochs });
    const { promotion = atOnce === 1 ? 'synchronous' : 'asynchronous' } = choice;
    return { over, ...common, seed: freshSeeds(planned, 1)[0]!, rungs, promotion };
  }
  const rounds = halvingRounds(roots.length, { reduction, survivors });
  return { over, ...common, seeds: freshSeeds(planned, rounds.at(-1)!.seeds) };
}

/**
 * The experiment whose trials choose: with other seeds than the file, without comparisons, evaluated on images
 * that are held back.
 */
export function selectionContent(
  { planned, dataset }: SweepContent,
  halving: SweepHalving,
): SweepContent {
  const seeds = halving.over === 'seeds' ? halving.seeds : [halving.seed];
  return {
    planned: { ...planned, comparisons: [], seeds },
    dataset: { ...dataset, evaluateOn: 'heldBack' },
  };
}

/** The trials that a new sweep has. */
export function firstTrials(planned: Planned, halving: SweepHalving): string[] {
  const seed = halving.over === 'seeds' ? halving.seeds[0]! : halving.seed;
  return rootsOf(planned).map((root) => `${root}@${seed}`);
}

/** Names of the arms that are trained from scratch, or from the stored model. */
function rootsOf({ arms }: Planned): string[] {
  return arms.filter(({ initFrom }) => initFrom === null).map(({ name }) => name);
}

function requireIndependent(planned: Planned): void {
  const dependent = planned.arms.find(({ cost }) => cost !== undefined);
  if (dependent)
    throw refused(
      `the length of arm "${dependent.name}" follows from the cost of another arm, which may be left out; give it epochs`,
    );
  const [measured] = armsToMeasure(planned);
  if (measured !== undefined)
    throw refused(
      `the size of arm "${measured}" is measured; trials that run alone need a fixed size`,
    );
  if (planned.seedStopping !== undefined)
    throw refused('the experiment stops its seeds by a difference of two arms (seeds.until)');
  if (planned.factorial !== undefined)
    throw refused('the experiment splits a difference into effects of all its arms (factorial)');
}

/** The epochs of all arms from scratch, which must be the same: arms are compared after equal epochs. */
function epochsOf(planned: Planned): number {
  const arms = planned.arms.filter(({ initFrom }) => initFrom === null);
  const over = (why: string): ExitError => refused(`${why}; choose with --halving seeds`);
  const [first] = arms as [Planned['arms'][number]];
  // Arms with a cost are refused before.
  const epochs = first.epochs!;
  for (const arm of arms) {
    if (arm.epochs !== epochs)
      throw over(
        `arms "${first.name}" and "${arm.name}" have ${epochs} and ${arm.epochs!} epochs, and arms are compared after equal numbers of them`,
      );
    if (arm.steps !== undefined)
      throw over(`the length of arm "${arm.name}" is a number of steps; give it epochs alone`);
    if (arm.earlyStopping !== undefined)
      throw over(`arm "${arm.name}" stops early by itself (earlyStopping)`);
  }
  return epochs;
}

/** Seeds that the experiment does not have. */
function freshSeeds({ seeds }: Planned, count: number): number[] {
  const { seedCount, seed } = settingRanges;
  if (count > seedCount.high)
    throw refused(`its last round has ${count} seeds, and ${seedCount.high} are allowed`);
  const first = Math.max(...seeds) + 1;
  // Beyond it, numbers are not exact.
  if (first > seed.high - (count - 1))
    throw refused(
      `it needs ${counted(count, 'seed')} above those of the experiment, and the largest seed is ${seed.high}`,
    );
  return Array.from({ length: count }, (_, i) => first + i);
}

function refused(why: string): ExitError {
  return new ExitError(exitCodes.usage, `error: Option --halving cannot be used: ${why}.`);
}
