import { fileSource, type Place, placeName } from '../../files/byte-source.ts';
import { RemoteFile } from '../../remote/remote-file.ts';
import { type Entry, safeEntryPath } from '../archives/archive-entry.ts';
import { tarEntries } from '../archives/tar-entries.ts';
import { type ReaderLimits, requireFewEntries } from '../reader-limits.ts';
import { isText } from './columns.ts';
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

/** The length of a folder, which has no bytes. */
const FOLDER = -1;

/** The columns are `path`, `start`, `length` and `text`, the text of a label. */
function tarRows(place: Place, limits: ReaderLimits, signal?: AbortSignal): RowKind<Entry> {
  const name = placeName(place);
  return {
    scan: async () => tarEntries(place, limits, { signal }),
    toColumns: (entries) => ({
      path: entries.map(({ path }) => path),
      start: Float64Array.from(entries, ({ source }) => source?.start ?? 0),
      length: Float64Array.from(entries, ({ source }) => source?.length ?? FOLDER),
      text: entries.map(({ text }) => text),
    }),
    fromColumns: ({ path: paths, start: starts, length: lengths, text: texts }) => {
      if (
        !isText(paths) ||
        !isText(texts) ||
        [starts, lengths, texts].some((column) => column?.length !== paths.length)
      )
        return undefined;
      const entries = new Array<Entry>(paths.length);
      for (let i = 0; i < entries.length; i++) {
        if (paths[i] === undefined) return undefined;
        // An index can come from another machine.
        const path = safeEntryPath(paths[i]!, name, limits);
        const [start, length, text] = [starts![i], lengths![i], texts[i]];
        if (length === FOLDER) entries[i] = { path };
        else if (!isPart(place, start, length)) return undefined;
        else {
          const source = fileSource(place, length as number, start as number);
          entries[i] = text === undefined ? { path, source } : { path, source, text };
        }
      }
      return entries;
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
