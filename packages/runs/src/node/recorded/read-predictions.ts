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
  /** Of a multi-label image, the first of its labels; -1 for none. */
  label: number;
  /** Of a multi-label image. */
  labels?: readonly number[];
  /** Whether exactly the labels of a multi-label image reached their thresholds. */
  isExact?: boolean;
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

/** The labels of a line; undefined if they are not those of the classes. */
function parseLabels(
  { label, labels, exact }: { label?: unknown; labels?: unknown; exact?: unknown },
  places: ReadonlyMap<string, number>,
): Pick<Row, 'label' | 'labels' | 'isExact'> | undefined {
  if (!Array.isArray(labels)) {
    const place = places.get(label as string);
    return place === undefined ? undefined : { label: place };
  }
  const indices = labels.map((name) => places.get(name as string));
  return indices.every((index) => index !== undefined) && typeof exact === 'boolean'
    ? { label: indices[0] ?? -1, labels: indices, isExact: exact }
    : undefined;
}

function parseRow(line: string, places: ReadonlyMap<string, number>): Row | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { file, probabilities, ...stated } = (value ?? {}) as {
    file?: unknown;
    label?: unknown;
    labels?: unknown;
    exact?: unknown;
    probabilities?: unknown;
  };
  const labels = parseLabels(stated, places);
  if (
    typeof file !== 'string' ||
    labels === undefined ||
    !Array.isArray(probabilities) ||
    probabilities.length !== places.size
  )
    return undefined;
  const numbers = probabilities as unknown[];
  return numbers.every((p): p is number => typeof p === 'number')
    ? { file, ...labels, probabilities: Float32Array.from(numbers) }
    : undefined;
}
