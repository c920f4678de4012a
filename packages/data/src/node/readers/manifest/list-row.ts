import { FixresDataError } from '../../../errors.ts';
import { labelValue, labelValues } from '../../dataset/label-value.ts';

/** An image of a list. */
export interface ListRow {
  /** Number of the line, or of the image in a JSON file, from 1; of the row in Parquet from 0. */
  line: number;
  path: string;
  /** Undefined if the image has no label, an array if it has several. */
  label: string | number | readonly string[] | undefined;
  /**
   * All labels of the image for a multi-label data set; empty if it has none of the classes. Undefined
   * if nothing is said about it.
   */
  labels?: readonly (string | number)[] | undefined;
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

/** How the labels of a multi-label data set are read. */
export interface MultiLabelReading {
  /** Text between the labels of one field. Default: `|` or `;`. */
  separator?: string | undefined;
}

/**
 * Checks the values of a line.
 *
 * @param where how errors refer to it
 * @param several how to read several labels. Default: the image has one
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
  several?: MultiLabelReading,
): ListRow {
  const fail = (why: string): never => {
    throw new FixresDataError('bad-layout', `${where} ${why}.`);
  };
  if (typeof path !== 'string' || path === '' || path.includes('\0')) return fail('has no path');
  if (split !== undefined && split !== null && typeof split !== 'string')
    return fail('has a split that is not text');
  const found: ListRow =
    several === undefined
      ? { line, path, label: labelValue(label, where) }
      : { line, path, label: undefined, labels: labelValues(label, where, several.separator) };
  if (!['string', 'number', 'bigint', 'undefined'].includes(typeof group) && group !== null)
    return fail('has a group that is neither text nor a number');
  const groupName = String((group as string | number | bigint | null | undefined) ?? '').trim();
  return {
    ...found,
    ...(split?.trim() && { split: split.trim() }),
    ...(groupName !== '' && { group: groupName }),
  };
}

/** The labels of an image that several lines or annotations describe. */
export function labelsOfSeveral(names: ReadonlySet<string>): Pick<ListRow, 'label' | 'labels'> {
  const labels = [...names];
  return { label: labels.length > 1 ? labels : labels[0], labels };
}

/**
 * The labels that a data set uses of a row.
 *
 * @returns undefined if there are none
 */
export function labelsOfRow(
  { label, labels }: Pick<ListRow, 'label' | 'labels'>,
  multiLabel: boolean,
): readonly (string | number)[] | undefined {
  if (multiLabel) return labels;
  return typeof label === 'string' || typeof label === 'number' ? [label] : label;
}
