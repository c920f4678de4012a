import type { Size } from '../../geometry/view.ts';
import type { RgbImage } from '../../pixels/rgb-image.ts';

// sharp's build of libvips does not read BMP, and the decoders on npm read only 24 bits or trust the
// header.

/** Bytes before the header with the size. */
const FILE_HEADER = 14;
/** The oldest header, of OS/2: sizes of 16 bits, colours of three bytes. */
const CORE_HEADER = 12;
/** Number of bytes that contain the supported headers with their masks. */
export const BMP_HEADER_BYTES = 70;

/** Compressions: none, and masks for the position of the colours in a pixel. */
const NONE = 0;
const MASKS = new Set([3, 6]);

interface BmpHeader extends Size {
  headerSize: number;
  bits: number;
  isTopDown: boolean;
  masks: [number, number, number] | undefined;
  /** Colours of the palette. */
  colours: number;
  /** Position of the pixels. */
  start: number;
}

/**
 * Width and height of a BMP file.
 *
 * @param bytes its first {@link BMP_HEADER_BYTES}, or all there are
 * @throws RangeError with the problem, as the end of a sentence that starts with "it"
 */
export function bmpSize(bytes: Uint8Array): Size {
  const { width, height } = readHeader(bytes);
  return { width, height };
}

/**
 * Decodes an uncompressed BMP file: 1, 4 and 8 bits with a palette, 24 bits, and 16 and 32 bits with or
 * without masks. A fourth channel is dropped. The levels equal Pillow's.
 *
 * @throws RangeError with the problem, as the end of a sentence that starts with "it"
 */
export function decodeBmp(bytes: Uint8Array): RgbImage {
  const header = readHeader(bytes);
  const { width, height, bits, start, isTopDown } = header;
  const stride = Math.ceil((width * bits) / 32) * 4;
  // Before memory is reserved for the size in the header.
  if (start + stride * height > bytes.length) throw new RangeError('ends before its pixels do');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const colourAt = bits <= 8 ? paletteReader(view, header) : maskReader(view, header);
  const data = new Uint8Array(width * height * 3);
  let out = 0;
  for (let y = 0; y < height; y++) {
    const row = start + stride * (isTopDown ? y : height - 1 - y);
    for (let x = 0; x < width; x++, out += 3) colourAt(row, x, data, out);
  }
  return { width, height, data };
}

/** Writes pixel `x` of a row to `data[out]` and the next two. */
type ReadPixel = (row: number, x: number, data: Uint8Array, out: number) => void;

function paletteReader(view: DataView, { bits, colours, headerSize }: BmpHeader): ReadPixel {
  const entry = headerSize === CORE_HEADER ? 3 : 4;
  const first = FILE_HEADER + headerSize;
  if (first + colours * entry > view.byteLength) throw new RangeError('ends within its palette');
  const perByte = 8 / bits;
  return (row, x, data, out) => {
    const shift = 8 - bits * (1 + (x % perByte));
    const index = (view.getUint8(row + Math.floor(x / perByte)) >> shift) & (2 ** bits - 1);
    // A colour that is not in the palette is black.
    if (index >= colours) return;
    for (let c = 0; c < 3; c++) data[out + c] = view.getUint8(first + index * entry + 2 - c);
  };
}

function maskReader(view: DataView, { bits, masks }: BmpHeader): ReadPixel {
  if (bits === 24) {
    return (row, x, data, out) => {
      for (let c = 0; c < 3; c++) data[out + c] = view.getUint8(row + 3 * x + 2 - c);
    };
  }
  const usual: [number, number, number] =
    bits === 16 ? [0x7c00, 0x03e0, 0x001f] : [0xff0000, 0xff00, 0xff];
  const channels = (masks ?? usual).map((mask) => {
    const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
    return { mask, shift, most: mask >>> shift };
  });
  return (row, x, data, out) => {
    const pixel =
      bits === 16 ? view.getUint16(row + 2 * x, true) : view.getUint32(row + 4 * x, true);
    for (const [c, { mask, shift, most }] of channels.entries()) {
      if (most > 0) data[out + c] = Math.floor((((pixel & mask) >>> shift) * 255) / most);
    }
  };
}

function readHeader(bytes: Uint8Array): BmpHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < FILE_HEADER + CORE_HEADER) throw new RangeError('ends within its header');
  const start = view.getUint32(10, true);
  const headerSize = view.getUint32(FILE_HEADER, true);
  if (headerSize === CORE_HEADER) {
    const bits = requireBits(view.getUint16(24, true));
    const [width, height] = [view.getUint16(18, true), view.getUint16(20, true)];
    return checked({
      width,
      height,
      headerSize,
      bits,
      isTopDown: false,
      masks: undefined,
      colours: 2 ** bits,
      start,
    });
  }
  if (headerSize < 40 || headerSize > 124)
    throw new RangeError(`has a header of ${headerSize} bytes, which is not valid in BMP files`);
  if (view.byteLength < FILE_HEADER + 40) throw new RangeError('ends within its header');
  const bits = requireBits(view.getUint16(28, true));
  const compression = view.getUint32(30, true);
  const hasMasks = MASKS.has(compression) && (bits === 16 || bits === 32);
  if (compression !== NONE && !hasMasks)
    throw new RangeError(`is compressed by method ${compression}, which is not supported`);
  const height = view.getInt32(22, true);
  const used = view.getUint32(46, true);
  const colours = bits > 8 ? 0 : used === 0 ? 2 ** bits : Math.min(used, 2 ** bits);
  let masks: BmpHeader['masks'];
  if (compression !== NONE) {
    if (view.byteLength < 66) throw new RangeError('ends within its header');
    masks = [54, 58, 62].map((place) => view.getUint32(place, true)) as [number, number, number];
  }
  return checked({
    width: view.getInt32(18, true),
    height: Math.abs(height),
    headerSize,
    bits,
    isTopDown: height < 0,
    masks,
    colours,
    start,
  });
}

function requireBits(bits: number): number {
  if ([1, 4, 8, 16, 24, 32].includes(bits)) return bits;
  throw new RangeError(`has ${bits} bits per pixel; 1, 4, 8, 16, 24 and 32 are supported`);
}

function checked(header: BmpHeader): BmpHeader {
  if (header.width > 0 && header.height > 0) return header;
  throw new RangeError(`has a size of ${header.width} x ${header.height}`);
}
