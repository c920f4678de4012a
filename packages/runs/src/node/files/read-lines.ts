import { createReadStream } from 'node:fs';

/** Bytes read at a time: a few lines of predictions over a thousand classes. */
const CHUNK = 1 << 20;

/**
 * Reads a file line by line: the log of a long training, or the predictions of many images over
 * many classes, can be longer than the longest string.
 *
 * @param onLine receives each line without its line break; the last line is not `whole` if it has
 * none, and left out if it is empty
 * @throws Error of the file system if the file cannot be read
 */
export async function readLines(
  file: string,
  onLine: (line: string, whole: boolean) => void,
): Promise<void> {
  const parts = wholeLines(file);
  let part = await parts.next();
  for (; !part.done; part = await parts.next()) for (const line of part.value) onLine(line, true);
  if (part.value !== '') onLine(part.value, false);
}

/**
 * Reads the lines of a file in parts, without their line breaks.
 *
 * @param start position of the first byte
 * @returns a last line without a line break; empty if there is none
 * @throws Error of the file system if the file cannot be read
 */
export async function* wholeLines(file: string, start = 0): AsyncGenerator<string[], string> {
  let rest = '';
  for await (const chunk of createReadStream(file, {
    encoding: 'utf8',
    highWaterMark: CHUNK,
    start,
  }) as AsyncIterable<string>) {
    const lines = chunk.split('\n');
    lines[0] = rest + lines[0]!;
    rest = lines.pop()!;
    yield lines;
  }
  return rest;
}
