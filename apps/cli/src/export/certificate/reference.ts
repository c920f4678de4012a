import { mostProbable, type Predictions } from '@fixres/runs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExitError, exitCodes } from '../../command-line/exit-error.ts';

/** The file of a model's own predictions, beside its export. */
export const REFERENCE = 'reference.json';

/** A model's predictions for the images of a certificate, so that it can be repeated without it. */
export interface Reference {
  /** Names of the images in their data set. */
  ids: string[];
  predictions: Predictions;
}

interface StoredReference {
  version: 1;
  classes: number;
  ids: string[];
  labels: number[];
  /** images x classes, float32, little-endian, base64. */
  probabilities: string;
}

export function encodeReference({ ids, predictions }: Reference): string {
  const { classes, labels, probabilities } = predictions;
  const bytes = new Uint8Array(
    probabilities.buffer,
    probabilities.byteOffset,
    probabilities.byteLength,
  );
  const stored: StoredReference = {
    version: 1,
    classes,
    ids,
    labels: [...labels],
    probabilities: Buffer.from(bytes).toString('base64'),
  };
  return `${JSON.stringify(stored)}\n`;
}

/** @throws ExitError for a file that is missing or damaged */
export async function readReference(folder: string): Promise<Reference> {
  const file = join(folder, REFERENCE);
  try {
    const stored = JSON.parse(await readFile(file, 'utf8')) as StoredReference;
    const bytes = Uint8Array.from(Buffer.from(stored.probabilities, 'base64'));
    const probabilities = new Float32Array(bytes.buffer);
    const { classes, ids } = stored;
    const labels = Int32Array.from(stored.labels);
    if (
      ids.length !== labels.length ||
      ids.length * classes !== probabilities.length ||
      ids.length === 0
    )
      throw new Error('its lists differ in length');
    const correct = Uint8Array.from(labels, (label, i) =>
      mostProbable(probabilities.subarray(i * classes, (i + 1) * classes)) === label ? 1 : 0,
    );
    return { ids, predictions: { probabilities, classes, labels, correct } };
  } catch (cause) {
    throw new ExitError(
      exitCodes.usage,
      `error: "${file}" is not the predictions of an export: ${(cause as Error).message.split('\n')[0]}.`,
      { cause },
    );
  }
}
