import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * SHA-256 of a model folder's files, hexadecimal.
 *
 * @throws Error if there is no such folder, or no model.json in it
 */
export async function modelDigest(folder: string): Promise<string> {
  const hash = createHash('sha256');
  const names = (await readdir(folder))
    .filter((name) => name === 'model.json' || name.endsWith('.bin'))
    .sort();
  if (!names.includes('model.json')) throw new Error('there is no model.json in it');
  for (const name of names) {
    hash.update(`${name}\n`);
    for await (const chunk of createReadStream(join(folder, name))) hash.update(chunk as Buffer);
  }
  return hash.digest('hex');
}
