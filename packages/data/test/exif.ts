export const ORIENTATION = 0x0112;

export interface Tag {
  tag: number;
  type: number;
  count: number;
  value: number;
}

/** EXIF data with a directory at `start`. */
export function exif(order: 'II' | 'MM', tags: readonly Tag[], start = 8): Buffer {
  const bytes = Buffer.alloc(start + 2 + 12 * tags.length + 4);
  const little = order === 'II';
  const put16 = (value: number, at: number): number =>
    little ? bytes.writeUInt16LE(value, at) : bytes.writeUInt16BE(value, at);
  const put32 = (value: number, at: number): number =>
    little ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, at);
  bytes.write(order, 0, 'latin1');
  put16(42, 2);
  put32(start, 4);
  put16(tags.length, start);
  for (const [i, { tag, type, count, value }] of tags.entries()) {
    const at = start + 2 + 12 * i;
    put16(tag, at);
    put16(type, at + 2);
    put32(count, at + 4);
    put16(value, at + 8);
  }
  return bytes;
}

export const orientation = (value: number): Tag => ({ tag: ORIENTATION, type: 3, count: 1, value });

/** A JPEG file with EXIF data before all else. */
export function withExif(jpeg: Uint8Array, content: Uint8Array): Buffer {
  const head = Buffer.from('\xff\xe1..Exif\0\0', 'latin1');
  head.writeUInt16BE(content.length + 8, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, content, jpeg.subarray(2)]);
}
