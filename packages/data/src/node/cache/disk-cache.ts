import { createHash } from 'node:crypto';
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { crc32 } from 'node:zlib';
import type { JpegDecoding } from '../../contract/jpeg-decoding.ts';
import { FixresDataError } from '../../errors.ts';
import type { RgbImage } from '../../pixels/rgb-image.ts';
import type { ByteSource } from '../files/byte-source.ts';
import { makeFolder } from '../files/make-folder.ts';

/** Where to keep decoded images on disk. */
export interface DiskCacheOptions {
  /** A folder for this cache only. Created if it does not exist. */
  folder: string;
  /**
   * Maximum size in bytes: width x height x 3 plus a small header per image. When the cache is
   * full, images that this loader has not used are removed.
   */
  maxBytes: number;
}

/** A disk cache, shared by the threads of a loader. */
export interface DiskCacheSetup extends DiskCacheOptions {
  /** State of the count, then KiB in the folder. */
  count: SharedArrayBuffer;
  /** Milliseconds since 1970. Images used after this time are not removed. */
  startedAt: number;
}

/** States of the count: not started, running, done. */
const UNCOUNTED = 0;
const COUNTING = 1;
const COUNTED = 2;
const STATE = 0;
const KIB = 1;

/** Magic with version, width, height, and CRC-32 of the pixels; 32 bits each, little-endian. */
const HEADER = 16;
const MAGIC = 0x31_49_58_46;
/**
 * A file's modification time may lag this much behind the clock, because kernels take it from a
 * clock that ticks every 10 ms or less.
 */
const COARSE_CLOCK_MS = 20;
/** Folders in the cache's folder, named 00 to ff. */
const SHARDS = 256;
/** Shards to search for removable images before giving up on storing a new one. */
const SEARCHED = 4;
/** An unfinished file older than this was left by a process that died. */
const STALE_MS = 3_600_000;

/**
 * @throws FixresDataError `bad-option` if the folder cannot be written or the size is not a
 * positive whole number
 */
export function setUpDiskCache({ folder, maxBytes }: DiskCacheOptions): DiskCacheSetup {
  if (!(Number.isSafeInteger(maxBytes) && maxBytes >= 1)) {
    throw new FixresDataError(
      'bad-option',
      `Option "diskCache.maxBytes" is ${maxBytes}; it must be a whole number of bytes, at least 1.`,
    );
  }
  try {
    makeFolder(folder);
    const probe = join(folder, `.probe-${process.pid}`);
    closeSync(openSync(probe, 'w'));
    rmSync(probe);
  } catch (cause) {
    throw new FixresDataError(
      'bad-option',
      `Option "diskCache.folder" is ${folder}, which cannot be written: ${(cause as Error).message}`,
      { cause },
    );
  }
  return {
    folder,
    maxBytes,
    count: new SharedArrayBuffer(8),
    startedAt: Date.now() - COARSE_CLOCK_MS,
  };
}

/**
 * Decoded images as files. The key of an image is its source (file name, size, modification times
 * and position in the file), `decode`, and the factor by which it was scaled down, so a changed file is
 * decoded again. Files are written under a temporary name and renamed. They are checked when first
 * read; an incomplete file is removed. Write errors are ignored, because the cache only saves time.
 */
export class DiskCache {
  readonly #setup: DiskCacheSetup;
  readonly #count: Int32Array;
  readonly #limitKib: number;
  /** Images that this thread has checked. */
  readonly #checked = new Set<string>();
  /** Shards in which all images are in use. */
  readonly #full = new Set<string>();
  #written = 0;

  constructor(setup: DiskCacheSetup) {
    this.#setup = setup;
    this.#count = new Int32Array(setup.count);
    this.#limitKib = Math.floor(setup.maxBytes / 1024);
  }

  /**
   * Key of an image in the cache; undefined if its file no longer exists.
   *
   * @param decoding.factor by which the image was scaled down during decoding, default 1
   * @param decoding.decode how JPEG files are decoded, default `accurate`
   */
  keyOf(
    { file, remote, start, length }: ByteSource,
    { factor = 1, decode = 'accurate' }: { factor?: number; decode?: JpegDecoding } = {},
  ): string | undefined {
    const stat = remote ? undefined : statSync(file, { bigint: true, throwIfNoEntry: false });
    const version = remote ? [remote.key] : stat && [stat.size, stat.mtimeNs, stat.ctimeNs];
    if (!version) return undefined;
    const identity = [file, ...version, start, length, factor];
    // Names of images in caches that were written before there was a choice stay as they are.
    if (decode !== 'accurate') identity.push(decode);
    return createHash('sha256').update(identity.join('\0')).digest('hex');
  }

  /** @param maxPixels larger images are not returned */
  get(key: string, maxPixels: number): RgbImage | undefined {
    const file = this.#fileOf(key);
    let bytes: Buffer<ArrayBuffer>;
    try {
      bytes = readFileSync(file);
    } catch {
      return undefined;
    }
    const image = this.#parsed(bytes, key);
    if (!image) {
      if (remove(file) && Atomics.load(this.#count, STATE) === COUNTED)
        Atomics.sub(this.#count, KIB, kib(bytes.length));
      return undefined;
    }
    if (!this.#checked.has(key)) {
      this.#checked.add(key);
      touch(file);
    }
    return image.width * image.height <= maxPixels ? image : undefined;
  }

  put(key: string, { width, height, data }: RgbImage): void {
    const size = kib(HEADER + data.length);
    if (!this.#isCounted() || !this.#makeRoom(size, key)) return;
    const header = Buffer.alloc(HEADER);
    for (const [i, value] of [MAGIC, width, height, crc32(data)].entries())
      header.writeUInt32LE(value, i * 4);
    const file = this.#fileOf(key);
    const aside = `${file}.${process.pid}-${threadId}-${this.#written++}.tmp`;
    try {
      makeFolder(join(file, '..'));
      writeAll(aside, [header, data]);
      renameSync(aside, file);
      this.#checked.add(key);
    } catch {
      Atomics.sub(this.#count, KIB, size);
      remove(aside);
    }
  }

  #fileOf(key: string): string {
    return join(this.#setup.folder, key.slice(0, 2), `${key.slice(2)}.rgb`);
  }

  #parsed(bytes: Buffer<ArrayBuffer>, key: string): RgbImage | undefined {
    if (bytes.length < HEADER || bytes.readUInt32LE(0) !== MAGIC) return undefined;
    const [width, height] = [bytes.readUInt32LE(4), bytes.readUInt32LE(8)];
    const data = bytes.subarray(HEADER);
    if (data.length !== width * height * 3) return undefined;
    if (!this.#checked.has(key) && crc32(data) !== bytes.readUInt32LE(12)) return undefined;
    return { width, height, data };
  }

  /**
   * Sums up the size of existing files, in the first thread that wants to add one. Until then
   * nothing is stored.
   */
  #isCounted(): boolean {
    const state = Atomics.compareExchange(this.#count, STATE, UNCOUNTED, COUNTING);
    if (state !== UNCOUNTED) return state === COUNTED;
    let total = 0;
    for (let shard = 0; shard < SHARDS; shard++)
      for (const { size } of this.#entries(shardName(shard))) total += kib(size);
    Atomics.add(this.#count, KIB, total);
    Atomics.store(this.#count, STATE, COUNTED);
    return true;
  }

  /**
   * Takes `size` KiB of the budget. If necessary, first removes images that this loader has not
   * used.
   */
  #makeRoom(size: number, key: string): boolean {
    const used = Atomics.add(this.#count, KIB, size) + size;
    let missing = used - this.#limitKib;
    const first = Number.parseInt(key.slice(0, 2), 16);
    for (let i = 0; i < SEARCHED && missing > 0; i++)
      missing -= this.#throwOut(shardName((first + i) % SHARDS), missing);
    if (missing <= 0) return true;
    Atomics.sub(this.#count, KIB, size);
    return false;
  }

  /** Removes images of a shard, least recently used first. Returns the freed KiB. */
  #throwOut(shard: string, wanted: number): number {
    if (this.#full.has(shard)) return 0;
    const unused = this.#entries(shard).filter(({ usedAt }) => usedAt < this.#setup.startedAt);
    unused.sort((a, b) => a.usedAt - b.usedAt);
    let freed = 0;
    while (freed < wanted && unused.length > 0) {
      const { path, size } = unused.shift()!;
      if (remove(path)) freed += kib(size);
    }
    if (unused.length === 0) this.#full.add(shard);
    Atomics.sub(this.#count, KIB, freed);
    return freed;
  }

  #entries(shard: string): { path: string; size: number; usedAt: number }[] {
    const folder = join(this.#setup.folder, shard);
    const entries = [];
    for (const name of namesIn(folder)) {
      const path = join(folder, name);
      const stat = statSync(path, { throwIfNoEntry: false });
      if (!stat) continue;
      if (name.endsWith('.tmp') && stat.mtimeMs < this.#setup.startedAt - STALE_MS) remove(path);
      else if (name.endsWith('.rgb')) entries.push({ path, size: stat.size, usedAt: stat.mtimeMs });
    }
    return entries;
  }
}

function kib(bytes: number): number {
  return Math.ceil(bytes / 1024);
}

function shardName(shard: number): string {
  return shard.toString(16).padStart(2, '0');
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Whether the file existed; another thread may have removed it first. */
function remove(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch {
    return false;
  }
}

/** The modification time records when an image was last used. */
function touch(file: string): void {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    // Another process has removed the file, or the folder is read-only.
  }
}

function writeAll(path: string, parts: Uint8Array[]): void {
  const file = openSync(path, 'wx');
  try {
    for (const part of parts) {
      for (let done = 0; done < part.length;) done += writeSync(file, part, done);
    }
  } finally {
    closeSync(file);
  }
}
