import {
  type ImageDataset,
  ImageLoader,
  leaksOf,
  type NearDuplicate,
  nearDuplicates,
  perceptualHash,
  perceptualHashPolicy,
} from '@fixres/data/node';
import { defaultCacheFolder } from '@fixres/engine';
import {
  imageLimitsOf,
  type PreparationListeners,
  resolveDataset,
  splitFor,
} from '@fixres/runner/node';
import { type DatasetOptions, datasetReading } from '../run/dataset-reading.ts';

/** Options of `fixres data leaks`. */
export interface LeaksOptions extends DatasetOptions {
  limit?: number;
  heldOut?: number;
  /** Largest number of different bits. */
  distance: number;
}

/** A pair of images that look the same. */
export interface LeakPair {
  a: string;
  b: string;
  /** Number of different bits of 64. */
  distance: number;
}

/** The output of `fixres data leaks --json`. */
export interface LeaksReport {
  format: 1;
  dataset: string;
  images: { train: number; heldOut: number };
  /** Largest number of different bits that counts. */
  distance: number;
  /** Number of images that cannot be compared: damaged, or without contrast. */
  skipped: number;
  /** Number of pairs of images that look the same. */
  pairs: number;
  /** Number of held-out images that look like a training image. */
  heldOutImages: number;
  /** Pairs across the split: the training image, then the held-out image. */
  acrossSplit: LeakPair[];
  /** Pairs of different classes. */
  acrossClasses: LeakPair[];
}

/**
 * Finds images of a data set that look the same: a training image that is held out too, and one
 * picture in two classes.
 *
 * @throws FixresDataError for a data set that cannot be read or split
 */
export async function findLeaks(
  datasetName: string,
  { limit, heldOut, distance, ...options }: LeaksOptions,
  { on, signal }: { on: PreparationListeners; signal: AbortSignal },
): Promise<LeaksReport> {
  const reading = await datasetReading(options);
  const dataset = await resolveDataset(datasetName, {
    cacheFolder: defaultCacheFolder(),
    reading,
    on,
    signal,
  });
  const split = splitFor(dataset, { limit, heldOut });
  const examples = [...split.train, ...split.heldOut];
  const loader = new ImageLoader({ limits: imageLimitsOf(reading) });
  try {
    const hashes = await hashesOf(examples, { loader, on, signal });
    const pairs = nearDuplicates(examples, hashes, distance);
    const { acrossSplit, acrossClasses, heldOutImages } = leaksOf(split, pairs);
    return {
      format: 1,
      dataset: dataset.name,
      images: { train: split.train.length, heldOut: split.heldOut.length },
      distance,
      skipped: hashes.filter((hash) => hash === undefined).length,
      pairs: pairs.length,
      heldOutImages,
      acrossSplit: acrossSplit.map(named),
      acrossClasses: acrossClasses.map(named),
    };
  } finally {
    await loader.close();
  }
}

const BATCH = 32;

/** Hashes in the examples' order; undefined for images that cannot be decoded or have no contrast. */
async function hashesOf(
  examples: ImageDataset['examples'],
  { loader, on, signal }: { loader: ImageLoader; on: PreparationListeners; signal: AbortSignal },
): Promise<ReturnType<typeof perceptualHash>[]> {
  const progress =
    (what: string) =>
    (done: number): void =>
      on.progress?.(`${what}: ${done} of ${examples.length}`);
  const failures = await loader.check(examples, { onProgress: progress('Decoding'), signal });
  const damaged = new Set(failures.map(({ id }) => id));
  const places = [...examples.keys()].filter((i) => !damaged.has(examples[i]!.id));
  const readable = places.map((i) => examples[i]!);
  const hashes = new Array<ReturnType<typeof perceptualHash>>(examples.length).fill(undefined);
  const options = { policy: perceptualHashPolicy, batchSize: BATCH, signal };
  const { width, height } = perceptualHashPolicy.output;
  let done = 0;
  for await (const { pixels, indices } of loader.batches(readable, options)) {
    for (const [row, index] of indices.entries()) {
      const bytes = 3 * width * height;
      hashes[places[index]!] = perceptualHash(pixels.subarray(row * bytes, (row + 1) * bytes));
    }
    progress('Comparing')((done += indices.length));
  }
  return hashes;
}

function named({ a, b, distance }: NearDuplicate): LeakPair {
  return { a: a.id, b: b.id, distance };
}
