import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { crc32 } from 'node:zlib';
import { FixresDataError } from '../../errors.ts';
import { makeFolder } from '../files/make-folder.ts';
import { fetchRange } from './fetch-remote.ts';
import type { RemoteFile } from './remote-file.ts';

/** Bytes that are fetched, checked and kept together; the last block of a file may be shorter. */
export const BLOCK_BYTES: number = 1 << 16;
/** Room is made after this many new bytes. */
const CHECK_AFTER = 1 << 26;
/** A checksum of a block: CRC-32, 32 bits, little-endian; 0 for a block that is not there. */
const ENTRY = 4;
/** A file's last use is noted at most this often. */
const TOUCH_MS = 60_000;

/**
 * The checksum of a block, as tables of checksums have it: never 0, which means that there is no block.
 */
export function blockChecksum(bytes: Uint8Array): number {
  return crc32(bytes) || 1;
}

interface Waiting {
  resolve: (bytes: Buffer) => void;
  reject: (reason: unknown) => void;
}

/** A block that is being fetched. */
interface Coming {
  promise: Promise<Buffer>;
  /** Of whoever asked first. */
  signal: AbortSignal | undefined;
}

/** Blocks that are being fetched by this thread, by file. */
const fetching = new Map<string, Map<number, Coming>>();
/** When this thread last noted that a file is used. */
const touched = new Map<string, number>();
let addedSinceCheck = CHECK_AFTER;

/**
 * Reads a part of a remote file. Blocks that were read before come from the cache on disk, which all
 * threads and processes share: a sparse file `.data`, and their checksums in `.crc`. Damaged blocks are
 * fetched again. If the cache cannot be written, the blocks are fetched each time.
 *
 * @param ahead number of further blocks to fetch with a missing one, because they will be read next
 * @returns fewer bytes at the end of the file
 * @throws FixresDataError `download-failed`, `bad-checksum` if a block is not that of the file's index; the
 * signal's reason when aborted
 */
export async function readRemote(
  file: RemoteFile,
  position: number,
  length: number,
  { ahead = 0, signal }: { ahead?: number; signal?: AbortSignal | undefined } = {},
): Promise<Buffer> {
  const end = Math.min(position + length, file.bytes);
  if (end <= position) return Buffer.alloc(0);
  const first = Math.floor(position / BLOCK_BYTES);
  const last = Math.floor((end - 1) / BLOCK_BYTES);
  const all = await Promise.all(blocks(file, first, last, ahead, signal));
  const from = position - first * BLOCK_BYTES;
  const joined = all.length === 1 ? all[0]! : Buffer.concat(all);
  return joined.subarray(from, from + end - position);
}

function blocks(
  file: RemoteFile,
  first: number,
  last: number,
  ahead: number,
  signal: AbortSignal | undefined,
): Promise<Buffer>[] {
  const coming = fetching.get(file.key) ?? new Map<number, Coming>();
  const numbers = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const there = keptBlocks(
    file,
    numbers.filter((number) => !coming.has(number)),
  );
  const missing = numbers.filter((number) => !coming.has(number) && !there.has(number));
  if (missing.length > 0) fetching.set(file.key, coming);
  const lastOfFile = Math.floor((file.bytes - 1) / BLOCK_BYTES);
  for (let i = 0; i < missing.length;) {
    const from = missing[i]!;
    let to = from;
    while (missing[++i] === to + 1) to += 1;
    const isEnd = i === missing.length;
    fetchBlocks(file, from, isEnd ? Math.min(to + ahead, lastOfFile) : to, coming, signal);
  }
  return numbers.map(
    async (number) => there.get(number) ?? shared(file, number, coming.get(number)!, signal),
  );
}

/** A block that may have been asked for by another reader; if that one gave up, it is asked for again. */
async function shared(
  file: RemoteFile,
  number: number,
  { promise, signal: first }: Coming,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  try {
    return await promise;
  } catch (error) {
    if (first?.aborted !== true || first === signal || signal?.aborted === true) throw error;
    return blocks(file, number, number, 0, signal)[0]!;
  }
}

/** Fetches blocks `from` to `to` in one request. They are in `coming` until they are kept. */
function fetchBlocks(
  file: RemoteFile,
  from: number,
  to: number,
  coming: Map<number, Coming>,
  signal: AbortSignal | undefined,
): void {
  const waiting = new Map<number, Waiting>();
  for (let number = from; number <= to; number++) {
    if (coming.has(number)) continue;
    const promise = new Promise<Buffer>((resolve, reject) => {
      waiting.set(number, { resolve, reject });
    });
    // A block that nobody waits for may fail.
    promise.catch(() => undefined);
    coming.set(number, { promise, signal });
  }
  const work = async (): Promise<void> => {
    const expected = publishedChecksums(file);
    const end = Math.min((to + 1) * BLOCK_BYTES, file.bytes);
    for await (const { number, bytes } of wholeBlocks(file, from * BLOCK_BYTES, end, signal)) {
      const right = await rightBlock(file, number, bytes, expected, signal);
      keepBlock(file, number, right);
      waiting.get(number)?.resolve(right);
    }
  };
  const end = (): void => {
    for (const number of waiting.keys()) coming.delete(number);
    if (coming.size === 0) fetching.delete(file.key);
  };
  void work().then(end, (error: unknown) => {
    // First, so that whoever asks again does not get the same failure.
    end();
    for (const { reject } of waiting.values()) reject(error);
  });
}

/** The blocks that arrive; those of which only a part arrives are left out. */
async function* wholeBlocks(
  file: RemoteFile,
  from: number,
  to: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ number: number; bytes: Buffer }, void, undefined> {
  let parts: Uint8Array[] = [];
  let have = 0;
  let next = -1;
  for await (const { position, bytes } of fetchRange(file, from, to, signal)) {
    // The answer begins anew where a server ignores ranges.
    if (position !== next) [parts, have] = [[], 0];
    next = position + bytes.length;
    if (have === 0 && position % BLOCK_BYTES !== 0)
      throw new RangeError(`an answer that begins at byte ${position}`);
    for (let done = 0; done < bytes.length;) {
      const start = position + done;
      const number = Math.floor(start / BLOCK_BYTES);
      const size = Math.min(BLOCK_BYTES, file.bytes - number * BLOCK_BYTES);
      const part = bytes.subarray(done, done + size - have);
      if (part.length === 0) return;
      parts.push(part);
      have += part.length;
      done += part.length;
      if (have < size) continue;
      yield { number, bytes: Buffer.concat(parts) };
      [parts, have] = [[], 0];
    }
  }
}

/**
 * The block, fetched once more if its checksum is not that of the file's index.
 *
 * @throws FixresDataError `bad-checksum`
 */
async function rightBlock(
  file: RemoteFile,
  number: number,
  bytes: Buffer,
  expected: Uint32Array | undefined,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const checksum = expected?.[number];
  if (checksum === undefined || blockChecksum(bytes) === checksum) return bytes;
  const start = number * BLOCK_BYTES;
  for await (const again of wholeBlocks(file, start, start + bytes.length, signal))
    if (again.number === number && blockChecksum(again.bytes) === checksum) return again.bytes;
  throw new FixresDataError(
    'bad-checksum',
    `${file.shown} does not have the checksum that its index states for bytes ${start} to ${start + bytes.length}: the file was changed after its index was written, or is damaged.`,
  );
}

/**
 * Keeps the checksums that the index of a file states, for all threads, instead of those of an earlier index.
 *
 * @param checksums undefined if the file has no index
 */
export function publishChecksums(file: RemoteFile, checksums: Uint32Array | undefined): void {
  const name = file.cached('published');
  if (isDeepStrictEqual(publishedChecksums(file), checksums)) return;
  const partial = `${name}.${randomUUID()}.partial`;
  try {
    if (checksums === undefined) {
      rmSync(name);
      return;
    }
    makeFolder(file.access.folder);
    writeFileSync(
      partial,
      new Uint8Array(checksums.buffer, checksums.byteOffset, checksums.byteLength),
    );
    renameSync(partial, name);
  } catch {
    // Without a cache, only what the connection itself checks is checked.
    rmSync(partial, { force: true });
  }
}

function publishedChecksums(file: RemoteFile): Uint32Array | undefined {
  try {
    const { buffer, byteOffset, byteLength } = readFileSync(file.cached('published'));
    return new Uint32Array(buffer.slice(byteOffset, byteOffset + byteLength));
  } catch {
    return undefined;
  }
}

/** Those of the blocks that are in the cache and undamaged. */
function keptBlocks(file: RemoteFile, numbers: readonly number[]): Map<number, Buffer> {
  const kept = new Map<number, Buffer>();
  let data: number | undefined;
  let table: number | undefined;
  try {
    // The table first: whoever removes a file removes it first.
    table = openSync(file.cached('crc'), 'r');
    data = openSync(file.cached('data'), 'r');
    const entry = Buffer.alloc(ENTRY);
    for (const number of numbers) {
      if (readSync(table, entry, 0, ENTRY, number * ENTRY) < ENTRY) continue;
      const checksum = entry.readUInt32LE();
      if (checksum === 0) continue;
      const start = number * BLOCK_BYTES;
      const bytes = Buffer.allocUnsafeSlow(Math.min(BLOCK_BYTES, file.bytes - start));
      const length = readSync(data, bytes, 0, bytes.length, start);
      if (length === bytes.length && blockChecksum(bytes) === checksum) kept.set(number, bytes);
    }
    if (kept.size > 0) touch(file);
  } catch {
    // Nothing is kept of this file, or the cache cannot be read.
  } finally {
    if (table !== undefined) closeSync(table);
    if (data !== undefined) closeSync(data);
  }
  return kept;
}

/** Write errors are ignored, because the cache only saves time. */
function keepBlock(file: RemoteFile, number: number, bytes: Buffer): void {
  const { folder, maxCacheBytes } = file.access;
  if (maxCacheBytes < bytes.length) return;
  addedSinceCheck += bytes.length;
  try {
    makeFolder(folder);
    if (addedSinceCheck >= Math.min(CHECK_AFTER, maxCacheBytes / 16)) {
      addedSinceCheck = 0;
      makeRoom(folder, maxCacheBytes);
    }
    writeAt(file.cached('data'), bytes, number * BLOCK_BYTES);
    const entry = Buffer.alloc(ENTRY);
    entry.writeUInt32LE(blockChecksum(bytes));
    writeAt(file.cached('crc'), entry, number * ENTRY);
  } catch {
    // The block is fetched again when it is next needed.
  }
}

function writeAt(path: string, bytes: Uint8Array, position: number): void {
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o666);
  try {
    for (let done = 0; done < bytes.length;)
      done += writeSync(file, bytes, done, bytes.length - done, position + done);
  } finally {
    closeSync(file);
  }
}

/** Removes the files that were used longest ago, until what is left takes 15/16 of the limit. */
function makeRoom(folder: string, maxBytes: number): void {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.data'))
    .flatMap((name) => {
      const path = join(folder, name);
      const stat = statSync(path, { throwIfNoEntry: false });
      // A sparse file takes the blocks that were written; Windows does not state them.
      return stat ? [{ path, usedAt: stat.mtimeMs, bytes: stat.blocks * 512 || stat.size }] : [];
    })
    .sort((a, b) => a.usedAt - b.usedAt);
  let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { path, bytes } of files) {
    if (total <= (maxBytes * 15) / 16) return;
    rmSync(path.replace(/data$/, 'crc'), { force: true });
    rmSync(path, { force: true });
    total -= bytes;
  }
}

/** The modification time records when a file was last used. */
function touch(file: RemoteFile): void {
  const now = Date.now();
  if (now - (touched.get(file.key) ?? 0) < TOUCH_MS) return;
  touched.set(file.key, now);
  try {
    utimesSync(file.cached('data'), now / 1000, now / 1000);
  } catch {
    // Another process has removed the file, or the folder is read-only.
  }
}
