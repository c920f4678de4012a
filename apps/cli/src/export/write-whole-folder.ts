import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { ModelCard } from '@fixres/models';

/**
 * Writes a folder that appears whole or not at all. Beside the model it has `fixres.json`, the card: what the other formats have no
 * place for, classes and how images are prepared.
 *
 * @param write makes the folder that it is given, and what is in it
 */
export async function writeWholeFolder(
  out: string,
  card: ModelCard,
  write: (folder: string) => Promise<void>,
): Promise<void> {
  // What is appended to a path that ends with a slash would be a name in the folder.
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
