import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { ModelCard } from '@fixres/models';

/**
 * Writes a folder that appears completely or not at all. Next to the model it has the card in
 * `fixres.json`: classes and preprocessing, which other formats cannot store.
 *
 * @param write creates the given folder and its content
 */
export async function writeWholeFolder(
  out: string,
  card: ModelCard,
  write: (folder: string) => Promise<void>,
): Promise<void> {
  // With a trailing slash, an appended suffix would become a name inside the folder.
  const target = resolve(out);
  const partial = `${target}.${process.pid}.partial`;
  await mkdir(dirname(target), { recursive: true });
  try {
    await write(partial);
    await writeFile(join(partial, 'fixres.json'), `${JSON.stringify(card, null, 2)}\n`);
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}
