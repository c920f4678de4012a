/** Maximum line length of a result: the width of the terminal; Infinity for a file or a pipe. */
export function resultWidth(): number {
  return process.stdout.isTTY ? process.stdout.columns || 80 : Infinity;
}
