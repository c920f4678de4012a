import { posix } from 'node:path';
import { FixresDataError } from '../errors.ts';
import type { Entry } from './archive-entry.ts';
import { type ByteSource, readBytes } from './byte-source.ts';
import { IMAGE_ENDINGS, isVisible } from './class-folders.ts';
import { classIndex } from './class-index.ts';
import { type Example, type ImageDataset, requireUniqueIds, usualSplitName } from './dataset.ts';
import { inLanes } from './in-lanes.ts';
import { jsonObject } from './small-file.ts';

/** A label is a word or a small object. */
const MAX_LABEL_BYTES = 1 << 20;
/** Labels read at the same time. */
const LANES = 16;

/** One tar file of a webdataset: its name without ending, and what it holds. */
export interface WebdatasetShard {
  name: string;
  entries: readonly Entry[];
}

export interface WebdatasetOptions {
  /** Names of the classes; without them the labels are the names. */
  classNames?: readonly string[] | undefined;
  signal?: AbortSignal | undefined;
}

interface Sample {
  images: Required<Entry>[];
  cls?: ByteSource;
  json?: ByteSource;
}

/** Whether a tar file's entries are samples (an image beside a `.cls` or `.json` of the same name) rather than class folders. */
export function isWebdataset(entries: readonly Entry[]): boolean {
  for (const { images, cls, json } of samples(entries).values()) if (images.length > 0 && (cls ?? json)) return true;
  return false;
}

/**
 * Builds a data set from the samples of webdataset shards: files that share their name up to the first dot, an image and either a
 * `.cls` (the class as text) or a `.json` with `cls` or `label`. Other files of a sample are passed over.
 *
 * An example's id is `<shard>/<name>`. If the names of all shards say which split they belong to (`flowers-train-000`), so do the
 * examples.
 *
 * @throws FixresDataError `bad-layout`, `one-class`, `damaged-archive`
 */
export async function datasetFromWebdataset(
  shards: readonly WebdatasetShard[],
  name: string,
  origin: string,
  { classNames: names, signal }: WebdatasetOptions = {},
): Promise<ImageDataset> {
  const found = shards.flatMap((shard) => {
    const split = splitOf(shard.name);
    return [...samples(shard.entries)].flatMap(([key, { images, ...label }]) => {
      const [image, another] = images;
      if (another) throw new FixresDataError('bad-layout', `${origin} holds two images of the sample "${key}".`);
      return image ? [{ ...label, image, id: `${shard.name}/${key}`, split }] : [];
    });
  });
  if (found.length === 0) {
    throw new FixresDataError('bad-layout', `${origin} holds no image; expected <name>.jpg beside <name>.cls or <name>.json.`);
  }
  const labels = await inLanes(found, LANES, (sample) => readLabel(sample, sample.id, origin), signal);
  const { classNames, labelOf } = classIndex(labels, names, origin);
  const haveSplits = found.every(({ split }) => split !== undefined);
  const examples = found.map(({ id, image, split }, i): Example => {
    const example = { id, label: labelOf(labels[i]!, id), source: image.source };
    return haveSplits ? { ...example, split: split! } : example;
  });
  requireUniqueIds(examples, origin);
  return { name, format: 'webdataset', classNames, examples };
}

function samples(entries: readonly Entry[]): Map<string, Sample> {
  const byKey = new Map<string, Sample>();
  for (const entry of entries) {
    if (!entry.source || !isVisible(entry)) continue;
    const file = posix.basename(entry.path);
    const dot = file.indexOf('.');
    if (dot < 1) continue;
    const key = entry.path.slice(0, entry.path.length - file.length + dot);
    const ending = file.slice(dot).toLowerCase();
    const sample = byKey.get(key) ?? { images: [] };
    byKey.set(key, sample);
    if (ending === '.cls') sample.cls = entry.source;
    else if (ending === '.json') sample.json = entry.source;
    else if (IMAGE_ENDINGS.has(ending)) sample.images.push({ path: entry.path, source: entry.source });
  }
  return byKey;
}

async function readLabel({ cls, json }: Omit<Sample, 'images'>, id: string, origin: string): Promise<string | number> {
  const source = cls ?? json;
  if (!source) throw new FixresDataError('bad-layout', `Image ${id} of ${origin} has no label: there is no .cls and no .json beside it.`);
  const text = (await readBytes(source, { maxBytes: MAX_LABEL_BYTES })).toString('utf8').trim();
  if (cls) {
    if (text !== '') return /^\d{1,15}$/.test(text) ? Number(text) : text;
    throw new FixresDataError('bad-layout', `The .cls of image ${id} of ${origin} is empty.`);
  }
  const { cls: first, label = first } = jsonObject(text) ?? {};
  if ((typeof label === 'string' && label !== '') || Number.isInteger(label)) return label as string | number;
  throw new FixresDataError('bad-layout', `The .json of image ${id} of ${origin} has no "label" or "cls" that is a text or a whole number.`);
}

/** The split that a shard's name tells: `train` of `flowers-train-000`. */
function splitOf(shard: string): string | undefined {
  return shard
    .split(/[-_./]/)
    .map(usualSplitName)
    .find((split) => split !== undefined);
}
