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
  labelsOf,
  type Leaks,
  leaksOf,
  type LookAlikes,
  type Split,
} from '@fixres/data/node';
import type { DatasetChoice, DatasetRecord, RunConfig, RunLeaks } from '@fixres/runs';
import type { DatasetWords } from './dataset-words.ts';
import { counted } from '@fixres/runs/report';
import { findLookAlikes, LOOK_ALIKE_BITS } from './find-look-alikes.ts';
import { holdingBack } from './holding-back.ts';
import { leakNote, leakWarning } from './leak-words.ts';
import { readableExamples } from './readable-examples.ts';
import { partWarnings, splitFor } from './split-for.ts';
import type { PreparationListeners } from '../session/session-listeners.ts';

/** The images of a run, checked and split. */
export interface PreparedImages {
  record: DatasetRecord;
  train: Example[];
  /** Those that arms are evaluated on: with `evaluateOn: 'heldBack'`, images that are held back. */
  heldOut: Example[];
  /** Training images that were left out because they leak. */
  dropped: Example[];
  /** Training images that are held back to choose thresholds; empty unless thresholds are tuned. */
  thresholds: Example[];
  /**
   * Training images that are held back to choose measured sizes; empty unless asked for, and if arms are
   * evaluated on them.
   */
  sizes: Example[];
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
  const { limit, heldOut: part, tuneThresholds } = choice;
  const { skipCorrupt = false, dropLeaks = false } = choice;
  requireMultiLabel(dataset, tuneThresholds);
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
  const { classNames } = dataset;
  const { train, heldOut, thresholds, sizes } = holdingBack(split, choice, {
    classNames,
    duplicates,
  });
  const isChoice = choice.evaluateOn === 'heldBack';
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
      ? [leakWarning(leaks, { heldOut: split.heldOut.length, dropLeaks: words.dropLeaks })]
      : []),
    ...(isChoice
      ? [
          'All accuracies are on training images that are held back, to choose among arms. They are no results: the arms that are chosen by them look better than they are.',
        ]
      : []),
  ];
  const record = {
    name: dataset.name,
    classes: dataset.classNames,
    train: train.length,
    heldOut: heldOut.length,
    skipped,
    ...(dataset.multiLabel && { multiLabel: true }),
    ...(thresholds.length > 0 && { thresholdImages: thresholds.length }),
    ...(sizes.length > 0 && { sizeImages: sizes.length }),
    ...(isChoice && { evaluatedOn: 'heldBack' as const }),
  };
  on.note?.(
    `Data:   ${record.name}, ${record.classes.length} classes, ${record.train} training images, ${record.heldOut} ${isChoice ? `held back to choose among arms, ${split.heldOut.length} held out and not used` : 'held out'}${heldBackNote(thresholds, 'thresholds')}${heldBackNote(sizes, 'sizes')}`,
  );
  const kept = new Set(split.train.map(({ id }) => id));
  const dropped = whole.train.filter(({ id }) => !kept.has(id));
  if (leaks) on.note?.(leakNote(leaks));
  if (dropped.length > 0)
    on.note?.(`        ${counted(dropped.length, 'training image')} left out, because they leak`);
  const digest = (part: readonly Example[]): string => {
    const hash = createHash('sha256');
    for (const example of part)
      hash.update(`${example.id}\t${labelsOf(example).join()}\t${digests.get(example.id)}\n`);
    return hash.digest('hex');
  };
  return {
    record,
    train,
    heldOut,
    dropped,
    thresholds,
    sizes,
    // The images that are held back belong to the training: another choice is another run.
    digests: { train: digest([...train, ...thresholds, ...sizes]), heldOut: digest(heldOut) },
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

/** @throws FixresDataError `bad-option` if thresholds are to be tuned that images of one class do not have */
function requireMultiLabel(
  { multiLabel = false }: ImageDataset,
  tuneThresholds: number | undefined,
): void {
  if (tuneThresholds === undefined || multiLabel) return;
  throw new FixresDataError(
    'bad-option',
    `The fraction of images for thresholds is ${tuneThresholds} (option "tuneThresholds"); only multi-label data have thresholds (option "multiLabel").`,
  );
}

function heldBackNote({ length }: readonly Example[], what: string): string {
  return length > 0 ? `, ${length} held back for ${what}` : '';
}
