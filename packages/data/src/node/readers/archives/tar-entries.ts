import { FixresDataError } from '../../../errors.ts';
import { fileSource, openForReading } from '../../files/byte-source.ts';
import { defaultReaderLimits, type ReaderLimits, requireFewEntries } from '../reader-limits.ts';
import { type Entry, safeEntryPath, unsafeEntry } from './archive-entry.ts';

const BLOCK = 512;
/** A path or pax record longer than this is no path. */
const MAX_META_BYTES = 1 << 20;

/**
 * Lists the files and folders of a tar file (ustar, pax and GNU long names) with the place of their bytes, reading headers only.
 *
 * @param name of the archive in errors, where the file is only a copy of it
 * @throws FixresDataError `not-found`, `damaged-archive`, `limit-exceeded`, or `unsafe-entry` for links, devices and paths that lead outside
 */
export async function tarEntries(
  file: string,
  limits: ReaderLimits = defaultReaderLimits,
  name: string = file,
): Promise<Entry[]> {
  const handle = await openForReading(file);
  try {
    const { size: fileSize } = await handle.stat();
    const header = Buffer.alloc(BLOCK);
    const entries: Entry[] = [];
    let longPath: string | undefined;
    let longSize: number | undefined;
    let position = 0;

    while (position + BLOCK <= fileSize) {
      await handle.read(header, 0, BLOCK, position);
      if (header.every((byte) => byte === 0)) return entries;
      if (!checksumHolds(header)) throw damaged(name, position, 'no tar header');
      const type = String.fromCharCode(header[156]!);
      const start = position + BLOCK;
      const size = longSize ?? readNumber(header.subarray(124, 136));
      if (!Number.isSafeInteger(size) || size < 0 || start + size > fileSize) {
        throw damaged(name, position, 'an entry that is longer than the file');
      }
      position = start + Math.ceil(size / BLOCK) * BLOCK;

      if (type === 'x' || type === 'L') {
        if (size > MAX_META_BYTES) throw damaged(name, start, 'an overlong header');
        const meta = Buffer.alloc(size);
        await handle.read(meta, 0, size, start);
        if (type === 'L') longPath = readText(meta);
        else ({ path: longPath = longPath, size: longSize } = readPax(meta));
        continue;
      }
      // A pax header for the whole archive, and GNU long link targets, say nothing we use.
      if (type === 'g' || type === 'K') continue;

      const path = longPath ?? headerPath(header);
      longPath = undefined;
      longSize = undefined;
      const safe = safeEntryPath(path, name, limits);
      // `tar -C photos .` lists the folder itself.
      if (safe === '') continue;
      if (type === '5') entries.push({ path: safe });
      else if (type === '0' || type === '\0' || type === '7') {
        entries.push({ path: safe, source: fileSource(file, size, start) });
      } else
        throw unsafeEntry(
          path,
          name,
          type === '1' || type === '2' ? 'is a link' : `is neither file nor folder (type ${type})`,
        );
      requireFewEntries(entries.length, limits, name);
    }
    if (entries.length === 0) throw damaged(name, 0, 'no tar header');
    return entries;
  } finally {
    await handle.close();
  }
}

function damaged(file: string, position: number, found: string): FixresDataError {
  return new FixresDataError(
    'damaged-archive',
    `${file} is a damaged tar archive: at byte ${position} there is ${found}.`,
  );
}

function checksumHolds(header: Buffer): boolean {
  const stated = readNumber(header.subarray(148, 156));
  // The sum is taken with the checksum's own eight bytes as blanks.
  let sum = 8 * 0x20;
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += header[i]!;
  return sum === stated;
}

/** Octal text, or GNU's base 256 when the first bit is set. */
function readNumber(field: Buffer): number {
  if (field[0]! & 0x80)
    return field.subarray(1).reduce((value, byte) => value * 256 + byte, field[0]! & 0x7f);
  return Number.parseInt(readText(field).trim() || '0', 8);
}

function readText(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? field.length : end);
}

function headerPath(header: Buffer): string {
  const name = readText(header.subarray(0, 100));
  const isUstar = header.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isUstar ? readText(header.subarray(345, 500)) : '';
  return prefix ? `${prefix}/${name}` : name;
}

/** The records we need of a pax header: `length key=value\n` each. */
function readPax(meta: Buffer): { path?: string | undefined; size?: number | undefined } {
  const records: { path?: string; size?: number } = {};
  let position = 0;
  while (position < meta.length) {
    const blank = meta.indexOf(0x20, position);
    const length = blank === -1 ? 0 : Number.parseInt(meta.toString('latin1', position, blank), 10);
    if (!(length > 0)) break;
    const record = meta.toString('utf8', blank + 1, position + length - 1);
    const equals = record.indexOf('=');
    const key = record.slice(0, equals);
    if (key === 'path') records.path = record.slice(equals + 1);
    if (key === 'size') records.size = Number(record.slice(equals + 1));
    position += length;
  }
  return records;
}
