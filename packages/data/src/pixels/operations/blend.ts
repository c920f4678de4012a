/**
 * Blends two levels, as Pillow does: in single precision, truncated. Factors of 0 and 1 copy one of
 * the two.
 */
export interface Blend {
  /** The products of the factor and every difference of two levels, from -255 on. */
  readonly products: Float32Array;
}

/** Prepares blends with one factor. */
export function blendBy(factor: number): Blend {
  const products = new Float32Array(511);
  const single = Math.fround(factor);
  for (let i = 0; i < products.length; i++) products[i] = single * (i - 255);
  return { products };
}

/** From one level towards another, and beyond it with a factor above 1. */
export function blend({ products }: Blend, from: number, to: number): number {
  const mixed = Math.fround(from + products[to - from + 255]!);
  return mixed <= 0 ? 0 : mixed >= 255 ? 255 : mixed | 0;
}

/** The blends of a level with every level. */
export function blendTable(from: number, factor: number): Uint8Array {
  const by = blendBy(factor);
  const table = new Uint8Array(256);
  for (let level = 0; level < 256; level++) table[level] = blend(by, from, level);
  return table;
}
