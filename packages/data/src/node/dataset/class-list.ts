import { FixresDataError } from '../../errors.ts';
import { readSmallFile } from '../files/small-file.ts';
import { csvRecords } from '../readers/manifest/csv-records.ts';
import { defaultReaderLimits } from '../readers/reader-limits.ts';
import { classNameOf } from './class-names.ts';

const MAX_BYTES = 2 ** 24;

/** Names of classes in the order of their numbers. */
export interface ClassList {
  classNames: string[];
  /** What labels and class folders call the classes, in the same order: WordNet or machine ids. */
  classIds?: string[];
}

/**
 * Reads a file of class names:
 *
 * - text: one name per line, in the order of the class numbers. Empty lines may follow the last name.
 * - `.json`: `["daisy", "rose"]`, `{"0": "daisy"}`, `{"daisy": 0}`, or with the ids of the classes
 *   `{"0": ["n01440764", "tench"]}` as in `imagenet_class_index.json` of Keras and PyTorch
 * - `.csv`: lines of an id and a name, as in `class-descriptions.csv` of Open Images
 *
 * Classes with ids may share a name, as "crane" in ImageNet; the id is then added to it.
 *
 * @throws FixresDataError `not-found`, `limit-exceeded`; `bad-option` naming the line or class that
 * is empty or repeats a name
 */
export async function readClassList(file: string): Promise<ClassList> {
  const text = (await readSmallFile(file, MAX_BYTES)).replace(/^\ufeff/, '');
  if (/\.json$/i.test(file)) return fromJson(text, file);
  if (/\.csv$/i.test(file)) return fromTable(text, file);
  const names = text.trimEnd().split(/\r?\n/);
  return { classNames: checked(names, file, (i) => `Line ${i + 1}`) };
}

/** The class names of {@link readClassList} alone. */
export async function readClassNames(file: string): Promise<string[]> {
  return (await readClassList(file)).classNames;
}

function fromTable(text: string, file: string): ClassList {
  const records = csvRecords(text, file, defaultReaderLimits);
  const [first] = records;
  const rows = first?.fields[0]?.trim().toLowerCase() === 'labelname' ? records.slice(1) : records;
  if (first?.fields.length !== 2)
    throw new FixresDataError(
      'bad-option',
      `The class names in "${file}" have ${first?.fields.length ?? 0} columns; expected the id and the name of each class.`,
    );
  return withIds(
    rows.map(({ fields: [id = '', name = ''] }) => [id, name]),
    file,
    (i) => `Line ${rows[i]!.line}`,
  );
}

function fromJson(text: string, file: string): ClassList {
  const value = parsed(text);
  const named = (i: number): string => `Class ${i}`;
  if (isTexts(value)) return { classNames: checked(value, file, named) };
  const entries =
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value)
      : [];
  const areNumbered = entries.every(([key]) => /^\d{1,15}$/.test(key));
  const ordered = areNumbered
    ? entries.map(([key, name]): [number, unknown] => [Number(key), name])
    : entries.map(([name, number]): [number, unknown] => [number as number, name]);
  const names = ordered.sort(([a], [b]) => a - b).map(([, name]) => name);
  if (entries.length > 0 && ordered.every(([number], i) => number === i)) {
    if (isTexts(names)) return { classNames: checked(names, file, named) };
    if (names.every((name): name is [string, string] => isTexts(name) && name.length === 2))
      return withIds(names, file, named);
  }
  throw new FixresDataError(
    'bad-option',
    `The class names in "${file}" are not ["name", …], {"0": "name", …}, {"0": ["id", "name"], …} or {"name": 0, …} with all numbers from 0.`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function withIds(
  pairs: readonly (readonly [string, string])[],
  file: string,
  placeOf: (i: number) => string,
): ClassList {
  const classIds = checked(
    pairs.map(([id]) => id),
    file,
    placeOf,
  );
  const times = new Map<string, number>();
  for (const [, name] of pairs) times.set(name, (times.get(name) ?? 0) + 1);
  const names = pairs.map(([id, name]) =>
    name !== '' && times.get(name)! > 1 ? `${name} (${id})` : name,
  );
  return { classNames: checked(names, file, placeOf), classIds };
}

/** The names in their normal form. @throws FixresDataError `bad-option` */
function checked(names: readonly string[], file: string, placeOf: (i: number) => string): string[] {
  const normal = names.map(classNameOf);
  const firsts = new Map<string, number>();
  for (const [i, name] of normal.entries()) {
    const first = firsts.get(name);
    const why =
      name === ''
        ? 'is empty; each names a class'
        : first === undefined
          ? undefined
          : `is "${name}" again, as ${placeOf(first).toLowerCase()}; every class has a name of its own`;
    if (why !== undefined)
      throw new FixresDataError(
        'bad-option',
        `${placeOf(i)} of the class names in "${file}" ${why}.`,
      );
    firsts.set(name, i);
  }
  return normal;
}
