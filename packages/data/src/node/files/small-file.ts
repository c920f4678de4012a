import { readFile, stat } from 'node:fs/promises';
import { FixresDataError } from '../../errors.ts';
import { utf8Text } from './utf8-text.ts';

/**
 * Text of a file that describes a data set.
 *
 * @throws FixresDataError `not-found`, `limit-exceeded` if it is larger than `maxBytes`, `bad-layout` if
 * it is not UTF-8
 */
export async function readSmallFile(file: string, maxBytes: number): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size <= maxBytes) return utf8Text(await readFile(file), file);
    throw new FixresDataError(
      'limit-exceeded',
      `${file} has ${size} bytes; at most ${maxBytes} are allowed.`,
    );
  } catch (cause) {
    if (cause instanceof FixresDataError) throw cause;
    throw new FixresDataError('not-found', `Cannot read ${file}: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** Parses JSON text as an object; undefined if it is anything else. */
export function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The value as an object; undefined if it is anything else. */
export function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
