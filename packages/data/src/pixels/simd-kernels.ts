import { simdKernelsWasm } from './simd-kernels-wasm.ts';
import { WASM_MEMORY_LIMIT, type WasmMemory, wasmExports } from './wasm-exports.ts';

/**
 * The inner loops of resampling in WebAssembly with SIMD. All arguments except `part` are addresses
 * or whole numbers.
 */
export interface Kernels {
  mixColumns(row: number, low: number, fraction: number, out: number, count: number): void;
  mixRows(upper: number, lower: number, part: number, out: number, length: number): void;
  convolveRow(
    row: number,
    first: number,
    counts: number,
    weights: number,
    taps: number,
    out: number,
    count: number,
  ): void;
  convolveColumn(
    rows: number,
    stride: number,
    weights: number,
    count: number,
    out: number,
    length: number,
  ): void;
}

const PAGE = 65_536;
/** Loads and stores of a kernel may extend this many bytes beyond their data. */
const SLACK = 16;

/** The kernels and their memory, which is laid out again for each picture. */
export class KernelSpace {
  readonly kernels: Kernels;
  readonly #memory: WasmMemory;
  #next = 0;

  constructor(exports: Kernels & { memory: WasmMemory }) {
    this.kernels = exports;
    this.#memory = exports.memory;
  }

  /**
   * Discards everything and reserves `lengths`, in bytes. Returns their addresses, or undefined if
   * that is too much.
   */
  layOut<const T extends readonly number[]>(lengths: T): { [K in keyof T]: number } | undefined {
    this.#next = 0;
    const addresses = lengths.map((length) => {
      const address = this.#next;
      this.#next += Math.ceil((length + SLACK) / 16) * 16;
      return address;
    });
    if (this.#next > WASM_MEMORY_LIMIT) return undefined;
    const missing = this.#next - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE));
    return addresses as { [K in keyof T]: number };
  }

  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, address, length);
  }

  writeInts(address: number, values: Int32Array): void {
    new Int32Array(this.#memory.buffer, address, values.length).set(values);
  }

  writeFloats(address: number, values: Float32Array): void {
    new Float32Array(this.#memory.buffer, address, values.length).set(values);
  }
}

let space: KernelSpace | undefined;
let tried = false;

/**
 * The kernels of this thread, or undefined if WebAssembly or its SIMD is missing. The TypeScript
 * loops compute the same levels.
 */
export function kernelSpace(): KernelSpace | undefined {
  if (!tried) {
    tried = true;
    const exports = wasmExports(simdKernelsWasm);
    space = exports ? new KernelSpace(exports as Kernels & { memory: WasmMemory }) : undefined;
  }
  return space;
}
