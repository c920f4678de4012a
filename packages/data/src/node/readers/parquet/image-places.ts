import { createHash } from 'node:crypto';
import { open, readFile, realpath, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ByteSource, fileSource } from '../../files/byte-source.ts';
import { writingToCache } from '../../files/writing-to-cache.ts';
import { writtenAside } from '../../files/written-aside.ts';
import type { ParquetFile, ParquetPage } from './parquet-file.ts';

export interface ImagePlacesOptions {
  cacheFolder: string;
  /** Called with the number of rows so far, unless the places are known. */
  onProgress?: ((rows: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** First byte and number of bytes of each row's image; the length is 0 if there is none. */
type Places = Float64Array<ArrayBuffer>;

/**
 * Where the bytes of a column's images are, for random access. Images that are stored uncompressed,
 * as the Hugging Face library writes them (datasets 5.2.0), stay in the Parquet file. Others are copied into
 * one file in the cache, because a compressed page holds many images. Either takes one pass over the
 * column, whose result is kept in the cache until the Parquet file's size or times of change differ.
 *
 * @param path names from the column to the bytes
 * @returns by row; undefined for rows without an image
 * @throws FixresDataError `damaged-archive`, `write-failed`; the signal's reason when aborted
 */
export async function imagePlaces(
  parquet: ParquetFile,
  path: readonly string[],
  { cacheFolder, onProgress, signal }: ImagePlacesOptions,
): Promise<(ByteSource | undefined)[]> {
  const folder = join(cacheFolder, 'parquet');
  const base = join(folder, await identityOf(parquet.file, path));
  const copy = `${base}.images`;
  const isStored = parquet.isUncompressed(path);
  const known = await readPlaces(`${base}.places`, parquet.rows);
  const isUsable = isStored || (known && (await sizeOf(copy)) === copiedBytes(known));
  const places =
    (isUsable ? known : undefined) ??
    (await writingToCache(folder, async () => {
      const pages = parquet.pages(path, signal);
      const counted = (rows: number): void => onProgress?.(rows);
      const found = isStored
        ? await storedPlaces(pages, parquet.rows, counted)
        : await writtenAside(copy, (file) =>
            copyImages(pages, file, { rows: parquet.rows, counted }),
          );
      await writtenAside(`${base}.places`, (file) => writeFile(file, found, { flag: 'wx' }));
      return found;
    }));
  return Array.from({ length: places.length / 2 }, (_, row) => {
    const [start, length] = places.subarray(2 * row) as unknown as [number, number];
    return length === 0 ? undefined : fileSource(isStored ? parquet.file : copy, length, start);
  });
}

async function identityOf(file: string, path: readonly string[]): Promise<string> {
  const place = await realpath(file);
  const { size, mtimeNs, ctimeNs } = await stat(place, { bigint: true });
  return createHash('sha256')
    .update([place, size, mtimeNs, ctimeNs, ...path].join('\0'))
    .digest('hex');
}

async function readPlaces(file: string, rows: number): Promise<Places | undefined> {
  const bytes = await readFile(file).catch(() => undefined);
  return bytes?.length === rows * 16 ? new Float64Array(new Uint8Array(bytes).buffer) : undefined;
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => -1,
  );
}

function copiedBytes(places: Places): number {
  return places.reduce((sum, value, i) => sum + (i % 2 === 1 ? value : 0), 0);
}

async function storedPlaces(
  pages: AsyncIterable<ParquetPage>,
  rows: number,
  counted: (rows: number) => void,
): Promise<Places> {
  const places = new Float64Array(rows * 2);
  let row = 0;
  for await (const { values, placeOf } of pages) {
    for (const value of values) {
      if (value instanceof Uint8Array) places.set([placeOf(value), value.length], 2 * row);
      row += 1;
    }
    counted(row);
  }
  return places;
}

async function copyImages(
  pages: AsyncIterable<ParquetPage>,
  file: string,
  { rows, counted }: { rows: number; counted: (rows: number) => void },
): Promise<Places> {
  const places = new Float64Array(rows * 2);
  const handle = await open(file, 'wx');
  try {
    let row = 0;
    let end = 0;
    for await (const { values } of pages) {
      const parts: Uint8Array[] = [];
      for (const value of values) {
        if (value instanceof Uint8Array && value.length > 0) {
          places.set([end, value.length], 2 * row);
          end += value.length;
          parts.push(value);
        }
        row += 1;
      }
      if (parts.length > 0) await handle.writev(parts);
      counted(row);
    }
  } finally {
    await handle.close();
  }
  return places;
}
