import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { FixresDataError } from '../errors.ts';
import { fileSource } from './byte-source.ts';
import { classIndex } from './class-index.ts';
import { type CsvRecord, csvRecords } from './csv-records.ts';
import { type Example, type ImageDataset, requireUniqueIds, usualSplitName } from './dataset.ts';
import { inLanes } from './in-lanes.ts';
import { type ReaderLimits, requireFewEntries, requireShortPath } from './reader-limits.ts';
import { jsonObject, readSmallFile } from './small-file.ts';

const MAX_MANIFEST_BYTES = 2 ** 28;
/** Files looked up at the same time. */
const LANES = 16;

export interface ManifestOptions {
  /** Names of the classes; without them the labels are the names. */
  classNames?: readonly string[] | undefined;
  /** Whether images may lie outside the manifest's folder (absolute paths, `..`, links). */
  allowOutside?: boolean | undefined;
  limits: ReaderLimits;
  signal?: AbortSignal | undefined;
}

interface Row {
  line: number;
  path: string;
  label: string | number;
  split?: string;
}

export function isManifestFile(path: string): boolean {
  return /\.(csv|jsonl|ndjson)$/i.test(path);
}

/**
 * Opens a list of images: a CSV file with the header `path,label` or `path,label,split` (further columns are passed over, the order
 * is free), or JSON lines with these keys. Paths are relative to the list's folder.
 *
 * An example's id is its path as given.
 *
 * @throws FixresDataError `bad-layout` naming the line, `not-found` naming the image, `unsafe-entry` for an image outside the list's
 * folder, `one-class`, `limit-exceeded`
 */
export async function datasetFromManifest(file: string, name: string, options: ManifestOptions): Promise<ImageDataset> {
  const { limits, allowOutside = false, signal } = options;
  const text = await readSmallFile(file, MAX_MANIFEST_BYTES);
  const rows: Row[] = [];
  for (const row of /\.csv$/i.test(file) ? csvRows(text, file) : jsonRows(text, file)) {
    requireShortPath(row.path, limits, file);
    rows.push(row);
    requireFewEntries(rows.length, limits, file);
  }
  if (rows.length === 0) throw new FixresDataError('bad-layout', `${file} lists no image.`);
  const { classNames, labelOf } = classIndex(new Set(rows.map(({ label }) => label)), options.classNames, file);
  const folder = await realpath(dirname(file));
  const example = async ({ path, label, split, line }: Row): Promise<Example> => {
    const { file: image, bytes } = await findImage(path, folder, allowOutside, `Line ${line} of ${file}`);
    const found = { id: path, label: labelOf(label, path), source: fileSource(image, bytes) };
    return split === undefined ? found : { ...found, split: usualSplitName(split) ?? split };
  };
  const examples = await inLanes(rows, LANES, example, signal);
  requireUniqueIds(examples, file);
  return { name, format: 'manifest', classNames, examples };
}

/** The manifest's own name, or its folder's when it is called `manifest` or the like. */
export function manifestName(file: string): string {
  const stem = basename(file).replace(/\.[^.]*$/, '');
  return /^(manifest|metadata|labels|index|data)$/i.test(stem) ? basename(dirname(resolve(file))) : stem;
}

function* csvRows(text: string, file: string): Generator<Row> {
  const records = csvRecords(text);
  const next = (): CsvRecord | undefined => {
    try {
      const result = records.next();
      return result.done ? undefined : result.value;
    } catch (cause) {
      throw new FixresDataError('bad-layout', `${file} is no CSV file: ${(cause as Error).message}.`, { cause });
    }
  };
  const columns = next()?.fields.map((field) => field.trim().toLowerCase()) ?? [];
  const [pathColumn, labelColumn, splitColumn] = ['path', 'label', 'split'].map((column) => columns.indexOf(column)) as [number, number, number];
  if (pathColumn === -1 || labelColumn === -1) {
    throw new FixresDataError('bad-layout', `${file} starts with "${columns.join(',').slice(0, 60)}"; expected a header with path and label.`);
  }
  for (let record = next(); record; record = next()) {
    const { line, fields } = record;
    if (fields.length !== columns.length) {
      throw new FixresDataError('bad-layout', `Line ${line} of ${file} has ${fields.length} fields; the header has ${columns.length}.`);
    }
    yield row(line, file, fields[pathColumn], fields[labelColumn], fields[splitColumn]);
  }
}

function* jsonRows(text: string, file: string): Generator<Row> {
  let line = 0;
  for (let start = 0; start < text.length;) {
    const feed = text.indexOf('\n', start);
    const end = feed === -1 ? text.length : feed;
    const content = text.slice(start, end).trim();
    line += 1;
    start = end + 1;
    if (content === '') continue;
    const object = jsonObject(content);
    if (!object) throw new FixresDataError('bad-layout', `Line ${line} of ${file} is no JSON object.`);
    yield row(line, file, object.path, object.label, object.split);
  }
}

function row(line: number, file: string, path: unknown, label: unknown, split: unknown): Row {
  const fail = (why: string): never => {
    throw new FixresDataError('bad-layout', `Line ${line} of ${file} ${why}.`);
  };
  if (typeof path !== 'string' || path === '' || path.includes('\0')) return fail('has no path');
  if (!(typeof label === 'string' && label !== '') && !Number.isInteger(label)) return fail('has no label that is a text or a whole number');
  if (split !== undefined && split !== null && typeof split !== 'string') return fail('has a split that is no text');
  const found: Row = { line, path, label: label as string | number };
  return split ? { ...found, split } : found;
}

async function findImage(path: string, folder: string, allowOutside: boolean, where: string): Promise<{ file: string; bytes: number }> {
  const file = resolve(folder, path);
  const outside = (): FixresDataError =>
    new FixresDataError('unsafe-entry', `${where} names "${path}", which lies outside the folder of the list; "allowOutside" would allow it.`);
  // Before anything is looked up: a hostile list must not even learn which files exist.
  if (!allowOutside && (isAbsolute(path) || !isInside(file, folder))) throw outside();
  try {
    const place = await realpath(file);
    if (!allowOutside && !isInside(place, folder)) throw outside();
    const info = await stat(place);
    if (info.isFile()) return { file: place, bytes: info.size };
  } catch (cause) {
    if (cause instanceof FixresDataError) throw cause;
    throw new FixresDataError('not-found', `${where} names "${path}", which cannot be read: ${(cause as Error).message}`, { cause });
  }
  throw new FixresDataError('not-found', `${where} names "${path}", which is no file.`);
}

function isInside(file: string, folder: string): boolean {
  const way = relative(folder, file);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
