import { fileSource, type Place, placeName } from '../../files/byte-source.ts';
import { RemoteFile } from '../../remote/remote-file.ts';
import { type Entry, safeEntryPath } from '../archives/archive-entry.ts';
import { tarEntries } from '../archives/tar-entries.ts';
import { type ReaderLimits, requireFewEntries } from '../reader-limits.ts';
import { indexedRows, type IndexOptions, type RowKind, writeIndexBeside } from './stored-index.ts';

/**
 * The entries of a tar file, from its index if there is one.
 *
 * @throws FixresDataError those of `tarEntries` and `indexedRows`
 */
export async function indexedTar(
  place: Place,
  { limits, ...options }: IndexOptions & { limits: ReaderLimits },
): Promise<Entry[]> {
  const entries = await indexedRows(place, tarRows(place, limits, options.signal), options);
  requireFewEntries(entries.length, limits, placeName(place));
  return entries;
}

/** Writes the index of a tar file beside it. @throws FixresDataError those of `tarEntries`; the system's error */
export async function writeTarIndex(
  file: string,
  { limits, signal }: { limits: ReaderLimits; signal?: AbortSignal | undefined },
): Promise<void> {
  await writeIndexBeside(file, tarRows(file, limits, signal), signal);
}

/** A row is `[path, start, length]`, with the text of a label at the end, or `[path]` for a folder. */
function tarRows(place: Place, limits: ReaderLimits, signal?: AbortSignal): RowKind<Entry> {
  const name = placeName(place);
  return {
    scan: async () => tarEntries(place, limits, { signal }),
    toJson: ({ path, source, text }) => [
      path,
      ...(source ? [source.start, source.length] : []),
      ...(text === undefined ? [] : [text]),
    ],
    fromJson: (json) => {
      if (!Array.isArray(json)) return undefined;
      const [path, start, length, text] = json as unknown[];
      if (typeof path !== 'string') return undefined;
      // An index can come from another machine.
      const safe = safeEntryPath(path, name, limits);
      if (json.length === 1) return { path: safe };
      if (!isPart(place, start, length)) return undefined;
      const entry = { path: safe, source: fileSource(place, length as number, start as number) };
      if (text === undefined) return entry;
      return typeof text === 'string' ? { ...entry, text } : undefined;
    },
  };
}

/** Whether a position and a length are those of a part of a file, as far as its size is known. */
export function isPart(place: Place, start: unknown, length: unknown): boolean {
  return (
    Number.isSafeInteger(start) &&
    Number.isSafeInteger(length) &&
    (start as number) >= 0 &&
    (length as number) >= 0 &&
    (!(place instanceof RemoteFile) || (start as number) + (length as number) <= place.bytes)
  );
}
