import { chmod, mkdir, open } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { type Entry, openPromise } from 'yauzl';

/**
 * Extracts the entries of a zip file (such as a Python wheel) for which `place` returns a path.
 * Executables stay executable.
 *
 * @param place Maps an entry name to a path inside `folder`, or to null to skip the entry.
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
      // A stream that opens its own file could create it after an abort and cleanup.
      const file = await open(target, 'w');
      await pipeline(content, file.createWriteStream(), { ...(signal && { signal }) });
      if (isProgram(entry)) await chmod(target, 0o755);
    }
  } finally {
    zip.close();
  }
}

/** Unix systems store the file mode in the upper half of the external attributes. */
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
