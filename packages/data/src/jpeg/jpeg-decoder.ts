import type { Rect, Size } from '../geometry/view.ts';
import type { RgbImage } from '../pixels/rgb-image.ts';
import { type WasmMemory, wasmExports } from '../pixels/wasm-exports.ts';
import { jpegDecoderWasm } from './jpeg-decoder-wasm.ts';

interface DecoderExports {
  memory: WasmMemory;
  /** Room for a file, to be filled by the caller. */
  startFile: (length: number) => number;
  read: (maxPixels: number) => void;
  width: () => number;
  height: () => number;
  exifStart: () => number;
  exifLength: () => number;
  draw: (x: number, y: number, width: number, height: number) => number;
}

/** What a file says of its picture. */
export interface JpegPicture extends Size {
  /** EXIF data from its TIFF header on, if there is any; valid until the next file is read. */
  exif: Uint8Array | undefined;
}

/**
 * More pixels than this are left to libvips: the decoder's memory grows to 12 bytes for each and is kept. With that many pixels
 * the time that libvips takes to begin no longer counts.
 */
const MOST_PIXELS = 2 ** 22;

/**
 * A JPEG decoder in WebAssembly for 8-bit pictures, grey or YCbCr (4:4:4, 4:2:2, 4:2:0), baseline and progressive. The levels equal
 * those of libjpeg-turbo's accurate transform ("islow") with its triangle filter for colour. It decodes at once, in the calling thread,
 * one picture at a time, and draws only the part that is asked for.
 */
export class JpegDecoder {
  readonly #exports: DecoderExports;
  #size: Size = { width: 0, height: 0 };

  constructor(exports: DecoderExports) {
    this.#exports = exports;
  }

  /**
   * Decodes a file's coefficients.
   *
   * @returns undefined for a file that this decoder does not know or that is damaged in any way that libjpeg would warn of
   */
  read(file: Uint8Array, maxPixels: number = MOST_PIXELS): JpegPicture | undefined {
    const { memory, startFile, read, width, height, exifStart, exifLength } = this.#exports;
    try {
      const address = startFile(file.length);
      new Uint8Array(memory.buffer, address, file.length).set(file);
      read(Math.min(maxPixels, MOST_PIXELS));
    } catch {
      // It ends by a trap.
      return undefined;
    }
    this.#size = { width: width(), height: height() };
    const exif =
      exifLength() > 0 ? new Uint8Array(memory.buffer, exifStart(), exifLength()) : undefined;
    return { ...this.#size, exif };
  }

  /**
   * The picture of the file that was read last, of which only the pixels of `part` are drawn; the others have arbitrary levels.
   * Valid until the next file is read.
   */
  draw(part: Rect): RgbImage {
    const { width, height } = this.#size;
    const address = this.#exports.draw(part.x, part.y, part.width, part.height);
    return {
      width,
      height,
      data: new Uint8Array(this.#exports.memory.buffer, address, width * height * 3),
    };
  }
}

let decoder: JpegDecoder | undefined;
let tried = false;

/** The decoder of this thread, or undefined where WebAssembly or its SIMD is missing. */
export function jpegDecoder(): JpegDecoder | undefined {
  if (!tried) {
    tried = true;
    const exports = wasmExports(jpegDecoderWasm);
    decoder = exports ? new JpegDecoder(exports as DecoderExports) : undefined;
  }
  return decoder;
}
