import type { FileHandle } from 'node:fs/promises';
import { Header, type HeaderData } from 'tar/header';
import { Pax } from 'tar/pax';
import { FixresDataError } from '../../../errors.ts';
import { fileSource, openForReading } from '../../files/byte-source.ts';
import { defaultReaderLimits, type ReaderLimits, requireFewEntries } from '../reader-limits.ts';
import { type Entry, safeEntryPath, unsafeEntry } from './archive-entry.ts';

const BLOCK = 512;
/** Maximum length of a path or pax record; real ones are shorter. */
const MAX_META_BYTES = 1 << 20;

/** Names of entry types in node-tar. */
const files = new Set(['File', 'OldFile', 'ContiguousFile']);
/** Headers that describe the next entry. */
const paxHeaders = new Set(['ExtendedHeader', 'OldExtendedHeader']);
const longPaths = new Set(['NextFileHasLongPath', 'OldGnuLongPath']);
/** A pax header for the whole archive, and GNU long link targets. */
const unused = new Set(['GlobalExtendedHeader', 'NextFileHasLongLinkpath']);

/**
 * Lists the files and folders of a tar file (ustar, pax and GNU long names) with the position of their
 * bytes. Only headers are read.
 *
 * @param name of the archive in errors, where the file is only a copy of it
 * @throws FixresDataError `not-found`, `damaged-archive`, `limit-exceeded`, or `unsafe-entry`
 * for links, devices, sparse files and paths outside the archive
 */
export async function tarEntries(
  file: string,
  limits: ReaderLimits = defaultReaderLimits,
  name: string = file,
): Promise<Entry[]> {
  const handle = await openForReading(file);
  try {
    const { size: fileSize } = await handle.stat();
    const block = Buffer.alloc(BLOCK);
    const entries: Entry[] = [];
    /** Settings of separate headers for the next entry. */
    let extended: HeaderData | undefined;
    let isSparse = false;
    let position = 0;

    while (position + BLOCK <= fileSize) {
      await handle.read(block, 0, BLOCK, position);
      const header = readHeader(block, extended);
      if (header?.nullBlock) return entries;
      if (!header?.cksumValid) throw damaged(name, position, 'no tar header');
      const start = position + BLOCK;
      const { type, size = Infinity } = header;
      if (start + size > fileSize)
        throw damaged(name, position, 'an entry that is longer than the file');
      position = start + Math.ceil(size / BLOCK) * BLOCK;

      if (paxHeaders.has(type) || longPaths.has(type)) {
        if (size > MAX_META_BYTES) throw damaged(name, start, 'an overlong header');
        const meta = await readText(handle, start, size);
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
        entries.push({ path: safe, source: fileSource(file, size, start) });
      } else
        throw unsafeEntry(
          path,
          name,
          type === 'Link' || type === 'SymbolicLink'
            ? 'is a link'
            : `is neither file nor folder (type ${block.toString('latin1', 156, 157)})`,
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

async function readText(handle: FileHandle, start: number, length: number): Promise<string> {
  const bytes = Buffer.alloc(length);
  await handle.read(bytes, 0, length, start);
  return bytes.toString('utf8');
}
