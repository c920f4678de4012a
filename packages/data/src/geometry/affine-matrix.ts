import type { Size } from './view.ts';

/**
 * The map from a place (x, y) of the result to the place of the source that it shows: (a x + b y +
 * c, d x + e y + f), in pixels from the outer corner of the first pixel.
 */
export type AffineMatrix = readonly [
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
  f: number,
];

/** Pillow rounds to this number of decimals, so that a right angle copies whole pixels. */
const DECIMALS = 15;

/** Rotates counter-clockwise around the centre. @param degrees any finite angle */
export function rotation(degrees: number, { width, height }: Size): AffineMatrix {
  const angle = -(((degrees % 360) + 360) % 360) * (Math.PI / 180);
  const cos = Number(Math.cos(angle).toFixed(DECIMALS));
  const sin = Number(Math.sin(angle).toFixed(DECIMALS));
  const [x, y] = [width / 2, height / 2];
  // In Pillow's order of the sums, so that the last bits are the same.
  return [cos, sin, cos * -x + sin * -y + x, -sin, cos, -sin * -x + cos * -y + y];
}

/** Moves each row to the left by `amount` times its distance from the first one. */
export function shearX(amount: number): AffineMatrix {
  return [1, amount, 0, 0, 1, 0];
}

/** Moves each column up by `amount` times its distance from the first one. */
export function shearY(amount: number): AffineMatrix {
  return [1, 0, 0, amount, 1, 0];
}

/** Moves to the right and down, in pixels. */
export function translation(x: number, y: number): AffineMatrix {
  return [1, 0, -x, 0, 1, -y];
}
