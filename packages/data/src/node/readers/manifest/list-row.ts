import { FixresDataError } from '../../../errors.ts';
import { labelValue } from '../../dataset/label-value.ts';

/** An image of a list. */
export interface ListRow {
  /** Number of the line, or of the image in a JSON file, from 1; of the row in Parquet from 0. */
  line: number;
  path: string;
  /** Undefined if the image has no label, an array if it has several. */
  label: string | number | readonly string[] | undefined;
  split?: string;
  /** Images of a group belong together: of one patient, for example. */
  group?: string;
}

/** A list of images, in any format. */
export interface ImageList {
  /** What `line` of a row counts. */
  unit: 'Line' | 'Image' | 'Row';
  /**
   * Whether images may be missing: COCO and Open Images publish lists of all images, and people download
   * some.
   */
  mayLackImages: boolean;
  /** Whether a path is the name of an image without its ending. */
  isByName: boolean;
  rows: Iterable<ListRow>;
}

/** How errors refer to a row. */
export function placeOfRow(
  { unit }: Pick<ImageList, 'unit'>,
  { line }: Pick<ListRow, 'line'>,
  list: string,
): string {
  return `${unit} ${line} of ${list}`;
}

/**
 * Checks the values of a line.
 *
 * @param where how errors refer to it
 * @throws FixresDataError `bad-layout`
 */
export function listRow(
  line: number,
  where: string,
  {
    path,
    label,
    split,
    group,
  }: { path: unknown; label: unknown; split?: unknown; group?: unknown },
): ListRow {
  const fail = (why: string): never => {
    throw new FixresDataError('bad-layout', `${where} ${why}.`);
  };
  if (typeof path !== 'string' || path === '' || path.includes('\0')) return fail('has no path');
  if (split !== undefined && split !== null && typeof split !== 'string')
    return fail('has a split that is not text');
  const found: ListRow = { line, path, label: labelValue(label, where) };
  if (!['string', 'number', 'bigint', 'undefined'].includes(typeof group) && group !== null)
    return fail('has a group that is neither text nor a number');
  const groupName = String((group as string | number | bigint | null | undefined) ?? '').trim();
  return {
    ...found,
    ...(split?.trim() && { split: split.trim() }),
    ...(groupName !== '' && { group: groupName }),
  };
}

/** The label of an image that several lines or annotations describe. */
export function labelOfSeveral(names: ReadonlySet<string>): ListRow['label'] {
  return names.size > 1 ? [...names] : [...names][0];
}
