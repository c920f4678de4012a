import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chiSquareUniform } from '../../test/distribution.ts';
import { drawPolicy } from '../../test/draw-policy.ts';
import { largestDifference, levels, readFixtures } from '../../test/fixtures.ts';
import { pattern } from '../../test/pattern.ts';
import type { PaddingMode } from '../geometry/padded-index.ts';
import type { Rgb } from '../geometry/view.ts';
import { adjustPixels } from '../pixels/adjust-pixels.ts';
import type { PixelAdjustment } from '../pixels/pixel-adjustment.ts';
import { drawViews } from '../planner/draw-views.ts';
import { createRandom, type Random } from '../rng.ts';
import { augmentNames } from './augment/augment-names.ts';
import { withAugment, withColorJitter, withRandomFlip } from './compose.ts';
import { fixedViews } from './fixed-views.ts';
import { shiftedCrop, shortSideCrop } from './fixres-authors.ts';
import { resize } from './keras-fixres.ts';
import { parsePolicy } from './parse-policy.ts';
import { drawingOf, isDeterministic, type Policy, viewOf } from './policy.ts';
import type { PolicyStep } from './policy-step.ts';
import { randomResizedCrop, simpleRandomCrop } from './torchvision-crops.ts';

const image = { width: 90, height: 70 };

/** Whether a pixel is in the outermost rows or columns of a square image. */
const isAtEdge = (pixel: number, side: number): boolean =>
  [pixel % side, Math.floor(pixel / side)].some((at) => at === 0 || at === side - 1);

describe('a policy with augmentations', () => {
  it('draws the view that it draws without, then the augmentations, several in their order', () => {
    const plain = shiftedCrop(32);
    const policy = withAugment(plain, [
      { op: 'randAugment', numOps: 1 },
      { op: 'colorJitter', brightness: [0.5, 0.6] },
      { op: 'randomErasing', probability: 1 },
    ]);
    expect(policy.name).toBe('shiftedCrop+randAugment+colorJitter+randomErasing');
    expect(parsePolicy(JSON.parse(JSON.stringify(policy)))).toEqual(policy);
    for (let seed = 0; seed < 40; seed++) {
      const { augmentations, ...geometry } = drawingOf(policy, image, createRandom(seed));
      expect({ ...geometry, augmentations: [] }).toEqual(
        drawingOf(plain, image, createRandom(seed)),
      );
      const jitter = augmentations.findIndex(
        (each) => each.op === 'brightness' && each.factor < 0.61,
      );
      expect(jitter).toBe(augmentations.length - 2);
      expect(augmentations.at(-1)!.op).toBe('erase');
      const expected = drawPolicy(plain, pattern(70, 90), createRandom(seed));
      adjustPixels({ width: 32, height: 32, data: expected }, augmentations);
      expect(drawPolicy(policy, pattern(70, 90), createRandom(seed))).toEqual(expected);
    }
  });

  it.each(augmentNames)('%s is random, and objects look as large as without it', (name) => {
    const policy = withAugment(randomResizedCrop(24), [name]);
    expect(isDeterministic(policy)).toBe(false);
    expect(fixedViews(withAugment(resize(24), [name]))).toBeNull();
    const view = drawViews(policy)(image, createRandom(5));
    expect(view).toEqual(viewOf(randomResizedCrop(24), image, createRandom(5)));
  });

  it.each(['randAugment', 'trivialAugmentWide', 'autoAugment', 'augMix'] as const)(
    '%s moves, turns and shears objects, but keeps their area',
    (name) => {
      // A white ellipse on black, with room around it.
      const side = 160;
      const within = (x: number, y: number): boolean =>
        ((x - 80) / 14) ** 2 + ((y - 80) / 9) ** 2 < 1;
      const white = Uint8Array.from({ length: side * side * 3 }, (_, i) => {
        const pixel = Math.floor(i / 3);
        return within((pixel % side) + 0.5, Math.floor(pixel / side) + 0.5) ? 255 : 0;
      });
      const areaOf = (levels: Uint8Array): number =>
        levels.reduce((sum, level) => sum + level, 0) / (3 * 255);
      const policy = withAugment(resize(side), [name]);
      const moves = Array.from(
        { length: 120 },
        (_, seed) =>
          drawingOf(policy, { width: side, height: side }, createRandom(seed)).augmentations,
      )
        .flat()
        .flatMap((each): PixelAdjustment[][] =>
          each.op === 'mixture' ? each.chains.map(({ adjustments }) => adjustments) : [[each]],
        )
        .map((adjustments) => adjustments.filter((each) => 'interpolation' in each))
        .filter((adjustments) => adjustments.length > 0);
      const apparent = moves.flatMap((adjustments) => {
        const picture = { width: side, height: side, data: white.slice() };
        adjustPixels(picture, adjustments);
        // Objects that leave the image are cut off, not smaller.
        const isCut = picture.data.some(
          (level, i) => level > 0 && isAtEdge(Math.floor(i / 3), side),
        );
        const size = Math.sqrt(areaOf(picture.data) / areaOf(white));
        return isCut || size === 0 ? [] : [size];
      });
      expect(apparent.length).toBeGreaterThan(15);
      expect(Math.min(...apparent)).toBeGreaterThan(0.97);
      expect(Math.max(...apparent)).toBeLessThan(1.03);
    },
  );

  it('mirrors before the augmentations', () => {
    const policy = withRandomFlip(withAugment(resize(24), ['trivialAugmentWide']));
    expect(policy.steps.map(({ op }) => op)).toEqual([
      'resize',
      'randomHorizontalFlip',
      'trivialAugmentWide',
    ]);
  });

  it.each<PolicyStep>([
    { op: 'randomHorizontalFlip', probability: 0.5 },
    { op: 'centerCrop', width: 24, height: 24 },
    { op: 'resize', width: 24, height: 24, interpolation: 'bilinear', antialias: true },
  ])('refuses $op after them', (step) => {
    const augmented = withAugment(resize(24), ['randomGrayscale']);
    const policy = { ...augmented, steps: [...augmented.steps, step] };
    expect(() => drawingOf(policy, image, createRandom(0))).toThrow(
      `Policy "resize+randomGrayscale" cannot be applied: ${step.op} must come before randomGrayscale.`,
    );
  });
});

/** A stream that answers `int` with these numbers. */
const answering = (...numbers: number[]): Random => ({
  ...createRandom(0),
  int: () => numbers.shift()!,
});

describe('randomCrop', () => {
  const { fill, cases } = (
    readFixtures('augment') as {
      paddedCrops: {
        fill: Rgb;
        cases: {
          mode: PaddingMode;
          image: [number, number];
          padding: number;
          side: number;
          at: [number, number];
          pixels: string;
        }[];
      };
    }
  ).paddedCrops;
  const cropPolicy = (side: number, step: Partial<PolicyStep & { op: 'randomCrop' }>): Policy => ({
    version: 1,
    name: 'crop',
    output: { width: side, height: side },
    steps: [{ op: 'randomCrop', width: side, height: side, padding: 0, ...step }],
  });

  it.each(cases)(
    "shows torchvision's pixels: $mode, $padding around $image at $at",
    ({ mode, image: [width, height], padding, side, at: [x, y], pixels }) => {
      const policy = cropPolicy(side, { padding, fill, paddingMode: mode });
      const drawn = drawPolicy(policy, pattern(height, width), answering(y, x));
      expect(largestDifference(drawn, levels(pixels))).toBe(0);
      const mirrored = drawPolicy(
        { ...policy, steps: [...policy.steps, { op: 'horizontalFlip' }] },
        pattern(height, width),
        answering(y, x),
      );
      const back = mirrored.map(
        (_, i) =>
          mirrored[
            (Math.floor(i / (3 * side)) * side + side - 1 - (Math.floor(i / 3) % side)) * 3 +
              (i % 3)
          ]!,
      );
      expect(back).toEqual(drawn);
    },
  );

  it('is uniform over all places', () => {
    const policy = cropPolicy(6, { padding: 2 });
    const counts = new Array<number>(30).fill(0);
    for (let seed = 0; seed < 3000; seed++) {
      const { window } = viewOf(policy, { width: 7, height: 6 }, createRandom(seed, 'crop'));
      counts[(window.y + 2) * 6 + window.x + 2]! += 1;
    }
    // 99.99 % quantile of chi-square with 29 degrees of freedom.
    expect(chiSquareUniform(counts)).toBeLessThan(66.2);
  });

  it('shows resized pixels, mirrored at the edges of the resized image', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 8 }), (x, y) => {
        const padded = drawPolicy(
          { ...simpleRandomCrop(16), steps: simpleRandomCrop(16).steps.slice(0, 2) },
          pattern(30, 30),
          answering(y, x),
        );
        const whole = drawPolicy(
          { ...resize(16), steps: [simpleRandomCrop(16).steps[0]!] },
          pattern(30, 30),
        );
        const mirror = (i: number): number => (i < 0 ? -i : i > 15 ? 30 - i : i);
        padded.forEach((level, i) => {
          const column = mirror((Math.floor(i / 3) % 16) + x - 4);
          const row = mirror(Math.floor(i / 48) + y - 4);
          if (level !== whole[(row * 16 + column) * 3 + (i % 3)])
            throw new Error(`${level} at ${i}`);
        });
      }),
    );
  });

  it('refuses what a view cannot show', () => {
    const crop: PolicyStep = { op: 'randomCrop', width: 24, height: 24, padding: 4 };
    const draw = (policy: Policy, steps: PolicyStep[]): void => {
      drawingOf({ ...policy, steps }, image, createRandom(0));
    };
    const short = shortSideCrop(24);
    expect(() => draw(short, [...short.steps, crop])).toThrow(
      'randomCrop with padding must come before other crops of the resized image',
    );
    const jittered = withColorJitter(resize(24), { contrast: 0.5 });
    const reflecting = { ...crop, paddingMode: 'reflect' } as const;
    expect(() => draw(jittered, [...jittered.steps, reflecting])).toThrow(
      'randomCrop with padding mode reflect must come before colorJitter',
    );
    expect(() => draw(resize(24), [crop, ...resize(24).steps])).toThrow(
      'a crop that pads must come after the resize step',
    );
    expect(() => draw(resize(24), [...resize(16).steps, { ...crop, padding: 2 }])).toThrow(
      'randomCrop 24x24 is larger than the 20x20 it crops',
    );
  });
});
