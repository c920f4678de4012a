import { createHash, randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { FixresDataError } from '../../errors.ts';
import { withoutSignature } from './remote-address.ts';
import type { S3Access } from './s3-request.ts';

/** How data sets are read from addresses. */
export interface RemoteOptions {
  /** For `s3://`. Default: unsigned requests to Amazon S3. */
  s3?: S3Access | undefined;
  /**
   * Bytes of shards to keep in the cache folder; beyond that, the shards that were used longest ago are
   * removed. Default 100 GB.
   */
  maxCacheBytes?: number | undefined;
  /** Number of times that a request is sent, if its server fails or cuts it off. Default 6. */
  attempts?: number | undefined;
  /** Milliseconds before the second attempt; doubled before each further one. Default 500. */
  firstDelayMs?: number | undefined;
  /** Milliseconds without a byte after which a connection is given up. Default 30,000. */
  idleMs?: number | undefined;
}

/** Everything that reading a remote file needs. */
export interface RemoteAccess {
  readonly s3: S3Access;
  readonly maxCacheBytes: number;
  readonly attempts: number;
  readonly firstDelayMs: number;
  readonly idleMs: number;
  /** Folder of the cache for shards. */
  readonly folder: string;
}

/**
 * Fills in the defaults.
 *
 * @param cacheFolder of all caches; shards have their own folder in it
 * @throws FixresDataError `bad-option`
 */
export function remoteAccess(
  {
    s3 = {},
    maxCacheBytes = 100e9,
    attempts = 6,
    firstDelayMs = 500,
    idleMs = 30_000,
  }: RemoteOptions,
  cacheFolder: string,
): RemoteAccess {
  const numbers = { maxCacheBytes, attempts, firstDelayMs, idleMs };
  for (const [name, value] of Object.entries(numbers)) {
    const least = name === 'maxCacheBytes' ? 0 : 1;
    if (Number.isSafeInteger(value) && value >= least) continue;
    throw new FixresDataError(
      'bad-option',
      `Option "remote.${name}" is ${value}; it must be a whole number of at least ${least}.`,
    );
  }
  return { s3, ...numbers, folder: join(resolve(cacheFolder), 'shards') };
}

interface Facts {
  address: string;
  bytes: number;
  version: string;
  /** Distinguishes openings of a file without a version. */
  opening?: string;
}

/** A file at an address, in one version. */
export class RemoteFile implements Facts {
  /** As the user wrote it: `https://…`, `http://…` or `s3://…`. It can contain a signature. */
  readonly address: string;
  /** The address without a signature, which names the file in errors. */
  readonly shown: string;
  readonly bytes: number;
  /** ETag, or the time of the last change; empty if the server states neither. */
  readonly version: string;
  /**
   * The file's name in the cache: a hash of address, size and version. Without a version, each opening has
   * its own, because the file can be another one.
   */
  readonly key: string;
  readonly opening: string;
  // Private, so that no report or log of an example contains a secret key.
  readonly #access: RemoteAccess;

  constructor(
    { address, bytes, version, opening = version === '' ? randomUUID() : '' }: Facts,
    access: RemoteAccess,
  ) {
    this.address = address;
    this.shown = withoutSignature(address);
    this.bytes = bytes;
    this.version = version;
    this.opening = opening;
    this.key = createHash('sha256')
      .update([address, bytes, version, opening].join('\0'))
      .digest('hex')
      .slice(0, 32);
    this.#access = access;
  }

  get access(): RemoteAccess {
    return this.#access;
  }

  /** Path of a file of the cache, with this ending. */
  cached(ending: string): string {
    return join(this.#access.folder, `${this.key}.${ending}`);
  }

  /** As text for another thread. It contains the secret key. */
  serialize(): string {
    const { address, bytes, version, opening } = this;
    return JSON.stringify([{ address, bytes, version, opening }, this.#access]);
  }

  /** The inverse of {@link RemoteFile.serialize}. */
  static parse(text: string): RemoteFile {
    return new RemoteFile(...(JSON.parse(text) as [Facts, RemoteAccess]));
  }
}
