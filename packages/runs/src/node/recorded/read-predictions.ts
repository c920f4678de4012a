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

/** Identifies predictions of a run. */
export function predictionsFile(run: string, of: PredictionsOf): string {
  const [file, earlier] = [predictionsFileName(of), earlierPredictionsFileName(of)].map((name) =>
    join(run, 'predictions', name),
  ) as [string, string];
  return !existsSync(file) && existsSync(earlier) ? earlier : file;
}

interface Row {
  file: string;
  label: number;
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
      const row = line === '' ? null : parseRow(line, places);
      if (row) rows.push(row);
      else if (row === undefined) damaged += 1;
    });
  } catch {
    return undefined;
  }
  if (rows.length === 0) return undefined;
  const classes = classNames.length;
  const probabilities = new Float32Array(rows.length * classes);
  rows.forEach((row, image) => probabilities.set(row.probabilities, image * classes));
  const labels = Int32Array.from(rows, ({ label }) => label);
  const correct = Uint8Array.from(labels, (label, image) =>
    mostProbable(probabilities.subarray(image * classes, (image + 1) * classes)) === label ? 1 : 0,
  );
  return { files: rows.map(({ file }) => file), probabilities, classes, labels, correct, damaged };
}

function parseRow(line: string, places: ReadonlyMap<string, number>): Row | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const {
    file,
    label: name,
    probabilities,
  } = (value ?? {}) as { file?: unknown; label?: unknown; probabilities?: unknown };
  const label = places.get(name as string);
  if (
    typeof file !== 'string' ||
    label === undefined ||
    !Array.isArray(probabilities) ||
    probabilities.length !== places.size
  )
    return undefined;
  const numbers = probabilities as unknown[];
  return numbers.every((p): p is number => typeof p === 'number')
    ? { file, label, probabilities: Float32Array.from(numbers) }
    : undefined;
}
