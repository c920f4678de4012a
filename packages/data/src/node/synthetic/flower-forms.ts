import type { Random } from '../../rng.ts';
import {
  BlossomPainter,
  type Blossom,
  type BlossomColours,
  type BlossomStyle,
  type Tip,
} from './blossom-painter.ts';
import { centreColour, petalColour, pick, shift, type PetalColourName } from './flower-palette.ts';

/**
 * The classes, in the order of their indices. They differ in form; every colour occurs in every
 * class.
 */
export const flowerClasses = ['anemone', 'aster', 'cosmos', 'dahlia', 'daisy'] as const;

/** One of {@link flowerClasses}. */
export type FlowerClass = (typeof flowerClasses)[number];

const usualColours: Record<FlowerClass, readonly [PetalColourName, ...PetalColourName[]]> = {
  anemone: ['red', 'violet', 'blush', 'blue'],
  aster: ['lilac', 'violet', 'blue', 'pink'],
  cosmos: ['magenta', 'pink', 'white', 'coral'],
  dahlia: ['coral', 'red', 'apricot', 'magenta'],
  daisy: ['white', 'yellow', 'apricot', 'blush'],
};

/**
 * Draws the colours of a plant. Half of the plants of a class have one of its four usual petal
 * colours, the others any colour. So colour is a hint, as it is for photos, but never enough.
 */
export function blossomColours(random: Random, flower?: FlowerClass): BlossomColours {
  const petal = petalColour(
    random,
    flower !== undefined && random.next() < 0.5 ? usualColours[flower] : undefined,
  );
  const fade = random.uniform(-16, 16);
  // One third has a ring of another colour around the centre. From a distance it looks like stamens
  // or a larger disc.
  const haloed = random.next() < 0.35;
  const base = haloed
    ? shift(petal, random.uniform(-40, 40), 10, random.uniform(-30, -8) + (petal.l < 45 ? 45 : 0))
    : shift(petal, random.uniform(-12, 12), 0, random.uniform(-14, 6));
  return {
    petal,
    tip: shift(petal, random.uniform(-10, 10), 0, fade),
    base,
    centre: centreColour(random),
  };
}

/** Draws one blossom as seen from above. */
export function drawBlossom(flower: FlowerClass, style: BlossomStyle, random: Random): Blossom {
  const painter = new BlossomPainter(style, random);
  switch (flower) {
    case 'anemone': {
      // A bowl of few broad petals with round tips; a button within a wide wreath of stamens.
      const petals = 5 + random.int(3);
      const halfWidth = (270 / petals) * random.uniform(0.95, 1.1);
      painter.ring({ petals, inner: 6, outer: 97, halfWidth, tip: 'round', lift: -5 });
      painter.ring({
        petals,
        inner: 6,
        outer: random.uniform(78, 90),
        halfWidth,
        tip: 'round',
        lift: 3,
      });
      painter.stamens(random.uniform(36, 46), random.uniform(13, 17));
      break;
    }
    case 'aster': {
      // A fringe of many thin rays with pointed tips; a disc with a rim of open florets.
      const petals = 18 + random.int(8);
      const halfWidth = (160 / petals) * random.uniform(0.85, 1.1);
      painter.ring({ petals, inner: 10, outer: 100, halfWidth, tip: 'pointed', lift: -8 });
      painter.ring({
        petals,
        inner: 10,
        outer: random.uniform(82, 94),
        halfWidth,
        tip: 'pointed',
        lift: 3,
      });
      painter.disc(random.uniform(20, 30), 'rimmed');
      break;
    }
    case 'cosmos': {
      // One ring of broad petals with toothed tips; a small disc of florets.
      const petals = 7 + random.int(3);
      const halfWidth = (245 / petals) * random.uniform(0.9, 1.1);
      painter.ring({ petals, inner: 6, outer: 99, halfWidth, tip: 'notched', lift: 0 });
      painter.disc(random.uniform(13, 20), 'florets');
      break;
    }
    case 'daisy': {
      // One ring of separate petals with round tips; a large domed disc of seeds set in spirals.
      const petals = 11 + random.int(5);
      const halfWidth = (215 / petals) * random.uniform(0.8, 1);
      painter.ring({ petals, inner: 14, outer: 98, halfWidth, tip: 'round', lift: 0 });
      painter.disc(random.uniform(30, 42), 'spirals');
      break;
    }
    case 'dahlia': {
      // Petals all the way to the middle, in rings that shrink.
      const rings = 4 + random.int(2);
      const petals = 11 + random.int(6);
      const tip = pick<Tip>(random, ['pointed', 'round']);
      const heart = random.uniform(8, 16);
      for (let ring = 0; ring < rings; ring++) {
        const share = ring / rings;
        const outer = 98 - (98 - heart * 1.7) * share ** 0.9;
        const count = Math.max(6, Math.round(petals * (1 - 0.45 * share)));
        const halfWidth = ((outer * 2.5) / count) * random.uniform(0.95, 1.1);
        painter.ring({
          petals: count,
          inner: outer * 0.15,
          outer,
          halfWidth,
          tip,
          lift: -8 + 11 * share,
        });
      }
      painter.disc(heart, 'florets');
      break;
    }
  }
  return painter.finish();
}
