import type { Predictions } from '@fixres/runs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExitError, exitCodes } from '../../command-line/exit-error.ts';
import { judged } from './label-sets.ts';

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
  /** Of multi-label images: the classes of each. */
  labelSets?: number[][];
  /** images x classes, float32, little-endian, base64. */
  probabilities: string;
}

export function encodeReference({ ids, predictions }: Reference): string {
  const { classes, labels, targets, probabilities } = predictions;
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
    ...(targets && { labelSets: labelSetsOf(targets, classes) }),
    probabilities: Buffer.from(bytes).toString('base64'),
  };
  return `${JSON.stringify(stored)}\n`;
}

function labelSetsOf(targets: Uint8Array, classes: number): number[][] {
  return Array.from({ length: targets.length / classes }, (_, image) =>
    Array.from(targets.subarray(image * classes, (image + 1) * classes).entries()).flatMap(
      ([label, has]) => (has === 1 ? [label] : []),
    ),
  );
}

function targetsOf(labelSets: readonly (readonly number[])[], classes: number): Uint8Array {
  const targets = new Uint8Array(labelSets.length * classes);
  for (const [image, labels] of labelSets.entries())
    for (const label of labels) targets[image * classes + label] = 1;
  return targets;
}

/**
 * @param thresholds of a multi-label contract
 * @throws ExitError for a file that is missing or damaged
 */
export async function readReference(
  folder: string,
  thresholds: readonly number[] | undefined,
): Promise<Reference> {
  const file = join(folder, REFERENCE);
  try {
    const stored = JSON.parse(await readFile(file, 'utf8')) as StoredReference;
    const bytes = Uint8Array.from(Buffer.from(stored.probabilities, 'base64'));
    const probabilities = new Float32Array(bytes.buffer);
    const { classes, ids, labelSets } = stored;
    const labels = Int32Array.from(stored.labels);
    if (
      ids.length !== labels.length ||
      ids.length * classes !== probabilities.length ||
      (labelSets?.length ?? ids.length) !== ids.length ||
      (thresholds === undefined) !== (labelSets === undefined) ||
      ids.length === 0
    )
      throw new Error('its lists differ in length');
    const targets = labelSets && targetsOf(labelSets, classes);
    return { ids, predictions: judged({ probabilities, classes, labels, targets }, thresholds) };
  } catch (cause) {
    throw new ExitError(
      exitCodes.usage,
      `error: "${file}" is not the predictions of an export: ${(cause as Error).message.split('\n')[0]}.`,
      { cause },
    );
  }
}
