import { randomUUID } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';

/** Writes a file under a temporary name. Several processes can do so at once; the last one wins. */
export async function writtenAside<T>(
  file: string,
  write: (partial: string) => Promise<T>,
): Promise<T> {
  const partial = `${file}.${randomUUID()}.partial`;
  try {
    const result = await write(partial);
    await rename(partial, file);
    return result;
  } finally {
    await rm(partial, { force: true });
  }
}
