import type { FileHandle } from 'node:fs/promises';
import { readPart } from './open-inside.ts';

const CHUNK = 256 << 10;
const NEWLINE = 10;

export interface LineLimits {
  /** Position of the first byte. */
  start?: number;
  /** Position after the last byte to read. */
  end?: number;
  /** Maximum bytes of a line; longer ones are skipped. */
  maxLine: number;
  /** Whether the text after the last line break is a line. */
  unfinished?: boolean;
}

/**
 * Whole lines of a file, in order; undefined for one that is too long. Node's own line reader keeps
 * a line of any length in memory. Closes nothing.
 */
export async function* readLines(
  handle: FileHandle,
  { start = 0, end = Infinity, maxLine, unfinished = false }: LineLimits,
): AsyncGenerator<string | undefined> {
  let place = start;
  let rest: Buffer = Buffer.alloc(0);
  let tooLong = false;
  while (place < end) {
    const chunk = await readPart(handle, place, Math.min(CHUNK, end - place));
    if (chunk.length === 0) {
      if (unfinished && (tooLong || rest.length > 0))
        yield tooLong ? undefined : rest.toString('utf8');
      return;
    }
    place += chunk.length;
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let from = 0;
    for (let i = bytes.indexOf(NEWLINE); i !== -1; i = bytes.indexOf(NEWLINE, from)) {
      yield tooLong || i - from > maxLine ? undefined : bytes.toString('utf8', from, i);
      tooLong = false;
      from = i + 1;
    }
    rest = bytes.subarray(from);
    tooLong ||= rest.length > maxLine;
    // Only its end is needed.
    if (tooLong) rest = Buffer.alloc(0);
  }
}
