import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endsWithinEpoch, imagesTrained, trainingLength } from './training-length.ts';

describe('trainingLength', () => {
  it('counts whole epochs, including the smaller last batch of each', () => {
    expect(trainingLength({ epochs: 3 }, { images: 10, batchSize: 4 })).toEqual({
      epochs: 3,
      stepsPerEpoch: 3,
      steps: 9,
      images: 30,
    });
    expect(trainingLength({ epochs: 0 }, { images: 10, batchSize: 4 })).toEqual({
      epochs: 0,
      stepsPerEpoch: 3,
      steps: 0,
      images: 0,
    });
  });

  it('ends within an epoch after `steps`, and not later than the epochs', () => {
    expect(trainingLength({ epochs: 3, steps: 5 }, { images: 10, batchSize: 4 })).toEqual({
      epochs: 2,
      stepsPerEpoch: 3,
      steps: 5,
      images: 18,
    });
    expect(trainingLength({ epochs: 3, steps: 6 }, { images: 10, batchSize: 4 })).toEqual({
      epochs: 2,
      stepsPerEpoch: 3,
      steps: 6,
      images: 20,
    });
    expect(trainingLength({ epochs: 3, steps: 100 }, { images: 10, batchSize: 4 })).toEqual(
      trainingLength({ epochs: 3 }, { images: 10, batchSize: 4 }),
    );
  });

  it('adds up to a count step by step', () => {
    const data = fc.record({
      images: fc.integer({ min: 1, max: 60 }),
      batchSize: fc.integer({ min: 1, max: 20 }),
    });
    fc.assert(
      fc.property(
        data,
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 200 }),
        ({ images, batchSize }, epochs, steps) => {
          const done: number[] = [];
          let count = 0;
          for (let epoch = 0; epoch < epochs && count < steps; epoch++) {
            for (let from = 0; from < images && count < steps; from += batchSize, count++)
              done[epoch] = (done[epoch] ?? 0) + Math.min(batchSize, images - from);
          }
          const length = trainingLength({ epochs, steps }, { images, batchSize });
          const total = done.reduce((sum, each) => sum + each, 0);
          expect(length).toMatchObject({ epochs: done.length, steps: count, images: total });
          expect(endsWithinEpoch(length)).toBe(done.at(-1)! < images);
          // After each epoch, and for an epoch that is not reached.
          expect(imagesTrained(length, done.length - 1, images)).toBe(total - done.at(-1)!);
          expect(imagesTrained(length, done.length, images)).toBe(total);
          expect(imagesTrained(length, epochs, images)).toBe(total);
        },
      ),
    );
  });
});
