import fc from 'fast-check';
import { expect, it } from 'vitest';
import { learningRateAt } from './learning-rate-at.ts';
import { scaledSchedule } from './scaled-schedule.ts';
import type { Schedule } from './schedule.ts';

const scaling = { rule: 'linear' } as const;

it.each([
  [{ rule: 'linear' }, 1024, 0.4],
  [{ rule: 'linear', referenceBatch: 64 }, 32, 0.05],
  [{ rule: 'square-root' }, 1024, 0.2],
  [{ rule: 'square-root', referenceBatch: 100 }, 1, 0.01],
  [undefined, 1024, 0.1],
] as const)('a rate of 0.1 under the rule %j is, for %d images, %d', (rule, images, rate) => {
  const schedule = scaledSchedule(
    { type: 'constant', rate: 0.1, ...(rule && { scaling: rule }) },
    images,
  );
  expect(schedule).toEqual({ type: 'constant', rate: expect.closeTo(rate, 15) as number });
});

// Figure 2c of Goyal et al.: from the rate of 256 images, 0.1, to 3.2 for 8192 in 5 epochs; then steps.
it('a warm-up can rise from the rate of the reference batch, as in Goyal et al.', () => {
  const schedule = scaledSchedule(
    { type: 'step', rate: 0.1, every: 30, warmUp: { epochs: 5, from: 0.1 }, scaling },
    8192,
  );
  const at = (epoch: number): number =>
    learningRateAt(schedule, { step: epoch * 100, stepsPerEpoch: 100, epochs: 90 });
  expect([at(0), at(2.5), at(5), at(29), at(30), at(60)]).toEqual(
    [0.1, 1.65, 3.2, 3.2, 0.32, 0.032].map((rate) => expect.closeTo(rate, 12) as number),
  );
});

it('after the warm-up, every rate is multiplied by the factor of the rule', () => {
  const schedules = fc.constantFrom<Schedule>(
    { type: 'constant', rate: 0.3 },
    { type: 'step', rate: 0.3, every: 2, factor: 0.5 },
    { type: 'step', rate: 0.3, parts: 3 },
    { type: 'cosine', rate: 0.3, minimum: 0.01, warmUp: { epochs: 1 } },
    { type: 'cosine', rate: 0.3 },
  );
  fc.assert(
    fc.property(
      schedules,
      fc.constantFrom('linear' as const, 'square-root' as const),
      fc.integer({ min: 1, max: 65_536 }),
      fc.integer({ min: 1, max: 65_536 }),
      fc.integer({ min: 10, max: 99 }),
      (schedule, rule, images, referenceBatch, step) => {
        const position = { step, stepsPerEpoch: 10, epochs: 10 };
        const ratio = images / referenceBatch;
        const scaled = scaledSchedule({ ...schedule, scaling: { rule, referenceBatch } }, images);
        const rate = learningRateAt(scaledSchedule(schedule, images), position);
        const factor = rule === 'linear' ? ratio : Math.sqrt(ratio);
        expect(learningRateAt(scaled, position) / (rate * factor)).toBeCloseTo(1, 10);
      },
    ),
  );
});

it('a number of images that no update has is refused', () => {
  expect(() => scaledSchedule({ type: 'constant', rate: 1, scaling }, 0.5)).toThrow(
    'images: received 0.5; allowed is a whole number of at least 1',
  );
});
