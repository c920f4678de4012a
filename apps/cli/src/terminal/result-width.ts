/** Characters that a line of a result may have: those of the terminal; Infinity in a file or a pipe. */
export function resultWidth(): number {
  return process.stdout.isTTY ? process.stdout.columns || 80 : Infinity;
}
