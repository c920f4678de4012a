import type { Resampling } from './resample.ts';

/** Half the width of the filter, in pixels of the smaller side. */
const RADIUS = 2;

/** Keys's cubic filter with a = -0.5, as in PIL. */
function cubic(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < RADIUS ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

/**
 * Resizes a side with bicubic interpolation, smoothing before shrinking: as
 * `torch.nn.functional.interpolate` with `mode='bicubic', antialias=True`, which has PIL's filter
 * (a = -0.5) also for enlarging; without `antialias` it has a = -0.75.
 *
 * @param length of the side before
 * @param size of the side afterwards
 */
export function bicubicSide(length: number, size: number): Resampling {
  const scale = length / size;
  const wide = Math.max(scale, 1);
  return Array.from({ length: size }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(Math.trunc(centre - RADIUS * wide + 0.5), 0);
    const end = Math.min(Math.trunc(centre + RADIUS * wide + 0.5), length);
    const weights = Array.from({ length: end - first }, (_, j) =>
      cubic((first + j - centre + 0.5) / wide),
    );
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return weights.map((weight, j) => [first + j, weight / sum] as const);
  });
}
