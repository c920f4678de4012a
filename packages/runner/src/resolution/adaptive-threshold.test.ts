import { createRandom } from '@fixres/data';
import { mostFailures } from '@fixres/runs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adaptiveThreshold, type TwoDecisions } from './adaptive-threshold.ts';

describe('adaptiveThreshold', () => {
  it('keeps its promise in at least 95 % of 2,000 calibrations, and not by being too careful', () => {
    // Confidence is uniform on 0..1; with confidence c, the sizes disagree with probability 0.4 (1 - c).
    const slope = 0.4;
    const riskAbove = (threshold: number): number => (slope * (1 - threshold) ** 2) / 2;
    const [risk, level] = [0.05, 0.05];
    let kept = 0;
    let decided = 0;
    const calibrations = 2000;
    for (let trial = 0; trial < calibrations; trial++) {
      const random = createRandom(trial, 'adaptive');
      const images = Array.from({ length: 300 }, (): TwoDecisions => {
        const confidence = random.next();
        return { confidence, agrees: random.next() >= slope * (1 - confidence) };
      });
      const threshold = adaptiveThreshold(images, { risk, level });
      if (riskAbove(threshold) <= risk) kept++;
      decided += (1 - threshold) / calibrations;
    }
    // Three standard errors of a share of 95 % in 2,000.
    expect(kept / calibrations).toBeGreaterThan(0.95 - 3 * Math.sqrt((0.95 * 0.05) / calibrations));
    expect(kept / calibrations).toBeLessThan(0.99);
    // With all images of the world, half of the images would be decided small: 0.4 (1 - t)^2 / 2 = 0.05.
    expect(decided).toBeGreaterThan(0.36);
    expect(decided).toBeLessThan(0.5);
  });

  it('is the lowest threshold with few enough disagreements above it', () => {
    const images = fc.array(
      fc.record({ confidence: fc.integer({ min: 1, max: 40 }), agrees: fc.boolean() }),
      { minLength: 1, maxLength: 200 },
    );
    fc.assert(
      fc.property(images, fc.double({ min: 0.05, max: 0.6, noNaN: true }), (list, risk) => {
        const scaled = list.map(({ confidence, agrees }) => ({
          confidence: confidence / 40,
          agrees,
        }));
        const threshold = adaptiveThreshold(scaled, { risk, level: 0.05 });
        const wrong = (above: number): number =>
          scaled.filter(({ confidence, agrees }) => confidence > above && !agrees).length;
        const allowed = mostFailures(list.length, risk, 0.05);
        if (allowed < 0) {
          expect(threshold).toBe(1);
          return;
        }
        expect(wrong(threshold)).toBeLessThanOrEqual(allowed);
        if (threshold > 0) expect(wrong(threshold - 1e-9)).toBeGreaterThan(allowed);
      }),
    );
  });
});
