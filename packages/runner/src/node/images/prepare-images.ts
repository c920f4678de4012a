import { createHash } from 'node:crypto';
import { FixresDataError } from '@fixres/data';
import {
  classesWithout,
  datasetWarnings,
  duplicatesAcross,
  duplicateWarning,
  type Example,
  type ImageDataset,
  type ImageLoader,
  type Inspection,
  type Leaks,
  leaksOf,
  type LookAlikes,
  type Split,
} from '@fixres/data/node';
import type { DatasetChoice, DatasetRecord, RunConfig, RunLeaks } from '@fixres/runs';
import type { DatasetWords } from './dataset-words.ts';
import { counted } from '@fixres/runs/report';
import { findLookAlikes, LOOK_ALIKE_BITS } from './find-look-alikes.ts';
import { leakNote, leakWarning } from './leak-words.ts';
import { readableExamples } from './readable-examples.ts';
import { partWarnings, splitFor } from './split-for.ts';
import type { PreparationListeners } from '../session/session-listeners.ts';

/** The images of a run, checked and split. */
export interface PreparedImages {
  record: DatasetRecord;
  train: Example[];
  heldOut: Example[];
  /** Training images that were left out because they leak. */
  dropped: Example[];
  /** Short digests of the images' content. */
  digests: RunConfig['images'];
  /** SHA-256 of the pixels of each image, by its id. */
  digestOf: ReadonlyMap<string, string | undefined>;
  /** Images across the split that look the same; undefined if that was not looked for. */
  leaks: RunLeaks | undefined;
  /** Warnings for the user. */
  warnings: string[];
}

export interface PrepareImagesOptions {
  choice: DatasetChoice;
  words: DatasetWords;
  loader: ImageLoader;
  on: PreparationListeners;
  signal: AbortSignal;
}

/**
 * Among more images, look-alikes are searched only if they are left out: the time for it grows with the
 * square of their number.
 */
const MOST_SEARCHED = 200_000;

/**
 * Decodes every image once, skips unreadable ones if allowed, splits the rest, and finds training images
 * that look like a held-out one.
 *
 * @throws FixresDataError `corrupt-image`, `bad-option`, `too-few-images`
 */
export async function prepareImages(
  dataset: ImageDataset,
  options: PrepareImagesOptions,
): Promise<PreparedImages> {
  const { choice, words, loader, on, signal } = options;
  const { limit, heldOut: part, skipCorrupt = false, dropLeaks = false } = choice;
  const all = splitFor(dataset, { limit, heldOut: part }, words);
  const chosen = [...all.train, ...all.heldOut];
  const { examples, duplicates, digests, hashes } = await readableExamples(chosen, {
    loader,
    skipCorrupt,
    words,
    on,
    signal,
  });
  const skipped = chosen.length - examples.length;
  const whole = skipped === 0 ? all : splitFor({ ...dataset, examples }, { heldOut: part });
  const looks = await lookAlikes(dataset, examples, { hashes, dropLeaks, on, signal });
  const leaks = looks && leaksOf(whole, looks);
  const split =
    dropLeaks && leaks
      ? withoutLeaks(whole, leaks, { duplicates, classNames: dataset.classNames })
      : whole;
  const { train, heldOut } = split;
  const equal = duplicatesAcross(split, duplicates);
  const warnings = [
    ...datasetWarnings(dataset),
    ...partWarnings(dataset, split),
    ...(skipped > 0
      ? [
          `${counted(skipped, 'image')} that cannot be decoded ${skipped === 1 ? 'is' : 'are'} left out.`,
        ]
      : []),
    ...[duplicateWarning(equal)].filter((warning) => warning !== undefined),
    // Equal images have a warning already.
    ...(leaks && !dropLeaks && leaks.heldOutImages > equal.length
      ? [leakWarning(leaks, { heldOut: heldOut.length, dropLeaks: words.dropLeaks })]
      : []),
  ];
  const record = {
    name: dataset.name,
    classes: dataset.classNames,
    train: train.length,
    heldOut: heldOut.length,
    skipped,
  };
  on.note?.(
    `Data:   ${record.name}, ${record.classes.length} classes, ${record.train} training images, ${record.heldOut} held out`,
  );
  const kept = new Set(train.map(({ id }) => id));
  const dropped = whole.train.filter(({ id }) => !kept.has(id));
  if (leaks) on.note?.(leakNote(leaks));
  if (dropped.length > 0)
    on.note?.(`        ${counted(dropped.length, 'training image')} left out, because they leak`);
  const digest = (part: readonly Example[]): string => {
    const hash = createHash('sha256');
    for (const { id, label } of part) hash.update(`${id}\t${label}\t${digests.get(id)}\n`);
    return hash.digest('hex');
  };
  return {
    record,
    train,
    heldOut,
    dropped,
    digests: { train: digest(train), heldOut: digest(heldOut) },
    digestOf: digests,
    leaks: leaks && recordOf(leaks, dropped),
    warnings,
  };
}

/** Look-alikes among the images; undefined if there are too many images to search, or too many pairs. */
async function lookAlikes(
  { lookAlikes: known }: ImageDataset,
  examples: readonly Example[],
  {
    dropLeaks,
    ...options
  }: { hashes: Inspection['hashes']; dropLeaks: boolean } & Pick<
    PrepareImagesOptions,
    'on' | 'signal'
  >,
): Promise<LookAlikes | undefined> {
  if (known) return known;
  const { on } = options;
  if (!dropLeaks && examples.length > MOST_SEARCHED) {
    on.note?.(`Leaks:  not searched among more than ${MOST_SEARCHED} images`);
    return undefined;
  }
  try {
    return await findLookAlikes(examples, options);
  } catch (error) {
    const isTooMany = error instanceof FixresDataError && error.code === 'limit-exceeded';
    if (dropLeaks || !isTooMany) throw error;
    on.note?.(`Leaks:  unknown. ${error.message}`);
    return undefined;
  }
}

/**
 * Leaves out the training images that look like a held-out image, share its burst, or have the same
 * pixels, which also images without contrast can have.
 */
function withoutLeaks(
  { train, heldOut }: Split,
  { trainIds }: Leaks,
  { duplicates, classNames }: { duplicates: readonly (readonly Example[])[]; classNames: string[] },
): Split {
  const heldOutIds = new Set(heldOut.map(({ id }) => id));
  const dropped = new Set(trainIds);
  for (const group of duplicates)
    if (group.some(({ id }) => heldOutIds.has(id))) for (const { id } of group) dropped.add(id);
  const kept = train.filter(({ id }) => !dropped.has(id));
  const [missing] = classesWithout(kept, classNames);
  if (missing === undefined) return { train: kept, heldOut };
  const message = `Without training images that look like a held-out image (${train.length - kept.length}), none is left of the class ${missing}. Use more images, or keep look-alikes together (option "splitByGroup").`;
  throw new FixresDataError('too-few-images', message);
}

/** Number of pairs of each kind that a run records. */
const RECORDED = 1000;

function recordOf(leaks: Leaks, dropped: readonly Example[]): RunLeaks {
  const { acrossSplit, bursts, acrossClasses, heldOutImages } = leaks;
  return {
    format: 1,
    distance: LOOK_ALIKE_BITS,
    heldOutImages,
    counts: {
      acrossSplit: acrossSplit.length,
      bursts: bursts.length,
      acrossClasses: acrossClasses.length,
    },
    acrossSplit: acrossSplit.slice(0, RECORDED),
    bursts: bursts.slice(0, RECORDED),
    acrossClasses: acrossClasses.slice(0, RECORDED),
    dropped: dropped.map(({ id }) => id),
  };
}
