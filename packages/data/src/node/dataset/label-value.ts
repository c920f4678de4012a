import { FixresDataError } from '../../errors.ts';

/**
 * The label that a file gives an image: text, or a whole number from 0. Truth values are the text
 * `false` and `true`. Text that is a number stays text.
 *
 * No label is: nothing, -1 as in TensorFlow Datasets and the Hugging Face Hub, and NaN, which pandas
 * and NumPy write for missing values, also as the text `nan` or `NaN`.
 *
 * @param where names the image in the error, at the start of a sentence: `Row 3 of a.parquet`
 * @returns undefined if there is no label
 * @throws FixresDataError `bad-layout` for any other value
 */
export function labelValue(value: unknown, where: string): string | number | undefined {
  if (value === undefined || value === null || Number.isNaN(value)) return undefined;
  if (typeof value === 'boolean') return String(value);
  const text = textOf(value);
  if (/^(-1(\.0+)?|nan|NaN)?$/.test(text)) return undefined;
  const isNegative = /^-\d{1,15}(\.\d+)?$/.test(text);
  if (typeof value === 'string' && !isNegative) return value;
  if (Number.isSafeInteger(value) && !isNegative) return value as number;
  throw new FixresDataError(
    'bad-layout',
    `${where} has the label ${text}; a label is text or a whole number from 0, and -1 is none.`,
  );
}

/** What separates the labels in one field of text by default. */
const SEPARATORS = /[|;]/;

/**
 * The labels that a file gives an image of a multi-label data set: a list, or one field with labels
 * between separators. An empty list means that the image has none of the classes.
 *
 * @param separator text between labels. Default: `|` or `;`
 * @returns each label once; undefined if nothing is said about the image
 * @throws FixresDataError `bad-layout`, as {@link labelValue}
 */
export function labelValues(
  value: unknown,
  where: string,
  separator: string | RegExp = SEPARATORS,
): (string | number)[] | undefined {
  const list = typeof value === 'string' ? splitLabels(value, where, separator) : value;
  const values: unknown[] = Array.isArray(list) ? list : [list];
  const labels = values.flatMap((each) => labelValue(each, where) ?? []);
  // Only a list can say that there are none; text without a label says nothing.
  const isList = typeof value === 'string' ? isJsonList(value) : Array.isArray(value);
  return labels.length === 0 && !isList ? undefined : [...new Set(labels)];
}

function isJsonList(text: string): boolean {
  return /^\[.*\]$/s.test(text.trim());
}

/** @returns the text itself if it is empty */
function splitLabels(value: string, where: string, separator: string | RegExp): unknown {
  const text = value.trim();
  if (text === '') return text;
  if (isJsonList(text)) {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw new FixresDataError(
        'bad-layout',
        `${where} has the labels ${text.slice(0, 60)}; write them with separators, as in "cat;dog", or as a JSON list.`,
      );
    }
  }
  return text
    .split(separator)
    .map((label) => label.trim())
    .filter((label) => label !== '');
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  if (typeof value === 'number' || typeof value === 'bigint') return value.toString();
  return JSON.stringify(value).slice(0, 60);
}
