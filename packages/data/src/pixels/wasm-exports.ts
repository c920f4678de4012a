/**
 * The part of WebAssembly used here. TypeScript only declares it together with the browser's types.
 */
interface WasmApi {
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  Instance: new (module: object) => { exports: unknown };
}

export interface WasmMemory {
  buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** Bytes that kernels may use. Memory never shrinks; larger pictures are rare enough to take the TypeScript loops. */
export const WASM_MEMORY_LIMIT: number = 64 * 2 ** 20;

/** The exports of a module without imports; undefined if it cannot run. */
export function wasmExports(base64: string): unknown {
  const api = (globalThis as { WebAssembly?: WasmApi }).WebAssembly;
  if (!api) return undefined;
  try {
    const module = new api.Module(
      Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)),
    );
    return new api.Instance(module).exports;
  } catch {
    // The engine lacks SIMD, or the page's security policy forbids WebAssembly.
    return undefined;
  }
}
