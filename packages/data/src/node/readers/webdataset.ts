import { posix } from 'node:path';
import { FixresDataError } from '../../errors.ts';
import { classIndex, UNLABELLED_IMAGES } from '../dataset/class-index.ts';
import {
  type Example,
  type ImageDataset,
  requireUniqueIds,
  splitInName,
} from '../dataset/dataset.ts';
import { exampleLabels } from '../dataset/example-labels.ts';
import { severalLabelKeys } from '../dataset/label-keys.ts';
import { labelValue, labelValues } from '../dataset/label-value.ts';
import { LeftOutTally } from '../dataset/left-out.ts';
import { hasImageEnding, hasPictureEnding, READ_ENDINGS } from '../decode/image-endings.ts';
import { type ByteSource, readBytes } from '../files/byte-source.ts';
import { jsonObject } from '../files/small-file.ts';
import { utf8Text } from '../files/utf8-text.ts';
import { inLanes } from '../in-lanes.ts';
import type { Entry, FileEntry } from './archives/archive-entry.ts';
import { isVisible } from './class-folders/class-folders.ts';
import type { MultiLabelReading } from './manifest/list-row.ts';
import { onlySingleLabels } from './manifest/only-single-labels.ts';

/** A label is a word or a small object. */
const MAX_LABEL_BYTES = 1 << 20;
/** Number of labels read at the same time. */
const LANES = 16;
/** Number of shards read at the same time. */
const SHARD_LANES = 4;

/** One tar file of a webdataset: its name without ending, and how to find its contents. */
export interface WebdatasetShard {
  name: string;
  entries: () => Promise<readonly Entry[]>;
}

export interface WebdatasetOptions {
  /** Names of the classes; by default the labels are the names. */
  classNames?: readonly string[] | undefined;
  /** Names beside the shards, for labels that are all numbers. */
  numberedNames?: readonly string[] | undefined;
  classIds?: readonly string[] | undefined;
  /**
   * Key of the label in the `.json`; `.cls` files are then ignored. Default: `label` or `cls`; of several
   * labels also `labels`, `classes`, `class` or `tags`.
   */
  labelKey?: string | undefined;
  /** How to read several labels of an image. Default: each has one. */
  several?: MultiLabelReading | undefined;
  signal?: AbortSignal | undefined;
}

interface Sample {
  images: FileEntry[];
  cls?: FileEntry;
  json?: FileEntry;
  /** Endings of all its members, without the first dot. */
  members: Set<string>;
  /** The ending of a label that the archive contains twice. */
  repeated?: string;
}

/**
 * Which labels are stored beside images of the same name: `.cls`, which only webdataset writes, or
 * only `.json`.
 */
export function sampleLabels(entries: readonly Entry[]): 'cls' | 'json' | undefined {
  let found: 'json' | undefined;
  for (const { images, cls, json } of samples(entries).values()) {
    if (images.length === 0) continue;
    if (cls) return 'cls';
    if (json) found = 'json';
  }
  return found;
}

/**
 * Builds a data set from the samples of webdataset shards. A sample is the files that share their
 * name up to the first dot: an image and either a `.cls` (the class as text) or a `.json` with
 * `cls` or `label`. With `several`, either may have a list, or text between separators. Other files of
 * a sample are ignored. Images without a label are left out.
 *
 * An example's id is `<shard>/<name>`. If the name of a shard contains a part
 * (`flowers-train-000`), its examples belong to that part.
 *
 * @throws FixresDataError `bad-layout`, `one-class`, `damaged-archive`, `bad-option`
 */
export async function datasetFromWebdataset(
  shards: readonly WebdatasetShard[],
  name: string,
  origin: string,
  { classNames, numberedNames, classIds: ids, labelKey, several, signal }: WebdatasetOptions = {},
): Promise<ImageDataset> {
  const leftOut = new LeftOutTally();
  const members = new Set<string>();
  // One shard after the other is reduced to what is kept of it, so a million images fit in the memory.
  const read = await inLanes(
    shards,
    SHARD_LANES,
    async (shard) => readShard(shard, { origin, labelKey, several, signal }),
    signal,
  );
  const found = read.flatMap((shard) => {
    for (const member of shard.members) members.add(member);
    for (const [what, id] of shard.unread) leftOut.add(what, id);
    return shard.samples;
  });
  const has =
    members.size === 0
      ? ''
      : ` Its samples have the members ${[...members]
          .sort()
          .slice(0, 10)
          .map((member) => `.${member}`)
          .join(', ')}.`;
  const expected = `expected <name>.jpg (or ${READ_ENDINGS}) next to <name>.cls or <name>.json`;
  if (found.length === 0)
    throw new FixresDataError(
      'bad-layout',
      `${origin} contains no sample with an image; ${expected}.${has}`,
    );
  if (!read.some(({ hasLabels }) => hasLabels)) {
    throw new FixresDataError(
      'bad-layout',
      `${origin} contains images (first: ${found[0]!.id}), but no labels; ${expected}.${has}`,
    );
  }
  const multiLabel = several !== undefined;
  for (const { id, labels } of found) if (labels === undefined) leftOut.add(UNLABELLED_IMAGES, id);
  const known = new Set(found.flatMap(({ labels }) => labels ?? []));
  if (known.size === 0)
    throw new FixresDataError(
      'bad-layout',
      `${origin} contains no images with a label.${leftOut.toString()}${has}`,
    );
  const areNumbers = [...known].every((label) => typeof label === 'number');
  const names = classNames ?? (areNumbers ? numberedNames : undefined);
  const index = classIndex(known, origin, { names, ids, leftOut });
  const examples = found.flatMap(({ id, source, labels, split }): Example[] => {
    const classes = labels?.map((label) => index.labelOf(label, id));
    if (classes === undefined) return [];
    const example = { id, ...exampleLabels(classes, multiLabel), source };
    return [split === undefined ? example : { ...example, split }];
  });
  requireUniqueIds(examples, origin);
  return {
    name,
    format: 'webdataset',
    classNames: index.classNames,
    examples,
    leftOut: leftOut.all,
    ...(multiLabel && { multiLabel }),
    warnings: [...index.warnings, ...(multiLabel ? onlySingleLabels(examples, name) : [])],
  };
}

/** What is kept of a shard. */
interface ReadShard {
  samples: {
    id: string;
    source: ByteSource;
    /** Undefined if nothing is said about the image. */
    labels: readonly (string | number)[] | undefined;
    split: string | undefined;
  }[];
  /** Endings of all members of all samples. */
  members: Set<string>;
  /** Kind and id of samples whose image cannot be read. */
  unread: [what: string, id: string][];
  hasLabels: boolean;
}

async function readShard(
  { name, entries }: WebdatasetShard,
  { origin, labelKey, several, signal }: { origin: string } & WebdatasetOptions,
): Promise<ReadShard> {
  const members = new Set<string>();
  const unread: ReadShard['unread'] = [];
  const split = splitInName(name);
  const withImages = [...samples(await entries())].flatMap(([key, sample]) => {
    const id = `${name}/${key}`;
    const {
      images: [image, another],
    } = sample;
    for (const member of sample.members) members.add(member);
    if (another)
      throw new FixresDataError(
        'bad-layout',
        `${origin} contains two images of the sample "${key}".`,
      );
    if (image && sample.repeated !== undefined)
      throw new FixresDataError(
        'bad-layout',
        `${origin} contains two ${sample.repeated} of the sample "${key}".`,
      );
    if (image) return [{ ...sample, source: image.source, id }];
    const ending = [...sample.members].find((member) => hasPictureEnding(`.${member}`));
    if (ending !== undefined) unread.push([`samples with the image in .${ending}`, id]);
    return [];
  });
  const labelled = await inLanes(
    withImages,
    LANES,
    async (sample) => ({
      id: sample.id,
      source: sample.source,
      labels: await readLabels(sample, { id: sample.id, origin, labelKey, several }),
      split,
    }),
    signal,
  );
  const hasLabels = withImages.some(({ cls, json }) => cls ?? json);
  return { samples: labelled, members, unread, hasLabels };
}

function samples(entries: readonly Entry[]): Map<string, Sample> {
  const byKey = new Map<string, Sample>();
  for (const entry of entries) {
    if (!entry.source || !isVisible(entry)) continue;
    const name = posix.basename(entry.path);
    const dot = name.indexOf('.');
    if (dot < 1) continue;
    const key = entry.path.slice(0, entry.path.length - name.length + dot);
    const ending = name.slice(dot).toLowerCase();
    const sample = byKey.get(key) ?? { images: [], members: new Set() };
    byKey.set(key, sample);
    const isLabel = ending === '.cls' || ending === '.json';
    if (isLabel && sample.members.has(ending.slice(1))) sample.repeated ??= ending;
    sample.members.add(ending.slice(1));
    const file = { ...entry, source: entry.source };
    if (ending === '.cls') sample.cls = file;
    else if (ending === '.json') sample.json = file;
    // Only if nothing but the ending follows the first dot: "000.seg.png" is a mask.
    else if (hasImageEnding(`x${ending}`) && !ending.includes('.', 1)) sample.images.push(file);
  }
  return byKey;
}

/** @returns the labels of an image, one unless `several`; undefined if nothing is said about it */
async function readLabels(
  { cls, json }: Sample,
  { id, origin, labelKey, several }: { id: string; origin: string } & WebdatasetOptions,
): Promise<readonly (string | number)[] | undefined> {
  const file = labelKey === undefined ? (cls ?? json) : json;
  if (!file) return undefined;
  const where = `The .${file === cls ? 'cls' : 'json'} of image ${id} of ${origin}`;
  const text = (
    file.text ?? utf8Text(await readBytes(file.source, { maxBytes: MAX_LABEL_BYTES }), where)
  ).trim();
  const image = `Image ${id} of ${origin}`;
  const labelsOf = (value: unknown): readonly (string | number)[] | undefined => {
    if (several !== undefined) return labelValues(value, image, several.separator);
    const label = labelValue(value, image);
    return label === undefined ? undefined : [label];
  };
  if (file === cls) {
    if (several === undefined) {
      if (text === '') throw new FixresDataError('bad-layout', `${where} is empty.`);
      return labelsOf(numberOrText(text));
    }
    return labelsOf(text)?.map(numberOrText);
  }
  const object = jsonObject(text);
  if (!object) throw new FixresDataError('bad-layout', `${where} is not a JSON object.`);
  const usual = several === undefined ? ['label', 'cls'] : [...severalLabelKeys, 'cls'];
  const keys = labelKey === undefined ? usual : [labelKey];
  return labelsOf(
    keys.map((key) => object[key]).find((value) => value !== undefined && value !== null),
  );
}

/** A `.cls` has text, whether its label is a number or a name. */
function numberOrText(label: string | number): string | number {
  return typeof label === 'string' && /^\d{1,15}$/.test(label) ? Number(label) : label;
}
