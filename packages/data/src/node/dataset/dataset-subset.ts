import { hash } from 'node:crypto';
import { FixresDataError } from '../../errors.ts';
import { classNameOf } from './class-names.ts';
import { type ImageDataset, labelsOf } from './dataset.ts';
import { exampleLabels } from './example-labels.ts';

/**
 * The images of some classes, in the order of `classNames`. Images with several labels keep those among
 * the classes.
 *
 * @throws FixresDataError `bad-option` for fewer than two classes, a duplicate, or a class that the
 * data set does not have
 */
export function takeClasses(dataset: ImageDataset, classNames: readonly string[]): ImageDataset {
  if (new Set(classNames).size !== classNames.length || classNames.length < 2) {
    const message = `Option "classNames" is [${classNames.join(', ')}]; at least two different classes are needed.`;
    throw new FixresDataError('bad-option', message);
  }
  const labels = new Map<number, number>();
  for (const [label, name] of classNames.entries()) {
    const index = dataset.classNames.indexOf(name);
    if (index === -1) {
      const message = `Data set "${dataset.name}" has no class "${name}"; it has ${dataset.classNames.join(', ')}.`;
      throw new FixresDataError('bad-option', message);
    }
    labels.set(index, label);
  }
  const examples = dataset.examples.flatMap((example) => {
    const kept = labelsOf(example).flatMap((label) => labels.get(label) ?? []);
    // An image of none of the classes is a negative example of each, if images can have several.
    const isNone = example.labels?.length === 0;
    return kept.length === 0 && !isNone
      ? []
      : [{ ...example, ...exampleLabels(kept, example.labels !== undefined) }];
  });
  return { ...dataset, classNames: [...classNames], examples };
}

/**
 * Reorders the classes to those of a model that was trained on them, if they are the same classes;
 * otherwise returns the data set unchanged. Earlier versions sorted numbered folders differently
 * (1, 10, 2) and did not normalise names.
 */
export function withClassOrder(
  dataset: ImageDataset,
  classNames: readonly string[] | undefined,
): ImageDataset {
  const wanted = classNames?.map(classNameOf) ?? [];
  const isSame =
    wanted.length === dataset.classNames.length &&
    new Set(wanted).size === wanted.length &&
    wanted.every((name) => dataset.classNames.includes(name));
  return isSame && wanted.some((name, i) => name !== dataset.classNames[i])
    ? takeClasses(dataset, wanted)
    : dataset;
}

/**
 * The first `limit` images in hash order. The sample depends only on names, and a larger sample
 * contains every smaller one.
 *
 * @throws FixresDataError `bad-option`
 */
export function takeImages(dataset: ImageDataset, limit: number): ImageDataset {
  requireLimit(limit);
  return { ...dataset, examples: inHashOrder(dataset.examples).slice(0, limit) };
}

export function requireLimit(limit: number): void {
  if (Number.isInteger(limit) && limit >= 1) return;
  throw new FixresDataError(
    'bad-option',
    `Option "limit" is ${limit}; it must be a whole number of at least 1.`,
  );
}

/** Sorted by the hex SHA-256 of the id. */
export function inHashOrder<T extends { id: string }>(examples: readonly T[]): T[] {
  // Of a million images, the hexadecimal digits would take hundreds of megabytes; 6 bytes decide nearly always.
  const starts = Float64Array.from(examples, ({ id }) => digestOf(id).readUIntBE(0, 6));
  const order = Uint32Array.from(examples, (_, i) => i).sort(
    (a, b) =>
      starts[a]! - starts[b]! || digestOf(examples[a]!.id).compare(digestOf(examples[b]!.id)),
  );
  return Array.from(order, (i) => examples[i]!);
}

function digestOf(id: string): Buffer {
  return hash('sha256', id, 'buffer');
}
