import { type ImageSize, imageSizeText } from '@fixres/data';
import { type EvaluateOptions as Options, evaluateModel } from '../evaluate/evaluate-model.ts';
import type { EvaluationReport } from '../evaluate/evaluation-record.ts';
import { type Control, withDefaults, type WithDefaults } from './api-options.ts';
import { evaluateDefaults } from './defaults.ts';

/** Options of {@link evaluate}, with the names of `fixres evaluate`. */
export interface EvaluateOptions
  extends Omit<WithDefaults<Options, typeof evaluateDefaults>, 'sizes'>, Control {
  /** Model folder or run folder. */
  model: string;
  /** `synthetic`, `tf_flowers`, or a path. */
  dataset: string;
  /** Image sizes to evaluate at. Default: the model's. */
  sizes?: readonly ImageSize[] | undefined;
}

/**
 * Evaluates a trained model on a data set, at one or several image sizes.
 *
 * @returns the output of `fixres evaluate --json`
 * @throws Fixres…Error with a `code`; the reason of the signal when aborted
 */
export async function evaluate(options: EvaluateOptions): Promise<EvaluationReport> {
  const { model, dataset, sizes, signal, onNote, onProgress, ...rest } = options;
  const chosen = { ...rest, ...(sizes && { sizes: sizes.map(imageSizeText).join(',') }) };
  return evaluateModel(model, dataset, withDefaults(chosen, evaluateDefaults), {
    on: { note: onNote, warning: onNote, progress: onProgress },
    signal: signal ?? new AbortController().signal,
  });
}
