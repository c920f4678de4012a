import { adjustKernelsWasm } from './adjust-kernels-wasm.ts';
import { WASM_MEMORY_LIMIT, type WasmMemory, wasmExports } from './wasm-exports.ts';

/**
 * The kernels of assembly/adjust. `pixels` and the other first arguments are addresses of RGB levels,
 * `length` is in bytes.
 */
interface AdjustKernels {
  memory: WasmMemory;
  reserve(bytes: number): number;
  blendAll(pixels: number, length: number, from: number, factor: number): void;
  invertFrom(pixels: number, length: number, threshold: number): void;
  keepBits(pixels: number, length: number, mask: number): void;
  mapChannels(pixels: number, length: number, tables: number): void;
  countLevels(pixels: number, length: number, counts: number, other: number): void;
  extremes(pixels: number, length: number, out: number): void;
  saturate(pixels: number, length: number, factor: number): void;
  sumLuma(pixels: number, length: number): number;
  toGrayscale(pixels: number, length: number): void;
  turnHue(pixels: number, length: number, turn: number): void;
  sharpen(source: number, out: number, width: number, height: number, factor: number): void;
  boxBlur(
    pixels: number,
    work: number,
    width: number,
    height: number,
    whole: number,
    inner: number,
    outer: number,
  ): void;
  mapNearest(
    source: number,
    out: number,
    width: number,
    height: number,
    startX: number,
    startY: number,
    stepX: number,
    stepY: number,
    rowX: number,
    rowY: number,
    fill: number,
  ): void;
  mapBilinear(
    source: number,
    out: number,
    width: number,
    height: number,
    a: number,
    b: number,
    c: number,
    d: number,
    e: number,
    f: number,
    fill: number,
  ): void;
  mixPictures(
    pictures: number,
    stride: number,
    weights: number,
    count: number,
    out: number,
    length: number,
  ): void;
}

/** Loads and stores of a kernel may extend this many bytes beyond a part. */
const SLACK = 64;

/** Kernels and their memory, with the picture at `pixels` and room for other data at `work`. */
export interface AdjustSpace {
  kernels: AdjustKernels;
  pixels: number;
  work: number;
  bytes: (address: number, length: number) => Uint8Array;
}

/** The bytes that a part takes in the memory, with the room behind it. */
export const roomFor = (length: number): number => Math.ceil((length + SLACK) / 16) * 16;

let kernels: AdjustKernels | undefined;
let tried = false;

function adjustKernels(): AdjustKernels | undefined {
  if (!tried) {
    tried = true;
    kernels = wasmExports(adjustKernelsWasm) as AdjustKernels | undefined;
  }
  return kernels;
}

/**
 * Calls `run` with a copy of these levels in the memory of the kernels, and copies what it made of
 * them back.
 *
 * @param workLength bytes that the kernel needs besides the picture
 * @returns false, and nothing is called, if WebAssembly or its SIMD is missing, or for a very large
 * picture. The TypeScript loops compute the same levels.
 */
export function changeInKernels(
  pixels: Uint8Array,
  workLength: number,
  run: (space: AdjustSpace) => void,
): boolean {
  const space = spaceFor(pixels, workLength);
  if (!space) return false;
  run(space);
  pixels.set(space.bytes(space.pixels, pixels.length));
  return true;
}

/** What `run` computes from a copy of these levels; undefined where `changeInKernels` gives false. */
export function readInKernels<T>(
  pixels: Uint8Array,
  workLength: number,
  run: (space: AdjustSpace) => T,
): T | undefined {
  const space = spaceFor(pixels, workLength);
  return space && run(space);
}

function spaceFor(pixels: Uint8Array, workLength: number): AdjustSpace | undefined {
  const room = roomFor(pixels.length);
  const total = room + roomFor(workLength);
  const found = total <= WASM_MEMORY_LIMIT ? adjustKernels() : undefined;
  if (!found) return undefined;
  const start = found.reserve(total);
  const bytes = (address: number, length: number): Uint8Array =>
    new Uint8Array(found.memory.buffer, address, length);
  bytes(start, pixels.length).set(pixels);
  return { kernels: found, pixels: start, work: start + room, bytes };
}
