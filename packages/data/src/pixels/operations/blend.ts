/** Pillow blends in single precision and truncates. Factors of 0 and 1 copy one of the two levels. */
export function blend(from: number, to: number, factor: number): number {
  if (factor === 1) return to;
  const mixed = Math.fround(from + Math.fround(factor * (to - from)));
  return mixed <= 0 ? 0 : mixed >= 255 ? 255 : Math.trunc(mixed);
}

/** The {@link blend} of a level with every level. */
export function blendTable(from: number, factor: number): Uint8Array {
  const single = Math.fround(factor);
  return Uint8Array.from({ length: 256 }, (_, level) => blend(from, level, single));
}
