import {
  type DatasetFormat,
  datasetParts,
  duplicateGroups,
  type ImageDataset,
  type ImageHeader,
  type Inspection,
  type LeftOut,
} from '@fixres/data/node';
import { inCommandLineWords } from '../command-line/command-line-words.ts';

/** How a number is distributed over the images. */
export interface Spread {
  min: number;
  p10: number;
  p50: number;
  p90: number;
  max: number;
}

/** What `fixres data info --json` prints. */
export interface DatasetFacts {
  dataset: string;
  images: number;
  /** What it was read as. */
  format: DatasetFormat;
  /** As stored. */
  bytes: number;
  /** Those that the data set names; `null` counts images in none. Empty when there are none. */
  parts: { name: string | null; images: number }[];
  /** Files and images that are no part of it. */
  leftOut: LeftOut[];
  /** What looks wrong, in sentences. */
  warnings: string[];
  classes: { name: string; images: number }[];
  /** Of upright images whose header can be read; null when there is none. */
  sizes: {
    width: Spread;
    height: Spread;
    shortSide: Spread;
    aspectRatio: Spread;
    distinct: number;
  } | null;
  /** Number of images of each format. */
  formats: Record<string, number>;
  /** Images that cannot be decoded as a whole. */
  corrupt: { id: string; message: string }[];
  /** Images with the same pixels, in groups of two and more. */
  duplicates: string[][];
  /** Groups of duplicates whose images are in different classes: at least one label is wrong. */
  conflictingDuplicates: number;
}

/**
 * Adds up what is known about each image.
 *
 * @param headers in the order of the examples, undefined where the header cannot be read
 * @param inspection of the examples, decoded
 */
export function summarizeDataset(
  dataset: ImageDataset,
  headers: readonly (ImageHeader | undefined)[],
  { failures, digests }: Inspection,
): DatasetFacts {
  const { name, format, classNames, examples, leftOut = [], warnings = [] } = dataset;
  const parts = [...datasetParts(dataset)].map(([part, images]) => ({
    name: part ?? null,
    images,
  }));
  const counts = new Array<number>(classNames.length).fill(0);
  for (const { label } of examples) counts[label]! += 1;
  const duplicates = duplicateGroups(examples, digests);
  const known = headers.filter((header) => header !== undefined);
  const formats = [...groupBy(known, (header) => header.format)].map(
    ([kind, list]): [string, number] => [kind, list.length],
  );
  return {
    dataset: name,
    images: examples.length,
    format,
    parts: parts.some((part) => part.name !== null) ? parts : [],
    leftOut: [...leftOut],
    warnings: [...warnings],
    bytes: examples.reduce((sum, { source }) => sum + source.length, 0),
    classes: classNames.map((className, label) => ({ name: className, images: counts[label]! })),
    sizes: known.length === 0 ? null : sizesOf(known),
    formats: Object.fromEntries(formats.sort((a, b) => b[1] - a[1])),
    corrupt: failures.map(({ id, message }) => ({ id, message: inCommandLineWords(message) })),
    duplicates: duplicates.map((group) => group.map(({ id }) => id)),
    conflictingDuplicates: duplicates.filter(
      (group) => new Set(group.map(({ label }) => label)).size > 1,
    ).length,
  };
}

function sizesOf(headers: readonly ImageHeader[]): NonNullable<DatasetFacts['sizes']> {
  return {
    width: spread(headers.map(({ width }) => width)),
    height: spread(headers.map(({ height }) => height)),
    shortSide: spread(headers.map(({ width, height }) => Math.min(width, height))),
    aspectRatio: spread(headers.map(({ width, height }) => Number((width / height).toFixed(3)))),
    distinct: new Set(headers.map(({ width, height }) => `${width}x${height}`)).size,
  };
}

/** Quantiles are values that occur: the nearest rank. */
function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]!;
  return { min: at(0), p10: at(0.1), p50: at(0.5), p90: at(0.9), max: at(1) };
}

function groupBy<T>(
  items: readonly T[],
  keyOf: (item: T, index: number) => string,
): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const [i, item] of items.entries()) {
    const key = keyOf(item, i);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
