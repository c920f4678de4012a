import { isUtf8 } from 'node:buffer';
import { Header, type HeaderData } from 'tar/header';
import { Pax } from 'tar/pax';
import { FixresDataError } from '../../../errors.ts';
import { fileSource, openForReading, type Place, placeName } from '../../files/byte-source.ts';
import { defaultReaderLimits, type ReaderLimits, requireFewEntries } from '../reader-limits.ts';
import { type Entry, safeEntryPath, unsafeEntry } from './archive-entry.ts';

const BLOCK = 512;
/** Maximum length of a path or pax record; real ones are shorter. */
const MAX_META_BYTES = 1 << 20;

/** Bytes per read: a header, and the labels and headers that follow, or a few small images. */
const WINDOW = 1 << 14;
/** Files with a label that are short enough to be read with the entries. */
const LABEL_ENDING = /\.(?:cls|json)$/i;
const MAX_LABEL_BYTES = 4096;

/** Names of entry types in node-tar. */
const files = new Set(['File', 'OldFile', 'ContiguousFile']);
/** Headers that describe the next entry. */
const paxHeaders = new Set(['ExtendedHeader', 'OldExtendedHeader']);
const longPaths = new Set(['NextFileHasLongPath', 'OldGnuLongPath']);
/** A pax header for the whole archive, and GNU long link targets. */
const unused = new Set(['GlobalExtendedHeader', 'NextFileHasLongLinkpath']);

/**
 * Lists the files and folders of a tar file (ustar, pax and GNU long names) with the position of their
 * bytes. Only headers are read, and the text of short `.cls` and `.json` files.
 *
 * @param options.name of the archive in errors, where the file is only a copy of it
 * @throws FixresDataError `not-found`, `damaged-archive`, `limit-exceeded`, or `unsafe-entry`
 * for links, devices, sparse files and paths outside the archive
 */
export async function tarEntries(
  place: Place,
  limits: ReaderLimits = defaultReaderLimits,
  {
    name = placeName(place),
    signal,
  }: { name?: string | undefined; signal?: AbortSignal | undefined } = {},
): Promise<Entry[]> {
  const handle = await openForReading(place, { sequential: true, signal });
  try {
    const { size: fileSize } = await handle.stat();
    const buffer = Buffer.alloc(WINDOW);
    let windowStart = 0;
    let windowEnd = 0;
    /** A part of the file, valid until the next is read. */
    const at = async (start: number, length: number): Promise<Buffer> => {
      if (length > WINDOW) {
        const long = Buffer.alloc(length);
        await handle.read(long, 0, length, start);
        return long;
      }
      if (start < windowStart || start + length > windowEnd) {
        signal?.throwIfAborted();
        const { bytesRead } = await handle.read(buffer, 0, WINDOW, start);
        [windowStart, windowEnd] = [start, start + bytesRead];
        // A file that became shorter.
        buffer.fill(0, bytesRead);
      }
      return buffer.subarray(start - windowStart, start - windowStart + length);
    };
    const entries: Entry[] = [];
    /** Settings of separate headers for the next entry. */
    let extended: HeaderData | undefined;
    let isSparse = false;
    let position = 0;

    while (position + BLOCK <= fileSize) {
      const block = await at(position, BLOCK);
      const header = readHeader(block, extended);
      if (header?.nullBlock) return entries;
      if (!header?.cksumValid) throw damaged(name, position, 'no tar header');
      const start = position + BLOCK;
      const { type, size = Infinity } = header;
      const typeFlag = block.toString('latin1', 156, 157);
      if (start + size > fileSize)
        throw damaged(name, position, 'an entry that is longer than the file');
      position = start + Math.ceil(size / BLOCK) * BLOCK;

      if (paxHeaders.has(type) || longPaths.has(type)) {
        if (size > MAX_META_BYTES) throw damaged(name, start, 'an overlong header');
        const meta = (await at(start, size)).toString('utf8');
        if (longPaths.has(type)) extended = { ...extended, path: meta.split('\0')[0]! };
        else {
          extended = Pax.parse(meta, extended);
          // node-tar loses a value of several lines.
          if (extended.path === undefined && /^\d+ path=/m.test(meta))
            throw damaged(name, start, 'a path with a line break');
          isSparse ||= meta.includes(' GNU.sparse.');
        }
        continue;
      }
      if (unused.has(type)) continue;

      const path = extended?.path ?? header.path ?? '';
      const safe = safeEntryPath(path, name, limits);
      if (isSparse || type === 'SparseFile') throw unsafeEntry(path, name, 'is a sparse file');
      extended = undefined;
      // `tar -C photos .` lists the folder itself.
      if (safe === '') continue;
      if (type === 'Directory') entries.push({ path: safe });
      else if (files.has(type)) {
        const entry = { path: safe, source: fileSource(place, size, start) };
        const isLabel = size <= MAX_LABEL_BYTES && LABEL_ENDING.test(safe);
        const text = isLabel ? plainText(await at(start, size)) : undefined;
        entries.push(text === undefined ? entry : { ...entry, text });
      } else
        throw unsafeEntry(
          path,
          name,
          type === 'Link' || type === 'SymbolicLink'
            ? 'is a link'
            : `is neither file nor folder (type ${typeFlag})`,
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

/** Undefined if a number field is invalid. */
function readHeader(block: Buffer, extended: HeaderData | undefined): Header | undefined {
  try {
    return new Header(block, 0, extended);
  } catch {
    return undefined;
  }
}

/** Undefined if the bytes are not text; whoever needs them then reports why. */
function plainText(bytes: Buffer): string | undefined {
  return isUtf8(bytes) && !bytes.includes(0) ? bytes.toString('utf8') : undefined;
}
