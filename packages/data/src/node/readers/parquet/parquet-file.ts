import { crc32 } from 'node:zlib';
import { type FileMetaData, parquetMetadataAsync, parquetSchema, type SchemaTree } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { parquetHeader } from 'hyparquet/src/column.js';
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { decompressPage, readDataPage, readDataPageV2 } from 'hyparquet/src/datapage.js';
import { readPlain } from 'hyparquet/src/plain.js';
import { getMaxDefinitionLevel, getMaxRepetitionLevel, getTreePath } from 'hyparquet/src/schema.js';
import { FixresDataError } from '../../../errors.ts';
import { openForReading, type ReadableFile } from '../../files/byte-source.ts';

type RowGroup = FileMetaData['row_groups'][number];
type ColumnChunk = RowGroup['columns'][number];
type ColumnMetaData = NonNullable<ColumnChunk['meta_data']>;
type PageHeader = ReturnType<typeof parquetHeader>;
type Decoder = Parameters<typeof readDataPage>[2];
type Values = ArrayLike<unknown>;

/** Some values of a column. */
export interface ParquetPage {
  /** Bytes, numbers or big integers as stored; undefined for null. */
  values: unknown[];
  /**
   * Where the bytes of a value are in the file.
   *
   * @throws Error if they are not stored there as they are
   */
  placeOf: (value: Uint8Array) => number;
}

/** Bytes read to find a page's header; larger headers, with long statistics, are read again. */
const HEADER_BYTES = 2 ** 16;
const MAX_HEADER_BYTES = 2 ** 24;
/** Maximum size of a page, stored and decompressed. Writers close a page after about 1 MiB. */
const MAX_PAGE_BYTES = 2 ** 30;
/** Far more than a data set may have. */
const MAX_ROWS = 2n ** 32n;

/**
 * A Parquet file for reading columns page by page, so that memory does not grow with the file or its
 * row groups. Every size in a page's header is checked before anything is allocated for it.
 */
export class ParquetFile {
  readonly file: string;
  readonly metadata: FileMetaData;
  /** The root; its children are the columns. */
  readonly schema: SchemaTree;
  readonly #handle: ReadableFile;

  private constructor(file: string, handle: ReadableFile, metadata: FileMetaData) {
    this.file = file;
    this.#handle = handle;
    this.metadata = metadata;
    this.schema = parquetSchema(metadata);
  }

  /** @throws FixresDataError `not-found`, `damaged-archive` */
  static async open(file: string): Promise<ParquetFile> {
    const handle = await openForReading(file);
    try {
      const { size } = await handle.stat();
      if (size === 0) throw new Error('it is empty');
      const metadata = await parquetMetadataAsync({
        byteLength: size,
        slice: async (start, end = size) => arrayBufferOf(await read(handle, start, end - start)),
      });
      for (const { num_rows: rows } of metadata.row_groups)
        if (!(rows >= 0n && rows <= MAX_ROWS)) throw new Error(`a row group has ${rows} rows`);
      return new ParquetFile(file, handle, metadata);
    } catch (cause) {
      await handle.close();
      throw damaged(file, cause);
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  /** The description of a column. @param path names from the column to the leaf, which exists */
  columnAt(path: readonly string[]): SchemaTree['element'] {
    return getTreePath(this.schema, [...path]).at(-1)!.element;
  }

  /** Number of rows. */
  get rows(): number {
    return this.metadata.row_groups.reduce((sum, { num_rows: rows }) => sum + Number(rows), 0);
  }

  /** Whether the bytes of a column are stored as they are, not compressed or encoded. */
  isUncompressed(path: readonly string[]): boolean {
    return this.metadata.row_groups.every((group) => {
      const { codec, encodings } = chunkOf(group, path)?.meta_data ?? {};
      return (
        codec === 'UNCOMPRESSED' && encodings?.every((name) => !name.startsWith('DELTA')) === true
      );
    });
  }

  /**
   * The values of a column, page by page.
   *
   * @param path names from the column to the leaf; no part is repeated
   * @throws FixresDataError `damaged-archive`; the signal's reason when aborted
   */
  async *pages(path: readonly string[], signal?: AbortSignal): AsyncGenerator<ParquetPage> {
    try {
      for (const group of this.metadata.row_groups) {
        const chunk = chunkOf(group, path);
        if (!chunk?.meta_data || chunk.file_path !== undefined)
          throw new Error(`a row group has no column ${path.join('.')}`);
        yield* this.#pagesOf(chunk.meta_data, Number(group.num_rows), signal);
      }
    } catch (cause) {
      signal?.throwIfAborted();
      throw damaged(this.file, cause);
    }
  }

  /**
   * The lists of a column, one per row; undefined for null, also in a list.
   *
   * @param path names from the column to the leaf; one part is repeated
   * @throws FixresDataError `damaged-archive`; the signal's reason when aborted
   */
  async lists(path: readonly string[], signal?: AbortSignal): Promise<(unknown[] | undefined)[]> {
    const all: (unknown[] | undefined)[] = [];
    try {
      for (const group of this.metadata.row_groups) {
        const chunk = chunkOf(group, path);
        if (!chunk?.meta_data || chunk.file_path !== undefined)
          throw new Error(`a row group has no column ${path.join('.')}`);
        const before = all.length;
        const rows = Number(group.num_rows);
        const values = Number(chunk.meta_data.num_values);
        for await (const { entries } of this.#leafPages(chunk.meta_data, values, signal))
          for (const { value, isFirst, isEmpty, isNull } of entries) {
            if (isFirst) all.push(isNull ? undefined : []);
            const list = all.length > before ? all.at(-1) : undefined;
            if (!isFirst && list === undefined) throw new Error('a list has no beginning');
            if (!isEmpty && !isNull) list!.push(value);
          }
        if (all.length - before !== rows)
          throw new Error(`a column has ${all.length - before} lists for ${rows} rows`);
      }
      return all;
    } catch (cause) {
      signal?.throwIfAborted();
      throw damaged(this.file, cause);
    }
  }

  async *#pagesOf(
    column: ColumnMetaData,
    rows: number,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<ParquetPage> {
    if (getMaxRepetitionLevel(getTreePath(this.schema, column.path_in_schema)) > 0)
      throw new Error(`the column ${column.path_in_schema.join('.')} contains lists`);
    for await (const { entries, placeOf } of this.#leafPages(column, rows, signal))
      yield { values: entries.map(({ value }) => value), placeOf };
  }

  /** @param count number of values, with nulls and empty lists */
  async *#leafPages(
    column: ColumnMetaData,
    count: number,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<LeafPage> {
    const schemaPath = getTreePath(this.schema, column.path_in_schema);
    const decoder: Decoder = {
      pathInSchema: column.path_in_schema,
      type: column.type,
      element: schemaPath.at(-1)!.element,
      schemaPath,
      codec: column.codec,
      parsers: DEFAULT_PARSERS,
      compressors,
    };
    const start = Math.min(
      Number(column.dictionary_page_offset ?? Infinity) || Infinity,
      Number(column.data_page_offset),
    );
    const end = start + Number(column.total_compressed_size);
    let dictionary: Values | undefined;
    let ofDictionary: StoredPage | undefined;
    let position = start;
    for (let seen = 0; seen < count;) {
      signal?.throwIfAborted();
      if (!(position < end)) throw new Error(`a column ends after ${seen} of ${count} values`);
      const { header, length } = await this.#header(position, end);
      position += length;
      const bytes = await this.#page(header, position, end);
      const page = { bytes, start: position };
      position += bytes.length;
      if (header.type === 'DICTIONARY_PAGE') {
        dictionary = dictionaryOf(header, bytes, decoder);
        ofDictionary = page;
      } else if (header.type === 'DATA_PAGE' || header.type === 'DATA_PAGE_V2') {
        const entries = entriesOf(header, bytes, { decoder, dictionary, most: count - seen });
        seen += entries.length;
        const pages = ofDictionary ? [page, ofDictionary] : [page];
        yield { entries, placeOf: (value) => placeIn(pages, value) };
      }
    }
  }

  async #header(start: number, end: number): Promise<{ header: PageHeader; length: number }> {
    for (let size = HEADER_BYTES; ; size *= 16) {
      const bytes = await read(this.#handle, start, Math.min(size, end - start));
      const reader = { view: viewOf(bytes), offset: 0 };
      try {
        return { header: parquetHeader(reader), length: reader.offset };
      } catch (error) {
        if (size >= Math.min(MAX_HEADER_BYTES, end - start)) throw error;
      }
    }
  }

  async #page(header: PageHeader, start: number, end: number): Promise<Uint8Array> {
    const { compressed_page_size: stored, uncompressed_page_size: size, crc } = header;
    for (const bytes of [stored, size])
      if (!(Number.isInteger(bytes) && bytes >= 0 && bytes <= MAX_PAGE_BYTES))
        throw new Error(`a page has ${bytes} bytes; at most ${MAX_PAGE_BYTES} are allowed`);
    if (start + stored > end) throw new Error('a page is longer than its column');
    const bytes = await read(this.#handle, start, stored);
    if (crc !== undefined && (crc32(bytes) | 0) !== (crc | 0))
      throw new Error('a page has another checksum than stated');
    return bytes;
  }
}

/** The bytes of a page, and where they are in the file. */
interface StoredPage {
  bytes: Uint8Array;
  start: number;
}

/** The decoder returns parts of a page's memory if the page is not compressed. */
function placeIn(pages: readonly StoredPage[], value: Uint8Array): number {
  const page = pages.find(({ bytes }) => bytes.buffer === value.buffer);
  if (!page) throw new Error('a value is not stored as it is');
  return page.start + value.byteOffset - page.bytes.byteOffset;
}

function chunkOf(group: RowGroup, path: readonly string[]): ColumnChunk | undefined {
  return group.columns.find(
    ({ meta_data: meta }) => meta?.path_in_schema.join('\0') === path.join('\0'),
  );
}

function dictionaryOf(header: PageHeader, bytes: Uint8Array, decoder: Decoder): Values {
  const page = decompressPage(bytes, header.uncompressed_page_size, decoder.codec, compressors);
  return readPlain(
    { view: viewOf(page), offset: 0 },
    decoder.type,
    header.dictionary_page_header?.num_values ?? 0,
    decoder.element.type_length,
  );
}

/** A value of a leaf, with its place in a list. */
interface LeafEntry {
  /** Undefined for null. */
  value: unknown;
  /** Whether a row begins with it. */
  isFirst: boolean;
  /** Whether it stands for a list without values, or for no list. */
  isEmpty: boolean;
  isNull: boolean;
}

interface LeafPage extends Pick<ParquetPage, 'placeOf'> {
  entries: LeafEntry[];
}

function entriesOf(
  header: PageHeader,
  bytes: Uint8Array,
  { decoder, dictionary, most }: { decoder: Decoder; dictionary: Values | undefined; most: number },
): LeafEntry[] {
  const { data_page_header: v1, data_page_header_v2: v2 } = header;
  const { num_values: count, encoding } = (header.type === 'DATA_PAGE' ? v1 : v2) ?? {};
  if (!(count !== undefined && count >= 0 && count <= most))
    throw new Error(`a page has ${count} values; at most ${most} remain`);
  const {
    definitionLevels: levels,
    repetitionLevels: repetitions,
    dataPage: data,
  } = header.type === 'DATA_PAGE'
    ? readDataPage(
        decompressPage(bytes, header.uncompressed_page_size, decoder.codec, compressors),
        v1!,
        decoder,
      )
    : readDataPageV2(bytes, header, decoder);
  const present = getMaxDefinitionLevel(decoder.schemaPath);
  const place = decoder.schemaPath.findIndex(
    ({ element }) => element.repetition_type === 'REPEATED',
  );
  // The level from which on a list has a value.
  const inList = place === -1 ? 0 : getMaxDefinitionLevel(decoder.schemaPath.slice(0, place + 1));
  const isIndexed = encoding?.endsWith('_DICTIONARY') ?? false;
  let next = 0;
  const valueAt = (level: number): unknown => {
    if (level !== present) return undefined;
    const value: unknown = data[next++];
    if (!isIndexed) return value;
    if (!dictionary || !(Number(value) < dictionary.length))
      throw new Error('a value is not in the dictionary of its column');
    return dictionary[Number(value)];
  };
  return Array.from({ length: count }, (_, i): LeafEntry => {
    const level = levels && levels.length > 0 ? levels[i]! : present;
    return {
      value: valueAt(level),
      isFirst: (repetitions[i] ?? 0) === 0,
      isEmpty: level === inList - 1,
      isNull: level < inList - 1,
    };
  });
}

async function read(handle: ReadableFile, start: number, length: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(length);
  const { bytesRead } = await handle.read(bytes, 0, length, start);
  if (bytesRead < length) throw new Error(`it ends before byte ${start + length}`);
  return bytes;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** `bytes` fills its buffer. */
function arrayBufferOf(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer as ArrayBuffer;
}

function damaged(file: string, cause: unknown): unknown {
  // Decoders fail with plain errors, whatever the damage.
  return cause instanceof FixresDataError
    ? cause
    : new FixresDataError(
        'damaged-archive',
        `${file} is a damaged Parquet file: ${(cause as Error).message}.`,
        { cause },
      );
}
