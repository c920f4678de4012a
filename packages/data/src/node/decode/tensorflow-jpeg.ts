import type { Sharp } from 'sharp';
import type { RgbImage } from '../../pixels/rgb-image.ts';
import { type JpegFrame, jpegFrame } from './jpeg-frame.ts';
import { requireJpegTurbo } from './jpeg-turbo.ts';
import { loadSharp } from './load-sharp.ts';

/**
 * A progressive file of more scans is left to libvips, which refuses it: a small file could otherwise
 * keep the decoder busy for minutes.
 */
const MOST_SCANS = 100;

/** Pixels of the largest image that a thread keeps memory for. */
const MOST_SCRATCH = 2 ** 22;

/** The largest buffer, in bytes, for which the decoder's own check of its size is right: it counts in 32 bits. */
const MOST_BYTES = 2 ** 31 - 1;

/**
 * Decodes a JPEG file to the levels that `tf.io.decode_jpeg(…, channels=3)` gives, then turns it
 * upright by its EXIF orientation, which TensorFlow does not. A colour profile is not applied, as in
 * TensorFlow. It decodes in the calling thread.
 *
 * @returns undefined for files that libvips has to decode or to refuse: CMYK, unusual, damaged and too
 * large ones, and those with more than 100 scans
 * @throws FixresDataError `decoder-missing`
 */
export async function decodeLikeTensorFlow(
  bytes: Uint8Array,
  maxPixels: number,
): Promise<RgbImage | undefined> {
  const frame = jpegFrame(bytes);
  if (!frame || frame.width * frame.height > maxPixels) return undefined;
  const image = decodeFrame(bytes, frame, (length) => Buffer.allocUnsafeSlow(length));
  if (!image || !frame.hasExif) return image;
  const sharp = await loadSharp();
  const { orientation = 1 } = await sharp(bytes, { limitInputPixels: false }).metadata();
  return turnedUpright(image, orientation);
}

/** The memory that {@link decodeAtOnce} decodes into, in this thread. */
let scratch = Buffer.alloc(0);

/**
 * {@link decodeLikeTensorFlow} without waiting and without new memory, in the calling thread.
 *
 * @returns levels that are valid until the next call; undefined also for files with EXIF data, which
 * may have to be turned, and for images of more than 4 million pixels
 */
export function decodeAtOnce(bytes: Uint8Array, maxPixels: number): RgbImage | undefined {
  const frame = jpegFrame(bytes);
  if (!frame || frame.hasExif) return undefined;
  if (frame.width * frame.height > Math.min(maxPixels, MOST_SCRATCH)) return undefined;
  return decodeFrame(bytes, frame, (length) => {
    if (scratch.length < length) scratch = Buffer.allocUnsafeSlow(length);
    return scratch;
  });
}

function decodeFrame(
  bytes: Uint8Array,
  frame: JpegFrame,
  memory: (length: number) => Buffer,
): RgbImage | undefined {
  const decoder = requireJpegTurbo();
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = frame.width * frame.height * 3;
  if (length > MOST_BYTES || hasManyScans(file)) return undefined;
  try {
    const options = { format: decoder.FORMAT_RGB };
    const { data, width, height } = decoder.decompressSync(file, memory(length), options);
    return { width, height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
  } catch {
    // libvips decodes it, or reports what is wrong.
    return undefined;
  }
}

/** Start-of-scan markers; in a scan's data the byte 0xff is never followed by 0xda. */
function hasManyScans(file: Buffer): boolean {
  const marker = Buffer.from([0xff, 0xda]);
  let count = 0;
  for (let at = file.indexOf(marker); at !== -1; at = file.indexOf(marker, at + 2)) {
    if (++count > MOST_SCANS) return true;
  }
  return false;
}

/** Clockwise turn in degrees, then mirrored left to right or not, by EXIF orientation. */
const turns: readonly [degrees: number, mirrored: boolean][] = [
  [0, false],
  [0, true],
  [180, false],
  [180, true],
  [90, true],
  [90, false],
  [270, true],
  [270, false],
];

async function turnedUpright(image: RgbImage, orientation: number): Promise<RgbImage> {
  const [degrees, mirrored] = turns[orientation - 1]!;
  const turned = degrees === 0 ? image : await moved(image, (input) => input.rotate(degrees));
  return mirrored ? moved(turned, (input) => input.flop()) : turned;
}

async function moved(
  { width, height, data }: RgbImage,
  move: (input: Sharp) => Sharp,
): Promise<RgbImage> {
  const sharp = await loadSharp();
  const output = await move(sharp(data, { raw: { width, height, channels: 3 } }))
    .raw()
    .toBuffer({ resolveWithObject: true });
  return {
    width: output.info.width,
    height: output.info.height,
    data: new Uint8Array(output.data.buffer, output.data.byteOffset, output.data.length),
  };
}
