import { rename, rm, writeFile } from 'node:fs/promises';

/**
 * Writes a complete file or nothing, also if the power fails: to a temporary name first, then
 * renamed.
 */
export async function writeAside(file: string, content: string | Uint8Array): Promise<void> {
  const partial = `${file}.${process.pid}.partial`;
  try {
    await writeFile(partial, content, { flush: true });
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
