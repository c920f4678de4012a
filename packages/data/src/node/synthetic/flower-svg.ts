import type { Random } from '../../rng.ts';
import type { BlossomColours, BlossomStyle } from './blossom-painter.ts';
import { blossomColours, drawBlossom, flowerClasses, type FlowerClass } from './flower-forms.ts';
import { css, leafColour, petalColour, shift, type Hsl } from './flower-palette.ts';
import {
  backdrop,
  blade,
  filler,
  hazyBlossom,
  leaf,
  softDiscs,
  type PictureSize,
} from './flower-scenery.ts';

/** Smallest and largest width of the main blossom, relative to the short side of the picture. */
export type BlossomSize = readonly [least: number, most: number];

export const defaultBlossomSize: BlossomSize = [0.27, 0.95];

interface Place {
  readonly x: number;
  readonly y: number;
  /** Radius of the unsquashed blossom, in pixels. */
  readonly radius: number;
}

/**
 * Draws a picture of a flower of class `classIndex` (an index into {@link flowerClasses}) as an SVG
 * document of `size` pixels.
 *
 * Pure: the same arguments and the same state of `random` return the same text. The classes differ
 * in form: number and tips of the petals, their layers, and the texture of the centre. Backgrounds,
 * sizes, poses and light have one distribution for all classes, and colours overlap.
 */
export function flowerSvg(
  classIndex: number,
  random: Random,
  size: PictureSize,
  blossomSize: BlossomSize = defaultBlossomSize,
): string {
  const flower = flowerClasses[classIndex];
  if (flower === undefined) {
    throw new RangeError(
      `classIndex must be an integer from 0 to ${flowerClasses.length - 1}, got ${classIndex}`,
    );
  }
  const { width, height } = size;
  const side = Math.min(width, height);
  const light = random.uniform(-Math.PI, 0);
  const colours = blossomColours(random, flower);
  const green = leafColour(random);
  const main = mainPlace(random, size, blossomSize);
  const parts = [
    backdrop(random, size, 'sky'),
    softDiscs(random, size, 'far'),
    blurred(
      'mid',
      Math.max(2, side * random.uniform(0.01, 0.025)),
      midGround(random, size, main, colours, green),
    ),
    mainPlant(flower, random, size, main, colours, light, green),
    foreground(random, size, green),
    atmosphere(random, size, light),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${parts.join('')}</svg>`;
}

/** The main blossom may be off-centre, but stays mostly in the picture. */
function mainPlace(
  random: Random,
  { width, height }: PictureSize,
  [least, most]: BlossomSize,
): Place {
  const side = Math.min(width, height);
  // Close-ups are more frequent than distant views.
  const radius = (side / 2) * (most - (most - least) * random.next() ** 1.6);
  const place = (extent: number): number => {
    const slack = Math.max(0.06 * side, extent / 2 - radius * 0.95);
    return extent / 2 + slack * Math.max(-1, Math.min(1, random.normal() * 0.5));
  };
  return { x: place(width), y: place(height), radius };
}

/**
 * Leaves and blossoms of no class, out of focus. Half of the blossoms have the colours of the main
 * one.
 */
function midGround(
  random: Random,
  size: PictureSize,
  main: Place,
  colours: BlossomColours,
  green: Hsl,
): string {
  const { width, height } = size;
  const side = Math.min(width, height);
  const shapes: string[] = [];
  const leaves = 3 + random.int(6);
  for (let n = 0; n < leaves; n++) {
    const colour = shift(
      green,
      random.uniform(-15, 15),
      random.uniform(-10, 10),
      random.uniform(-12, 14),
    );
    const x = random.uniform(-0.1, 1.1) * width;
    const y = random.uniform(0.2, 1.15) * height;
    shapes.push(
      leaf(random, x, y, side * random.uniform(0.2, 0.55), random.uniform(-100, 100), colour),
    );
  }
  const blossoms = random.int(3);
  for (let n = 0; n < blossoms; n++) {
    const { petal, centre } = random.next() < 0.5 ? colours : blossomColours(random);
    const x = random.uniform(-0.05, 1.05) * width;
    const y = random.uniform(-0.05, 1.05) * height;
    const radius = Math.min(main.radius * 0.8, side * random.uniform(0.09, 0.24));
    shapes.push(hazyBlossom(random, x, y, radius, petal, centre, `mid${n}`));
  }
  return shapes.join('');
}

function mainPlant(
  flower: FlowerClass,
  random: Random,
  size: PictureSize,
  main: Place,
  colours: BlossomColours,
  light: number,
  green: Hsl,
): string {
  const { width, height } = size;
  const side = Math.min(width, height);
  const shapes: string[] = [];
  const fillers = random.next() < 0.4 ? 2 + random.int(5) : 0;
  const colour = petalColour(random);
  for (let n = 0; n < fillers; n++) {
    const x = random.uniform(0, width);
    const y = random.uniform(0.4, 1) * height;
    shapes.push(filler(random, x, y, side * random.uniform(0.015, 0.035), colour));
  }
  const plants: Place[] = [];
  // Sometimes a second, smaller blossom of the same plant.
  if (random.next() < 0.22) {
    const away = random.uniform(0, 2 * Math.PI);
    const reach = main.radius * random.uniform(1.3, 1.9);
    const radius = main.radius * random.uniform(0.45, 0.7);
    plants.push({ x: main.x + reach * Math.cos(away), y: main.y + reach * Math.sin(away), radius });
  }
  plants.push(main);
  for (const [n, place] of plants.entries()) {
    const foot = place.x + side * random.normal() * 0.18;
    const knee = place.x + (foot - place.x) * random.uniform(-0.3, 0.5);
    const middle = (place.y + height) / 2;
    const thick = Math.max(1.4, place.radius * random.uniform(0.05, 0.09));
    const stem = shift(green, 0, 0, random.uniform(-4, 8));
    const [x0, y0] = [place.x.toFixed(1), place.y.toFixed(1)];
    shapes.push(
      `<path d="M${x0},${y0}Q${knee.toFixed(1)},${middle.toFixed(1)} ${foot.toFixed(1)},${height + 4}"` +
        ` stroke="${css(stem)}" stroke-width="${thick.toFixed(1)}" fill="none"/>`,
    );
    const leaves = random.int(3);
    for (let k = 0; k < leaves; k++) {
      const colour = shift(green, random.uniform(-8, 8), 4, random.uniform(-4, 10));
      const y = random.uniform(0.3, 0.9) * (height - place.y) + place.y;
      const x = place.x + ((foot - place.x) * (y - place.y)) / Math.max(1, height - place.y);
      const angle = (random.next() < 0.5 ? -1 : 1) * random.uniform(25, 80);
      shapes.push(leaf(random, x, y, place.radius * random.uniform(0.6, 1.3), angle, colour));
    }
    shapes.push(blossom(flower, random, place, { colours, light, id: `b${n}` }));
  }
  return shapes.join('');
}

/**
 * A blossom in its pose: rotated in its plane, tilted away from the viewer, with a shadow on what
 * is behind it.
 */
function blossom(
  flower: FlowerClass,
  random: Random,
  { x, y, radius }: Place,
  style: BlossomStyle,
): string {
  const { defs, body } = drawBlossom(flower, style, random);
  const shadow = `${style.id}w`;
  const turn = random.uniform(-180, 180).toFixed(0);
  const squash = Math.max(0.5, Math.cos(random.normal() * 0.42));
  const scale = radius / 100;
  const pose = `translate(${x.toFixed(1)},${y.toFixed(1)})rotate(${turn})scale(${scale.toFixed(3)},${(scale * squash).toFixed(3)})`;
  return (
    `<defs>${defs}<radialGradient id="${shadow}"><stop offset=".6" stop-opacity=".3"/>` +
    `<stop offset="1" stop-opacity="0"/></radialGradient></defs>` +
    `<g transform="${pose}">` +
    `<circle cx="4" cy="7" r="112" fill="url(#${shadow})"/>${body}</g>`
  );
}

/** Blades of grass, and sometimes an out-of-focus leaf, in front of the flower. */
function foreground(random: Random, size: PictureSize, green: Hsl): string {
  const { width, height } = size;
  const side = Math.min(width, height);
  const shapes: string[] = [];
  const blades = random.next() < 0.4 ? 1 + random.int(3) : 0;
  for (let n = 0; n < blades; n++) {
    shapes.push(
      blade(random, size, shift(green, random.uniform(-12, 12), 0, random.uniform(-8, 14))),
    );
  }
  if (random.next() < 0.25) {
    const x = random.uniform(0, width);
    const near = leaf(
      random,
      x,
      height * 1.1,
      side * random.uniform(0.35, 0.7),
      random.uniform(-60, 60),
      green,
    );
    shapes.push(blurred('near', side * 0.02, near));
  }
  return shapes.join('');
}

/** Light that falls off across the picture, haze, and darker corners. */
function atmosphere(random: Random, { width, height }: PictureSize, light: number): string {
  const x = (0.5 + 0.5 * Math.cos(light)).toFixed(2);
  const y = (0.5 + 0.5 * Math.sin(light)).toFixed(2);
  const hue = random.next() < 0.6 ? random.uniform(25, 55) : random.uniform(190, 260);
  const cast: Hsl = { h: hue, s: random.uniform(20, 70), l: 70 };
  const sun = random.uniform(0.05, 0.4).toFixed(2);
  const gloom = random.uniform(0, 0.5).toFixed(2);
  const all = `width="${width}" height="${height}"`;
  return (
    `<radialGradient id="sun" cx="${x}" cy="${y}" r="1">` +
    `<stop stop-color="${css(shift(cast, 0, 0, 20))}" stop-opacity="${sun}"/>` +
    `<stop offset=".6" stop-color="${css(cast)}" stop-opacity="${(Number(sun) * 0.35).toFixed(2)}"/>` +
    `<stop offset="1" stop-color="hsl(230,30%,12%)" stop-opacity="${gloom}"/></radialGradient><rect ${all} fill="url(#sun)"/>`
  );
}

function blurred(id: string, deviation: number, shapes: string): string {
  return (
    `<filter id="${id}" x="-10%" y="-10%" width="120%" height="120%" color-interpolation-filters="sRGB">` +
    `<feGaussianBlur stdDeviation="${deviation.toFixed(2)}"/></filter>` +
    `<g filter="url(#${id})">${shapes}</g>`
  );
}
