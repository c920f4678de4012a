import { createRandom } from '@fixres/data';
import { describe, expect, it } from 'vitest';
import type { CorrectnessMatrix } from './correctness-matrix.ts';
import { comparePaired } from './paired/paired-comparison.ts';
import { armRobustness, compareRobustness, type CorruptedArm } from './robustness.ts';

/** Each seed's images are correct with this probability. */
function matrix(p: number, { seeds = 1, images = 80, seed = 0 } = {}): CorrectnessMatrix {
  return Array.from({ length: seeds }, (_, s) => {
    const random = createRandom(seed, 'matrix', s, Math.round(1000 * p));
    return Uint8Array.from({ length: images }, () => Number(random.next() < p));
  });
}

const first = (correct: number, images = 20): CorrectnessMatrix => [
  Uint8Array.from({ length: images }, (_, i) => Number(i < correct)),
];

describe('armRobustness', () => {
  it('computes the mean corruption error of the paper, by hand', () => {
    const baseline: CorruptedArm = {
      clean: first(16),
      conditions: [
        { corruption: 'fog', severity: 1, correct: first(12) },
        { corruption: 'fog', severity: 5, correct: first(8) },
        { corruption: 'snow', severity: 1, correct: first(10) },
        { corruption: 'snow', severity: 5, correct: first(10) },
      ],
    };
    const counts = [16, 14, 5, 10];
    const arm = {
      clean: first(18),
      conditions: baseline.conditions.map((each, i) => ({ ...each, correct: first(counts[i]!) })),
    };
    const record = armRobustness(arm, baseline);
    // Errors of fog: 4 + 6 of 8 + 12; of snow: 15 + 10 of 10 + 10.
    expect(record.mce).toBeCloseTo((10 / 20 + 25 / 20) / 2, 12);
    expect(record.accuracy).toBeCloseTo(45 / 80, 12);
    expect(record.clean).toBe(0.9);
    expect(record.conditions.map(({ accuracy }) => accuracy)).toEqual([0.8, 0.7, 0.25, 0.5]);
    expect(armRobustness(baseline, baseline).mce).toBe(1);
    const faultless = {
      clean: first(20),
      conditions: baseline.conditions.map((each) => ({ ...each, correct: first(20) })),
    };
    expect(armRobustness(arm, faultless).mce).toBeNull();
  });

  it('counts an image once, however many conditions it is seen under', () => {
    const correct = matrix(0.6);
    const once: CorruptedArm = {
      clean: correct,
      conditions: [{ corruption: 'fog', severity: 1, correct }],
    };
    const often: CorruptedArm = {
      clean: correct,
      conditions: ([1, 2, 3, 4, 5] as const).map((severity) => ({
        corruption: 'fog',
        severity,
        correct,
      })),
    };
    const [low, high] = armRobustness(once, once).ci95;
    const [lowOften, highOften] = armRobustness(often, often).ci95;
    expect(lowOften).toBeCloseTo(low, 12);
    expect(highOften).toBeCloseTo(high, 12);
  });
});

describe('compareRobustness', () => {
  it.each([1, 3])('equals the paired comparison for one condition and %d seeds', (seeds) => {
    const [a, b] = [matrix(0.75, { seeds }), matrix(0.5, { seeds })];
    const of = (clean: CorrectnessMatrix, correct: CorrectnessMatrix): CorruptedArm => ({
      clean,
      conditions: [{ corruption: 'snow', severity: 3, correct }],
    });
    const [same] = compareRobustness([{ a: 'a', b: 'b', ofA: of(a, a), ofB: of(b, b) }]);
    const paired = comparePaired(a, b);
    expect(same!.difference).toBeCloseTo(paired.difference, 12);
    expect(same!.p).toBeCloseTo(paired.p, 10);
    expect(same!.ci95).toEqual(paired.ci95.map((end) => expect.closeTo(end, 12) as number));
    expect(same!.clean).toBeCloseTo(paired.difference, 12);
    // As much on corrupted images as on clean ones.
    expect(same!.kept).toEqual({ difference: 0, ci95: [0, 0] });
    expect(same!.verdict).toBe('better');
    const [lost] = compareRobustness([{ a: 'a', b: 'b', ofA: of(a, b), ofB: of(b, b) }]);
    expect(lost).toMatchObject({ difference: 0, p: 1, verdict: 'not distinguishable' });
    expect(lost!.kept.difference).toBeCloseTo(-paired.difference, 12);
    expect(lost!.kept.ci95[1]).toBeLessThan(0);
  });

  it('corrects for the number of pairs, and refuses arms with other conditions', () => {
    const ofA = {
      clean: matrix(0.7),
      conditions: [{ corruption: 'fog', severity: 1, correct: matrix(0.7) }],
    } as const;
    const ofB = {
      clean: matrix(0.5),
      conditions: [{ corruption: 'fog', severity: 1, correct: matrix(0.5) }],
    } as const;
    const pair = { a: 'a', b: 'b', ofA, ofB };
    const [alone] = compareRobustness([pair]);
    const [one, two] = compareRobustness([pair, pair]);
    expect(one!.p).toBe(alone!.p);
    expect(one!.pAdjusted).toBeCloseTo(Math.min(1, 2 * alone!.p), 12);
    expect(two!.pAdjusted).toBe(one!.pAdjusted);
    expect(() => compareRobustness([{ ...pair, ofB: { ...ofB, conditions: [] } }])).toThrow(
      'a has 1 conditions, b 0.',
    );
    expect(compareRobustness([])).toEqual([]);
  });
});
