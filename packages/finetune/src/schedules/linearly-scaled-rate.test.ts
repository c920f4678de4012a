import { expect, it } from 'vitest';
import { learningRateAt } from './learning-rate-at.ts';
import { fixresAuthorsSchedule, linearlyScaledRate } from './linearly-scaled-rate.ts';

it('linearlyScaledRate is the given rate at 512 images, and proportional to their number', () => {
  expect(linearlyScaledRate(0.1, { batchSize: 512 })).toBeCloseTo(0.1, 15);
  expect(linearlyScaledRate(0.1, { batchSize: 64, tasks: 8 })).toBeCloseTo(0.1, 15);
  expect(linearlyScaledRate(0.1, { batchSize: 32 })).toBeCloseTo(0.00625, 15);
});

it("fixresAuthorsSchedule is the authors' schedule: 8 * rate * batch * tasks / 512, a tenth after every 30 epochs", () => {
  const schedule = fixresAuthorsSchedule(1e-3, { batchSize: 64, tasks: 4 });
  const at = (epoch: number): number =>
    learningRateAt(schedule, { step: epoch * 10, stepsPerEpoch: 10, epochs: 90 });
  expect(
    [at(0), at(29), at(30), at(59.9), at(60)].map((rate) => Number(rate.toPrecision(6))),
  ).toEqual([4e-3, 4e-3, 4e-4, 4e-4, 4e-5]);
});

it.each([
  [
    () => linearlyScaledRate(-1, { batchSize: 1 }),
    'rate: received -1; allowed is a finite number of at least 0',
  ],
  [
    () => linearlyScaledRate(1, { batchSize: 0.5 }),
    'batchSize: received 0.5; allowed is a whole number of at least 1',
  ],
  [
    () => linearlyScaledRate(1, { batchSize: 1, tasks: 0 }),
    'tasks: received 0; allowed is a whole number of at least 1',
  ],
])('linearly scaled rates reject invalid values: case %#', (call, message) => {
  expect(call).toThrow(expect.objectContaining({ code: 'bad-schedule', message }));
});
