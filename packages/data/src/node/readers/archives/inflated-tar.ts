import { randomUUID } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { FixresDataError } from '../../../errors.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { sha256File } from '../../files/sha256-file.ts';

/** Photos hardly compress, so an archive that grows more than this is a decompression bomb. */
const MAX_GROWTH = 20;
const ALWAYS_ALLOWED_BYTES = 2 ** 28;

/**
 * The tar file in a gzip file, for random access. gzip has no index, so the file is inflated once and
 * cached by the hash of its content.
 *
 * @throws FixresDataError `damaged-archive`, `not-found` if it cannot be read, `write-failed` if the cache cannot be written;
 * the signal's reason when aborted
 */
export async function inflatedTar(
  file: string,
  cacheFolder: string,
  signal?: AbortSignal,
): Promise<string> {
  const folder = join(cacheFolder, 'archives');
  const target = join(folder, `${await contentHash(file, signal)}.tar`);
  if (existsSync(target)) return target;

  // The same archive can be inflated several times at once: each into its own file; the last rename
  // wins.
  const partial = `${target}.${randomUUID()}.partial`;
  try {
    const limit = Math.max(ALWAYS_ALLOWED_BYTES, (await stat(file)).size * MAX_GROWTH);
    makeFolder(folder);
    // A stream that opens the file itself could do so after a failure was cleaned up.
    const handle = await open(partial, 'wx');
    await pipeline(
      createReadStream(file),
      createGunzip(),
      limited(limit),
      handle.createWriteStream(),
      { signal },
    );
    await rename(partial, target);
  } catch (cause) {
    // If the cache folder is a file, there is nothing to remove.
    await rm(partial, { force: true }).catch(() => undefined);
    signal?.throwIfAborted();
    if (cause instanceof FixresDataError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code?.startsWith('Z_'))
      throw new FixresDataError(
        'damaged-archive',
        `${file} is a damaged gzip archive: ${message}.`,
        { cause },
      );
    // The whole archive was already read, for its hash.
    throw new FixresDataError(
      'write-failed',
      `${file} cannot be inflated into the cache folder ${folder}: ${message}.`,
      { cause },
    );
  }
  return target;
}

async function contentHash(file: string, signal?: AbortSignal): Promise<string> {
  return sha256File(file, signal).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw new FixresDataError('not-found', `Cannot read ${file}: ${(cause as Error).message}`, {
      cause,
    });
  });
}

function limited(limit: number): Transform {
  let total = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      total += chunk.length;
      const message = `The archive inflates to more than ${limit} bytes, far more than photos do; it is refused.`;
      done(total > limit ? new FixresDataError('damaged-archive', message) : null, chunk);
    },
  });
}
