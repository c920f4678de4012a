import { changeInKernels } from '../adjust-kernels.ts';

/** Converts to PIL's 8-bit HSV, rotates the hue byte (it wraps around), and converts back. */
export function turnHue(pixels: Uint8Array, shift: number): void {
  const turn = Math.trunc(shift * 255);
  const isDone = changeInKernels(pixels, 0, ({ kernels, pixels: at }) =>
    kernels.turnHue(at, pixels.length, turn),
  );
  if (isDone) return;
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
    const circle = sixth / 6 + 1;
    const hue = Math.trunc(Math.fround(circle >= 1 ? circle - 1 : circle) * 255);
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
  switch (sector % 6) {
    case 0:
      write(pixels, i, value, rising, low);
      break;
    case 1:
      write(pixels, i, falling, value, low);
      break;
    case 2:
      write(pixels, i, low, value, rising);
      break;
    case 3:
      write(pixels, i, low, falling, value);
      break;
    case 4:
      write(pixels, i, rising, low, value);
      break;
    default:
      write(pixels, i, value, low, falling);
      break;
  }
}

function write(pixels: Uint8Array, i: number, r: number, g: number, b: number): void {
  pixels[i] = r;
  pixels[i + 1] = g;
  pixels[i + 2] = b;
}
