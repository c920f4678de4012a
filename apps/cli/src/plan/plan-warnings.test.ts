import { type ImageSize, planResolution, randomResizedCrop, resize, type Size } from '@fixres/data';
import { expect, it } from 'vitest';
import { planWarnings } from './plan-warnings.ts';

const warnings = (trainSize: number, size: Size): string[] =>
  planWarnings(
    planResolution([size], resize(trainSize), { trainSize, candidates: [resize(trainSize)] }),
  );

it.each([
  // Trained on whole squares, the matched size is the train size.
  ['large squares', 128, { width: 500, height: 500 }, 0],
  ['small maps of squares', 96, { width: 500, height: 500 }, 1],
])('planWarnings of %s', (_, trainSize, size, count) => {
  expect(warnings(trainSize, size)).toHaveLength(count);
});

it('planWarnings names what a crop shows, and the feature maps before and after', () => {
  const { trainPolicy, ...plan } = planResolution([{ width: 300, height: 600 }], resize(64), {
    trainSize: 64,
    candidates: [resize(64)],
  });
  const cut = { ...plan.matched, cropSize: 88, visibleShare: 0.383, reason: '' };
  expect(planWarnings({ ...plan, trainPolicy, recommendation: cut })).toEqual([
    'shortSideCrop@88 shows 38 % of a photo on average. Objects that fill portrait or panorama photos are cut.',
    'A network that halves the side of its input five times ends with a map of 2 x 2 cells at 64 pixels and a map of 3 x 3 cells at 88: borders and padding weigh differently, whatever the size of objects.',
  ]);
});

it('planWarnings tells that a train policy changes the shape of objects, for rectangles only', () => {
  const of = (trainSize: ImageSize): string[] => {
    const trainPolicy = randomResizedCrop(trainSize, { ratio: [1, 1] });
    const photos = [{ width: 640, height: 480 }];
    return planWarnings(planResolution(photos, trainPolicy, { trainSize, draws: 20 }));
  };
  // Square crops become 4:3, but test policies keep the shape of these photos.
  expect(of({ height: 384, width: 512 })).toEqual([
    'Objects look 33 % narrower than in training under randomResizedCrop: the aspect ratio of its crops does not follow 384x512.',
  ]);
  expect(of(384).filter((line) => line.includes('Objects look'))).toEqual([]);
});
