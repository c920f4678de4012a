import type { RunLeaks } from '@fixres/runs';
import type { LeakPictures, Missing, PicturedPair, SimilarPictures } from '@fixres/runs/report';
import { counted } from '@fixres/runs/report';
import { pictureOf } from './picture-of.ts';
import type { RunImages } from './run-images.ts';

/** Number of pairs of each kind that a report shows. */
const PAIRS = 8;

/** Held-out images with the training images that a model finds most like them. */
export interface SimilarImages {
  arm: string;
  seed: number;
  /** The most similar first; `a` is the training image. */
  pairs: readonly { a: string; b: string; similarity: number }[];
}

/** What a report shows of similar images: the first pairs that the hash and the bursts do not show. */
export async function similarPictures(
  { arm, seed, pairs }: SimilarImages,
  known: RunLeaks | undefined,
  images: RunImages | Missing,
): Promise<SimilarPictures> {
  const keyOf = ({ a, b }: { a: string; b: string }): string => JSON.stringify([a, b]);
  const shown = new Set([...(known?.acrossSplit ?? []), ...(known?.bursts ?? [])].map(keyOf));
  const others = pairs.filter((pair) => !shown.has(keyOf(pair)));
  const notes = others.map(({ similarity }) => `cosine ${similarity.toFixed(3)}`);
  return { arm, seed, pairs: await pictured(others, notes, images) };
}

/** What a report shows of the leaks of a run. */
export async function leakPictures(
  leaks: RunLeaks,
  images: RunImages | Missing,
): Promise<LeakPictures> {
  const { distance, heldOutImages, counts, dropped, acrossSplit, bursts, acrossClasses } = leaks;
  const bits = (pairs: readonly { distance: number }[]): string[] =>
    pairs.map((pair) => counted(pair.distance, 'bit'));
  return {
    distance,
    heldOutImages,
    counts,
    dropped: dropped.length,
    acrossSplit: await pictured(acrossSplit, bits(acrossSplit), images),
    bursts: await pictured(
      bursts,
      bursts.map(({ seconds }) => `${seconds} s apart`),
      images,
    ),
    acrossClasses: await pictured(acrossClasses, bits(acrossClasses), images),
  };
}

async function pictured(
  pairs: readonly { a: string; b: string }[],
  notes: readonly string[],
  images: RunImages | Missing,
): Promise<PicturedPair[]> {
  return Promise.all(
    pairs.slice(0, PAIRS).map(async ({ a, b }, i) => ({
      a: { file: a, dataUri: await pictureOf(a, images) },
      b: { file: b, dataUri: await pictureOf(b, images) },
      note: notes[i]!,
    })),
  );
}
