import { type Example, readBytes, sharpImage } from '@fixres/data/node';
import { type ArmMistakes, type Mistake, type Missing, isMissing } from '@fixres/runs/report';
import { mostProbable, type RecordedPredictions } from '@fixres/runs';
import type { RunImages } from './run-images.ts';

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

async function pictureOf(file: string, images: RunImages | Missing): Promise<string | null> {
  const example = isMissing(images) ? undefined : images.byId.get(file);
  // A file that was removed or damaged in the meantime must not prevent the report.
  return example === undefined ? null : thumbnail(example).catch(() => null);
}

/** Longest side in pixels: sharp on high-density screens at the size in reports. */
const SIDE = 192;
/** Larger files are not photos for a report. */
const MAX_BYTES = 64 << 20;

/** A small copy of an image as a data URI. */
async function thumbnail({ id, source }: Example): Promise<string> {
  const bytes = await readBytes(source, { maxBytes: MAX_BYTES });
  const image = await sharpImage(bytes, id);
  const small = await image
    .resize(SIDE, SIDE, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 76 })
    .toBuffer();
  return `data:image/webp;base64,${small.toString('base64')}`;
}
