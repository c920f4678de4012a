import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawPolicy } from '../../test/draw-policy.ts';
import { largestDifference, levels, readFixtures } from '../../test/fixtures.ts';
import { pattern } from '../../test/pattern.ts';
import { contractPolicy, preprocessingContract } from '../contract/preprocessing-contract.ts';
import { type ImageSize, imageSizeText, meanSide, sidesOf } from '../geometry/image-size.ts';
import { resizedToCover, resizedToFit } from '../geometry/resized-size.ts';
import { magnification, type Rect, sourceRect, wholeImage } from '../geometry/view.ts';
import { drawPixels } from '../pixels/draw-pixels.ts';
import { createRandom } from '../rng.ts';
import { shortSideCrop } from './fixres-authors.ts';
import { fixresResizeSize, fixresTest, resize } from './keras-fixres.ts';
import { namedPolicy, policyNames } from './named-policies.ts';
import { parsePolicy } from './parse-policy.ts';
import { isDeterministic, type Policy, viewOf } from './policy.ts';
import { policyAtSize } from './policy-at-size.ts';
import { policyLabel } from './policy-label.ts';
import { testTimeViews } from './test-time-views.ts';
import { timmEval } from './timm-eval.ts';

/** Height, then width, as in timm and torchvision. */
type Sides = [height: number, width: number];
const fixtures = readFixtures('rectangle') as {
  keepRatio: { image: Sides; box: Sides; cover: Sides; fit: Sides }[];
  evals: {
    image: Sides;
    size: Sides;
    mode: 'center' | 'squash' | 'border';
    cropPct: number;
    pixels: string;
  }[];
  resizedCrop: { image: Sides; region: Rect; size: Sides; pixels: string };
  tenCrop: { image: Sides; resized: Sides; size: Sides; views: string[] };
};
const sized = ([height, width]: Sides): { height: number; width: number } => ({ height, width });

const rectangle = { height: 48, width: 80 };
const side = fc.integer({ min: 8, max: 300 });
const rectangles = fc.record({ height: side, width: side });
const photos = fc.record({
  height: fc.integer({ min: 40, max: 2000 }),
  width: fc.integer({ min: 40, max: 2000 }),
});

describe('rectangular outputs match timm and torchvision', () => {
  it('resized sides are those of ResizeKeepRatio', () => {
    for (const { image, box, cover, fit } of fixtures.keepRatio) {
      expect(resizedToCover(sized(image), sized(box))).toEqual(sized(cover));
      expect(resizedToFit(sized(image), sized(box))).toEqual(sized(fit));
    }
  });

  it.each(['center', 'squash', 'border'] as const)(
    'timmEval %s has the pixels of transforms_imagenet_eval',
    (wanted) => {
      const cases = fixtures.evals.filter(({ mode }) => mode === wanted);
      expect(cases).toHaveLength(16);
      for (const { image, size, mode, cropPct, pixels } of cases) {
        const policy = timmEval({ size: sized(size), mode, cropPct, interpolation: 'bicubic' });
        const drawn = drawPolicy(policy, pattern(...image));
        expect(
          largestDifference(drawn, levels(pixels)),
          `${image.join('x')} to ${size.join('x')}`,
        ).toBe(0);
      }
    },
  );

  it('a random crop is resized as by RandomResizedCrop', () => {
    const { image, region, size, pixels } = fixtures.resizedCrop;
    const resized = sized(size);
    const out = new Uint8Array(resized.height * resized.width * 3);
    const view = { ...wholeImage(sized(image)), region, resized };
    const window = { x: 0, y: 0, ...resized };
    drawPixels(
      pattern(...image),
      {
        view: { ...view, window },
        interpolation: 'bilinear',
        antialias: true,
        adjustments: [],
        adjusted: window,
        augmentations: [],
      },
      out,
    );
    expect(largestDifference(out, levels(pixels))).toBe(0);
  });

  it('five mirrored crops are those of TenCrop', () => {
    const { image, resized, size, views } = fixtures.tenCrop;
    const policy: Policy = {
      ...resize(sized(size)),
      steps: [
        { ...resize(sized(resized)).steps[0]!, antialias: true } as Policy['steps'][0],
        { op: 'centerCrop', ...sized(size), rounding: 'half-even' },
      ],
    };
    const drawn = testTimeViews(policy, { crops: 'five', flip: true }).map((each) =>
      drawPolicy(each, pattern(...image)),
    );
    expect(drawn.map((each, i) => largestDifference(each, levels(views[i]!)))).toEqual(
      new Array(10).fill(0),
    );
  });
});

describe('every named policy', () => {
  it.each(policyNames)('%s gives the size asked for, of any photo, as plain data', (name) => {
    fc.assert(
      fc.property(rectangles, photos, fc.integer({ min: 0, max: 99 }), (size, photo, seed) => {
        const policy = namedPolicy(name, { size, trainSize: size });
        const { window } = viewOf(policy, photo, createRandom(seed));
        expect({ height: window.height, width: window.width }).toEqual(size);
        expect(parsePolicy(JSON.parse(JSON.stringify(policy)))).toEqual(policy);
      }),
      { numRuns: 60 },
    );
  });

  it.each(policyNames)('%s is the same for a square given as a number or by its sides', (name) => {
    const asNumber = namedPolicy(name, { size: 96, trainSize: 64 });
    const square = { height: 96, width: 96 };
    const bySides = namedPolicy(name, { size: square, trainSize: { height: 64, width: 64 } });
    expect(JSON.stringify(bySides)).toBe(JSON.stringify(asNumber));
  });

  it.each(policyNames)('%s refuses a side out of range with one line', (name) => {
    expect(() => namedPolicy(name, { size: { height: 4, width: 64 }, trainSize: 64 })).toThrow(
      'Option "size" is 4x64; its height and width must be whole numbers of pixels from 8 to 4096.',
    );
  });

  it('policies that keep the aspect ratio show objects in their shape, inside the photo', () => {
    fc.assert(
      fc.property(rectangles, photos, (size, photo) => {
        for (const name of ['shortSideCrop', 'timmEval-center', 'shiftedCrop']) {
          const view = viewOf(namedPolicy(name, { size }), photo, createRandom(0));
          // Sides are rounded to half a pixel, or the short side of a square rounded down.
          const { resized, region } = view;
          const expected = Math.max(resized.height / region.height, resized.width / region.width);
          expect(Math.abs(expected * region.height - resized.height)).toBeLessThanOrEqual(
            1 + 1e-9 + resized.height / Math.min(resized.width, resized.height),
          );
          const { x, y, width, height } = sourceRect(view);
          expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
          expect(x + width).toBeLessThanOrEqual(photo.width + 1e-9);
          expect(y + height).toBeLessThanOrEqual(photo.height + 1e-9);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('closed forms', () => {
  const photo = { height: 300, width: 400 };

  it('the FixRes step is computed for height and width by themselves', () => {
    const [trainSize, size] = [
      { height: 48, width: 64 },
      { height: 72, width: 96 },
    ];
    // 72 / 48 * 72 = 108, 96 / 64 * 96 = 144
    expect(fixresResizeSize({ trainSize, size })).toEqual({ height: 108, width: 144 });
    expect(viewOf(fixresTest({ trainSize, size }), photo, createRandom(0))).toMatchObject({
      resized: { height: 108, width: 144 },
      window: { x: 24, y: 18, height: 72, width: 96 },
    });
    expect(fixresResizeSize({ trainSize: 48, size })).toEqual({ height: 108, width: 192 });
    expect(() => fixresTest({ trainSize, size: { height: 96, width: 60 } })).toThrow(
      'Option "size" is 96x60; it must be at least trainSize, which is 48x64.',
    );
  });

  it('a photo of the same shape is covered exactly and loses 224/256 of each side', () => {
    const policy = shortSideCrop({ height: 168, width: 224 });
    expect(policy.steps).toMatchObject([
      { op: 'resizeToCover', height: 192, width: 256 },
      { op: 'centerCrop', height: 168, width: 224 },
    ]);
    const view = viewOf(policy, photo, createRandom(0));
    expect(view.resized).toEqual({ height: 192, width: 256 });
    expect(magnification(view)).toBeCloseTo(256 / 400, 9);
  });

  it('heightCrop follows the height, with borders beside tall photos', () => {
    const policy = namedPolicy('heightCrop', { size: { height: 56, width: 112 } });
    const view = viewOf(policy, { height: 400, width: 200 }, createRandom(0));
    expect(view).toMatchObject({ resized: { height: 64, width: 32 }, fill: [0, 0, 0] });
    expect(view.window).toMatchObject({ x: -40, y: 4 });
  });

  it('labels have the height first', () => {
    expect(policyLabel(resize(rectangle))).toBe('resize@48x80');
    expect(policyLabel(resize(224))).toBe('resize@224');
  });
});

describe('policyAtSize', () => {
  const random = createRandom(0);

  it('equals the named policy of that size, from any shape to any other', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<ImageSize>(112, 224, { height: 112, width: 224 }),
        fc.constantFrom<ImageSize>(
          56,
          448,
          { height: 224, width: 56 },
          { height: 168, width: 224 },
        ),
        (from, to) => {
          for (const make of [
            resize,
            shortSideCrop,
            (size: ImageSize) => namedPolicy('heightCrop', { size }),
            (size: ImageSize) => namedPolicy('shiftedCrop', { size }),
            (size: ImageSize) => timmEval({ size }),
            (size: ImageSize) => timmEval({ size, mode: 'border' }),
          ])
            expect(policyAtSize(make(from), to)).toEqual(make(to));
        },
      ),
    );
  });

  it('of the same shape shows the same part of an image', () => {
    const image = { width: 640, height: 480 };
    for (const name of policyNames.filter((each) =>
      isDeterministic(namedPolicy(each, { size: 64, trainSize: 64 })),
    )) {
      const own = namedPolicy(name, {
        size: { height: 150, width: 200 },
        trainSize: { height: 90, width: 120 },
      });
      const [first, second] = [own, policyAtSize(own, { height: 300, width: 400 })].map((policy) =>
        sourceRect(viewOf(policy, image, random)),
      );
      for (const field of ['x', 'y', 'width', 'height'] as const)
        expect(Math.abs(first![field] - second![field]), `${name} ${field}`).toBeLessThan(4);
    }
  });

  it('scales the padding of a random crop by the mean of both factors', () => {
    const policy = policyAtSize(namedPolicy('simpleRandomCrop', { size: 32 }), {
      height: 64,
      width: 128,
    });
    expect(policy.steps[1]).toMatchObject({ height: 64, width: 128, padding: 11 });
  });
});

describe('preprocessing contracts', () => {
  it.each([
    ['resize', { rule: 'both-sides', height: 48, width: 80 }],
    ['shortSideCrop', { rule: 'cover', height: 55, width: 91 }],
    ['timmEval-border', { rule: 'fit', height: 54, width: 91 }],
    ['heightCrop', { rule: 'height', side: 55 }],
  ])('%s: the resize has the rule and sides, and the policy comes back', (name, rule) => {
    const policy = namedPolicy(name, { size: rectangle });
    const contract = preprocessingContract(policy, {
      normalisation: { kind: 'scale', scale: 1, offset: 0 },
    });
    expect(contract).toMatchObject({ resize: rule, input: rectangle });
    const back = contractPolicy(contract, policy.name);
    for (const image of [sidesOf(100), { height: 60, width: 200 }])
      expect(viewOf(back, image, createRandom(0))).toEqual(viewOf(policy, image, createRandom(0)));
  });
});

it('a mean side and its text agree with the sides', () => {
  expect(meanSide({ height: 48, width: 75 })).toBe(60);
  expect(imageSizeText({ height: 48, width: 75 })).toBe('48x75');
});
