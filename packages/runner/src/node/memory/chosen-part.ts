import { chooseTrials, type PlannedExperiment, type PrecisionChoice } from '@fixres/runs';

/**
 * The arms and seeds of some trials, with everything that an arm needs of memory. Lengths, which can
 * follow from the cost of other arms, and comparisons stay those of the whole experiment.
 *
 * @param only names of trials. Default: all
 * @throws FixresRunsError `bad-option` like `chooseTrials`
 */
export function chosenPart<Arithmetic extends PrecisionChoice>(
  planned: PlannedExperiment<Arithmetic>,
  only: readonly string[] | undefined,
): PlannedExperiment<Arithmetic> {
  if (only === undefined) return planned;
  const trials = chooseTrials(planned, only);
  const names = new Set(trials.flatMap(({ arms }) => arms));
  const seeds = new Set(trials.map(({ seed }) => seed));
  return {
    ...planned,
    arms: planned.arms.filter(({ name }) => names.has(name)),
    seeds: planned.seeds.filter((seed) => seeds.has(seed)),
  };
}
