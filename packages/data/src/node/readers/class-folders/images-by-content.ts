import { isImageFailure } from '../../decode/image-failure.ts';
import { imageFormat } from '../../decode/image-format.ts';
import { type ByteSource, openSource, readBytes, readRange } from '../../files/byte-source.ts';
import { inLanes } from '../../in-lanes.ts';
import type { FileEntry } from '../archives/archive-entry.ts';

/** Number of files read at the same time. */
const LANES = 16;
/** Number of first bytes that identify a format. */
const START = 12;

/** The files that start with the bytes of an image, for files whose names have no ending. */
export async function imagesByContent(files: readonly FileEntry[]): Promise<FileEntry[]> {
  const areImages = await inLanes(files, LANES, async ({ source }) => isImage(source));
  return files.filter((_, i) => areImages[i]);
}

async function isImage(source: ByteSource): Promise<boolean> {
  try {
    return imageFormat(await startOf(source)) !== undefined;
  } catch (error) {
    // Other files, such as a licence, may be damaged, unreadable or of any size.
    if (isImageFailure(error)) return false;
    throw error;
  }
}

async function startOf(source: ByteSource): Promise<Uint8Array> {
  if (source.compression === 'deflate') return readBytes(source);
  const handle = await openSource(source);
  try {
    return await readRange(handle, source, 0, Math.min(START, source.length));
  } finally {
    await handle.close();
  }
}
