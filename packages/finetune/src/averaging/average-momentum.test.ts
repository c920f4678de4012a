import fc from 'fast-check';
import { expect, it } from 'vitest';
import { averageMomentum, checkAverageSettings } from './average-momentum.ts';

it('averageMomentum copies the weights first, then uses its momentum', () => {
  expect(averageMomentum({ momentum: 0.9, warmUp: false }, 0)).toBe(0);
  expect(averageMomentum({ momentum: 0.9, warmUp: false }, 1)).toBe(0.9);
  expect(averageMomentum({ warmUp: false }, 7)).toBe(0.999);
});

it('averageMomentum warms up by default, as 1 - (1 + updates) ** (-2 / 3)', () => {
  for (const updates of [1, 7, 45, 26]) {
    expect(averageMomentum({}, updates)).toBeCloseTo(1 - 1 / Math.cbrt((1 + updates) ** 2), 12);
    expect(averageMomentum({}, updates)).toBe(averageMomentum({ warmUp: true }, updates));
  }
  // 0.999 is reached when (1 + updates) ** (2 / 3) is 1000.
  expect(averageMomentum({}, 31_000)).toBeLessThan(0.999);
  expect(averageMomentum({}, 32_000)).toBe(0.999);
});

it('averageMomentum grows during the warm-up, up to the momentum', () => {
  const settings = fc.record({
    momentum: fc.double({ min: 0, max: 0.9999, noNaN: true }),
    warmUp: fc.record({
      gamma: fc.double({ min: 0.1, max: 10, noNaN: true }),
      power: fc.double({ min: 0.1, max: 2, noNaN: true }),
    }),
  });
  fc.assert(
    fc.property(settings, fc.integer({ min: 0, max: 10_000 }), (given, updates) => {
      const [now, next] = [averageMomentum(given, updates), averageMomentum(given, updates + 1)];
      expect(now).toBeGreaterThanOrEqual(0);
      expect(next).toBeGreaterThanOrEqual(now);
      expect(next).toBeLessThanOrEqual(given.momentum);
    }),
  );
});

it.each([
  [{ momentum: 1 }, 'momentum: received 1; allowed is a number of at least 0, under 1'],
  [{ warmUp: 'yes' }, 'warmUp: received "yes"; allowed is true, false, or gamma and power'],
  [{ warmUp: { gamma: 0 } }, 'warmUp.gamma: received 0; allowed is a finite number above 0'],
  [{ statistics: 'copy' }, 'statistics: received "copy"; allowed is one of average, keep'],
])('checkAverageSettings rejects %j', (settings, message) => {
  const check = (): void => {
    checkAverageSettings(settings as never);
  };
  expect(check).toThrow(expect.objectContaining({ code: 'bad-option', message }));
});
