/** Buffers that are kept; more than are ever under way would only take memory. */
const MOST = 64;

/**
 * Batches' memory that consumers gave back. Using it again spares the collector of the main thread, which has to free megabytes
 * for each batch otherwise, and the pages of new memory.
 */
export class SpareBuffers {
  readonly #spare: ArrayBuffer[] = [];

  /** A buffer of exactly this many bytes, if one is there. */
  take(byteLength: number): ArrayBuffer | undefined {
    const at = this.#spare.findIndex((buffer) => buffer.byteLength === byteLength);
    return at === -1 ? undefined : this.#spare.splice(at, 1)[0];
  }

  give(buffer: ArrayBuffer): void {
    // One that was moved elsewhere is empty.
    if (buffer.byteLength === 0) return;
    // The oldest may be of a size that is asked for no more.
    if (this.#spare.length >= MOST) this.#spare.shift();
    this.#spare.push(buffer);
  }
}
