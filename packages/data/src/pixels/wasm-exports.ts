/** What is used of WebAssembly; TypeScript knows it only with the types of a page. */
interface WasmApi {
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  Instance: new (module: object) => { exports: unknown };
}

export interface WasmMemory {
  buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** What a module without imports exports; undefined where it cannot run. */
export function wasmExports(base64: string): unknown {
  const api = (globalThis as { WebAssembly?: WasmApi }).WebAssembly;
  if (!api) return undefined;
  try {
    const module = new api.Module(
      Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)),
    );
    return new api.Instance(module).exports;
  } catch {
    // An engine without SIMD, or a page whose security policy forbids WebAssembly.
    return undefined;
  }
}
