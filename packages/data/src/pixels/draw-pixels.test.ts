import { describe, expect, it } from 'vitest';
import { largestDifference, levels, readFixtures } from '../../test/fixtures.ts';
import { pattern } from '../../test/pattern.ts';
import type { View } from '../geometry/view.ts';
import type { Drawing } from '../policies/policy.ts';
import { drawPixels } from './draw-pixels.ts';

type Pair = [number, number];
interface TorchvisionFixtures {
  resizes: {
    from: Pair;
    to: Pair;
    interpolation: 'bilinear' | 'bicubic';
    pil: string;
    tensor: string;
  }[];
  resizedCrop: {
    from: Pair;
    region: [number, number, number, number];
    side: number;
    pixels: string;
  };
}
const torchvision = readFixtures('torchvision') as TorchvisionFixtures;
const tensorflow = readFixtures('tensorflow') as {
  bicubicResizes: { height: number; width: number; side: number; pixels: number[] }[];
};

function draw(
  view: View,
  imageSize: Pair,
  filter: Pick<Drawing, 'interpolation' | 'antialias'>,
): Uint8Array {
  const out = new Uint8Array(view.window.width * view.window.height * 3);
  drawPixels(
    pattern(imageSize[1], imageSize[0]),
    { view, ...filter, adjustments: [], adjusted: view.window, augmentations: [] },
    out,
  );
  return out;
}

function squashed([width, height]: Pair, [toWidth, toHeight]: Pair): View {
  const window = { x: 0, y: 0, width: toWidth, height: toHeight };
  return {
    region: { x: 0, y: 0, width, height },
    resized: { width: toWidth, height: toHeight },
    window,
    flip: false,
  };
}

describe('drawPixels with antialiasing', () => {
  it.each(torchvision.resizes)(
    'resizes $from to $to with $interpolation bit-exactly like PIL',
    ({ from, to, interpolation, pil, tensor }) => {
      const ours = draw(squashed(from, to), from, { interpolation, antialias: true });
      expect(largestDifference(ours, levels(pil))).toBe(0);
      // torchvision's kernel for tensors keeps fractions and levels beyond 0..255 between the two
      // axes, so if a cubic overshoots it is not a reference for PIL.
      if (interpolation === 'bilinear')
        expect(largestDifference(ours, levels(tensor))).toBeLessThanOrEqual(1);
    },
  );

  it('does not read across the edges of an earlier crop', () => {
    const { from, region, side, pixels } = torchvision.resizedCrop;
    const [x, y, width, height] = region;
    const view = { ...squashed([width, height], [side, side]), region: { x, y, width, height } };
    expect(
      largestDifference(
        draw(view, from, { interpolation: 'bilinear', antialias: true }),
        levels(pixels),
      ),
    ).toBe(0);
  });
});

describe('drawPixels without antialiasing', () => {
  it.each(tensorflow.bicubicResizes)(
    'resizes $height x $width -> $side like tf.image.resize with bicubic',
    ({ height, width, side, pixels }) => {
      const ours = draw(squashed([width, height], [side, side]), [width, height], {
        interpolation: 'bicubic',
        antialias: false,
      });
      const theirs = pixels.map((level) => Math.min(Math.max(level, 0), 255));
      // Rounding to whole levels costs half a level, and TensorFlow looks its cubic up in a table
      // of 1024 values.
      expect(largestDifference(ours, theirs)).toBeLessThanOrEqual(1);
    },
  );
});

describe('drawPixels', () => {
  const filters = [
    { interpolation: 'bilinear', antialias: false },
    { interpolation: 'bilinear', antialias: true },
    { interpolation: 'bicubic', antialias: true },
  ] as const;

  it.each(filters)(
    'draws a window as that part of the whole, and mirrors it ($interpolation, antialias $antialias)',
    (filter) => {
      const whole = squashed([50, 40], [23, 31]);
      const all = draw(whole, [50, 40], filter);
      const window = { x: 5, y: 7, width: 11, height: 13 };
      const part = draw({ ...whole, window }, [50, 40], filter);
      const mirrored = draw({ ...whole, window, flip: true }, [50, 40], filter);
      const pixel = (picture: Uint8Array, width: number, x: number, y: number): Uint8Array =>
        picture.subarray((y * width + x) * 3, (y * width + x) * 3 + 3);
      for (let y = 0; y < window.height; y++) {
        for (let x = 0; x < window.width; x++) {
          const expected = pixel(all, 23, x + window.x, y + window.y);
          expect(pixel(part, 11, x, y)).toEqual(expected);
          expect(pixel(mirrored, 11, 10 - x, y)).toEqual(expected);
        }
      }
    },
  );

  it('fills pixels outside the picture, and mirrors the fill too', () => {
    const view = {
      ...squashed([2, 1], [2, 1]),
      window: { x: -1, y: -1, width: 4, height: 3 },
      fill: [1, 2, 3] as [number, number, number],
    };
    const filter = filters[0];
    const [a, b] = [[...pattern(1, 2).data.subarray(0, 3)], [...pattern(1, 2).data.subarray(3)]];
    const row = (...pixels: number[][]): number[] => pixels.flat();
    const f = view.fill;
    expect([...draw(view, [2, 1], filter)]).toEqual([
      ...row(f, f, f, f),
      ...row(f, a, b, f),
      ...row(f, f, f, f),
    ]);
    const uneven = { ...view, window: { ...view.window, width: 3 }, flip: true };
    expect([...draw(uneven, [2, 1], filter)]).toEqual([
      ...row(f, f, f),
      ...row(b, a, f),
      ...row(f, f, f),
    ]);
    const away = { ...view, window: { x: 9, y: 0, width: 1, height: 1 } };
    expect([...draw(away, [2, 1], filter)]).toEqual(f);
  });

  it('leaves lanczos3 to sharp', () => {
    expect(() =>
      draw(squashed([9, 9], [8, 8]), [9, 9], { interpolation: 'lanczos3', antialias: true }),
    ).toThrow('use drawWithSharp');
  });
});
