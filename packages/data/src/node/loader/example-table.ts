import type { Example } from '../dataset/dataset.ts';
import type { ByteSource } from '../files/byte-source.ts';
import { RemoteFile } from '../remote/remote-file.ts';

/** A list of examples that threads share. It is written once, so no message has to carry it. */
export interface SharedExamples {
  /** {@link FIELDS} numbers per example. */
  numbers: SharedArrayBuffer;
  /** Ids and file names, UTF-8. */
  text: SharedArrayBuffer;
}

/** An image for a worker to read. */
export interface TableItem {
  id: string;
  source: ByteSource;
  /** Its slot in the cache of decoded images. */
  slot: number | undefined;
}

/**
 * Offset and length of the id, offset and length of the file name, start, stored and inflated
 * length, kind, slot.
 */
const FIELDS = 9;

/** How an image is stored. Of a remote file the text is {@link RemoteFile.serialize}. */
const PLAIN = 0;
const DEFLATE = 1;
const REMOTE = 2;

/** @param slotOf slot of an image in the cache of decoded images */
export function shareExamples(
  examples: readonly Example[],
  slotOf: (source: ByteSource) => number | undefined,
): SharedExamples {
  const numbers = new SharedArrayBuffer(examples.length * FIELDS * 8);
  const fields = new Float64Array(numbers);
  const parts: Buffer[] = [];
  let length = 0;
  const place = (text: string): [number, number] => {
    const bytes = Buffer.from(text);
    parts.push(bytes);
    length += bytes.length;
    return [length - bytes.length, bytes.length];
  };
  // All images of an archive have the same file name.
  const files = new Map<string, [number, number]>();
  for (const [i, { id, source }] of examples.entries()) {
    // Shards at different addresses can have the same name.
    const key = source.remote?.key ?? source.file;
    const file = files.get(key) ?? place(source.remote?.serialize() ?? source.file);
    files.set(key, file);
    const stored = source.compression === 'none' ? PLAIN : DEFLATE;
    fields.set(
      [
        ...place(id),
        ...file,
        source.start,
        source.length,
        source.inflatedLength,
        source.remote ? REMOTE : stored,
        slotOf(source) ?? -1,
      ],
      i * FIELDS,
    );
  }
  const text = new SharedArrayBuffer(length);
  const bytes = new Uint8Array(text);
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  return { numbers, text };
}

/** One example of a shared list. */
export function sharedExample({ numbers, text }: SharedExamples, index: number): TableItem {
  const [idAt, idLength, fileAt, fileLength, start, length, inflatedLength, kind, slot] =
    new Float64Array(numbers, index * FIELDS * 8, FIELDS) as unknown as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
  const textAt = (at: number, size: number): string => Buffer.from(text, at, size).toString();
  const file = textAt(fileAt, fileLength);
  const remote = kind === REMOTE ? RemoteFile.parse(file) : undefined;
  return {
    id: textAt(idAt, idLength),
    source: {
      file: remote?.shown ?? file,
      start,
      length,
      inflatedLength,
      compression: kind === DEFLATE ? 'deflate' : 'none',
      ...(remote && { remote }),
    },
    slot: slot === -1 ? undefined : slot,
  };
}
