import type { FileHandle } from 'node:fs/promises';
import type { PredictionRow, PredictionsAnswer } from '../shared/protocol.ts';
import { readLines } from './read-lines.ts';

const TOP = 5;
/** Enough for the probabilities of 100,000 classes. */
export const MAX_PREDICTION_LINE: number = 4 << 20;

export interface PredictionLimits {
  /** Rows that are kept. */
  maxRows: number;
  /** Bytes that are read. */
  maxBytes: number;
}

/**
 * Reads a file of predictions line by line and counts its confusion matrix; of the rows the first are kept, so memory does not grow with
 * the file, and beyond so many bytes nothing is read, so time does not.
 *
 * @param classes names in the order of the probabilities
 */
export async function readPredictions(handle: FileHandle, classes: readonly string[], { maxRows, maxBytes }: PredictionLimits): Promise<PredictionsAnswer> {
  const places = new Map(classes.map((name, i) => [name, i]));
  const counts = new Map<number, number>();
  const rows: PredictionRow[] = [];
  let total = 0;
  let damaged = 0;
  for await (const line of readLines(handle, { end: maxBytes, maxLine: MAX_PREDICTION_LINE, unfinished: true })) {
    const row = line === undefined ? undefined : parseRow(line, places);
    if (!row) {
      if (line !== '') damaged++;
      continue;
    }
    total++;
    const key = row.label * classes.length + row.top[0]![0];
    counts.set(key, (counts.get(key) ?? 0) + 1);
    if (rows.length < maxRows) rows.push(row);
  }
  const confusion = [...counts].map(([key, images]): [number, number, number] => [Math.floor(key / classes.length), key % classes.length, images]);
  const { size } = await handle.stat();
  return { classes: [...classes], total, confusion, rows, damaged, isPart: size > maxBytes };
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
  return { file, label: place, top: highest(numbers), labelProbability: numbers[place]! };
}

/** The highest numbers with their places, highest first. Sorting all of 1,000 for each of 50,000 lines would take seconds. */
function highest(numbers: readonly number[]): [number, number][] {
  const top: [number, number][] = [];
  for (const [i, p] of numbers.entries()) {
    if (top.length === TOP && p <= top[TOP - 1]![1]) continue;
    const before = top.findIndex(([, other]) => p > other);
    top.splice(before === -1 ? top.length : before, 0, [i, p]);
    if (top.length > TOP) top.pop();
  }
  return top;
}
