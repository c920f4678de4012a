import { type Example, readImageHeaders } from '@fixres/data/node';

/** Mean bytes of a decoded image, by the headers of the files; unreadable ones count as 0. */
export async function decodedBytes(
  examples: readonly Example[],
  signal: AbortSignal,
): Promise<number> {
  const { headers } = await readImageHeaders(examples, { signal });
  const bytes = headers.map((size) => (size === undefined ? 0 : size.width * size.height * 3));
  return bytes.reduce((sum, each) => sum + each, 0) / bytes.length;
}
