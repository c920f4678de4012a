import type { Random } from '../../rng.ts';
import { css, leafColour, petalColour, pick, shift, type Hsl } from './flower-palette.ts';

/** Width and height of a picture, in pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** A backdrop that fills the picture: a gradient of one of five moods. `id` names the gradient. */
export function backdrop(random: Random, { width, height }: PictureSize, id: string): string {
  const [top, bottom] = pick(random, [meadow, sky, shade, soil, wall])(random);
  const tilt = random.uniform(-0.4, 0.4);
  return (
    `<linearGradient id="${id}" x1="${(0.5 - tilt).toFixed(2)}" y1="0" x2="${(0.5 + tilt).toFixed(2)}" y2="1">` +
    `<stop stop-color="${css(top)}"/><stop offset="1" stop-color="${css(bottom)}"/></linearGradient>` +
    `<rect width="${width}" height="${height}" fill="url(#${id})"/>`
  );
}

/**
 * Soft discs of light, foliage and far blossoms. They are gradients, which render faster than a
 * filter. `id` prefixes their names.
 */
export function softDiscs(random: Random, { width, height }: PictureSize, id: string): string {
  const side = Math.min(width, height);
  const shapes: string[] = [];
  const green = leafColour(random);
  const colours = [
    petalColour(random),
    petalColour(random),
    green,
    shift(green, 10, 10, 22),
  ] as const;
  const core = random.uniform(0.2, 0.9).toFixed(2);
  for (const [n, colour] of colours.entries()) {
    const paint = css(shift(colour, 0, -8, random.uniform(-10, 6)));
    shapes.push(
      `<radialGradient id="${id}${n}"><stop offset="${core}" stop-color="${paint}"/>` +
        `<stop offset="1" stop-color="${paint}" stop-opacity="0"/></radialGradient>`,
    );
  }
  const count = 6 + random.int(12);
  for (let n = 0; n < count; n++) {
    shapes.push(
      `<circle cx="${random.uniform(0, width).toFixed(0)}" cy="${random.uniform(0, height).toFixed(0)}"` +
        ` r="${(side * random.uniform(0.05, 0.22)).toFixed(1)}" fill="url(#${id}${random.int(colours.length)})"` +
        ` fill-opacity="${random.uniform(0.2, 0.75).toFixed(2)}"/>`,
    );
  }
  return shapes.join('');
}

/** A pointed leaf with a midrib, from (x, y) along `angle` (degrees; 0 points up). */
export function leaf(
  random: Random,
  x: number,
  y: number,
  length: number,
  angle: number,
  colour: Hsl,
): string {
  const l = length;
  const w = length * random.uniform(0.16, 0.32);
  const bend = length * random.uniform(-0.15, 0.15);
  const rib = css(shift(colour, 6, -4, 14));
  const at = (px: number, py: number): string => `${px.toFixed(1)},${py.toFixed(1)}`;
  return (
    `<g transform="translate(${at(x, y)})rotate(${angle.toFixed(0)})">` +
    `<path d="M0,0C${at(-w * 1.4, -l * 0.3)} ${at(bend - w, -l * 0.75)} ${at(bend, -l)}` +
    `C${at(bend + w * 0.6, -l * 0.7)} ${at(w * 1.4, -l * 0.3)} 0,0Z" fill="${css(colour)}"/>` +
    `<path d="M0,0Q0,${(-l * 0.5).toFixed(1)} ${at(bend * 0.9, -l * 0.92)}" stroke="${rib}" stroke-opacity=".6"` +
    ` stroke-width="${(l * 0.025).toFixed(2)}" fill="none"/></g>`
  );
}

/**
 * A blossom of no class, for out-of-focus areas: a wavy outline and a centre. `id` names its
 * gradient.
 */
export function hazyBlossom(
  random: Random,
  x: number,
  y: number,
  radius: number,
  petal: Hsl,
  centre: Hsl,
  id: string,
): string {
  const petals = 6 + random.int(10);
  const squash = random.uniform(0.55, 1);
  const turn = random.uniform(0, 360).toFixed(0);
  const points: string[] = [];
  for (let n = 0; n < 2 * petals; n++) {
    const angle = (n * Math.PI) / petals;
    const r = radius * (n % 2 === 0 ? random.uniform(0.92, 1.05) : random.uniform(0.72, 0.86));
    points.push(`${(r * Math.cos(angle)).toFixed(1)},${(r * Math.sin(angle)).toFixed(1)}`);
  }
  const core = (radius * random.uniform(0.12, 0.34)).toFixed(1);
  return (
    `<radialGradient id="${id}"><stop offset=".2" stop-color="${css(shift(petal, 0, 0, -16))}"/>` +
    `<stop offset="1" stop-color="${css(petal)}"/></radialGradient>` +
    `<g transform="translate(${x.toFixed(1)},${y.toFixed(1)})rotate(${turn})scale(1,${squash.toFixed(2)})">` +
    `<path d="M${points.join('L')}Z" fill="url(#${id})"/><circle r="${core}" fill="${css(centre)}"/></g>`
  );
}

/** A blade of grass that rises from the lower edge, bent by the wind. */
export function blade(random: Random, { width, height }: PictureSize, colour: Hsl): string {
  const side = Math.min(width, height);
  const x = random.uniform(-0.05, 1.05) * width;
  const thick = side * random.uniform(0.008, 0.022);
  const top = height * (1 - random.uniform(0.3, 0.95));
  const drift = side * random.normal() * 0.22;
  const at = (px: number, py: number): string => `${px.toFixed(1)},${py.toFixed(1)}`;
  const middle = (height + top) / 2;
  return (
    `<path d="M${at(x - thick, height + 2)}Q${at(x - thick, middle)} ${at(x + drift, top)}` +
    `Q${at(x + thick * 1.6, middle)} ${at(x + thick, height + 2)}Z" fill="${css(colour)}"/>`
  );
}

/** A tiny five-petalled filler flower, of no class. */
export function filler(random: Random, x: number, y: number, radius: number, colour: Hsl): string {
  const petals: string[] = [];
  const turn = random.uniform(0, 2 * Math.PI);
  for (let n = 0; n < 5; n++) {
    const a = turn + (n * 2 * Math.PI) / 5;
    const px = (x + radius * 0.58 * Math.cos(a)).toFixed(1);
    const py = (y + radius * 0.58 * Math.sin(a)).toFixed(1);
    petals.push(`<circle cx="${px}" cy="${py}" r="${(radius * 0.44).toFixed(1)}"/>`);
  }
  return (
    `<g fill="${css(colour)}">${petals.join('')}</g>` +
    `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${(radius * 0.24).toFixed(1)}" fill="hsl(46,80%,56%)"/>`
  );
}

type Mood = (random: Random) => readonly [Hsl, Hsl];

const meadow: Mood = (random) => {
  const h = random.uniform(72, 140);
  return [
    { h: h - 10, s: random.uniform(25, 50), l: random.uniform(50, 75) },
    { h, s: random.uniform(25, 50), l: random.uniform(20, 40) },
  ];
};

const sky: Mood = (random) => [
  { h: random.uniform(195, 225), s: random.uniform(30, 65), l: random.uniform(62, 85) },
  { h: random.uniform(80, 130), s: random.uniform(20, 40), l: random.uniform(35, 60) },
];

const shade: Mood = (random) => {
  const h = random.uniform(100, 190);
  return [
    { h, s: random.uniform(15, 35), l: random.uniform(10, 24) },
    { h: h - 20, s: random.uniform(15, 35), l: random.uniform(6, 18) },
  ];
};

const soil: Mood = (random) => {
  const h = random.uniform(16, 42);
  return [
    { h, s: random.uniform(12, 30), l: random.uniform(30, 55) },
    { h: h - 6, s: random.uniform(15, 32), l: random.uniform(16, 34) },
  ];
};

const wall: Mood = (random) => {
  const h = random.uniform(0, 360);
  const s = random.uniform(8, 32);
  return [
    { h, s, l: random.uniform(70, 92) },
    { h: h + 15, s, l: random.uniform(50, 80) },
  ];
};
