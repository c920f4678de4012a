import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { peers } from '../../test/peers.ts';
import { learningRateAt } from './learning-rate-at.ts';
import { parseSchedule } from './parse-schedule.ts';
import { scaledSchedule } from './scaled-schedule.ts';
import type { UnscaledSchedule } from './schedule.ts';

// Keras computes its schedules in float32.
describe.each([
  ['keras', 2e-6],
  ['torch', 1e-12],
] as const)('rates of %s', (library, tolerance) => {
  it.each(peers[library].schedules)('$schedule', ({ schedule, stepsPerEpoch, epochs, rates }) => {
    expect(rates).toHaveLength(stepsPerEpoch * epochs);
    rates.forEach((expected, step) => {
      const rate = learningRateAt(scaledSchedule(parseSchedule(schedule), 1), {
        step,
        stepsPerEpoch,
        epochs,
      });
      expect(Math.abs(rate - expected), `step ${step}`).toBeLessThanOrEqual(
        tolerance * schedule.rate,
      );
    });
  });
});

const rate = fc.double({ min: 1e-6, max: 10, noNaN: true });
const warmUp = fc.option(
  fc.record({ epochs: fc.double({ min: 0.1, max: 3, noNaN: true }), from: fc.constant(0) }),
  { nil: undefined },
);
const training = fc.record({
  stepsPerEpoch: fc.integer({ min: 1, max: 50 }),
  epochs: fc.integer({ min: 4, max: 40 }),
});

describe('for any training,', () => {
  it('a constant rate is constant after its warm-up', () => {
    fc.assert(
      fc.property(rate, warmUp, training, fc.nat(), (top, rise, { stepsPerEpoch, epochs }, any) => {
        const schedule: UnscaledSchedule = {
          type: 'constant',
          rate: top,
          ...(rise && { warmUp: rise }),
        };
        const step = any % (stepsPerEpoch * epochs);
        const value = learningRateAt(schedule, { step, stepsPerEpoch, epochs });
        if (rise === undefined || step >= rise.epochs * stepsPerEpoch) expect(value).toBe(top);
        else expect(value).toBeCloseTo((top * step) / (rise.epochs * stepsPerEpoch), 12);
      }),
    );
  });

  it('a cosine rises to its rate, then falls to its minimum, and is halfway at half time', () => {
    fc.assert(
      fc.property(rate, warmUp, training, (top, rise, { stepsPerEpoch, epochs }) => {
        const minimum = top / 10;
        const schedule: UnscaledSchedule = {
          type: 'cosine',
          rate: top,
          minimum,
          ...(rise && { warmUp: rise }),
        };
        const at = (step: number): number =>
          learningRateAt(schedule, { step, stepsPerEpoch, epochs });
        const start = (rise?.epochs ?? 0) * stepsPerEpoch;
        const end = stepsPerEpoch * epochs;
        const rates = Array.from({ length: end + 1 }, (_, step) => at(step));
        const peak = Math.ceil(start);
        // One assertion for thousands of steps, which take a second as assertions of their own.
        const isRight = (each: number, step: number): boolean => {
          const before = step === 0 ? each : rates[step - 1]!;
          const rises = step > peak - 1 || each >= before;
          const falls = step <= peak || each <= before;
          return rises && falls && each <= top * (1 + 1e-12);
        };
        expect(rates.findIndex((each, step) => !isRight(each, step))).toBe(-1);
        expect(at(start)).toBeCloseTo(top, 10);
        expect(at((start + end) / 2)).toBeCloseTo((top + minimum) / 2, 10);
        expect(at(end)).toBeCloseTo(minimum, 10);
      }),
    );
  });

  it('steps reduce the rate each time their epochs are over', () => {
    fc.assert(
      fc.property(
        rate,
        training,
        fc.integer({ min: 1, max: 12 }),
        fc.nat(),
        (top, { stepsPerEpoch, epochs }, every, any) => {
          const step = any % (stepsPerEpoch * epochs);
          const value = learningRateAt(
            { type: 'step', rate: top, factor: 0.5, every },
            { step, stepsPerEpoch, epochs },
          );
          const epoch = Math.floor(step / stepsPerEpoch);
          expect(value).toBeCloseTo(top / 2 ** Math.floor(epoch / every), 12);
        },
      ),
    );
  });

  it('parts of a training are equally long, also if it ends within an epoch', () => {
    fc.assert(
      fc.property(
        rate,
        training,
        fc.integer({ min: 1, max: 12 }),
        fc.nat(),
        (top, { stepsPerEpoch, epochs }, parts, any) => {
          const steps = stepsPerEpoch * (epochs - 1) + 1 + (any % stepsPerEpoch);
          const schedule: UnscaledSchedule = { type: 'step', rate: top, factor: 0.5, parts };
          const falls = Array.from({ length: steps }, (_, step) =>
            Math.round(
              Math.log2(top / learningRateAt(schedule, { step, stepsPerEpoch, epochs, steps })),
            ),
          );
          const lengths = Array.from(
            { length: parts },
            (_, part) => falls.filter((each) => each === part).length,
          );
          expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(steps);
          expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it('a cosine ends with a training that ends within an epoch', () => {
    fc.assert(
      fc.property(rate, training, fc.nat(), (top, { stepsPerEpoch, epochs }, any) => {
        const steps = stepsPerEpoch * (epochs - 1) + 1 + (any % stepsPerEpoch);
        const schedule: UnscaledSchedule = { type: 'cosine', rate: top, warmUp: { epochs: 1 } };
        const at = (step: number): number =>
          learningRateAt(schedule, { step, stepsPerEpoch, epochs, steps });
        expect(at(stepsPerEpoch)).toBeCloseTo(top, 10);
        expect(at((stepsPerEpoch + steps) / 2)).toBeCloseTo(top / 2, 10);
        expect(at(steps)).toBeCloseTo(0, 10);
      }),
    );
  });

  it('a schedule has the same effect after a round trip through JSON', () => {
    fc.assert(
      fc.property(
        rate,
        warmUp,
        training,
        fc.constantFrom('constant', 'step', 'cosine'),
        (top, rise, { stepsPerEpoch, epochs }, type) => {
          const schedule: UnscaledSchedule = { type, rate: top, ...(rise && { warmUp: rise }) };
          const copy = scaledSchedule(parseSchedule(JSON.parse(JSON.stringify(schedule))), 1);
          for (const step of [0, 1, stepsPerEpoch * 2, stepsPerEpoch * epochs - 1]) {
            const position = { step, stepsPerEpoch, epochs };
            expect(learningRateAt(copy, position)).toBe(learningRateAt(schedule, position));
          }
        },
      ),
    );
  });
});

it('a warm-up as long as the training ends at the rate', () => {
  const schedule: UnscaledSchedule = { type: 'cosine', rate: 1, warmUp: { epochs: 2 } };
  expect(learningRateAt(schedule, { step: 20, stepsPerEpoch: 10, epochs: 2 })).toBe(1);
  expect(learningRateAt(schedule, { step: 19, stepsPerEpoch: 10, epochs: 2 })).toBeCloseTo(
    0.95,
    12,
  );
});
