import type { Rect, Size } from '../geometry/view.ts';
import type { RgbImage } from '../pixels/rgb-image.ts';
import { type WasmMemory, wasmExports } from '../pixels/wasm-exports.ts';
import { jpegDecoderWasm } from './jpeg-decoder-wasm.ts';

interface DecoderExports {
  memory: WasmMemory;
  /** Reserves memory for a file, which the caller fills. */
  startFile: (length: number) => number;
  read: (maxPixels: number) => void;
  width: () => number;
  height: () => number;
  exifStart: () => number;
  exifLength: () => number;
  draw: (x: number, y: number, width: number, height: number) => number;
}

/** Facts about the picture of a file. */
export interface JpegPicture extends Size {
  /** EXIF data from its TIFF header on, if any; valid until the next file is read. */
  exif: Uint8Array | undefined;
}

/**
 * libvips decodes images with more pixels: the decoder's memory grows to 12 bytes per pixel and is kept, and
 * the start of libvips no longer matters.
 */
const MOST_PIXELS = 2 ** 22;

/**
 * A JPEG decoder in WebAssembly for 8-bit pictures, grey or YCbCr (4:4:4, 4:2:2, 4:2:0), baseline and
 * progressive. The levels equal those of libjpeg-turbo's accurate transform ("islow") with its triangle
 * filter for colour. It runs in the calling thread, decodes one picture at a time, and draws only the
 * requested part.
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
   * @returns undefined for an unsupported file, or one that libjpeg would warn about
   */
  read(file: Uint8Array, maxPixels: number = MOST_PIXELS): JpegPicture | undefined {
    const { memory, startFile, read, width, height, exifStart, exifLength } = this.#exports;
    try {
      const address = startFile(file.length);
      new Uint8Array(memory.buffer, address, file.length).set(file);
      read(Math.min(maxPixels, MOST_PIXELS));
    } catch {
      // The decoder stops with a trap.
      return undefined;
    }
    this.#size = { width: width(), height: height() };
    const exif =
      exifLength() > 0 ? new Uint8Array(memory.buffer, exifStart(), exifLength()) : undefined;
    return { ...this.#size, exif };
  }

  /**
   * Draws `part` of the picture of the last read file; other pixels have arbitrary levels. Valid until the
   * next file is read.
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

/** The decoder of this thread, or undefined without WebAssembly or its SIMD. */
export function jpegDecoder(): JpegDecoder | undefined {
  if (!tried) {
    tried = true;
    const exports = wasmExports(jpegDecoderWasm);
    decoder = exports ? new JpegDecoder(exports as DecoderExports) : undefined;
  }
  return decoder;
}
