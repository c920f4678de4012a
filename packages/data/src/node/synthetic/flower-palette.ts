import type { Random } from '../../rng.ts';

/** A colour as hue (degrees), saturation (%) and lightness (%). */
export interface Hsl {
  readonly h: number;
  readonly s: number;
  readonly l: number;
}

/** Formats a colour for an SVG attribute; saturation and lightness are clamped to 0..100. */
export function css({ h, s, l }: Hsl): string {
  return `hsl(${(((h % 360) + 360) % 360).toFixed(0)},${clampPercent(s)}%,${clampPercent(l)}%)`;
}

/**
 * The colour with its hue rotated by `h` degrees and its saturation and lightness changed by `s`
 * and `l` points.
 */
export function shift(colour: Hsl, h: number, s: number, l: number): Hsl {
  return { h: colour.h + h, s: colour.s + s, l: colour.l + l };
}

/** An item of a non-empty list, each equally likely. */
export function pick<T>(random: Random, items: readonly [T, ...T[]]): T {
  return items[random.int(items.length)] ?? items[0];
}

/** Name of a petal colour. */
export type PetalColourName =
  | 'white'
  | 'blush'
  | 'yellow'
  | 'apricot'
  | 'coral'
  | 'red'
  | 'pink'
  | 'magenta'
  | 'lilac'
  | 'violet'
  | 'blue';

const petalColours: Record<PetalColourName, Hsl> = {
  white: { h: 48, s: 26, l: 93 },
  blush: { h: 320, s: 22, l: 92 },
  yellow: { h: 50, s: 92, l: 62 },
  apricot: { h: 34, s: 92, l: 62 },
  coral: { h: 14, s: 84, l: 60 },
  red: { h: 354, s: 70, l: 50 },
  pink: { h: 338, s: 76, l: 70 },
  magenta: { h: 318, s: 60, l: 56 },
  lilac: { h: 282, s: 48, l: 66 },
  violet: { h: 262, s: 52, l: 58 },
  blue: { h: 228, s: 58, l: 70 },
};

const petalColourNames = Object.keys(petalColours) as [PetalColourName, ...PetalColourName[]];

const centreColours: readonly [Hsl, ...Hsl[]] = [
  { h: 46, s: 90, l: 52 }, // gold
  { h: 34, s: 86, l: 46 }, // amber
  { h: 66, s: 55, l: 46 }, // lime
  { h: 24, s: 55, l: 28 }, // brown
  { h: 290, s: 30, l: 20 }, // near black
];

/** A petal colour, drawn from `names`, by default all. */
export function petalColour(
  random: Random,
  names: readonly [PetalColourName, ...PetalColourName[]] = petalColourNames,
): Hsl {
  return shift(
    petalColours[pick(random, names)],
    random.uniform(-8, 8),
    random.uniform(-10, 6),
    random.uniform(-6, 4),
  );
}

/** A colour of the centre, drawn from one palette for all classes. */
export function centreColour(random: Random): Hsl {
  const base = pick(random, centreColours);
  return shift(base, random.uniform(-6, 6), random.uniform(-10, 6), random.uniform(-5, 6));
}

/** A leaf green, from yellowish to bluish, from shade to sun. */
export function leafColour(random: Random): Hsl {
  return { h: random.uniform(72, 150), s: random.uniform(22, 58), l: random.uniform(20, 48) };
}

function clampPercent(value: number): string {
  return Math.min(100, Math.max(0, value)).toFixed(0);
}
