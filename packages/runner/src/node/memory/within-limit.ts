/** Bytes of memory, and at most what the operating system or the container allows this process. */
export function withinLimit(bytes: number): number {
  return Math.min(bytes, process.constrainedMemory() || Infinity);
}
