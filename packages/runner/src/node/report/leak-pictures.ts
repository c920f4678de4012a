import type { RunLeaks } from '@fixres/runs';
import type { LeakPictures, Missing, PicturedPair } from '@fixres/runs/report';
import { counted } from '@fixres/runs/report';
import { pictureOf } from './picture-of.ts';
import type { RunImages } from './run-images.ts';

/** Number of pairs of each kind that a report shows. */
const PAIRS = 8;

/** What a report shows of the leaks of a run. */
export async function leakPictures(
  leaks: RunLeaks,
  images: RunImages | Missing,
): Promise<LeakPictures> {
  const { distance, heldOutImages, counts, dropped, acrossSplit, bursts, acrossClasses } = leaks;
  const pictured = async (
    pairs: readonly { a: string; b: string }[],
    notes: readonly string[],
  ): Promise<PicturedPair[]> =>
    Promise.all(
      pairs.slice(0, PAIRS).map(async ({ a, b }, i) => ({
        a: { file: a, dataUri: await pictureOf(a, images) },
        b: { file: b, dataUri: await pictureOf(b, images) },
        note: notes[i]!,
      })),
    );
  const bits = (pairs: readonly { distance: number }[]): string[] =>
    pairs.map((pair) => counted(pair.distance, 'bit'));
  return {
    distance,
    heldOutImages,
    counts,
    dropped: dropped.length,
    acrossSplit: await pictured(acrossSplit, bits(acrossSplit)),
    bursts: await pictured(
      bursts,
      bursts.map(({ seconds }) => `${seconds} s apart`),
    ),
    acrossClasses: await pictured(acrossClasses, bits(acrossClasses)),
  };
}
