import { mostProbable } from '@fixres/runner';
import type { RecordedPredictions } from '../../runs/read-predictions.ts';
import { isMissing, type Missing, type RunImages } from './run-images.ts';
import { thumbnail } from './thumbnail.ts';

/** A held-out image that an arm was sure of, and wrong. */
export interface Mistake {
  file: string;
  label: string;
  predicted: string;
  /** Probability of the predicted class, 0..1. */
  confidence: number;
  /** `data:image/...;base64,...`; `null` when the image is not at hand. */
  dataUri: string | null;
}

/** The most confident mistakes of an arm under its own test policy, surest first. */
export interface ArmMistakes {
  arm: string;
  /** Number of models that the predictions are of. */
  seeds: number;
  /** Images classified wrongly, by any of the seeds. */
  wrong: number;
  mistakes: Mistake[];
}

/**
 * @param seeds predictions on the same images; of an image that several seeds got wrong the surest counts
 * @param most how many to take
 */
export async function armMistakes(
  arm: string,
  seeds: readonly RecordedPredictions[],
  classNames: readonly string[],
  images: RunImages | Missing,
  most: number,
): Promise<ArmMistakes> {
  const surest = new Map<string, Omit<Mistake, 'dataUri'>>();
  for (const { files, labels, correct, classes, probabilities } of seeds) {
    files.forEach((file, image) => {
      if (correct[image] === 1) return;
      const row = probabilities.subarray(image * classes, (image + 1) * classes);
      const predicted = mostProbable(row);
      const confidence = row[predicted]!;
      if (confidence <= (surest.get(file)?.confidence ?? 0)) return;
      surest.set(file, {
        file,
        label: classNames[labels[image]!]!,
        predicted: classNames[predicted]!,
        confidence,
      });
    });
  }
  const chosen = [...surest.values()]
    .sort((a, b) => b.confidence - a.confidence || (a.file < b.file ? -1 : 1))
    .slice(0, most);
  const mistakes = await Promise.all(
    chosen.map(async (mistake) => ({ ...mistake, dataUri: await pictureOf(mistake.file, images) })),
  );
  return { arm, seeds: seeds.length, wrong: surest.size, mistakes };
}

async function pictureOf(file: string, images: RunImages | Missing): Promise<string | null> {
  const example = isMissing(images) ? undefined : images.byId.get(file);
  // A file that has gone or been damaged since is no reason to do without a report.
  return example === undefined ? null : thumbnail(example).catch(() => null);
}
