import { FixresDataError } from '../../errors.ts';
import { classNameOf, inClassOrder, nearEqualNames } from './class-names.ts';
import { requireTwoClasses } from './dataset.ts';
import type { LeftOutTally } from './left-out.ts';

export interface ClassIndex {
  classNames: string[];
  /**
   * @throws FixresDataError `bad-layout` if no class has this label; `id` names the image in the
   * error
   */
  labelOf: (label: string | number, id: string) => number;
  /** Suspicious names, as sentences. */
  warnings: string[];
}

export interface ClassIndexOptions {
  /** Names of the classes, in order. By default the labels are the names. */
  names?: readonly string[] | undefined;
  /** Other labels of the classes, in the order of `names`. */
  ids?: readonly string[] | undefined;
  /** What was left out, for the error about too few classes. */
  leftOut?: LeftOutTally | undefined;
}

/**
 * Maps the labels of a data set to class names and indices.
 *
 * With `names`, a number is an index into them, and text is one of them or else such a number.
 * A label may also be one of `ids`.
 * Without `names`, the classes are the labels themselves, in the order of {@link inClassOrder} (0
 * is class 0 unless a number is missing).
 *
 * @throws FixresDataError `one-class`, `bad-layout` for a name with a control character, `bad-option`
 * for duplicate names, or ids that do not match the names
 */
export function classIndex(
  labels: Iterable<string | number>,
  origin: string,
  { names, ids, leftOut }: ClassIndexOptions = {},
): ClassIndex {
  const given = names?.map(classNameOf);
  const twice = given?.find((name, i) => given.indexOf(name) < i);
  if (twice !== undefined)
    throw new FixresDataError(
      'bad-option',
      `The class names (option "classNames") contain "${twice}" twice.`,
    );
  if (ids && ids.length !== given?.length)
    throw new FixresDataError(
      'bad-option',
      `Option "classIds" has ${ids.length} ids for ${given?.length ?? 0} class names; each class needs one of each.`,
    );
  const classNames =
    given ?? inClassOrder(new Set([...labels].map((label) => classNameOf(String(label)))));
  requireTwoClasses(classNames, origin, leftOut);
  const unprintable = classNames.find((name) => /\p{Cc}/u.test(name));
  if (unprintable !== undefined)
    throw new FixresDataError(
      'bad-layout',
      `The class "${unprintable}" of ${origin} contains a control character; a class name is one line of text.`,
    );
  const indices = new Map([
    ...(ids ?? []).map((id, index): [string, number] => [classNameOf(id), index]),
    ...classNames.map((name, index): [string, number] => [name, index]),
  ]);
  const placeOf = (label: string | number): number | undefined => {
    if (!given || (typeof label === 'string' && !/^\d{1,15}(\.0+)?$/.test(label.trim())))
      return undefined;
    const place = Number(label);
    return Number.isInteger(place) && place >= 0 && place < given.length ? place : undefined;
  };
  /** A million images have few labels. */
  const found = new Map<string | number, number>();
  const labelOf = (label: string | number, id: string): number => {
    const earlier = found.get(label);
    if (earlier !== undefined) return earlier;
    const named = indices.get(classNameOf(String(label)));
    const index = typeof label === 'number' ? (placeOf(label) ?? named) : (named ?? placeOf(label));
    if (index !== undefined) {
      found.set(label, index);
      return index;
    }
    const allowed = `${classNames.slice(0, 10).join(', ')}${classNames.length > 10 ? ', ...' : ''} or 0 to ${classNames.length - 1}`;
    throw new FixresDataError(
      'bad-layout',
      `Image ${id} of ${origin} has the label ${JSON.stringify(label)}; allowed are ${allowed}.`,
    );
  };
  return { classNames, labelOf, warnings: nearEqualNames(classNames) };
}

/** The kind under which images without a label are counted. */
export const UNLABELLED_IMAGES = 'images without a label';
/** The kind under which images with more than one label are counted. */
export const SEVERAL_CLASSES = 'images of several classes';
