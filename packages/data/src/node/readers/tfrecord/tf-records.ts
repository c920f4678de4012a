import { FixresDataError } from '../../../errors.ts';
import { defaultImageLimits } from '../../decode/image-limits.ts';
import {
  openForReading,
  type Place,
  placeName,
  type ReadableFile,
} from '../../files/byte-source.ts';
import { maskedCrc32c } from '../../../crc32c.ts';

/** Length (8 bytes) and its checksum (4) before a record's data, the data's checksum (4) after. */
const HEAD = 12;
const FOOT = 4;
/** Bytes per read; longer records are read at once. */
const CHUNK = 1 << 20;
/** A record contains one image and little else. */
const MAX_RECORD = 2 * defaultImageLimits.maxBytes;

/** One record of a TFRecord file. */
export interface TfRecord {
  /** Position of the data in its file. */
  start: number;
  /** Valid until the next record is read. */
  data: Buffer;
}

/**
 * Reads the records of a TFRecord file in order and verifies their checksums. Memory: one record, at least
 * 1 MiB.
 *
 * @throws FixresDataError `not-found`, `damaged-archive` naming the record; the signal's reason when aborted
 */
export async function* tfRecords(
  place: Place,
  signal?: AbortSignal,
): AsyncGenerator<TfRecord, void, undefined> {
  const file = placeName(place);
  const handle = await openForReading(place, { sequential: true, signal });
  try {
    const { size } = await handle.stat();
    let window: Buffer = Buffer.alloc(0);
    let windowStart = 0;
    const at = async (start: number, length: number): Promise<Buffer> => {
      if (start + length > windowStart + window.length) {
        signal?.throwIfAborted();
        window = await readUpTo(handle, start, Math.min(Math.max(CHUNK, length), size - start));
        windowStart = start;
      }
      return window.subarray(start - windowStart, start - windowStart + length);
    };

    let number = 0;
    for (let position = 0; position < size; number++) {
      const damaged = (why: string): FixresDataError =>
        new FixresDataError(
          'damaged-archive',
          `${file} is a damaged TFRecord file: record ${number}, at byte ${position}, ${why}.`,
        );
      if (position + HEAD > size) throw damaged('is truncated');
      const head = await at(position, HEAD);
      if (number === 0 && head[0] === 0x1f && head[1] === 0x8b)
        throw damaged('is compressed with gzip; unpack the file first');
      if (head.length < HEAD || maskedCrc32c(head.subarray(0, 8)) !== head.readUInt32LE(8))
        throw damaged('has a wrong length checksum');
      const length = Number(head.readBigUInt64LE(0));
      const start = position + HEAD;
      if (start + length + FOOT > size) throw damaged('is longer than the file');
      if (length > MAX_RECORD)
        throw damaged(`has ${length} bytes; at most ${MAX_RECORD} are allowed`);
      const body = await at(start, length + FOOT);
      const data = body.subarray(0, length);
      if (body.length < length + FOOT || maskedCrc32c(data) !== body.readUInt32LE(length))
        throw damaged('has a wrong data checksum');
      yield { start, data };
      position = start + length + FOOT;
    }
  } finally {
    await handle.close();
  }
}

async function readUpTo(handle: ReadableFile, start: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  const { bytesRead } = await handle.read(buffer, 0, length, start);
  return buffer.subarray(0, bytesRead);
}
