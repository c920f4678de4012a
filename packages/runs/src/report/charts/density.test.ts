import { describe, expect, it } from 'vitest';
import { density } from './density.ts';

describe('density', () => {
  // ln(ratio) uniform from ln(1/2) to ln(2).
  const percentiles = Array.from({ length: 101 }, (_, i) => 0.5 * 4 ** (i / 100));
  const curve = density(percentiles);

  it('integrates to all ratios', () => {
    const area = curve
      .slice(1)
      .reduce(
        (sum, { at, value }, i) =>
          sum + ((value + curve[i]!.value) / 2) * Math.log(at / curve[i]!.at),
        0,
      );
    expect(area).toBeCloseTo(1, 3);
  });

  it('is flat for uniform logarithms, and zero outside', () => {
    for (const { value } of curve.filter(({ at }) => at > 0.7 && at < 1.4))
      expect(value).toBeCloseTo(1 / Math.log(4), 2);
    expect(curve[0]!.value).toBeLessThan(0.001);
    expect(curve.at(-1)!.value).toBeLessThan(0.001);
  });
});
