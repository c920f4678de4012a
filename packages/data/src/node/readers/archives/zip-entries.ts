import { promisify } from 'node:util';
import yauzl from 'yauzl';
import { FixresDataError } from '../../../errors.ts';
import type { ByteSource } from '../../files/byte-source.ts';
import { defaultReaderLimits, type ReaderLimits, requireFewEntries } from '../reader-limits.ts';
import { type Entry, safeEntryPath, unsafeEntry } from './archive-entry.ts';

const openZip = promisify<string, yauzl.Options, yauzl.ZipFile>(yauzl.open);

/** Compression methods by their number in the zip format. */
const methods = new Map<number, ByteSource['compression']>([
  [0, 'none'],
  [8, 'deflate'],
]);

/** Upper four bits of the Unix mode of a symbolic link. */
const LINK_MODE = 0o12;

/**
 * Lists the files and folders of a zip file with the position of their bytes.
 *
 * @throws FixresDataError `damaged-archive`, `limit-exceeded`, or `unsafe-entry` for links and paths outside
 * the archive
 */
export async function zipEntries(
  file: string,
  limits: ReaderLimits = defaultReaderLimits,
): Promise<Entry[]> {
  try {
    // safeEntryPath checks names, so that all archive formats have the same errors.
    const zip = await openZip(file, {
      autoClose: false,
      lazyEntries: true,
      decodeStrings: true,
      validateEntrySizes: true,
    });
    try {
      const entries: Entry[] = [];
      for await (const entry of eachEntry(zip)) {
        entries.push(await toEntry(zip, entry, file, limits));
        requireFewEntries(entries.length, limits, file);
      }
      return entries;
    } finally {
      zip.close();
    }
  } catch (cause) {
    if (cause instanceof FixresDataError) throw cause;
    const message = (cause as Error).message;
    if (/^(absolute path|invalid relative path|invalid characters in fileName)/.test(message)) {
      throw unsafeEntry(
        message.slice(message.indexOf(':') + 1).trim(),
        file,
        'points outside the archive',
      );
    }
    throw new FixresDataError('damaged-archive', `${file} is a damaged zip archive: ${message}.`, {
      cause,
    });
  }
}

async function* eachEntry(zip: yauzl.ZipFile): AsyncGenerator<yauzl.Entry> {
  for (;;) {
    const entry = await new Promise<yauzl.Entry | undefined>((resolve, reject) => {
      zip.removeAllListeners();
      zip.once('entry', resolve);
      zip.once('end', () => resolve(undefined));
      zip.once('error', reject);
      zip.readEntry();
    });
    if (!entry) return;
    yield entry;
  }
}

async function toEntry(
  zip: yauzl.ZipFile,
  entry: yauzl.Entry,
  file: string,
  limits: ReaderLimits,
): Promise<Entry> {
  const path = safeEntryPath(entry.fileName, file, limits);
  if (entry.fileName.endsWith('/')) return { path };
  if (entry.externalFileAttributes >>> 28 === LINK_MODE)
    throw unsafeEntry(entry.fileName, file, 'is a link');
  if (entry.isEncrypted())
    throw new FixresDataError('damaged-archive', `Entry "${path}" of ${file} is encrypted.`);
  const method = methods.get(entry.compressionMethod);
  if (!method) {
    const message = `Entry "${path}" of ${file} is compressed by method ${entry.compressionMethod}; allowed are 0 (stored) and 8 (deflate).`;
    throw new FixresDataError('damaged-archive', message);
  }
  const readHeader = promisify(zip.readLocalFileHeader.bind(zip) as ReadLocalFileHeader);
  const { fileDataStart } = await readHeader(entry, { minimal: true });
  return {
    path,
    source: {
      file,
      start: fileDataStart,
      length: entry.compressedSize,
      compression: method,
      inflatedLength: entry.uncompressedSize,
    },
  };
}

type ReadLocalFileHeader = (
  entry: yauzl.Entry,
  options: { minimal: true },
  callback: (error: Error | null, header: { fileDataStart: number }) => void,
) => void;
