import { FixresDataError } from '../../../errors.ts';
import { isNoLabel } from '../../dataset/class-index.ts';
import { jsonObject } from '../../files/small-file.ts';
import type { ReaderLimits } from '../reader-limits.ts';
import { type CsvRecord, csvRecords } from './csv-records.ts';

/**
 * Names of the column or key with the image's path. The first one found is used: ours, the hub's,
 * Roboflow's, and what people write.
 */
const PATHS = [
  'path',
  'file_name',
  'filename',
  'filepath',
  'file_path',
  'image_path',
  'file',
  'image',
];
const LABELS = ['label', 'class'];

/** A line of a list of images. */
export interface ListRow {
  line: number;
  path: string;
  /** Undefined if the image has no label. */
  label: string | number | undefined;
  split?: string;
}

export interface ListOptions {
  /** The ending selects CSV or JSON lines. */
  path: string;
  /** How errors refer to the list. Default: its path. */
  where?: string | undefined;
  /** Name of the column or key with the label. */
  labelKey?: string | undefined;
  limits: ReaderLimits;
}

/** Whether the name of a file marks it as a list of images. */
export function isListFile(path: string): boolean {
  return /\.(csv|jsonl|ndjson)$/i.test(path);
}

/**
 * Reads a list of images: CSV with a header, or JSON lines. Columns, in any order: the path
 * (`path`, `file_name`, `filename` …), the label (`label` or `class`, or `labelKey`) and an
 * optional `split`. Other columns are ignored.
 *
 * @throws FixresDataError `bad-layout` naming the line, or the existing columns if none contains
 * the label; `limit-exceeded`
 */
export function listRows(
  text: string,
  { path, where = path, labelKey, limits }: ListOptions,
): Iterable<ListRow> {
  return /\.csv$/i.test(path)
    ? csvRows(csvRecords(text, where, limits), where, labelKey)
    : jsonRows(text, where, labelKey);
}

function* csvRows(
  records: readonly CsvRecord[],
  file: string,
  labelKey: string | undefined,
): Generator<ListRow> {
  let columns: { path: number; label: number; split: number } | undefined;
  for (const { line, fields } of records) {
    if (columns)
      yield row(line, file, fields[columns.path], fields[columns.label], fields[columns.split]);
    else {
      const names = fields.map((name) => name.trim());
      columns = {
        path: columnOf(names, PATHS),
        label: columnOf(names, labelKey === undefined ? LABELS : [labelKey]),
        split: columnOf(names, ['split']),
      };
      requireKeys(columns, names, file, labelKey);
    }
  }
  if (!columns) throw noHeader(file, '');
}

function columnOf(names: readonly string[], wanted: readonly string[]): number {
  const lower = names.map((name) => name.toLowerCase());
  return (
    wanted.map((name) => lower.indexOf(name.toLowerCase())).find((column) => column >= 0) ?? -1
  );
}

function requireKeys(
  { path, label }: { path: number; label: number },
  names: readonly string[],
  file: string,
  labelKey: string | undefined,
): void {
  if (path < 0) throw noHeader(file, names.join(',').slice(0, 60));
  if (label >= 0) return;
  const others = names.filter((_, column) => column !== path);
  const which =
    others.length === 0
      ? 'no column'
      : `the ${others.length === 1 ? 'column' : 'columns'} ${others.slice(0, 20).join(', ')}`;
  const wanted = labelKey === undefined ? 'no label or class' : `none called "${labelKey}"`;
  throw new FixresDataError(
    'bad-layout',
    `${file} has ${which} in addition to the path, and ${wanted}; select the one with the ` +
      'class (option "labelKey").',
  );
}

function noHeader(file: string, start: string): FixresDataError {
  return new FixresDataError(
    'bad-layout',
    `${file} starts with "${start}"; expected a header with path and label.`,
  );
}

function* jsonRows(text: string, file: string, labelKey: string | undefined): Generator<ListRow> {
  let line = 0;
  for (let start = 0; start < text.length;) {
    const feed = text.indexOf('\n', start);
    const end = feed === -1 ? text.length : feed;
    const content = text.slice(start, end).trim();
    line += 1;
    start = end + 1;
    if (content === '') continue;
    const object = jsonObject(content);
    if (!object)
      throw new FixresDataError('bad-layout', `Line ${line} of ${file} is not a JSON object.`);
    const keys = Object.keys(object);
    const path = PATHS.find((name) => keys.includes(name));
    const label = labelKey ?? LABELS.find((name) => keys.includes(name));
    // A line without a label may lack its key. If all lines do, the check of the counts reports it.
    yield row(line, file, path && object[path], label && object[label], object.split);
  }
}

function row(line: number, file: string, path: unknown, label: unknown, split: unknown): ListRow {
  const fail = (why: string): never => {
    throw new FixresDataError('bad-layout', `Line ${line} of ${file} ${why}.`);
  };
  if (typeof path !== 'string' || path === '' || path.includes('\0')) return fail('has no path');
  const isKnown = !isNoLabel(label);
  if (isKnown && typeof label !== 'string' && !Number.isInteger(label))
    return fail('has no label that is text or a whole number');
  if (split !== undefined && split !== null && typeof split !== 'string')
    return fail('has a split that is not text');
  const found: ListRow = { line, path, label: isKnown ? (label as string | number) : undefined };
  return split?.trim() ? { ...found, split: split.trim() } : found;
}
