/**
 * A cloud by the diamond-square algorithm: the mean of neighbours plus noise, from coarse to fine.
 *
 * @param side of the square; a power of two
 * @param decay by which the noise becomes weaker from step to step, above 1
 * @param uniform one draw from -1 to 1 for each point, in the order of the passes
 * @returns side x side values that fill 0..1, row by row; they continue at the opposite side
 */
export function plasmaFractal(side: number, decay: number, uniform: () => number): Float64Array {
  const map = new Float64Array(side * side);
  const at = (y: number, x: number): number =>
    map[((y + side) % side) * side + ((x + side) % side)]!;
  let strength = 100;
  for (let step = side; step >= 2; step /= 2) {
    const half = step / 2;
    // The strength is both a factor and the range of the draws.
    const fill = (top: number, left: number, mean: (y: number, x: number) => number): void => {
      for (let y = top; y < side; y += step) {
        for (let x = left; x < side; x += step)
          map[y * side + x] = mean(y, x) + strength ** 2 * uniform();
      }
    };
    const corners = (y: number, x: number): number =>
      (at(y - half, x - half) +
        at(y - half, x + half) +
        at(y + half, x - half) +
        at(y + half, x + half)) /
      4;
    const beside = (y: number, x: number): number =>
      (at(y - half, x) + at(y + half, x) + at(y, x - half) + at(y, x + half)) / 4;
    fill(half, half, corners);
    fill(0, half, beside);
    fill(half, 0, beside);
    strength /= decay;
  }
  const least = map.reduce((low, value) => Math.min(low, value), Infinity);
  const range = map.reduce((high, value) => Math.max(high, value), -Infinity) - least;
  return map.map((value) => (value - least) / range);
}
