import { FixresDataError } from '../../errors.ts';
import { createRandom } from '../../rng.ts';
import { shuffledIndices } from '../../shuffle.ts';
import { inHashOrder, requireLimit } from '../dataset/dataset-subset.ts';
import { datasetParts, type Example, type ImageDataset, labelsOf } from '../dataset/dataset.ts';
import { fittingGroups, keptTogether } from './kept-together.ts';

export interface SplitOptions {
  /** Fraction of the images that is held out, between 0 and 1. Default 0.1. */
  heldOut?: number;
  /** Use only this many images, the first in hash order. */
  limit?: number;
}

/** A data set in two parts that have no image in common. */
export interface Split {
  train: Example[];
  heldOut: Example[];
}

/**
 * Splits by hash: sorts the examples by the hex SHA-256 of their id; the first `round(n * (1 -
 * heldOut))` train, the rest are held out. The split depends only on the names, not on the order of
 * reading or a random generator, and is the same in every language.
 *
 * Examples with the same `group` stay together, at the place of the hash of the group's name: from the
 * end, each group is held out that fits into what remains to be held out; the smallest, if none fits.
 *
 * @throws FixresDataError `bad-option`; `too-few-images` if a class would have no train image, or
 * nothing is held out
 */
export function splitByHash(
  dataset: ImageDataset,
  { heldOut = 0.1, limit }: SplitOptions = {},
): Split {
  requireShare(heldOut);
  const sorted = limited(dataset, limit);
  const cut = Math.round(sorted.length * (1 - heldOut));
  const split = sorted.some(({ group }) => group !== undefined)
    ? cutByGroup(sorted, cut)
    : { train: sorted.slice(0, cut), heldOut: sorted.slice(cut) };
  return checked(split, dataset, { limit, everyClassHeldOut: false });
}

function cutByGroup(sorted: readonly Example[], cut: number): Split {
  const inOrder = keptTogether(sorted);
  const heldOut = fittingGroups(inOrder.toReversed(), sorted.length - cut);
  return {
    train: inOrder.filter((members) => !heldOut.has(members)).flat(),
    heldOut: inOrder.filter((members) => heldOut.has(members)).flat(),
  };
}

export interface StratifiedSplitOptions extends SplitOptions {
  /** Another seed gives another split. Default 0. */
  seed?: number;
}

/**
 * Splits each class separately: of a class with n images, `round(n * heldOut)` are held out, at
 * least one and never all. The choice depends on the seed and the names, not on the order of
 * reading.
 *
 * In a multi-label data set, the images with the same set of labels are split separately, and all images
 * whose set no other image has, together (label sets as in Sechidis et al. 2011, "On the stratification of
 * multi-label data", section 3). Held-out images may then lack a class.
 *
 * @throws FixresDataError `bad-option`; `too-few-images` if a class has fewer than two images
 */
export function splitStratified(
  dataset: ImageDataset,
  { heldOut = 0.1, limit, seed = 0 }: StratifiedSplitOptions = {},
): Split {
  requireShare(heldOut);
  const classes = shuffledClasses(limited(dataset, limit), seed).map((ofClass) => ({
    ofClass,
    count: Math.min(Math.max(Math.round(ofClass.length * heldOut), 1), ofClass.length - 1),
  }));
  const split = {
    train: classes.flatMap(({ ofClass, count }) => ofClass.slice(count)),
    heldOut: classes.flatMap(({ ofClass, count }) => ofClass.slice(0, count)),
  };
  return checked(split, dataset, { limit, everyClassHeldOut: !dataset.multiLabel });
}

export interface GivenSplitOptions {
  /** The held-out part. Default: `validation`, or `test` if there is no validation part. */
  heldOut?: string;
}

/**
 * The split that the data set comes with: its `train` part and a held-out one. As with the split by
 * hash, the held-out part may lack a class.
 *
 * @throws FixresDataError `bad-option` if it has no such parts; `too-few-images` if a class has no
 * train image
 */
export function splitAsGiven(dataset: ImageDataset, options: GivenSplitOptions = {}): Split {
  const { name, classNames, examples } = dataset;
  const parts = [...datasetParts(dataset).keys()].filter((part) => part !== undefined);
  const { heldOut = heldOutPart(dataset) ?? 'test' } = options;
  if (heldOut === 'train' || !parts.includes('train') || !parts.includes(heldOut)) {
    const has =
      parts.length === 0
        ? 'no parts'
        : `the ${parts.length === 1 ? 'part' : 'parts'} ${parts.join(', ')}`;
    const use =
      heldOutPart(dataset) !== undefined && !parts.includes('train')
        ? ' A model can be evaluated on it, not trained.'
        : '';
    throw new FixresDataError(
      'bad-option',
      `Data set "${name}" has ${has}; the given split needs "train" and "${heldOut}".${use}`,
    );
  }
  const part = (wanted: string): Example[] => examples.filter(({ split }) => split === wanted);
  const split = { train: part('train'), heldOut: part(heldOut) };
  const [untrained] = classesWithout(split.train, classNames);
  if (untrained === undefined) return split;
  const elsewhere = datasetParts({
    examples: examples.filter((example) =>
      labelsOf(example).some((label) => classNames[label] === untrained),
    ),
  });
  const others = [...elsewhere]
    .map(
      ([other, count]) => `${count} in ${other === undefined ? 'no part' : `the part "${other}"`}`,
    )
    .join(', ');
  const message = `Part "train" of "${name}" has no image of the class ${untrained}${others === '' ? '' : ` (there are ${others})`}. Add some to it, or remove the class.`;
  throw new FixresDataError('too-few-images', message);
}

/** The part of a data set to hold out: `validation`, else `test`; undefined if it has neither. */
export function heldOutPart({ examples }: Pick<ImageDataset, 'examples'>): string | undefined {
  const parts = datasetParts({ examples });
  return ['validation', 'test'].find((part) => parts.has(part));
}

/** The classes without any example. */
export function classesWithout(
  examples: readonly Example[],
  classNames: readonly string[],
): string[] {
  const present = new Set(examples.flatMap(labelsOf));
  return classNames.filter((_, label) => !present.has(label));
}

export interface KFoldsOptions {
  /** Whole number of at least 2. Default 5. */
  folds?: number;
  /** Another seed gives other folds. Default 0. */
  seed?: number;
}

/**
 * Cross-validation: every image is held out in exactly one of the splits, and every class is spread
 * evenly over them (stratified), or every set of labels, as in {@link splitStratified}.
 *
 * @throws FixresDataError `bad-option`; `too-few-images` if a class is too small for the folds
 */
export function kFolds(
  dataset: ImageDataset,
  { folds = 5, seed = 0 }: KFoldsOptions = {},
): Split[] {
  if (!(Number.isInteger(folds) && folds >= 2)) {
    throw new FixresDataError(
      'bad-option',
      `Option "folds" is ${folds}; it must be a whole number of at least 2.`,
    );
  }
  // Dealt like cards, continuing from where the last class ended, so the folds' sizes differ by at
  // most one.
  const dealt = shuffledClasses(inHashOrder(dataset.examples), seed).flat();
  return Array.from({ length: folds }, (_, fold) => {
    const split = {
      train: dealt.filter((_example, i) => i % folds !== fold),
      heldOut: dealt.filter((_example, i) => i % folds === fold),
    };
    return checked(split, dataset, { everyClassHeldOut: !dataset.multiLabel });
  });
}

/** @throws FixresDataError `bad-option` */
function requireShare(heldOut: number): void {
  if (heldOut > 0 && heldOut < 1) return;
  throw new FixresDataError(
    'bad-option',
    `Option "heldOut" is ${heldOut}; it must be between 0 and 1.`,
  );
}

function limited({ examples }: ImageDataset, limit: number | undefined): Example[] {
  if (limit !== undefined) requireLimit(limit);
  return inHashOrder(examples).slice(0, limit);
}

/**
 * The examples of each class, or of each set of labels, shuffled. They arrive in hash order, so the order
 * of reading has no effect.
 */
function shuffledClasses(sorted: readonly Example[], seed: number): Example[][] {
  const strata = new Map<string, Example[]>();
  for (const example of sorted) {
    const key = labelsOf(example).join();
    const stratum = strata.get(key) ?? [];
    stratum.push(example);
    strata.set(key, stratum);
  }
  const hasOwn = ([, stratum]: readonly [string, Example[]]): boolean =>
    stratum.length > 1 || stratum[0]!.labels === undefined;
  const all = [...strata];
  const rest = all.filter((each) => !hasOwn(each)).flatMap(([, stratum]) => stratum);
  const separate = all.filter(hasOwn).map(([, stratum]) => ({
    stratum,
    // Streams of single labels are addressed by the label alone.
    address: stratum[0]!.labels === undefined ? stratum[0]!.label : labelsOf(stratum[0]!).join(),
    labels: labelsOf(stratum[0]!),
  }));
  return [
    ...separate.sort((a, b) => compareLists(a.labels, b.labels)),
    ...(rest.length > 0 ? [{ stratum: rest, address: 'rest' }] : []),
  ].map(({ stratum, address }) =>
    Array.from(
      shuffledIndices(stratum.length, createRandom(seed, 'split', address)),
      (i) => stratum[i]!,
    ),
  );
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  for (const [i, value] of a.entries()) {
    const other = b[i];
    if (other === undefined) return 1;
    if (value !== other) return value - other;
  }
  return a.length - b.length;
}

interface CheckOptions {
  /** The limit that made the split so small, for the error message. */
  limit?: number | undefined;
  /** Whether every class must be held out too, or just any image. */
  everyClassHeldOut?: boolean;
}

/** @throws FixresDataError `too-few-images` */
function checked(
  split: Split,
  dataset: ImageDataset,
  { limit, everyClassHeldOut = true }: CheckOptions = {},
): Split {
  const untrained = classesWithout(split.train, dataset.classNames);
  const unheld = everyClassHeldOut ? classesWithout(split.heldOut, dataset.classNames) : [];
  if (untrained.length > 0 || unheld.length > 0 || split.heldOut.length === 0) {
    const images = split.train.length + split.heldOut.length;
    const what =
      untrained.length > 0
        ? `no training image of ${untrained.join(', ')}`
        : `no held-out image${unheld.length > 0 ? ` of ${unheld.join(', ')}` : ''}`;
    const remedy =
      limit === undefined ? 'Use more images.' : `Use more images or a larger limit than ${limit}.`;
    throw new FixresDataError(
      'too-few-images',
      `With ${images} images of "${dataset.name}" there is ${what}. ${remedy}`,
    );
  }
  return split;
}
