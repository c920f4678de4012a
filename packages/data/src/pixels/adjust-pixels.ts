import type { PixelAdjustment } from './pixel-adjustment.ts';

/**
 * Changes levels in place, bit-exactly like torchvision's `ColorJitter` on PIL images: levels are
 * 8-bit between the steps, truncated (not rounded) to whole numbers.
 *
 * @param pixels RGB levels, 3 per pixel; the contrast adjustment uses their overall mean
 */
export function adjustPixels(pixels: Uint8Array, adjustments: readonly PixelAdjustment[]): void {
  for (const adjustment of adjustments) {
    switch (adjustment.op) {
      case 'brightness':
        mapLevels(pixels, blendTable(0, adjustment.factor));
        break;
      case 'contrast':
        mapLevels(pixels, blendTable(meanGrey(pixels), adjustment.factor));
        break;
      case 'saturation':
        saturate(pixels, adjustment.factor);
        break;
      case 'hue':
        turnHue(pixels, adjustment.shift);
        break;
    }
  }
}

/** ITU-R 601-2 luma in 16-bit fixed point. */
function grey(r: number, g: number, b: number): number {
  return (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16;
}

/** PIL blends in single precision. Factors of 0 and 1 copy one of the two levels. */
function blend(from: number, to: number, factor: number): number {
  if (factor === 1) return to;
  const mixed = Math.fround(from + Math.fround(factor * (to - from)));
  return mixed <= 0 ? 0 : mixed >= 255 ? 255 : Math.trunc(mixed);
}

function blendTable(from: number, factor: number): Uint8Array {
  const single = Math.fround(factor);
  return Uint8Array.from({ length: 256 }, (_, level) => blend(from, level, single));
}

function mapLevels(pixels: Uint8Array, table: Uint8Array): void {
  for (let i = 0; i < pixels.length; i++) pixels[i] = table[pixels[i]!]!;
}

function meanGrey(pixels: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < pixels.length; i += 3)
    sum += grey(pixels[i]!, pixels[i + 1]!, pixels[i + 2]!);
  return Math.floor(sum / (pixels.length / 3) + 0.5);
}

function saturate(pixels: Uint8Array, factor: number): void {
  const single = Math.fround(factor);
  for (let i = 0; i < pixels.length; i += 3) {
    const luma = grey(pixels[i]!, pixels[i + 1]!, pixels[i + 2]!);
    for (let channel = i; channel < i + 3; channel++)
      pixels[channel] = blend(luma, pixels[channel]!, single);
  }
}

/** Converts to PIL's 8-bit HSV, rotates the hue byte (it wraps around), and converts back. */
function turnHue(pixels: Uint8Array, shift: number): void {
  const turn = Math.trunc(shift * 255);
  for (let i = 0; i < pixels.length; i += 3) {
    const r = pixels[i]!;
    const g = pixels[i + 1]!;
    const b = pixels[i + 2]!;
    const value = Math.max(r, g, b);
    const least = Math.min(r, g, b);
    // Grey has no hue to rotate.
    if (value === least) continue;
    const range = value - least;
    const saturation = Math.trunc(Math.fround(range / value) * 255);
    if (saturation === 0) {
      pixels.fill(value, i, i + 3);
      continue;
    }
    const red = Math.fround((value - r) / range);
    const green = Math.fround((value - g) / range);
    const blue = Math.fround((value - b) / range);
    const sixth = Math.fround(
      r === value ? blue - green : g === value ? 2 + red - blue : 4 + green - red,
    );
    const hue = Math.trunc(Math.fround((sixth / 6 + 1) % 1) * 255);
    writeHsv(pixels, i, (hue + turn) & 255, saturation, value);
  }
}

function writeHsv(
  pixels: Uint8Array,
  i: number,
  hue: number,
  saturation: number,
  value: number,
): void {
  const sixth = (hue * 6) / 255;
  const sector = Math.floor(sixth);
  const rest = Math.fround(sixth - sector);
  const s = Math.fround(saturation / 255);
  const low = Math.round(value * (1 - s));
  // The only product that PIL computes in single precision.
  const falling = Math.round(value * (1 - Math.fround(s * rest)));
  const rising = Math.round(value * (1 - s * (1 - rest)));
  const [r, g, b] = [
    [value, rising, low],
    [falling, value, low],
    [low, value, rising],
    [low, falling, value],
    [rising, low, value],
    [value, low, falling],
  ][sector % 6]!;
  pixels[i] = r!;
  pixels[i + 1] = g!;
  pixels[i + 2] = b!;
}
