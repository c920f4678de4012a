import { resolve } from 'node:path';
import {
  type BurstPair,
  type Example,
  ImageLoader,
  leaksOf,
  type NearDuplicate,
  type Split,
} from '@fixres/data/node';
import { defaultCacheFolder } from '@fixres/engine';
import { FixresRunnerError } from '@fixres/runner';
import {
  findLookAlikes,
  groupedDataset,
  groupKeyOf,
  imageLimitsOf,
  modelFolderOf,
  type PreparationListeners,
  readAsIn,
  resolveDataset,
  runOfModel,
  sourceOf,
  splitFor,
} from '@fixres/runner/node';
import { type DatasetOptions, datasetReading } from '../run/dataset-reading.ts';
import type { EngineOptions } from '../run/engine-options.ts';
import { type SimilarPair, similarByFeatures, splitOfModel } from './similar-by-features.ts';

/** Options of `fixres data leaks`. */
export interface LeaksOptions extends DatasetOptions, Partial<EngineOptions> {
  limit?: number;
  heldOut?: number;
  /** Images that the split keeps together. */
  splitByGroup?: string;
  /** Largest number of different bits. */
  distance: number;
  /** Model folder or run folder whose features find more pairs. */
  model?: string;
  arm?: string;
  seed?: number;
  best?: boolean;
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
  /** Number of photos with camera and time, without which no burst is found. */
  timed: number;
  /** Number of held-out images that look like a training image or share its burst. */
  heldOutImages: number;
  /** Training images that `--drop-leaks` leaves out. */
  trainImages: string[];
  /** Pairs across the split: the training image, then the held-out image. */
  acrossSplit: NearDuplicate[];
  /** Photos of one camera within a minute across the split, likewise; each held-out photo once. */
  bursts: BurstPair[];
  /** Whether images can have several labels. Absent: each has one class. */
  multiLabel?: boolean;
  /** Pairs of different classes, or sets of labels. */
  acrossClasses: NearDuplicate[];
  /**
   * With a model: each held-out image with the training image of the most similar features, the most
   * similar first; without the pairs of the other lists.
   */
  similar: SimilarPair[] | null;
}

/** What was found, and the images that were compared. */
export interface FoundLeaks {
  report: LeaksReport;
  byId: ReadonlyMap<string, Example>;
}

/**
 * Finds images of a data set that look the same, or were taken by one camera within a minute: a training
 * image that is held out too, and one picture in two classes.
 *
 * @throws FixresDataError for a data set that cannot be read or split
 */
export async function findLeaks(
  datasetName: string,
  { limit, heldOut, splitByGroup, distance, ...options }: LeaksOptions,
  { on, signal }: { on: PreparationListeners; signal: AbortSignal },
): Promise<FoundLeaks> {
  const source = sourceOf(datasetName);
  const given = await datasetReading(options);
  const { model, engine = 'auto', device = 'auto', best } = options;
  const folder = model === undefined ? undefined : await modelFolderOf(model, options);
  const run = folder === undefined ? undefined : await runOfModel(resolve(folder));
  if (folder !== undefined && splitByGroup !== undefined)
    throw new FixresRunnerError(
      'bad-option',
      `Option --split-by-group is "${splitByGroup}"; with --model, the split is that of its run, so leave it out.`,
    );
  const reading = run?.source === source ? readAsIn(run, given) : given;
  const opened = await resolveDataset(datasetName, {
    cacheFolder: defaultCacheFolder(),
    reading,
    groupKey: groupKeyOf(splitByGroup),
    on,
    signal,
  });
  const choice = { ...reading, source: datasetName, limit, splitByGroup };
  const dataset = await groupedDataset(opened, choice, { on, signal });
  const split =
    folder === undefined
      ? splitFor(dataset, { limit, heldOut })
      : splitOfModel(dataset, { run, source, limit, heldOut });
  const examples = [...split.train, ...split.heldOut];
  const loader = new ImageLoader({ limits: imageLimitsOf(reading) });
  try {
    const onProgress = (done: number): void =>
      on.progress?.(`Comparing images: ${done} of ${examples.length}`);
    const { hashes, failures } = await loader.inspect(examples, { onProgress, signal });
    const looks = await findLookAlikes(examples, { hashes, distance, on, signal });
    const { trainIds, ...leaks } = leaksOf(split, looks);
    const similar =
      folder === undefined
        ? null
        : await similarByFeatures(
            readableOf(split, failures),
            { folder, run, best, engine, device },
            { reading, on, signal },
          );
    const known = new Set([...leaks.acrossSplit, ...leaks.bursts].map(({ a, b }) => `${a}\n${b}`));
    const report: LeaksReport = {
      format: 1,
      dataset: dataset.name,
      ...(dataset.multiLabel && { multiLabel: true }),
      images: { train: split.train.length, heldOut: split.heldOut.length },
      distance,
      skipped: hashes.filter((hash) => hash === undefined).length,
      pairs: looks.pairs.length,
      timed: looks.captures.size,
      ...leaks,
      trainImages: [...trainIds],
      similar: similar?.filter(({ a, b }) => !known.has(`${a}\n${b}`)) ?? null,
    };
    return { report, byId: new Map(examples.map((example) => [example.id, example])) };
  } finally {
    await loader.close();
  }
}

/** A split without the images that cannot be decoded. */
function readableOf({ train, heldOut }: Split, failures: readonly { id: string }[]): Split {
  const damaged = new Set(failures.map(({ id }) => id));
  const readable = (part: readonly Example[]): Example[] =>
    part.filter(({ id }) => !damaged.has(id));
  return { train: readable(train), heldOut: readable(heldOut) };
}
