import { Buffer } from 'node:buffer';
import { crc32, deflateSync, gzipSync, inflateSync } from 'node:zlib';
import { repairTarHeader, tfRecord } from './healthy-inputs.mjs';

/** Single images; all other kinds are data sets. */
export const pictureKinds = ['jpeg', 'png', 'webp', 'bmp', 'gif', 'tiff'];
export const kinds = [...pictureKinds, 'tar', 'tgz', 'zip', 'tfrecord', 'csv', 'jsonl'];

/** Numbers that are likely to break readers. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/**
 * A mutated input. Half of them keep valid checksums, or stay text; otherwise no mutation would get
 * past the first check.
 */
export function mutatedInput(kind, healthy, random) {
  const pick = healthy[kind][random.int(healthy[kind].length)];
  const others = healthy[kind].flat();
  const repaired = random.next() < 0.5;
  switch (kind) {
    case 'png':
      if (random.next() < 0.3) return repairPng(withPixels(pick, random));
      if (random.next() < 0.3) return repairPng(withSize(kind, pick, random));
      return repaired ? repairPng(mutate(pick, others, random)) : mutate(pick, others, random);
    case 'jpeg':
    case 'webp':
    case 'bmp':
    case 'gif':
      return random.next() < 0.15 ? withSize(kind, pick, random) : mutate(pick, others, random);
    case 'tar':
      return repaired ? repairTar(mutateHeaders(pick, random)) : mutate(pick, others, random);
    case 'tgz':
      return repaired
        ? gzipSync(repairTar(mutateHeaders(pick, random)))
        : mutate(gzipSync(pick), others, random);
    case 'tfrecord':
      return repaired
        ? Buffer.concat(mutateRecords(pick, random))
        : mutate(Buffer.concat(pick.map((data) => tfRecord(data))), others, random);
    case 'csv':
    case 'jsonl':
      return repaired ? asText(mutate(pick, others, random)) : mutate(pick, others, random);
    default:
      return mutate(pick, others, random);
  }
}

/** Readable text: a list that is not, or that has control characters, is refused before its lines are read. */
function asText(bytes) {
  return Buffer.from(
    bytes.map((byte) => (byte === 10 || (byte >= 32 && byte < 127) ? byte : 32 + (byte % 95))),
  );
}

/** Makes one to four changes at random places. */
function mutate(bytes, others, random) {
  let result = Buffer.from(bytes);
  for (let change = 1 + random.int(4); change > 0 && result.length > 0; change--) {
    const at = random.int(result.length);
    const length = 1 + random.int(Math.min(64, result.length - at));
    const cut = [result.subarray(0, at), result.subarray(at + length)];
    switch (random.int(8)) {
      case 0:
        result[at] ^= 1 << random.int(8);
        break;
      case 1:
        result[at] = random.int(256);
        break;
      case 2:
        result = putEdge(result, at, random);
        break;
      case 3:
        result = Buffer.from(result.subarray(0, at));
        break;
      case 4:
        result = Buffer.concat(cut);
        break;
      case 5:
        result = Buffer.concat([
          cut[0],
          result.subarray(at, at + length),
          result.subarray(at, at + length),
          cut[1],
        ]);
        break;
      case 6:
        result.fill(random.int(256), at, at + length);
        break;
      default: {
        const other = others[random.int(others.length)];
        const from = random.int(other.length);
        result = Buffer.concat([cut[0], other.subarray(from, from + length), cut[1]]);
      }
    }
  }
  return result;
}

function putEdge(bytes, at, random) {
  const edge = EDGES[random.int(EDGES.length)];
  const width = [1, 2, 4][random.int(3)];
  if (at + width > bytes.length) return bytes;
  const value = edge % 2 ** (8 * width);
  if (random.next() < 0.5) bytes.writeUIntBE(value, at, width);
  else bytes.writeUIntLE(value, at, width);
  return bytes;
}

/** Claims another size: huge, flat or zero. */
function withSize(kind, bytes, random) {
  const result = Buffer.from(bytes);
  const size = () => [0, 1, 4000, 8000, 16_383, 30_000, 65_535][random.int(7)];
  if (kind === 'png') {
    result.writeUInt32BE(size(), 16);
    result.writeUInt32BE(size(), 20);
  } else if (kind === 'jpeg') {
    const frame = Math.max(
      result.indexOf(Buffer.from([0xff, 0xc0])),
      result.indexOf(Buffer.from([0xff, 0xc2])),
    );
    result.writeUInt16BE(size(), frame + 5);
    result.writeUInt16BE(size(), frame + 7);
  } else if (kind === 'gif') {
    result.writeUInt16LE(size(), 6);
    result.writeUInt16LE(size(), 8);
  } else if (kind === 'bmp') {
    result.writeUInt32LE(size(), 18);
    result.writeUInt32LE(size(), 22);
  } else {
    // VP8X stores the canvas size, VP8 and VP8L the image size, all within these ten bytes.
    result.writeUInt16LE(size() & 0x3fff, 24 + random.int(3));
    result.writeUInt16LE(size() & 0x3fff, 26 + random.int(3));
  }
  return result;
}

/**
 * Writes other filters and pixels into a stream that still inflates, and sometimes another image
 * type into the header.
 */
function withPixels(bytes, random) {
  const start = bytes.indexOf('IDAT') - 4;
  const parts = [];
  let end = start;
  while (bytes.toString('latin1', end + 4, end + 8) === 'IDAT') {
    const length = bytes.readUInt32BE(end);
    parts.push(bytes.subarray(end + 8, end + 8 + length));
    end += 12 + length;
  }
  const pixels = inflateSync(Buffer.concat(parts));
  for (let change = random.int(20); change > 0; change--)
    pixels[random.int(pixels.length)] = random.int(256);
  const packed = deflateSync(
    random.next() < 0.2 ? pixels.subarray(0, random.int(pixels.length)) : pixels,
  );
  const frame = Buffer.alloc(12 + packed.length);
  frame.writeUInt32BE(packed.length);
  frame.write('IDAT', 4);
  packed.copy(frame, 8);
  const result = Buffer.concat([bytes.subarray(0, start), frame, bytes.subarray(end)]);
  if (random.next() < 0.2) result[24 + random.int(5)] = random.int(17);
  return result;
}

function repairPng(bytes) {
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 8 + bytes.readUInt32BE(at);
    if (end + 4 > bytes.length) break;
    bytes.writeUInt32BE(crc32(bytes.subarray(at + 4, end)), end);
    at = end + 4;
  }
  return bytes;
}

/** Changes paths, sizes and types in tar headers, where they matter. */
function mutateHeaders(bytes, random) {
  const result = Buffer.from(bytes);
  const headers = [];
  for (let at = 0; at + 512 <= result.length; at += 512)
    if (result.toString('latin1', at + 257, at + 262) === 'ustar') headers.push(at);
  for (let change = 1 + random.int(3); change > 0; change--) {
    const at = headers[random.int(headers.length)];
    switch (random.int(6)) {
      case 0:
        result.write('01234567xLgKSD\0'[random.int(15)], at + 156);
        break;
      case 1:
        result.write(
          [
            '../../../escaped.jpg',
            '/escaped.jpg',
            'a/../../../b/escaped.jpg',
            'a\\..\\b.jpg',
            '__proto__/x.jpg',
            '.',
            '',
          ][random.int(7)],
          at,
          100,
        );
        break;
      case 2:
        result.write(
          ['77777777777', '00000000000', '-0000000001', 'xxxxxxxxxxx', '00000001000'][
            random.int(5)
          ],
          at + 124,
        );
        break;
      case 3:
        result[at + 124] = 0x80 | random.int(128);
        break;
      case 4:
        result.fill(random.int(256), at + 345, at + 500);
        break;
      default:
        result[Math.min(at + random.int(2048), result.length - 1)] = random.int(256);
    }
  }
  return result;
}

function repairTar(bytes) {
  for (let at = 0; at + 512 <= bytes.length; at += 512) {
    if (bytes.toString('latin1', at + 257, at + 262) === 'ustar')
      repairTarHeader(bytes.subarray(at, at + 512));
  }
  return bytes;
}

function mutateRecords(records, random) {
  const which = random.int(records.length);
  return records.map((data, i) => {
    if (i !== which) return tfRecord(data);
    if (random.next() < 0.2)
      return tfRecord(data, [0n, 2n ** 31n, 2n ** 40n, 2n ** 63n, 2n ** 64n - 1n][random.int(5)]);
    // The message's own bytes are at its ends; the image's bytes are in between.
    const edge = Math.min(40, data.length);
    if (random.next() < 0.7) {
      const result = Buffer.from(data);
      const at = random.next() < 0.5 ? random.int(edge) : data.length - 1 - random.int(edge);
      result[at] = random.int(256);
      return tfRecord(result);
    }
    return tfRecord(mutate(data, records, random));
  });
}
