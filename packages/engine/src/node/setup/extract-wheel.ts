import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';

/**
 * Unpacks the entries of a zip file (a Python wheel is one) that `place` gives a path for.
 *
 * @param place Entry name to path inside `folder`, or null to leave the entry out.
 */
export async function extractWheel(
  wheelFile: string,
  folder: string,
  place: (entryName: string) => string | null,
  signal?: AbortSignal,
): Promise<void> {
  const zip = await openPromise(wheelFile, { autoClose: false });
  const root = resolve(folder) + sep;
  try {
    for await (const entry of zip.eachEntry()) {
      signal?.throwIfAborted();
      const path = entry.fileName.endsWith('/') ? null : place(entry.fileName);
      if (path === null) continue;
      const target = join(folder, path);
      if (!target.startsWith(root)) throw new Error(`the wheel's entry '${entry.fileName}' points outside`);
      await mkdir(dirname(target), { recursive: true });
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target), { ...(signal && { signal }) });
    }
  } finally {
    zip.close();
  }
}
