import { FixresRunsError } from '../errors.ts';
import type { ArmSpec, Experiment, PlannedArm, PrecisionChoice } from '../experiment/experiment.ts';

/**
 * The smallest part of an experiment that can run alone: one seed of an arm from scratch, or from
 * the stored model, and of all arms that are initialised from it, directly or not. A trial needs no
 * weights of another trial, so trials can run in any order, and at the same time.
 */
export interface Trial {
  /** `<arm>@<seed>`, with the arm that is not initialised from another. */
  name: string;
  seed: number;
  /** Names of its arms, in the order of the experiment. */
  arms: string[];
}

/** Everything that determines the trials of an experiment. */
type Planned = Pick<Experiment<PlannedArm, PrecisionChoice>, 'arms' | 'seeds'>;

/** The trials of an experiment, in the order in which a run computes them: seed by seed. */
export function trialsOf({ arms, seeds }: Planned): Trial[] {
  const rootOf = new Map<string, string>();
  for (const { name, initFrom } of arms)
    rootOf.set(name, initFrom === null ? name : rootOf.get(initFrom)!);
  const roots = arms.filter(({ initFrom }) => initFrom === null).map(({ name }) => name);
  return seeds.flatMap((seed) =>
    roots.map((root) => ({
      name: `${root}@${seed}`,
      seed,
      arms: arms.map(({ name }) => name).filter((name) => rootOf.get(name) === root),
    })),
  );
}

/**
 * The trials with these names, in the order of the experiment.
 *
 * @throws FixresRunsError `bad-option` for a name that the experiment does not have, and for trials
 * that are not the same arms with the same seeds: a run compares all its arms over all its seeds
 */
export function chooseTrials(planned: Planned, names: readonly string[]): Trial[] {
  const all = trialsOf(planned);
  const unknown = names.find((name) => !all.some((trial) => trial.name === name));
  if (unknown !== undefined) {
    const some = all.slice(0, MOST_NAMED).map(({ name }) => name);
    const rest = all.length > MOST_NAMED ? ` and ${all.length - MOST_NAMED} more` : '';
    throw bad(`Trial "${unknown}" does not exist; the trials are ${some.join(', ')}${rest}.`);
  }
  const measured = planned.arms.find(({ measuredSize }) => measuredSize !== undefined);
  if (measured !== undefined)
    throw bad(
      `The size of arm "${measured.name}" is measured with the first seed, and all seeds use it; trials that run alone need a fixed size.`,
    );
  const chosen = all.filter(({ name }) => names.includes(name));
  if (trialsOf(partOf(planned, chosen)).length !== chosen.length) {
    throw bad(
      `Trials ${chosen.map(({ name }) => name).join(', ')} are not the same arms for every seed, which one run needs; run them one by one.`,
    );
  }
  return chosen;
}

/** Names in a message. */
const MOST_NAMED = 8;

/** The arms and seeds of trials, in the order of the experiment. */
export function partOf<Arm extends PlannedArm, Arithmetic extends PrecisionChoice>(
  { arms, seeds }: Pick<Experiment<Arm, Arithmetic>, 'arms' | 'seeds'>,
  trials: readonly Trial[],
): Pick<Experiment<Arm, Arithmetic>, 'arms' | 'seeds'> {
  const names = new Set(trials.flatMap((trial) => trial.arms));
  const chosen = new Set(trials.map(({ seed }) => seed));
  return {
    arms: arms.filter(({ name }) => names.has(name)),
    seeds: seeds.filter((seed) => chosen.has(seed)),
  };
}

/**
 * The experiment of some of the trials. It trains each of its arms exactly as the whole experiment
 * does. Comparisons and a factorial with other arms are left out.
 *
 * @param experiment with lengths; those that follow from the cost of another arm are derived in the
 * whole experiment, so that they do not depend on the choice of trials
 * @param names as for {@link chooseTrials}
 * @throws FixresRunsError `bad-option` like {@link chooseTrials}
 */
export function experimentOfTrials<Arithmetic extends PrecisionChoice>(
  experiment: Experiment<ArmSpec, Arithmetic>,
  names: readonly string[],
): Experiment<ArmSpec, Arithmetic> {
  const trials = chooseTrials(experiment, names);
  const { arms, seeds } = partOf(experiment, trials);
  const chosen = new Set(arms.map(({ name }) => name));
  const { factorial, comparisons, corruptions, ...rest } = experiment;
  const { baseline, ...conditions } = corruptions ?? {};
  const cells = [...(factorial?.cells ?? []), factorial?.moreEpochs ?? []].flat();
  const isWhole = cells.every(({ arm }) => chosen.has(arm));
  return {
    ...rest,
    seeds,
    arms: arms.map(({ cost, ...arm }) =>
      cost !== undefined && chosen.has(cost.equalTo) ? { ...arm, cost } : arm,
    ),
    comparisons: comparisons.filter(({ a, b }) => chosen.has(a) && chosen.has(b)),
    ...(factorial && isWhole && { factorial }),
    ...(corruptions && {
      corruptions:
        baseline !== undefined && chosen.has(baseline) ? { ...conditions, baseline } : conditions,
    }),
  };
}

function bad(message: string): FixresRunsError {
  return new FixresRunsError('bad-option', message);
}
