import { createHash } from 'node:crypto';
import { open, readFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { FixresDataError } from '../../../errors.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { writtenAside } from '../../files/written-aside.ts';
import type { Place } from '../../files/byte-source.ts';
import { BLOCK_BYTES, blockChecksum, publishChecksums } from '../../remote/block-cache.ts';
import { fetchSmall, findRemoteFile } from '../../remote/fetch-remote.ts';
import { besideAddress, addressName } from '../../remote/remote-address.ts';
import { RemoteFile } from '../../remote/remote-file.ts';
import { bytesToColumns, type Columns, columnsToBytes } from './columns.ts';

/** Follows the name of a shard. */
export const INDEX_ENDING = '.index.gz';
/** That of indexes of format 1. They are not read, and are no shards either. */
const EARLIER_ENDING = '.index.json.gz';
/** States what the file is. A change of the content gets another number. */
const FORMAT = 'fixres shard index 2';
/** Compressed and whole; that of a million small photos in one shard takes 9 and 76 MB. */
const MAX_STORED_BYTES = 1 << 27;
const MAX_BYTES = 1 << 29;
/** A shard with fewer rows is read faster than its index is found. */
const FEW_ROWS = 1000;

/** What a shard contains, and where. */
interface StoredIndex {
  format: typeof FORMAT;
  /** Size of the shard. */
  bytes: number;
  /** Which version of the file was read; only in the cache. */
  version?: string;
  /** Which version of the index beside the file this is; only in the cache. */
  beside?: string;
  /** Checksums of the blocks of {@link BLOCK_BYTES}: 32 bits each, little-endian, base64. */
  crc32?: string;
  /** Entries of a tar file, or records. */
  columns: Columns;
}

/** Whether a file's name is that of an index beside a shard. */
export function isShardIndex(name: string): boolean {
  return name.endsWith(INDEX_ENDING) || name.endsWith(EARLIER_ENDING);
}

export interface IndexOptions {
  cacheFolder: string;
  signal?: AbortSignal | undefined;
}

/** How the rows of a kind of shard are read and written. */
export interface RowKind<Row> {
  /** Reads the whole shard. */
  scan: () => Promise<Row[]>;
  toColumns: (rows: readonly Row[]) => Columns;
  /** Undefined for what {@link RowKind.toColumns} does not write. */
  fromColumns: (columns: Columns) => Row[] | undefined;
}

/**
 * What a shard contains. It is known from its index in the cache, or from the one beside the shard; otherwise
 * the shard is read, and the index is kept in the cache. An index that does not fit the shard is not used.
 *
 * @throws those of `scan`; FixresDataError `download-failed`, `not-found`; the signal's reason when aborted
 */
export async function indexedRows<Row>(
  place: Place,
  { scan, toColumns, fromColumns }: RowKind<Row>,
  { cacheFolder, signal }: IndexOptions,
): Promise<Row[]> {
  const isRemote = place instanceof RemoteFile;
  const { bytes, version } = await versionOf(place);
  const kept = cachedIndex(place, cacheFolder);
  const rowsOf = (index: StoredIndex | undefined): Row[] | undefined =>
    index && fromColumns(index.columns);

  const own = await parseIndex(await readFile(kept).catch(() => undefined));
  const fitting = own?.bytes === bytes && own.version === version ? own : undefined;
  const scanned = fitting?.beside === undefined ? rowsOf(fitting) : undefined;
  if (scanned !== undefined) return scanned;

  if (isRemote) {
    // Shard and index are uploaded one after the other, so the one that was kept may be that of another shard.
    const found = await remoteIndex(place, signal);
    const isKept = found !== undefined && fitting?.beside === found.key;
    const beside = isKept ? fitting : await parseIndex(found && (await fetchIndex(found, signal)));
    const rows = beside?.bytes === bytes && beside.crc32 !== undefined ? rowsOf(beside) : undefined;
    publishChecksums(place, rows && checksumsOf(beside!.crc32!));
    if (rows !== undefined) {
      if (!isKept) await keepIndex(kept, { ...beside!, version, beside: found!.key });
      return rows;
    }
  } else {
    const beside = await parseIndex(await localIndex(place));
    const fits = beside?.bytes === bytes && (await hasEnds(place, beside));
    const rows = fits ? rowsOf(beside) : undefined;
    if (rows !== undefined) return rows;
  }

  const rows = await scan();
  if (isRemote || rows.length >= FEW_ROWS)
    await keepIndex(kept, { format: FORMAT, bytes, version, columns: toColumns(rows) });
  return rows;
}

/**
 * Writes the index of a file beside it: what it contains, and the checksums of its blocks.
 *
 * @throws the system's error, and those of `scan`
 */
export async function writeIndexBeside<Row>(
  file: string,
  { scan, toColumns }: Pick<RowKind<Row>, 'scan' | 'toColumns'>,
  signal?: AbortSignal,
): Promise<void> {
  const columns = toColumns(await scan());
  const { size } = await stat(file);
  const checksums = new Uint32Array(Math.ceil(size / BLOCK_BYTES));
  const handle = await open(file, 'r');
  try {
    const block = Buffer.alloc(BLOCK_BYTES);
    for (let i = 0; i < checksums.length; i++) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(block, 0, BLOCK_BYTES, i * BLOCK_BYTES);
      checksums[i] = blockChecksum(block.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
  const crc32 = Buffer.from(checksums.buffer).toString('base64');
  await writeIndex(`${file}${INDEX_ENDING}`, { format: FORMAT, bytes: size, crc32, columns });
}

async function versionOf(place: Place): Promise<{ bytes: number; version: string }> {
  if (place instanceof RemoteFile) return { bytes: place.bytes, version: place.key };
  const info = await stat(place, { bigint: true });
  return { bytes: Number(info.size), version: [info.size, info.mtimeNs, info.ctimeNs].join('-') };
}

/** One file for each shard, so that the index of a new version replaces that of the old one. */
function cachedIndex(place: Place, cacheFolder: string): string {
  const name = place instanceof RemoteFile ? place.address : resolve(place);
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 32);
  return join(cacheFolder, 'shard-indexes', `${hash}.gz`);
}

/** The index beside a shard. One that is older is not that of the shard. */
async function localIndex(shard: string): Promise<Buffer | undefined> {
  const file = `${shard}${INDEX_ENDING}`;
  try {
    const [index, { mtimeMs }] = await Promise.all([stat(file), stat(shard)]);
    return index.mtimeMs >= mtimeMs ? await readFile(file) : undefined;
  } catch {
    return undefined;
  }
}

/** The index beside a shard, if there is one, in its present version. @throws the signal's reason when aborted */
async function remoteIndex(
  { address, access }: RemoteFile,
  signal: AbortSignal | undefined,
): Promise<RemoteFile | undefined> {
  const index = besideAddress(address, `${addressName(address)}${INDEX_ENDING}`);
  return orNone(findRemoteFile(index, access, signal));
}

async function fetchIndex(
  { address, access }: RemoteFile,
  signal: AbortSignal | undefined,
): Promise<Buffer | undefined> {
  return orNone(fetchSmall(address, access, { maxBytes: MAX_STORED_BYTES, signal }));
}

/** A shard can be read without its index, so whatever is wrong with that is no failure. */
async function orNone<T>(reading: Promise<T>): Promise<T | undefined> {
  return reading.catch((error: unknown) => {
    if (error instanceof FixresDataError) return undefined;
    throw error;
  });
}

/** Undefined for anything that is not an index. */
async function parseIndex(stored: Buffer | undefined): Promise<StoredIndex | undefined> {
  if (stored === undefined) return undefined;
  try {
    const written = await promisify(gunzip)(stored, { maxOutputLength: MAX_BYTES });
    const { head, columns } = bytesToColumns(written) ?? {};
    const { format, bytes, version, beside, crc32 } = head ?? {};
    const isIndex =
      format === FORMAT &&
      Number.isSafeInteger(bytes) &&
      [version, beside].every((each) => ['string', 'undefined'].includes(typeof each)) &&
      (crc32 === undefined ||
        (typeof crc32 === 'string' &&
          Buffer.byteLength(crc32, 'base64') === Math.ceil((bytes as number) / BLOCK_BYTES) * 4));
    return isIndex ? ({ ...head, columns } as StoredIndex) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the first and the last block of a file are those of its index. */
async function hasEnds(
  file: string,
  { bytes, crc32 }: Pick<StoredIndex, 'bytes' | 'crc32'>,
): Promise<boolean> {
  if (crc32 === undefined) return false;
  const checksums = checksumsOf(crc32);
  const handle = await open(file, 'r');
  try {
    for (const number of new Set([0, checksums.length - 1])) {
      const start = number * BLOCK_BYTES;
      const block = Buffer.alloc(Math.min(BLOCK_BYTES, bytes - start));
      await handle.read(block, 0, block.length, start);
      if (blockChecksum(block) !== checksums[number]) return false;
    }
    return true;
  } finally {
    await handle.close();
  }
}

function checksumsOf(crc32: string): Uint32Array<ArrayBuffer> {
  const bytes = Uint8Array.from(Buffer.from(crc32, 'base64'));
  return new Uint32Array(bytes.buffer);
}

/** A cache that cannot be written only costs time. */
async function keepIndex(file: string, index: StoredIndex): Promise<void> {
  try {
    makeFolder(join(file, '..'));
    await writeIndex(file, index);
  } catch {
    // The shard is read again next time.
  }
}

async function writeIndex(file: string, { columns, ...head }: StoredIndex): Promise<void> {
  await writtenAside(file, async (partial) => {
    await writeFile(partial, await promisify(gzip)(columnsToBytes(head, columns), { level: 1 }));
  });
}
