import { expect, it } from 'vitest';
import { resize } from '../policies/keras-fixres.ts';
import { randomResizedCrop } from '../policies/torchvision-crops.ts';
import { apparentSizes } from './apparent-sizes.ts';
import { meanCropScale } from './mean-crop-scale.ts';
import { planResolution } from './plan-resolution.ts';

const square = [{ width: 300, height: 300 }];

it('apparentSizes is E[s] * S / T for crops of the fraction s^2 of a square image', () => {
  const scale = [0.08, 0.5] as const;
  const [same, larger] = apparentSizes(square, randomResizedCrop(128, { scale: [...scale] }), [
    resize(128),
    resize(224),
  ]);
  // Crops of up to half the area fit for any shape. With so many views, the mean is accurate to
  // some thousandths.
  expect(same!.mean / meanCropScale(scale)).toBeCloseTo(1, 2);
  expect(larger!.mean / same!.mean).toBeCloseTo(224 / 128, 9);
});

it('apparentSizes is the ratio of sizes between policies that show the whole image, and agrees with the planner', () => {
  expect(apparentSizes(square, resize(100), [resize(150)])[0]).toMatchObject({
    mean: expect.closeTo(1.5, 12) as number,
    p10: 1.5,
    p90: 1.5,
    logSpread: expect.closeTo(0, 9) as number,
  });
  const photos = [
    { width: 320, height: 240 },
    { width: 200, height: 300 },
  ];
  const train = randomResizedCrop(96);
  const { candidates } = planResolution(photos, train, { trainSize: 96, candidates: [resize(96)] });
  expect(apparentSizes(photos, train, [resize(96)])).toEqual([candidates[0]!.ratio]);
});
