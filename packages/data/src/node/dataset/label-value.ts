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

function textOf(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  if (typeof value === 'number' || typeof value === 'bigint') return value.toString();
  return JSON.stringify(value).slice(0, 60);
}
