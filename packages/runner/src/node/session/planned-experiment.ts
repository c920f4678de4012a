import { type ImageDataset, requireJpegTurbo } from '@fixres/data/node';
import {
  checkExperiment,
  chooseTrials,
  type PlannedExperiment,
  type PrecisionChoice,
} from '@fixres/runs';
import { type DatasetWords, optionWords } from '../images/dataset-words.ts';
import { imageSizes } from '../images/image-sizes.ts';
import { splitFor } from '../images/split-for.ts';
import { requireMeasurable } from '../../arms/measure-sizes.ts';
import { checkClassWeights } from '../../training/class-weights.ts';
import { sessionDataset } from './session-dataset.ts';
import type { RunSessionOptions } from './run-session-options.ts';
import type { SessionPlan } from './session-plan.ts';

/** The checked experiment of a plan. */
export interface PlannedSession {
  planned: PlannedExperiment<PrecisionChoice>;
  /** Opens the data set; later calls return the same one. */
  open: () => Promise<ImageDataset>;
  words: DatasetWords;
}

/**
 * Creates the experiment of a run; writes nothing. The data set is opened only if its sizes or
 * classes are needed.
 *
 * @throws FixresRunsError, FixresDataError, FixresRunnerError if the experiment cannot be run; the reason of the
 * signal when aborted
 */
export async function plannedExperiment(
  plan: SessionPlan,
  {
    signal = new AbortController().signal,
    on = {},
    words = optionWords,
  }: Omit<RunSessionOptions, 'folder'> = {},
): Promise<PlannedSession> {
  // Before anything slow starts.
  if (plan.dataset.decode === 'tensorflow') requireJpegTurbo();
  let opened: Promise<ImageDataset> | undefined;
  const open = (): Promise<ImageDataset> =>
    (opened ??= sessionDataset(plan.dataset, {
      classOrder: plan.start?.classNames,
      words,
      on,
      signal,
    }));
  const planned = await plan.experiment(
    async () => imageSizes(splitFor(await open(), plan.dataset, words).train, { on, signal }),
    open,
  );
  // Experiments created in code were not checked by the schema of the file.
  checkExperiment(planned);
  if (planned.arms.some(({ classWeights }) => Array.isArray(classWeights))) {
    const { classNames } = await open();
    for (const arm of planned.arms) checkClassWeights(arm, classNames.length);
  }
  const { holdBack, evaluateOn } = plan.dataset;
  requireMeasurable(planned, {
    // Arms that are evaluated on these images would be judged by what chose their sizes.
    hasImages: holdBack !== undefined && evaluateOn !== 'heldBack',
    processes: 1,
    multiLabel: plan.dataset.multiLabel,
  });
  if (plan.only) chooseTrials(planned, plan.only);
  return { planned, open, words };
}
