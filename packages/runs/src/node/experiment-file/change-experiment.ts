import { writtenExperiment } from '../../experiment-file/written-experiment.ts';
import type { PlannedExperiment, PrecisionChoice } from '../../experiment/experiment.ts';
import { parseExperiment } from './parse-experiment-file.ts';
import { type ImageSizes, resolveExperiment } from './resolve-experiment.ts';
import { setValues } from './set-values.ts';

/**
 * Sets values in an experiment, in the form of an experiment file, and resolves it again.
 *
 * @param settings as for {@link setValues}; an empty list returns the experiment unchanged
 * @throws FixresRunsError `bad-option`, `bad-experiment`
 */
export async function changeExperiment(
  experiment: PlannedExperiment<PrecisionChoice>,
  settings: readonly string[],
  imageSizes: ImageSizes,
): Promise<PlannedExperiment<PrecisionChoice>> {
  if (settings.length === 0) return experiment;
  const written = setValues(writtenExperiment(experiment), settings);
  // The data set is chosen separately from the experiment.
  const file = parseExperiment({ version: 1, dataset: 'any', ...written });
  return resolveExperiment(file, imageSizes);
}
