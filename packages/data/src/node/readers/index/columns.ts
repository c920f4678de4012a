/** Values of many rows, of one kind: numbers, counts below 2^32, or text, which a row may lack. */
export type Column = Float64Array | Uint32Array | TextColumn;
export type TextColumn = readonly (string | undefined)[];

/** Columns by name. They may have different numbers of rows. */
export type Columns = Readonly<Record<string, Column>>;

/** A column in the first line of a file. */
interface StoredColumn {
  name: string;
  kind: 'float64' | 'uint32' | 'text';
  rows: number;
  bytes: number;
}

/** The length of a text that is missing. */
const NO_TEXT = 0xffff_ffff;
const LINE_END = 0x0a;

/**
 * Writes a head and columns: a line of JSON with the head and `columns` (name, kind, rows and bytes of each),
 * then the columns' bytes in that order. Numbers are little-endian. A column of text is the number of UTF-16
 * code units of each row, then all texts in UTF-8 without separators, so that they are decoded at once.
 *
 * @param head its keys are not `columns`; a value must be one of JSON
 */
export function columnsToBytes(head: Readonly<Record<string, unknown>>, columns: Columns): Buffer {
  const stored: StoredColumn[] = [];
  const parts: Uint8Array[] = [];
  for (const [name, column] of Object.entries(columns)) {
    const written = columnParts(column);
    const bytes = written.reduce((sum, part) => sum + part.length, 0);
    stored.push({ name, kind: kindOf(column), rows: column.length, bytes });
    parts.push(...written);
  }
  const line = `${JSON.stringify({ ...head, columns: stored })}\n`;
  return Buffer.concat([Buffer.from(line), ...parts]);
}

/** What {@link columnsToBytes} wrote; undefined for any other bytes. */
export function bytesToColumns(
  bytes: Buffer,
): { head: Readonly<Record<string, unknown>>; columns: Columns } | undefined {
  const end = bytes.indexOf(LINE_END);
  if (end === -1) return undefined;
  const head = parsedHead(bytes.subarray(0, end));
  if (head === undefined) return undefined;
  const { columns: stored, ...others } = head;
  if (!Array.isArray(stored)) return undefined;
  let position = end + 1;
  const columns: [string, Column][] = [];
  for (const each of stored as unknown[]) {
    if (!isStoredColumn(each) || each.bytes > bytes.length - position) return undefined;
    const column = parseColumn(each, bytes.subarray(position, position + each.bytes));
    if (column === undefined) return undefined;
    columns.push([each.name, column]);
    position += each.bytes;
  }
  return position === bytes.length
    ? { head: others, columns: Object.fromEntries(columns) }
    : undefined;
}

/** Whether a column is there, and is text. */
export function isText(column: Column | undefined): column is TextColumn {
  return Array.isArray(column);
}

function kindOf(column: Column): StoredColumn['kind'] {
  if (column instanceof Float64Array) return 'float64';
  return column instanceof Uint32Array ? 'uint32' : 'text';
}

function columnParts(column: Column): Uint8Array[] {
  if (column instanceof Float64Array || column instanceof Uint32Array) return [bytesOf(column)];
  const lengths = Uint32Array.from(column, (text) => text?.length ?? NO_TEXT);
  return [bytesOf(lengths), Buffer.from(column.map((text) => text ?? '').join(''))];
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array | Uint32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function parsedHead(line: Buffer): Record<string, unknown> | undefined {
  try {
    const head: unknown = JSON.parse(line.toString('utf8'));
    return typeof head === 'object' && head !== null && !Array.isArray(head)
      ? (head as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function isStoredColumn(value: unknown): value is StoredColumn {
  if (typeof value !== 'object' || value === null) return false;
  const { name, kind, rows, bytes } = value as Record<string, unknown>;
  return (
    typeof name === 'string' &&
    ['float64', 'uint32', 'text'].includes(kind as string) &&
    [rows, bytes].every((count) => Number.isSafeInteger(count) && (count as number) >= 0)
  );
}

function parseColumn({ kind, rows }: StoredColumn, bytes: Buffer): Column | undefined {
  const size = rows * (kind === 'float64' ? 8 : 4);
  if (kind === 'text' ? bytes.length < size : bytes.length !== size) return undefined;
  // A copy, because a view of numbers must start at a multiple of their size.
  const { buffer } = Uint8Array.from(bytes.subarray(0, size));
  if (kind === 'float64') return new Float64Array(buffer);
  const counts = new Uint32Array(buffer);
  return kind === 'uint32' ? counts : splitText(bytes.toString('utf8', size), counts);
}

function splitText(all: string, lengths: Uint32Array): TextColumn | undefined {
  const texts = new Array<string | undefined>(lengths.length);
  let position = 0;
  for (const [row, length] of lengths.entries()) {
    if (length === NO_TEXT) texts[row] = undefined;
    else texts[row] = all.slice(position, (position += length));
    if (position > all.length) return undefined;
  }
  return position === all.length ? texts : undefined;
}
