import { access, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FixresDataError } from '../../../errors.ts';
import { sha256File } from '../../files/sha256-file.ts';
import { writingToCache } from '../../files/writing-to-cache.ts';

/** The archive behind TensorFlow Datasets' `tf_flowers`: 3670 photos in five classes, CC BY 2.0. */
export interface RemoteArchive {
  url: string;
  bytes: number;
  sha256: string;
}

export const tfFlowersArchive: RemoteArchive = {
  url: 'http://download.tensorflow.org/example_images/flower_photos.tgz',
  bytes: 228_813_984,
  sha256: '4c54ace7911aaffe13a365c34f650e71dd5bf1be0a58b464e5a7183e3e595d9c',
};

export interface FetchArchiveOptions {
  cacheFolder: string;
  /** Called with the number of bytes so far, including those of an earlier download. */
  onProgress?: (bytes: number) => void;
  signal?: AbortSignal;
  /** Default: {@link tfFlowersArchive}. */
  archive?: RemoteArchive;
}

/**
 * Downloads an archive to the cache, resumes an earlier download, and verifies the checksum.
 *
 * @returns the path of the archive
 * @throws FixresDataError `download-failed` (the received part is kept for the next attempt),
 * `bad-checksum` (the file is removed), `write-failed`
 */
export async function fetchArchive({
  cacheFolder,
  onProgress,
  signal,
  archive = tfFlowersArchive,
}: FetchArchiveOptions): Promise<string> {
  const folder = join(cacheFolder, 'downloads');
  const target = join(
    folder,
    `${archive.sha256.slice(0, 16)}-${new URL(archive.url).pathname.split('/').at(-1)}`,
  );
  if (await sizeOf(target)) return target;

  return await writingToCache(folder, async () => {
    const partial = `${target}.partial`;
    if (((await sizeOf(partial)) ?? 0) < archive.bytes)
      await download(archive, partial, onProgress, signal);
    try {
      await verifyArchive(partial, archive, signal);
    } catch (error) {
      if (error instanceof FixresDataError) await rm(partial, { force: true });
      throw error;
    }
    await rename(partial, target);
    return target;
  });
}

/**
 * Verifies a local copy of an archive.
 *
 * @throws FixresDataError `not-found`, `bad-checksum`
 */
export async function verifyArchive(
  file: string,
  archive: RemoteArchive = tfFlowersArchive,
  signal?: AbortSignal,
): Promise<void> {
  await access(file).catch((cause: unknown) => {
    throw new FixresDataError('not-found', `Archive "${file}" does not exist.`, { cause });
  });
  const actual = await sha256File(file, signal);
  if (actual !== archive.sha256) {
    throw new FixresDataError(
      'bad-checksum',
      `Archive ${file} is not the one at ${archive.url}: its SHA-256 is ${actual}, expected ${archive.sha256}. ` +
        'To use another archive of class folders, give its path as the data set.',
    );
  }
}

async function download(
  archive: RemoteArchive,
  partial: string,
  onProgress?: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const failed = (why: string, cause?: unknown): FixresDataError =>
    new FixresDataError(
      'download-failed',
      `Cannot download ${archive.url}: ${why}. Run again to continue the download, or give a ` +
        'copy with --archive FILE.',
      { cause },
    );
  let have = (await sizeOf(partial)) ?? 0;
  try {
    const response = await fetch(archive.url, {
      headers: have > 0 ? { range: `bytes=${have}-` } : {},
      signal: signal ?? null,
    });
    if (!response.ok || !response.body)
      throw failed(`the server answered ${response.status} ${response.statusText}`);
    // A server that ignores the range sends everything again.
    const resumes = response.status === 206;
    if (!resumes) have = 0;
    const file = await open(partial, resumes ? 'a' : 'w');
    try {
      // Each piece is written before the next is requested, so a broken connection loses nothing.
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
        await file.writeFile(chunk);
        have += chunk.length;
        onProgress?.(have);
        if (have > archive.bytes)
          throw failed(`the server sent more than the ${archive.bytes} bytes of the archive`);
      }
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (signal?.aborted || cause instanceof FixresDataError) throw cause;
    // An error of the file system, for example a full disk; those of fetch have it only as a cause.
    if (cause instanceof Error && 'syscall' in cause) throw cause;
    const { message, cause: inner } = cause as Error;
    throw failed(inner instanceof Error ? inner.message || message : message, cause);
  }
}

async function sizeOf(file: string): Promise<number | undefined> {
  return stat(file).then(
    ({ size }) => size,
    () => undefined,
  );
}
