import type { Axis } from '../../shared/curves.ts';
import type { PredictionQuery } from '../../shared/prediction-query.ts';
import type { Range } from '../../shared/series.ts';
import { CurveStore } from './curve-store.ts';
import { PredictionStore } from './prediction-store.ts';
import { Turns } from './turns.ts';

/** Slow reading of runs: their curves and predictions. Results are JSON as it is sent. */
export interface RunReader {
  /** @returns a `CurvesAnswer` */
  curves: (folder: string, range?: Range<Axis>) => Promise<Uint8Array>;
  /** @returns a `PredictionsAnswer`; undefined if there is no such file, as for the others */
  predictions: (folder: string, file: string) => Promise<Uint8Array | undefined>;
  /** @returns a `CalibrationAnswer` */
  calibration: (folder: string, file: string) => Promise<Uint8Array | undefined>;
  /** @returns a `PredictionsPage` */
  predictionsPage: (
    folder: string,
    file: string,
    query: PredictionQuery,
  ) => Promise<Uint8Array | undefined>;
  /** Whether an image is in a file of predictions. */
  isPredicted: (folder: string, file: string, image: string) => Promise<boolean>;
  /** The first images in a file of predictions. */
  predictedImages: (folder: string, file: string, most: number) => Promise<string[]>;
}

/** Reads on the calling thread. */
export function createRunReader(): RunReader {
  const turns = new Turns();
  const curves = new CurveStore(turns);
  const predictions = new PredictionStore(turns);
  return {
    curves: (folder, range) => curves.read(folder, range),
    predictions: (folder, file) => predictions.overview(folder, file),
    calibration: (folder, file) => predictions.calibration(folder, file),
    predictionsPage: (folder, file, query) => predictions.page(folder, file, query),
    isPredicted: (folder, file, image) => predictions.isPredicted(folder, file, image),
    predictedImages: (folder, file, most) => predictions.predictedImages(folder, file, most),
  };
}
