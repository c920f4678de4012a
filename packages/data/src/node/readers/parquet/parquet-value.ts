import { isUtf8 } from 'node:buffer';
import type { SchemaTree } from 'hyparquet';
import { FixresDataError } from '../../../errors.ts';

type Element = SchemaTree['element'];

/** Types of bytes that are text. Old writers give text no type. */
const TEXT: ReadonlySet<string> = new Set(['STRING', 'UTF8', 'ENUM', 'JSON', 'none']);
/** Types of integers that are numbers, not dates or times. A column of nulls can be one of integers. */
const WHOLE = /^(?:INTEGER|U?INT_\d+|NULL|none)$/;

/**
 * How to read the stored values of a column as its type says: as text, numbers or truth values;
 * undefined for null.
 *
 * @param where names the column in the error, at the start of a sentence
 * @throws FixresDataError `bad-layout` for other types (dates, bytes of a fixed length …); the returned
 * function for text that is not UTF-8
 */
export function parquetReader(element: Element, where: string): (value: unknown) => unknown {
  const { type = 'none', converted_type: converted, logical_type: logical } = element;
  const meaning = logical?.type ?? converted ?? 'none';
  if (meaning === 'DECIMAL') return (value) => decimal(value, scaleOf(element));
  if (type === 'BYTE_ARRAY' && TEXT.has(meaning)) return (value) => text(value, where);
  if ((type === 'INT32' || type === 'INT64') && WHOLE.test(meaning)) {
    const isUnsigned =
      converted?.startsWith('UINT_') === true || (logical?.type === 'INTEGER' && !logical.isSigned);
    return (value) =>
      typeof value === 'number' || typeof value === 'bigint'
        ? Number(isUnsigned ? BigInt.asUintN(type === 'INT32' ? 32 : 64, BigInt(value)) : value)
        : value;
  }
  if (['FLOAT', 'DOUBLE', 'BOOLEAN'].includes(type)) return (value) => value;
  throw new FixresDataError(
    'bad-layout',
    `${where} has the type ${meaning === 'none' ? type : meaning}; expected text or whole numbers.`,
  );
}

function text(value: unknown, where: string): unknown {
  if (!(value instanceof Uint8Array)) return value;
  if (isUtf8(value))
    return Buffer.from(value.buffer, value.byteOffset, value.length).toString('utf8');
  throw new FixresDataError('bad-layout', `${where} has text that is not UTF-8.`);
}

function scaleOf({ scale, logical_type: logical }: Element): number {
  return scale ?? (logical?.type === 'DECIMAL' ? logical.scale : 0);
}

/** Bytes are an integer in two's complement, the highest byte first. */
function decimal(value: unknown, scale: number): unknown {
  if (value === undefined) return undefined;
  const whole =
    value instanceof Uint8Array
      ? BigInt.asIntN(
          8 * value.length,
          BigInt(`0x0${Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex')}`),
        )
      : value;
  return Number(whole) / 10 ** scale;
}
