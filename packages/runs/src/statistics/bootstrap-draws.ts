import { createRandom } from '@fixres/data';

/** What the draws of a bootstrap depend on. */
export interface DrawOptions {
  /** Seed of the resampling. */
  seed: number;
  /** Number of training seeds; drawn only if there are several. */
  seeds: number;
  images: number;
  resamples: number;
}

/**
 * Uses a resample: from `at` on, `counts` contains how often each seed is in it, then how often each
 * image. The next resample may overwrite them.
 */
export type UseDraw = (counts: Uint32Array, at: number) => void;

/** Most numbers of a kept set of draws: 16 MiB. */
const MOST_KEPT = 2 ** 22;

let last: { key: string; counts: Uint32Array } | undefined;

/**
 * Draws seeds and images with replacement. Equal options give equal draws. A summary needs the same
 * ones for each arm and comparison, so the last set is kept unless it is large: drawing takes
 * several times as long as computing a mean.
 */
export function forEachDraw(options: DrawOptions, use: UseDraw): void {
  const { seed, seeds, images, resamples } = options;
  const width = seeds + images;
  if (width * resamples > MOST_KEPT) {
    const draw = drawer(options);
    const counts = new Uint32Array(width);
    for (let r = 0; r < resamples; r++) {
      draw(counts, 0);
      use(counts, 0);
    }
    return;
  }
  const key = [seed, seeds, images, resamples].join();
  if (last?.key !== key) {
    const draw = drawer(options);
    const counts = new Uint32Array(width * resamples);
    for (let r = 0; r < resamples; r++) draw(counts, r * width);
    last = { key, counts };
  }
  for (let r = 0; r < resamples; r++) use(last.counts, r * width);
}

/** Overwrites counts with those of the next resample. */
function drawer({ seed, seeds, images }: DrawOptions): UseDraw {
  const random = createRandom(seed, 'bootstrap');
  return (counts, at) => {
    counts.fill(seeds > 1 ? 0 : 1, at, at + seeds);
    if (seeds > 1) for (let s = 0; s < seeds; s++) counts[at + random.int(seeds)]!++;
    counts.fill(0, at + seeds, at + seeds + images);
    for (let i = 0; i < images; i++) counts[at + seeds + random.int(images)]!++;
  };
}
