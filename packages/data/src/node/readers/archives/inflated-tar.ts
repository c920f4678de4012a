import { randomUUID } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { FixresDataError } from '../../../errors.ts';
import { sha256File } from '../../files/sha256-file.ts';

/** Photos hardly compress; an archive that grows more than this is a bomb. */
const MAX_GROWTH = 20;
const ALWAYS_ALLOWED_BYTES = 2 ** 28;

/**
 * The tar inside a gzip file, as a file that can be read at any place. gzip has no index, so it is inflated once and kept under
 * its content's hash.
 *
 * @throws FixresDataError `damaged-archive`, `not-found` when it cannot be read, `write-failed` when the cache cannot be written; the
 * signal's reason when aborted
 */
export async function inflatedTar(
  file: string,
  cacheFolder: string,
  signal?: AbortSignal,
): Promise<string> {
  const folder = join(cacheFolder, 'archives');
  const target = join(folder, `${await contentHash(file, signal)}.tar`);
  if (existsSync(target)) return target;

  // Several processes, or one at once, may inflate the same archive: each into a file of its own, the last rename wins.
  const partial = `${target}.${randomUUID()}.partial`;
  try {
    const limit = Math.max(ALWAYS_ALLOWED_BYTES, (await stat(file)).size * MAX_GROWTH);
    await mkdir(folder, { recursive: true });
    // A stream that opens the file itself may do so after all has failed and was cleared away.
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
    // Where the cache folder is a file, there is nothing to remove either.
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
    // All of the archive was read before, for its hash.
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
