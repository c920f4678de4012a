/**
 * Entry `i` of `steps` evenly spaced numbers from `start` to `end`, in single precision and from
 * the nearer end, as `torch.linspace` computes them.
 */
export function linspace(start: number, end: number, steps: number, i: number): number {
  const { fround } = Math;
  const step = fround(fround(fround(end) - fround(start)) / (steps - 1));
  return i < Math.floor(steps / 2)
    ? fround(fround(start) + fround(step * i))
    : fround(fround(end) - fround(step * (steps - 1 - i)));
}
