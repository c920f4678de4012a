import { FixresDataError } from '../../../errors.ts';
import { imageFormat } from '../../decode/image-format.ts';
import { type ByteSource, openForReading, readBytes, readRange } from '../../files/byte-source.ts';
import { inLanes } from '../../in-lanes.ts';
import type { Entry } from '../archives/archive-entry.ts';

/** Files looked into at the same time. */
const LANES = 16;
/** What a format is told by. */
const START = 12;

/** Those of the files whose first bytes are those of an image, for files whose names say nothing. */
export async function imagesByContent(
  files: readonly Required<Entry>[],
): Promise<Required<Entry>[]> {
  const areImages = await inLanes(files, LANES, async ({ source }) => isImage(source));
  return files.filter((_, i) => areImages[i]);
}

async function isImage(source: ByteSource): Promise<boolean> {
  try {
    return imageFormat(await startOf(source)) !== undefined;
  } catch (error) {
    // A licence may be damaged, locked or as large as it likes.
    if (error instanceof FixresDataError) return false;
    throw error;
  }
}

async function startOf(source: ByteSource): Promise<Uint8Array> {
  if (source.compression === 'deflate') return readBytes(source);
  const handle = await openForReading(source.file);
  try {
    return await readRange(handle, source, 0, Math.min(START, source.length));
  } finally {
    await handle.close();
  }
}
