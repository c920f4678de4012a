import { FixresDataError } from '../../errors.ts';
import { classIndex, UNLABELLED_IMAGES } from '../dataset/class-index.ts';
import {
  type Example,
  type ImageDataset,
  requireUniqueIds,
  splitInName,
} from '../dataset/dataset.ts';
import { exampleLabels } from '../dataset/example-labels.ts';
import { UNLABELLED } from '../dataset/image-files.ts';
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
  image?: FileEntry;
  cls?: FileEntry;
  json?: FileEntry;
  /** Its first picture in a format that is not read: the ending without the first dot. */
  unreadPicture?: string;
  /** What it contains twice, for the error. */
  twice?: string;
}

/** What a member of a sample is, by its ending. */
type MemberKind = 'cls' | 'json' | 'image' | 'unread' | 'other';

/**
 * Which labels are stored beside images of the same name: `.cls`, which only webdataset writes, or
 * only `.json`.
 */
export function sampleLabels(entries: readonly Entry[]): 'cls' | 'json' | undefined {
  let found: 'json' | undefined;
  for (const { image, cls, json } of samples(entries).samples.values()) {
    if (!image) continue;
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
  const found: Example[] = [];
  const labels: Labels[] = [];
  for (const shard of read) {
    for (const member of shard.members) members.add(member);
    for (const [what, id] of shard.unread) leftOut.add(what, id);
    for (const example of shard.examples) found.push(example);
    for (const each of shard.labels) labels.push(each);
  }
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
  const known = new Set<string | number>();
  for (const [i, each] of labels.entries()) {
    if (each === undefined) leftOut.add(UNLABELLED_IMAGES, found[i]!.id);
    else for (const label of each) known.add(label);
  }
  if (known.size === 0)
    throw new FixresDataError(
      'bad-layout',
      `${origin} contains no images with a label.${leftOut.toString()}${has}`,
    );
  const areNumbers = [...known].every((label) => typeof label === 'number');
  const names = classNames ?? (areNumbers ? numberedNames : undefined);
  const index = classIndex(known, origin, { names, ids, leftOut });
  const multiLabel = several !== undefined;
  const examples = found.filter((example, i) => {
    const classes = labels[i]?.map((label) => index.labelOf(label, example.id));
    if (classes !== undefined) Object.assign(example, exampleLabels(classes, multiLabel));
    return classes !== undefined;
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

/** The labels of an image, one unless it can have several; undefined if nothing is said about it. */
type Labels = readonly (string | number)[] | undefined;

/** What is kept of a shard. */
interface ReadShard {
  /** Samples with an image, not labelled yet. */
  examples: Example[];
  /** Those of each example. */
  labels: Labels[];
  /** Endings of all members of all samples. */
  members: ReadonlySet<string>;
  /** Kind and id of samples whose image cannot be read. */
  unread: [what: string, id: string][];
  hasLabels: boolean;
}

async function readShard(
  { name, entries }: WebdatasetShard,
  { origin, labelKey, several, signal }: { origin: string } & WebdatasetOptions,
): Promise<ReadShard> {
  const split = splitInName(name);
  const { samples: found, members } = samples(await entries());
  const unread: ReadShard['unread'] = [];
  const examples: Example[] = [];
  const files: (LabelFile | undefined)[] = [];
  let hasLabels = false;
  for (const [key, { image, cls, json, unreadPicture, twice }] of found) {
    // One string: a template would keep the archive's path, and two strings that join its parts.
    const id = [name, key].join('/');
    if (image && twice !== undefined)
      throw new FixresDataError(
        'bad-layout',
        `${origin} contains two ${twice} of the sample "${key}".`,
      );
    if (image) {
      const { source } = image;
      const label = UNLABELLED;
      examples.push(split === undefined ? { id, label, source } : { id, label, source, split });
      files.push(labelFile(cls, json, labelKey));
      hasLabels ||= cls !== undefined || json !== undefined;
    } else if (unreadPicture !== undefined)
      unread.push([`samples with the image in .${unreadPicture}`, id]);
  }
  const textOf = async (file: LabelFile, i: number): Promise<string> =>
    utf8Text(
      await readBytes(file.source, { maxBytes: MAX_LABEL_BYTES }),
      labelPlace(file, examples[i]!.id, origin),
    );
  // Most texts are known. Waiting for each of a million would take longer than the rest.
  const missing = files.flatMap((file, i) => (file && file.text === undefined ? [i] : []));
  await inLanes(
    missing,
    LANES,
    async (i) => {
      files[i]!.text = await textOf(files[i]!, i);
    },
    signal,
  );
  const labels = files.map(
    (file, i) => file && labelsIn(file, { id: examples[i]!.id, origin, labelKey, several }),
  );
  return { examples, labels, members, unread, hasLabels };
}

/** @returns the samples by key, and the endings of all their members, without the first dot */
function samples(entries: readonly Entry[]): {
  samples: Map<string, Sample>;
  members: Set<string>;
} {
  const byKey = new Map<string, Sample>();
  const kinds = new Map<string, MemberKind>();
  let lastKey: string | undefined;
  let last: Sample = {};
  for (const entry of entries) {
    if (!entry.source || !isVisible(entry)) continue;
    const { path } = entry;
    const start = path.lastIndexOf('/') + 1;
    const dot = path.indexOf('.', start);
    if (dot < start + 1) continue;
    const key = path.slice(0, dot);
    // The members of a sample follow each other, as a rule.
    if (key !== lastKey) {
      last = byKey.get(key) ?? {};
      byKey.set(key, last);
      lastKey = key;
    }
    const member = path.slice(dot + 1).toLowerCase();
    let kind = kinds.get(member);
    if (kind === undefined) kinds.set(member, (kind = memberKind(member)));
    addMember(last, member, kind, entry as FileEntry);
  }
  return { samples: byKey, members: new Set(kinds.keys()) };
}

function memberKind(member: string): MemberKind {
  if (member === 'cls' || member === 'json') return member;
  const path = `x.${member}`;
  // Only if nothing but the ending follows the first dot: "000.seg.png" is a mask.
  if (hasImageEnding(path) && !member.includes('.')) return 'image';
  return hasPictureEnding(path) ? 'unread' : 'other';
}

function addMember(sample: Sample, member: string, kind: MemberKind, file: FileEntry): void {
  if (kind === 'unread') sample.unreadPicture ??= member;
  if (kind === 'unread' || kind === 'other') return;
  if (sample[kind] === undefined) sample[kind] = file;
  else sample.twice ??= kind === 'image' ? 'images' : `.${kind}`;
}

/** A file with the label of an image. */
interface LabelFile {
  kind: 'cls' | 'json';
  source: ByteSource;
  text: string | undefined;
}

/** The file that has the label, if a sample has one. */
function labelFile(
  cls: FileEntry | undefined,
  json: FileEntry | undefined,
  labelKey: string | undefined,
): LabelFile | undefined {
  const kind = cls && labelKey === undefined ? 'cls' : 'json';
  const file = kind === 'cls' ? cls : json;
  return file && { kind, source: file.source, text: file.text };
}

/** Names the file in an error, at the start of a sentence. */
function labelPlace({ kind }: LabelFile, id: string, origin: string): string {
  return `The .${kind} of image ${id} of ${origin}`;
}

/** @throws FixresDataError `bad-layout` */
function labelsIn(
  file: LabelFile,
  { id, origin, labelKey, several }: { id: string; origin: string } & WebdatasetOptions,
): Labels {
  const text = file.text!.trim();
  const image = `Image ${id} of ${origin}`;
  const labelsOf = (value: unknown): Labels => {
    if (several !== undefined) return labelValues(value, image, several.separator);
    const label = labelValue(value, image);
    return label === undefined ? undefined : [label];
  };
  if (file.kind === 'cls') {
    if (several === undefined) {
      if (text === '')
        throw new FixresDataError('bad-layout', `${labelPlace(file, id, origin)} is empty.`);
      return labelsOf(numberOrText(text));
    }
    return labelsOf(text)?.map(numberOrText);
  }
  const object = jsonObject(text);
  if (!object)
    throw new FixresDataError(
      'bad-layout',
      `${labelPlace(file, id, origin)} is not a JSON object.`,
    );
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
