import { FixresDataError } from '../../../errors.ts';
import { severalLabelKeys } from '../../dataset/label-keys.ts';
import { hasImageEnding } from '../../decode/image-endings.ts';
import { jsonObject } from '../../files/small-file.ts';
import type { ReaderLimits } from '../reader-limits.ts';
import { cocoRows } from './coco-rows.ts';
import type { CsvRecord } from './csv-records.ts';
import { type ImageList, listRow, type ListRow, type MultiLabelReading } from './list-row.ts';
import { isOpenImages, openImagesRows } from './open-images-rows.ts';
import { tableRecords } from './table-records.ts';

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

export interface ListOptions {
  /** The ending selects a table, JSON lines or JSON. */
  path: string;
  /** How errors refer to the list. Default: its path. */
  where?: string | undefined;
  /** Name of the column or key with the label. */
  labelKey?: string | undefined;
  /** Name of the column or key with the group that an image belongs to. */
  groupKey?: string | undefined;
  /** How to read several labels. Default: each image has one. */
  several?: MultiLabelReading | undefined;
  limits: ReaderLimits;
}

/** What the lines of a list have in common. */
type Reading = Pick<ListOptions, 'labelKey' | 'groupKey' | 'several'>;

/** Whether the name of a file marks it as a list of images. */
export function isListFile(path: string): boolean {
  return /\.(csv|tsv|txt|lst|json|jsonl|ndjson)$/i.test(path);
}

/**
 * Reads a list of images:
 *
 * - a table with a header, or JSON lines. Columns, in any order: the path (`path`, `file_name`,
 *   `filename` …), the label (`label` or `class`, or `labelKey`) and an optional `split`. Other
 *   columns are ignored. With `several`, the labels (also `labels`, `classes` or `tags`) are a list, or
 *   text between separators.
 * - a table without a header: path and label
 * - `.json`: annotations of COCO
 * - a table with the columns of Open Images' labels
 *
 * @throws FixresDataError `bad-layout` naming the line, or the existing columns if none contains
 * the label; `limit-exceeded`
 */
export function imageList(
  text: string,
  { path, where = path, labelKey, groupKey, several, limits }: ListOptions,
): ImageList {
  const list = { unit: 'Line', mayLackImages: false, isByName: false } as const;
  if (text.replace('\ufeff', '').trim() === '')
    throw new FixresDataError('bad-layout', `${where} is empty; expected a list of images.`);
  if (/\.(jsonl|ndjson)$/i.test(path))
    return { ...list, rows: jsonRows(text, where, { labelKey, groupKey, several }) };
  if (/\.json$/i.test(path))
    return { ...list, unit: 'Image', mayLackImages: true, rows: cocoRows(text, where, limits) };
  const [first, ...rest] = tableRecords(text, where, limits) as [CsvRecord, ...CsvRecord[]];
  if (isOpenImages(first) && labelKey === undefined)
    return {
      ...list,
      mayLackImages: true,
      isByName: true,
      rows: openImagesRows([first, ...rest], where),
    };
  const names = first.fields.map((name) => name.trim());
  if (columnOf(names, PATHS) < 0 && hasImageEnding(names[0]!))
    return { ...list, rows: plainRows([first, ...rest], where, { labelKey, several }) };
  const columns = listColumns(names, where, { labelKey, groupKey, several });
  return { ...list, rows: tableRows(rest, where, columns, several) };
}

/** Positions of the columns of a list. */
interface ListColumns {
  path: number;
  label: number;
  split: number;
  group: number;
}

/**
 * The columns of a list; -1 for those that do not exist.
 *
 * @throws FixresDataError `bad-layout` if there is no path or no label
 */
export function listColumns(
  names: readonly string[],
  where: string,
  { labelKey, groupKey, several }: Reading,
): ListColumns {
  const columns = {
    path: columnOf(names, PATHS),
    label: columnOf(names, labelKeys({ labelKey, several })),
    split: columnOf(names, ['split']),
    group: groupKey === undefined ? -1 : columnOf(names, [groupKey]),
  };
  requireKeys(columns, names, where, labelKey);
  return columns;
}

function* tableRows(
  records: readonly CsvRecord[],
  file: string,
  { path, label, split, group }: ListColumns,
  several: MultiLabelReading | undefined,
): Generator<ListRow> {
  for (const { line, fields } of records)
    yield listRow(
      line,
      `Line ${line} of ${file}`,
      { path: fields[path], label: fields[label], split: fields[split], group: fields[group] },
      several,
    );
}

/** Names of the column or key with the label, the most likely first. */
function labelKeys({ labelKey, several }: Reading): readonly string[] {
  if (labelKey !== undefined) return [labelKey];
  return several === undefined ? LABELS : severalLabelKeys;
}

/** @throws FixresDataError `bad-layout`, `bad-option` for a column of a table without a header */
function* plainRows(
  records: readonly CsvRecord[],
  file: string,
  { labelKey, several }: Reading,
): Generator<ListRow> {
  if (labelKey !== undefined)
    throw new FixresDataError(
      'bad-option',
      `${file} has no header, so no column is called "${labelKey}" (option "labelKey").`,
    );
  for (const { line, fields } of records) {
    const [path, label] = fields;
    if (fields.length !== 2)
      throw new FixresDataError(
        'bad-layout',
        `Line ${line} of ${file} has ${fields.length} ${fields.length === 1 ? 'field' : 'fields'}; without a header, a list has two, path and label.`,
      );
    yield listRow(line, `Line ${line} of ${file}`, { path, label }, several);
  }
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
  for (const column of [path, label]) {
    const name = names[column]?.toLowerCase();
    if (names.filter((other) => other.toLowerCase() === name).length > 1)
      throw new FixresDataError(
        'bad-layout',
        `${file} has several columns called "${names[column]}"; rename all but one.`,
      );
  }
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
    `${file} starts with "${start}"; expected a header with path and label, or a path and a label.`,
  );
}

function* jsonRows(text: string, file: string, reading: Reading): Generator<ListRow> {
  const { groupKey, several } = reading;
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
    const label = labelKeys(reading).find((name) => keys.includes(name));
    // A line without a label may lack its key. If all lines do, the check of the counts reports it.
    yield listRow(
      line,
      `Line ${line} of ${file}`,
      {
        path: path && object[path],
        label: label && object[label],
        split: object.split,
        group:
          groupKey !== undefined && Object.hasOwn(object, groupKey) ? object[groupKey] : undefined,
      },
      several,
    );
  }
}
