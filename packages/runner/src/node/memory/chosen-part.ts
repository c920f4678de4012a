import { chooseTrials, partOf, type PlannedExperiment, type PrecisionChoice } from '@fixres/runs';

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
  return { ...planned, ...partOf(planned, chooseTrials(planned, only)) };
}
