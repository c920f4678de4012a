import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  earlierPredictionsFileName,
  predictionsFileName,
  type PredictionsOf,
} from '../../file-names.ts';
import { mostProbable } from '../../metrics/most-probable.ts';
import type { RecordedPredictions } from '../../metrics/predictions.ts';
import { readLines } from '../files/read-lines.ts';
import { parsePredictionLine, type PredictionLine } from './prediction-line.ts';

/** Identifies predictions of a run. */
export function predictionsFile(run: string, of: PredictionsOf): string {
  const [file, earlier] = [predictionsFileName(of), earlierPredictionsFileName(of)].map((name) =>
    join(run, 'predictions', name),
  ) as [string, string];
  return !existsSync(file) && existsSync(earlier) ? earlier : file;
}

/** In single precision, because a run can have many images and classes. */
interface Row extends Omit<PredictionLine, 'probabilities'> {
  probabilities: Float32Array;
}

/**
 * Reads predictions of a run.
 *
 * @param classNames the classes in the order of the probabilities
 * @returns undefined if the file does not exist, cannot be read, or contains no images
 */
export async function readPredictions(
  run: string,
  of: PredictionsOf,
  classNames: readonly string[],
): Promise<RecordedPredictions | undefined> {
  const places = new Map(classNames.map((className, i) => [className, i]));
  const rows: Row[] = [];
  let damaged = 0;
  try {
    await readLines(predictionsFile(run, of), (line) => {
      if (line === '') return;
      const row = parsePredictionLine(line, places);
      if (row) rows.push({ ...row, probabilities: Float32Array.from(row.probabilities) });
      else damaged += 1;
    });
  } catch {
    return undefined;
  }
  if (rows.length === 0) return undefined;
  const classes = classNames.length;
  const probabilities = new Float32Array(rows.length * classes);
  rows.forEach((row, image) => probabilities.set(row.probabilities, image * classes));
  const labels = Int32Array.from(rows, ({ label }) => label);
  const correct = Uint8Array.from(rows, ({ label, isExact }, image) =>
    (isExact ??
    mostProbable(probabilities.subarray(image * classes, (image + 1) * classes)) === label)
      ? 1
      : 0,
  );
  const targets = targetsOf(rows, classes);
  return {
    files: rows.map(({ file }) => file),
    probabilities,
    classes,
    labels,
    ...(targets && { targets }),
    correct,
    damaged,
  };
}

/** images x classes; undefined if the images have one class each. */
function targetsOf(rows: readonly Row[], classes: number): Uint8Array | undefined {
  if (rows[0]!.labels === undefined) return undefined;
  const targets = new Uint8Array(rows.length * classes);
  for (const [image, { labels = [] }] of rows.entries())
    for (const label of labels) targets[image * classes + label] = 1;
  return targets;
}
