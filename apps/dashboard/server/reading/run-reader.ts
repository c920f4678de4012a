import type { Axis } from '../../shared/curves.ts';
import type { PredictionQuery } from '../../shared/prediction-query.ts';
import type { Range } from '../../shared/series.ts';
import { CurveStore } from './curve-store.ts';
import { PredictionStore } from './prediction-store.ts';
import { Turns } from './turns.ts';

/** What of runs takes long to read: their curves and predictions. Answers are JSON as it is sent. */
export interface RunReader {
  /** @returns a `CurvesAnswer` */
  curves: (folder: string, range?: Range<Axis>) => Promise<Uint8Array>;
  /** @returns a `PredictionsAnswer`; undefined where there is no such file, as with the others */
  predictions: (folder: string, file: string) => Promise<Uint8Array | undefined>;
  /** @returns a `PredictionsPage` */
  predictionsPage: (
    folder: string,
    file: string,
    query: PredictionQuery,
  ) => Promise<Uint8Array | undefined>;
  /** Whether a file of predictions names an image. */
  isPredicted: (folder: string, file: string, image: string) => Promise<boolean>;
  /** The first images that a file of predictions names. */
  predictedImages: (folder: string, file: string, most: number) => Promise<string[]>;
}

/** Reads on the thread that asks. */
export function createRunReader(): RunReader {
  const turns = new Turns();
  const curves = new CurveStore(turns);
  const predictions = new PredictionStore(turns);
  return {
    curves: (folder, range) => curves.read(folder, range),
    predictions: (folder, file) => predictions.overview(folder, file),
    predictionsPage: (folder, file, query) => predictions.page(folder, file, query),
    isPredicted: (folder, file, image) => predictions.isPredicted(folder, file, image),
    predictedImages: (folder, file, most) => predictions.predictedImages(folder, file, most),
  };
}
