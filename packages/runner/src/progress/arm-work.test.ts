import { fixresFinetune, fixresTest, resize, sampledBoundingBoxCrop } from '@fixres/data';
import { describe, expect, it } from 'vitest';
import { type ArmWork, armWork, expectedWork } from './arm-work.ts';
import type { ArmSpec, Experiment } from '@fixres/runs';

/** 25 updates of 10 out of 100 images: two and a half epochs. */
const spec: ArmSpec = {
  name: 'short',
  description: '',
  initFrom: null,
  trainPolicy: sampledBoundingBoxCrop(32),
  testPolicy: resize(32),
  epochs: 3,
  steps: 25,
  schedule: { type: 'constant', rate: 1 },
  freeze: 'all',
};
const work: ArmWork = {
  spec,
  experiment: { evaluations: [resize(32)], activations: false, batchSize: 10 },
  images: { train: 100, heldOut: 20 },
  norms: { before: 0, epoch: 0, after: 0 },
  features: undefined,
  isFirstSeed: true,
};

function imagesOf(of: ArmWork, kind: string): number {
  return armWork(of).reduce((sum, item) => sum + (item.kind === kind ? item.images : 0), 0);
}

describe('armWork of an arm with images that are held back', () => {
  it('counts them once for thresholds, and once for each size that is measured', () => {
    const images = { train: 100, heldOut: 20, thresholds: 7, sizes: 11 };
    expect(imagesOf({ ...work, images }, 'heldBack')).toBe(7);
    const candidates = [resize(32), resize(48), resize(64)];
    expect(imagesOf({ ...work, images, candidates }, 'heldBack')).toBe(7 + 3 * 11);
  });

  it('expects sizes to be measured with the first arm and seed, a shared one once', () => {
    const measured = (name: string, sizes: number[]): ArmSpec => ({
      ...spec,
      name,
      measuredSize: {
        asked: { trainPolicy: {}, testPolicy: {} },
        candidates: sizes.map((size) => ({ trainPolicy: resize(size), testPolicy: resize(size) })),
      },
    });
    const arms = [spec, measured('one', [32, 48]), measured('two', [48, 64])];
    const experiment: Experiment = {
      ...work.experiment,
      model: { name: 'resnet14v2', width: 4 },
      arms,
      comparisons: [],
      seeds: [0, 1],
    };
    const sizesOf = (arm: ArmSpec, isFirstSeed: boolean): unknown[] =>
      expectedWork(arm, { experiment, images: { train: 100, heldOut: 20, sizes: 11 }, isFirstSeed })
        .filter(({ kind, images }) => kind === 'heldBack' && images > 0)
        .map(({ images, size }) => [images, size]);
    const sides = [32, 48, 64].map((side) => [11, { height: side, width: side }]);
    expect(sizesOf(spec, true)).toEqual(sides);
    expect(sizesOf(spec, false)).toEqual([]);
    expect(sizesOf(arms[1]!, true)).toEqual([]);
  });
});

describe('armWork of an arm that ends within an epoch', () => {
  it('counts its images, and an evaluation after each epoch and at the end', () => {
    expect(imagesOf(work, 'train')).toBe(250);
    expect(imagesOf(work, 'evaluate')).toBe(4 * 20);
  });

  it.each([
    [{ epoch: 0, images: 30 }, 220, 4],
    [{ epoch: 2, images: 30 }, 20, 2],
    [{ epoch: 3, images: 0 }, 0, 1],
  ])('counts the remaining work after %j', (done, train, tests) => {
    expect(imagesOf({ ...work, done }, 'train')).toBe(train);
    expect(imagesOf({ ...work, done }, 'evaluate')).toBe(tests * 20);
  });

  it('expects features only for views that will be drawn: of two views, each image draws one, and half of those in the last epoch a second time', () => {
    const tuned = {
      ...work,
      spec: {
        ...spec,
        trainPolicy: fixresFinetune({ trainSize: 32, size: 48 }),
        testPolicy: fixresTest({ trainSize: 32, size: 48 }),
        freeze: 'classifier' as const,
      },
      features: { train: 1, heldOut: undefined },
    };
    // 1 and 1/2 after two epochs, and 1/4 of half the images.
    expect(imagesOf(tuned, 'features')).toBeCloseTo(100 * (1.5 + 0.5 * 0.25), 10);
    expect(
      imagesOf({ ...tuned, spec: { ...tuned.spec, epochs: 1, steps: 5 } }, 'features'),
    ).toBeCloseTo(50, 10);
  });
});
