import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { mostProbable } from '@fixres/runner';
import { ExitError, exitCodes } from '../exit-error.ts';

/** What a file of predictions says of one image. */
export interface PredictedImage {
  /** `<class>/<file>` */
  file: string;
  label: string;
  correct: boolean;
}

/**
 * Reads a file of predictions, sorted by the images' names.
 *
 * @param classes the data set's, in the order of the probabilities
 * @returns undefined when there is no such file
 * @throws ExitError for a file that is damaged
 */
export async function readPredictions(path: string, classes: readonly string[]): Promise<PredictedImage[] | undefined> {
  const images: PredictedImage[] = [];
  try {
    for await (const line of createInterface({ input: createReadStream(path) })) {
      if (line === '') continue;
      const { file, label, probabilities } = JSON.parse(line) as { file: string; label: string; probabilities: number[] };
      images.push({ file, label, correct: classes[mostProbable(Float32Array.from(probabilities))] === label });
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new ExitError(exitCodes.usage, `error: The predictions "${path}" cannot be read: ${(cause as Error).message}.`, { cause });
  }
  return images.sort((a, b) => (a.file < b.file ? -1 : 1));
}
