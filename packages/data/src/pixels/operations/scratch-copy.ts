let scratch = new Uint8Array(0);

/**
 * A copy of these levels, valid until the next call in this thread: operations that read
 * neighbouring pixels need one, and a loader changes thousands of pictures of one size.
 */
export function copyOf(pixels: Uint8Array): Uint8Array {
  if (scratch.length < pixels.length) scratch = new Uint8Array(pixels.length);
  scratch.set(pixels);
  return scratch;
}
