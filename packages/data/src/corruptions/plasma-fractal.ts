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
  // Of a power of two, these bits are a position's remainder, also of a negative one.
  const last = side - 1;
  let strength = 100;
  for (let step = side; step >= 2; step /= 2) {
    const half = step / 2;
    // The strength is both a factor and the range of the draws.
    const noise = strength ** 2;
    const fill = (first: { y: number; x: number }, isDiagonal: boolean): void => {
      for (let { y } = first; y < side; y += step) {
        const row = y * side;
        const above = ((y - half) & last) * side;
        const below = ((y + half) & last) * side;
        for (let { x } = first; x < side; x += step) {
          const left = (x - half) & last;
          const right = (x + half) & last;
          const sum = isDiagonal
            ? map[above + left]! + map[above + right]! + map[below + left]! + map[below + right]!
            : map[above + x]! + map[below + x]! + map[row + left]! + map[row + right]!;
          map[row + x] = sum / 4 + noise * uniform();
        }
      }
    };
    fill({ y: half, x: half }, true);
    fill({ y: 0, x: half }, false);
    fill({ y: half, x: 0 }, false);
    strength /= decay;
  }
  let [least, most] = [Infinity, -Infinity];
  for (const value of map) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  for (let i = 0; i < map.length; i++) map[i] = (map[i]! - least) / (most - least);
  return map;
}
