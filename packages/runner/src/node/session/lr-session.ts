import { ImageLoader } from '@fixres/data/node';
import { requireEngine } from '@fixres/engine';
import { availableParallelism } from 'node:os';
import { rehearse } from '../../arms/rehearse.ts';
import { resolveCosts } from '../../compute/resolve-costs.ts';
import { type RangeTest, rangeTest, type RangeTestOptions } from '../../lr-finder/range-test.ts';
import { createCompiledTrainer } from '../compiled/compiled-factories.ts';
import { type DatasetWords, optionWords } from '../images/dataset-words.ts';
import { holdingBack } from '../images/holding-back.ts';
import { imageLoading } from '../images/image-loading.ts';
import { loaderSource } from '../images/loader-source.ts';
import { splitFor } from '../images/split-for.ts';
import { openModels } from '../models/open-models.ts';
import { plannedExperiment } from './planned-experiment.ts';
import { chooseEngine } from './choose-engine.ts';
import type { PreparationListeners } from './session-listeners.ts';
import type { SessionPlan } from './session-plan.ts';

export interface LrSessionOptions extends Pick<
  RangeTestOptions,
  'arm' | 'from' | 'to' | 'updates' | 'onUpdate'
> {
  /** Names of data set settings in messages. Default: the options of the command line. */
  words?: DatasetWords | undefined;
  on?: PreparationListeners;
  signal?: AbortSignal | undefined;
}

/**
 * Finds a learning rate for an arm of a plan, on its training images: see `rangeTest`. Writes nothing,
 * except to the disk cache of the plan.
 *
 * @throws as `runSession` and `rangeTest`; FixresDataError `corrupt-image` for an image that cannot be
 * decoded
 */
export async function lrSession(
  plan: SessionPlan,
  options: LrSessionOptions = {},
): Promise<RangeTest> {
  const { words = optionWords, on = {}, signal = new AbortController().signal, ...test } = options;
  requireEngine(plan);
  const { planned, open } = await plannedExperiment(plan, { words, on, signal });
  const dataset = await open();
  // A run never trains on the images that it holds back.
  const { train } = holdingBack(splitFor(dataset, plan.dataset, words), plan.dataset, dataset);
  const { experiment: chosen, warning } = await chooseEngine({ plan, on }, planned, {
    threads: availableParallelism(),
  });
  if (warning !== undefined) on.warning?.(warning);
  const opening = {
    classes: dataset.classNames.length,
    ...openModels(dataset.classNames, dataset.multiLabel),
  };
  await rehearse(chosen, opening);
  const experiment = await resolveCosts(chosen, { trainImages: train.length, ...opening });
  const loader = new ImageLoader(imageLoading(plan.dataset, plan.diskCache));
  try {
    return await rangeTest(experiment, {
      ...test,
      ...opening,
      train: loaderSource(
        loader,
        train,
        dataset.multiLabel ? dataset.classNames.length : undefined,
      ),
      createTrainer: createCompiledTrainer,
      onWarning: (message) => on.warning?.(message),
      signal,
    });
  } finally {
    await loader.close();
  }
}
