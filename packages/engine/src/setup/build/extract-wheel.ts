import { chmod, mkdir, open } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { type Entry, openPromise } from 'yauzl';

/**
 * Unpacks the entries of a zip file (a Python wheel is one) that `place` gives a path for. Programs stay programs.
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
      if (!target.startsWith(root))
        throw new Error(`the wheel's entry '${entry.fileName}' points outside`);
      await mkdir(dirname(target), { recursive: true });
      const content = await zip.openReadStreamPromise(entry);
      // A stream that opens the file itself may do so after all was stopped and cleared away.
      const file = await open(target, 'w');
      await pipeline(content, file.createWriteStream(), { ...(signal && { signal }) });
      if (isProgram(entry)) await chmod(target, 0o755);
    }
  } finally {
    zip.close();
  }
}

/** Unix systems keep a file's mode in the upper half of the external attributes. */
function isProgram({ externalFileAttributes }: Entry): boolean {
  return ((externalFileAttributes >>> 16) & 0o111) !== 0;
}

/** The text of a wheel's METADATA. */
export async function wheelMetadata(wheelFile: string): Promise<string> {
  const zip = await openPromise(wheelFile, { autoClose: false });
  try {
    for await (const entry of zip.eachEntry()) {
      if (/^[^/]+\.dist-info\/METADATA$/.test(entry.fileName))
        return await text(await zip.openReadStreamPromise(entry));
    }
    throw new Error('the wheel has no METADATA');
  } finally {
    zip.close();
  }
}
