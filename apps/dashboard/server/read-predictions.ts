import type { FileHandle } from 'node:fs/promises';
import type { PredictionRow, PredictionsAnswer } from '../shared/protocol.ts';

const TOP = 5;

/**
 * Reads a file of predictions line by line and counts its confusion matrix; of the rows the first `rowLimit` are kept, so memory
 * does not grow with the file.
 *
 * @param classes names in the order of the probabilities; where unknown, those of the labels, in alphabetical order
 */
export async function readPredictions(handle: FileHandle, classes: readonly string[], rowLimit: number): Promise<PredictionsAnswer> {
  const places = new Map(classes.map((name, i) => [name, i]));
  const counts = new Map<number, number>();
  const rows: PredictionRow[] = [];
  let total = 0;
  let damaged = 0;
  for await (const line of handle.readLines({ autoClose: false })) {
    const row = parseRow(line, places);
    if (!row) {
      if (line !== '') damaged++;
      continue;
    }
    total++;
    const key = row.label * classes.length + row.top[0]![0];
    counts.set(key, (counts.get(key) ?? 0) + 1);
    if (rows.length < rowLimit) rows.push(row);
  }
  const confusion = [...counts].map(([key, images]): [number, number, number] => [Math.floor(key / classes.length), key % classes.length, images]);
  return { classes: [...classes], total, confusion, rows, rowLimit, damaged };
}

function parseRow(line: string, places: ReadonlyMap<string, number>): PredictionRow | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { file, label, probabilities } = (value ?? {}) as { file?: unknown; label?: unknown; probabilities?: unknown };
  const place = places.get(label as string);
  if (typeof file !== 'string' || place === undefined || !Array.isArray(probabilities) || probabilities.length !== places.size) return undefined;
  const numbers = probabilities as unknown[];
  if (!numbers.every((p): p is number => typeof p === 'number')) return undefined;
  const top = numbers
    .map((p, i): [number, number] => [i, p])
    .sort((a, b) => b[1] - a[1])
    .slice(0, TOP);
  return { file, label: place, top, labelProbability: numbers[place]! };
}
