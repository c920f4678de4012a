import fc from 'fast-check';
import { expect, it } from 'vitest';
import { divideMemory, type DivideMemoryOptions, leastMemory } from './divide-memory.ts';

const arm = (name: string, train: number, heldOut = 0): DivideMemoryOptions['need']['arms'][0] => ({
  name,
  peakMb: 1000,
  featureBytes: { train, heldOut },
});

/** 1,132 MB for training; 200 + 20 MB of features and 300 MB of photos. */
const options: DivideMemoryOptions = {
  limitMb: 2000,
  need: { peakMb: 1000, arms: [arm('small', 0), arm('fixres', 2e5, 2e5)] },
  images: { train: 1000, heldOut: 100 },
  photosMb: 300,
};

it('gives training what it needs, then features, then photos', () => {
  expect(divideMemory(options)).toEqual({
    plan: { limitMb: 2000, trainingMb: 1132, featuresMb: 220, photosMb: 330 },
    allFeaturesMb: 220,
    allPhotosMb: 300,
  });
});

it.each([
  // Photos give way first.
  ['some photos', 1452, { featuresMb: 220, photosMb: 100 }],
  ['no photos', 1352, { featuresMb: 220, photosMb: 0 }],
  // Then the features of held-out images, then all features: part of them would be of no use.
  ['the features of training images', 1351, { featuresMb: 200, photosMb: 19 }],
  ['no features', 1331, { featuresMb: 0, photosMb: 199 }],
  ['nothing', 1132, { featuresMb: 0, photosMb: 0 }],
])('caches %s if memory is short', (_, limitMb, division) => {
  expect(divideMemory({ ...options, limitMb })!.plan).toMatchObject(division);
});

it('refuses a budget that is not enough for training', () => {
  expect(leastMemory(options.need)).toBe(1132);
  expect(divideMemory({ ...options, limitMb: 1131 })).toBeUndefined();
});

it('limits features as asked', () => {
  const { plan, allFeaturesMb } = divideMemory({ ...options, featureLimitMb: 210 })!;
  expect(plan.featuresMb).toBe(200);
  expect(allFeaturesMb).toBe(220);
});

it('never plans more than the budget', () => {
  const amount = fc.nat(1e5);
  fc.assert(
    fc.property(amount, amount, amount, fc.array(amount), (limitMb, peakMb, photosMb, bytes) => {
      const need = { peakMb, arms: bytes.map((each, i) => arm(`arm${i}`, each * 100, each)) };
      const plan = divideMemory({ ...options, limitMb, need, photosMb })?.plan;
      if (plan === undefined) return limitMb < 1.1 * peakMb + 33;
      const { trainingMb, featuresMb, photosMb: photos } = plan;
      return Math.min(featuresMb, photos) >= 0 && trainingMb + featuresMb + photos <= limitMb;
    }),
  );
});
