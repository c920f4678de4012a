import type { FileHandle } from 'node:fs/promises';
import { parsePredictionLine } from '@fixres/runs/read';
import type { CalibrationAnswer } from '../../shared/protocol.ts';
import { readLines } from '../read-lines.ts';
import { MAX_LINE } from './prediction-table.ts';
import type { Turns } from './turns.ts';

/** From here on, fewer resamples are drawn: the interval is that of a standard error. */
const MANY_IMAGES = 2000;
const FEW_RESAMPLES = 500;

export interface CalibrationLimits {
  /** Maximum number of images. */
  maxImages: number;
  /** Maximum number of probabilities, which are kept in memory. */
  maxProbabilities: number;
}

/**
 * Reads a file of predictions, in turns with other tasks, and describes its calibration as the report
 * does. Limits bound memory and time.
 *
 * @param classes names in the order of the probabilities
 */
export async function readCalibration(
  handle: FileHandle,
  classes: readonly string[],
  turns: Turns,
  { maxImages, maxProbabilities }: CalibrationLimits,
): Promise<CalibrationAnswer> {
  const most = Math.min(maxImages, Math.floor(maxProbabilities / Math.max(1, classes.length)));
  const places = new Map(classes.map((name, i) => [name, i]));
  const ids: string[] = [];
  const labels: number[] = [];
  const rows: Float32Array[] = [];
  let damaged = 0;
  let isMultiLabel = false;
  let isPart = false;
  await turns.take();
  try {
    for await (const line of readLines(handle, { maxLine: MAX_LINE, unfinished: true })) {
      if (turns.isOver) await turns.pass();
      const parsed = line === undefined ? undefined : parsePredictionLine(line, places);
      isMultiLabel = parsed?.labels !== undefined;
      if (isMultiLabel) break;
      if (parsed === undefined) {
        if (line !== '') damaged++;
        continue;
      }
      isPart = rows.length === most;
      if (isPart) break;
      ids.push(parsed.file);
      labels.push(parsed.label);
      rows.push(Float32Array.from(parsed.probabilities));
    }
    const images = rows.length;
    if (isMultiLabel || images === 0) return { images, isPart, damaged, calibration: null };
    // Loading the statistics takes longer than most requests of the thread, and no other needs them.
    const { describeCalibration, describePredictions } = await import('@fixres/runs');
    const probabilities = new Float32Array(images * classes.length);
    for (const [i, row] of rows.entries()) probabilities.set(row, i * classes.length);
    const correct = Uint8Array.from(rows, (row, i) =>
      row.indexOf(Math.max(...row)) === labels[i] ? 1 : 0,
    );
    const predictions = {
      probabilities,
      classes: classes.length,
      labels: Int32Array.from(labels),
      correct,
    };
    const { bins } = describePredictions(predictions).calibration;
    const described = describeCalibration([predictions], {
      ids,
      ...(images > MANY_IMAGES && { resamples: FEW_RESAMPLES }),
    });
    return { images, isPart, damaged, calibration: { ...described, bins } };
  } finally {
    turns.give();
  }
}
