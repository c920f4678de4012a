import {
  type ImageFailure,
  type ImagePrediction,
  type PredictOptions as Options,
  predictImages,
} from '../predict/predict-images.ts';
import { type Control, withDefaults, type WithDefaults } from './api-options.ts';
import { predictDefaults } from './defaults.ts';

/** Options of {@link predict}, with the names of `fixres predict`. */
export interface PredictOptions extends WithDefaults<Options, typeof predictDefaults>, Control {
  /** Model folder or run folder. */
  model: string;
  /** Image files. */
  images: readonly string[];
}

/**
 * Classifies photos with a trained model and its preprocessing.
 *
 * @returns a prediction for each image, in order; for an unreadable image, its `error`
 * @throws Fixres…Error with a `code`; the reason of the signal when aborted
 */
export async function predict(
  options: PredictOptions,
): Promise<(ImagePrediction | ImageFailure)[]> {
  const { model, images, signal, onNote, onProgress, ...rest } = options;
  const results: (ImagePrediction | ImageFailure)[] = [];
  const predicted = predictImages(model, images, withDefaults(rest, predictDefaults), {
    on: { note: onNote, warning: onNote, progress: onProgress },
    signal: signal ?? new AbortController().signal,
  });
  for await (const result of predicted) results.push(result);
  return results;
}
