import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chiSquareUniform } from '../../test/distribution.ts';
import { drawPolicy } from '../../test/draw-policy.ts';
import { pattern } from '../../test/pattern.ts';
import { type Size, sourceRect } from '../geometry/view.ts';
import { createRandom } from '../rng.ts';
import { withColorJitter, withRandomFlip, withShrinkOnLoad } from './compose.ts';
import { shiftedCrop, shortSideCrop } from './fixres-authors.ts';
import { resize } from './keras-fixres.ts';
import { namedPolicy, policyNames } from './named-policies.ts';
import { drawingOf, isDeterministic, type Policy, viewOf } from './policy.ts';
import { testTimeViews } from './test-time-views.ts';
import { timmEval } from './timm-eval.ts';
import { randomResizedCrop } from './torchvision-crops.ts';

const side = fc.integer({ min: 16, max: 900 });
const imageSize: fc.Arbitrary<Size> = fc.record({ width: side, height: side });

describe('every named policy', () => {
  it.each(policyNames)('%s is plain data and has the promised output for any image', (name) => {
    const policy = namedPolicy(name, { size: 64, trainSize: 48 });
    expect(policy.name).toBe(name);
    expect(JSON.parse(JSON.stringify(policy))).toEqual(policy);
    fc.assert(
      fc.property(imageSize, fc.integer(), (image, seed) => {
        const { view, adjusted } = drawingOf(policy, image, createRandom(seed));
        expect([view.window.width, view.window.height]).toEqual([64, 64]);
        const { region, resized, window } = view;
        expect(
          region.x >= 0 &&
            region.y >= 0 &&
            region.x + region.width <= image.width &&
            region.y + region.height <= image.height,
        ).toBe(true);
        expect(
          [region, resized, window].every((part) => Object.values(part).every(Number.isInteger)),
        ).toBe(true);
        const inside =
          window.x >= 0 &&
          window.y >= 0 &&
          window.x + 64 <= resized.width &&
          window.y + 64 <= resized.height;
        expect(inside || policy.steps.some((step) => 'pad' in step || 'padding' in step)).toBe(
          true,
        );
        expect(
          !inside || (adjusted.x <= window.x && adjusted.x + adjusted.width >= window.x + 64),
        ).toBe(true);
        expect(drawingOf(policy, image, createRandom(seed))).toEqual(
          drawingOf(policy, image, createRandom(seed)),
        );
        if (isDeterministic(policy))
          expect(drawingOf(policy, image, createRandom(seed + 1)).view).toEqual(view);
      }),
      { numRuns: 300 },
    );
  });
});

describe('shiftedCrop', () => {
  const image = { width: 400, height: 300 };

  it('shows the test view except for mirroring and the sideways shift, and jitters brightness, contrast, saturation in random order', () => {
    const orders = new Map<string, number>();
    const test = viewOf(shortSideCrop(64), image, createRandom(0));
    for (let seed = 0; seed < 6000; seed++) {
      const { view, adjustments, adjusted } = drawingOf(shiftedCrop(64), image, createRandom(seed));
      expect({ ...view, flip: false, window: { ...view.window, x: test.window.x } }).toEqual(test);
      expect(adjusted).toEqual({ x: 0, y: 0, ...view.resized });
      const order = adjustments.map(({ op }) => op).join();
      orders.set(order, (orders.get(order) ?? 0) + 1);
      expect(
        adjustments.every(
          (adjustment) =>
            'factor' in adjustment && adjustment.factor >= 0.95 && adjustment.factor < 1.05,
        ),
      ).toBe(true);
    }
    expect(orders.size).toBe(6);
    // 99.99 % quantile of chi-square with 5 degrees of freedom.
    expect(chiSquareUniform([...orders.values()])).toBeLessThan(25.8);
  });

  it('keeps the borders unchanged when scaling by height while colours change', () => {
    const policy = shiftedCrop(64, { byHeight: true });
    const image = pattern(300, 200);
    for (let seed = 0; seed < 4; seed++) {
      const pixels = drawPolicy(policy, image, createRandom(seed));
      const { view } = drawingOf(policy, image, createRandom(seed));
      const border = -view.window.x;
      expect(border).toBeGreaterThan(3);
      expect(pixels.subarray(0, border * 3)).toEqual(new Uint8Array(border * 3));
      expect(pixels.subarray(border * 3, border * 3 + 30).some((level) => level > 0)).toBe(true);
    }
  });

  it('always draws the same from one stream', () => {
    expect(drawingOf(shiftedCrop(224), image, createRandom(0, 'view', 0, 0)))
      .toMatchInlineSnapshot(`
      {
        "adjusted": {
          "height": 256,
          "width": 341,
          "x": 0,
          "y": 0,
        },
        "adjustments": [
          {
            "factor": 1.0164754683311668,
            "op": "contrast",
          },
          {
            "factor": 1.0374523106328564,
            "op": "saturation",
          },
          {
            "factor": 1.00908464659276,
            "op": "brightness",
          },
        ],
        "antialias": true,
        "augmentations": [],
        "interpolation": "bilinear",
        "view": {
          "flip": false,
          "region": {
            "height": 300,
            "width": 400,
            "x": 0,
            "y": 0,
          },
          "resized": {
            "height": 256,
            "width": 341,
          },
          "window": {
            "height": 224,
            "width": 224,
            "x": 107,
            "y": 16,
          },
        },
      }
    `);
  });
});

describe('timmEval', () => {
  it('resizes to floor(size / cropPct), and rejects invalid fractions', () => {
    expect(timmEval({ size: 288, cropPct: 0.95, mode: 'squash' }).steps[0]).toMatchObject({
      width: 303,
      height: 303,
    });
    expect(() => timmEval({ size: 224, cropPct: 0 })).toThrow(
      'Option "cropPct" is 0; it must be above 0 and at most 1.',
    );
  });

  it('shows the whole image surrounded by the fill in border mode', () => {
    const policy = timmEval({ size: 16, cropPct: 1, mode: 'border', fill: [9, 8, 7] });
    const pixels = drawPolicy(policy, pattern(8, 32));
    expect(sourceRect(viewOf(policy, { width: 32, height: 8 }, createRandom(0)))).toEqual({
      x: 0,
      y: -12,
      width: 32,
      height: 32,
    });
    expect([...pixels.subarray(0, 3), ...pixels.subarray(-3)]).toEqual([9, 8, 7, 9, 8, 7]);
  });
});

describe('composed policies', () => {
  it('add steps at the end and list them in their names', () => {
    const policy = withColorJitter(withRandomFlip(resize(32)), { brightness: 0.4, hue: 0.1 });
    expect(policy.name).toBe('resize+flip+jitter');
    expect(policy.steps.slice(1)).toEqual([
      { op: 'randomHorizontalFlip', probability: 0.5 },
      { op: 'colorJitter', brightness: [0.6, 1.4], hue: [-0.1, 0.1] },
    ]);
    expect(withShrinkOnLoad(policy)).toEqual({ ...policy, shrinkOnLoad: true });
    expect(withColorJitter(resize(32), { contrast: 3 }).steps[1]).toEqual({
      op: 'colorJitter',
      contrast: [0, 4],
    });
  });

  it.each([
    [
      () => withColorJitter(resize(32), { hue: 0.6 }),
      'Option "hue" is [-0.6, 0.6]; it must be two numbers from -0.5 to 0.5',
    ],
    [
      () => withColorJitter(resize(32), { contrast: -1 }),
      'Option "contrast" is -1; it must be a number of at least 0.',
    ],
    [() => randomResizedCrop(32, { scale: [0.5, 0.2] }), 'Option "scale" is [0.5, 0.2]'],
    [
      () => randomResizedCrop(32, { interpolation: 'lanczos3', antialias: false }),
      'Option "antialias" is false; with interpolation "lanczos3"',
    ],
    [() => testTimeViews(randomResizedCrop(32)), 'Policy "randomResizedCrop" draws at random'],
    [
      () => testTimeViews(resize(32), { crops: 'five' }),
      'Policy "resize" has no centerCrop inside the image',
    ],
  ])('reject invalid options (%#)', (make, message) => {
    expect(make).toThrow(message);
  });

  it("crop what is shown: after mirroring, a crop's position counts from the other side", () => {
    const corner = { op: 'positionedCrop', width: 8, height: 8, position: 'top-left' } as const;
    const own = (steps: Policy['steps']): Policy => ({
      version: 1,
      name: 'own',
      output: { width: 8, height: 8 },
      steps,
    });
    const image = { width: 20, height: 10 };
    expect(viewOf(own([{ op: 'horizontalFlip' }, corner]), image, createRandom(0))).toMatchObject({
      window: { x: 12, y: 0 },
      flip: true,
    });
    expect(viewOf(own([corner, { op: 'horizontalFlip' }]), image, createRandom(0))).toMatchObject({
      window: { x: 0, y: 0 },
      flip: true,
    });
  });

  it.each([
    [['resize', 'randomResizedCrop'], 'randomResizedCrop must come before the resize step'],
    [['colorJitter', 'resize'], 'colorJitter must come after the resize step'],
    [['colorJitter', 'colorJitter'], 'it has two colorJitter steps'],
    [['pad', 'resize'], 'a crop that pads must come after the resize step'],
  ] as const)('refuse steps in an order that makes no sense: %s', (names, message) => {
    const step = {
      resize: resize(32).steps[0]!,
      randomResizedCrop: randomResizedCrop(32).steps[0]!,
      colorJitter: withColorJitter(resize(32), { contrast: 1 }).steps[1]!,
      pad: timmEval({ size: 32, mode: 'border' }).steps[1]!,
    };
    const policy: Policy = {
      version: 1,
      name: 'own',
      output: { width: 32, height: 32 },
      steps: names.map((name) => step[name]),
    };
    expect(() => viewOf(policy, { width: 30, height: 30 }, createRandom(0))).toThrow(message);
  });
});
