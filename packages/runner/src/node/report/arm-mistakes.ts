import type { ArmMistakes, Mistake, Missing } from '@fixres/runs/report';
import { mostProbable, type RecordedPredictions } from '@fixres/runs';
import type { RunImages } from './run-images.ts';
import { pictureOf } from './picture-of.ts';

/**
 * @param seeds predictions on the same images; for an image that several seeds misclassified, the
 * most confident counts
 * @param most maximum number of mistakes
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
