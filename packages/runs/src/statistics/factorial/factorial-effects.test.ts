import { readFileSync } from 'node:fs';
import { createRandom } from '@fixres/data';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FactorialCell, factorialEffects } from './factorial-effects.ts';
import { shapleyWeights } from './shapley-weights.ts';

/** The output of `scripts/make-factorial-fixture.py`. */
interface Fixture {
  factors: string[];
  cells: { on: string[]; correct: string[] }[];
  main: Record<string, number>;
  interactions: { a: string; b: string; difference: number }[];
  shapley: Record<string, number>;
  /** Over the orders that begin with the factors of `first`. */
  shapleyAfter: { first: string[]; shares: Record<string, number> };
}

const fixture = JSON.parse(
  readFileSync(new URL('../fixtures/factorial.json', import.meta.url), 'utf8'),
) as Fixture;
const bits = (row: string): Uint8Array => Uint8Array.from(row, Number);
const few = { resamples: 100 };
const oneStage = (...factors: string[]): { name: string; factors: string[] }[] => [
  { name: 'all', factors },
];

/** Every combination of the factors. */
function combinations(factors: readonly string[]): string[][] {
  return factors.reduce<string[][]>(
    (all, factor) => all.flatMap((on) => [on, [...on, factor]]),
    [[]],
  );
}

describe('factorialEffects', () => {
  const cells = fixture.cells.map(({ on, correct }) => ({ on, correct: correct.map(bits) }));
  const found = factorialEffects(oneStage(...fixture.factors), cells, few);

  it('has the main effects and interactions of a linear model in statsmodels', () => {
    expect(found.factors.map(({ factor }) => factor)).toEqual(fixture.factors);
    for (const { factor, main } of found.factors)
      expect(main.difference).toBeCloseTo(fixture.main[factor]!, 12);
    expect(found.interactions.map(({ a, b }) => [a, b])).toEqual(
      fixture.interactions.map(({ a, b }) => [a, b]),
    );
    found.interactions.forEach(({ difference }, i) =>
      expect(difference).toBeCloseTo(fixture.interactions[i]!.difference, 12),
    );
  });

  it('has the Shapley values that follow from all orders, and they add up to the gain', () => {
    for (const { factor, share } of found.factors)
      expect(share.difference).toBeCloseTo(fixture.shapley[factor]!, 12);
    const sum = found.factors.reduce((all, { share }) => all + share.difference, 0);
    expect(sum).toBeCloseTo(found.gain.difference, 12);
    expect(found.full - found.base).toBeCloseTo(found.gain.difference, 12);
  });

  it('has the Shapley values of the orders that keep to the stages', () => {
    const { first, shares } = fixture.shapleyAfter;
    const rest = fixture.factors.filter((factor) => !first.includes(factor));
    const staged = factorialEffects(
      [
        { name: 'first', factors: first },
        { name: 'rest', factors: rest },
      ],
      cells,
      few,
    );
    for (const { factor, share } of staged.factors)
      expect(share.difference).toBeCloseTo(shares[factor]!, 12);
    for (const { factors, difference } of staged.stages)
      expect(difference).toBeCloseTo(
        factors.reduce((sum, factor) => sum + shares[factor]!, 0),
        12,
      );
    // Main effects and interactions do not know of stages.
    expect(staged.factors.map(({ main }) => main)).toEqual(found.factors.map(({ main }) => main));
    expect(staged.interactions).toEqual(found.interactions);
    const [size] = staged.factors;
    expect(size!.alone).toEqual(found.factors[0]!.alone);
  });

  it('does not depend on the order of the cells, nor of the names in one', () => {
    const turned = cells.toReversed().map(({ on, correct }) => ({ on: on.toReversed(), correct }));
    expect(factorialEffects(oneStage(...fixture.factors), turned, few)).toEqual(found);
  });

  it('gives a factor without effect nothing, with certainty', () => {
    const row = fc.array(fc.constantFrom(0, 1), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(row, row, (without, withSize) => {
        const effects = factorialEffects(
          oneStage('size', 'nothing'),
          combinations(['size', 'nothing']).map((on) => ({
            on,
            correct: [Uint8Array.from(on.includes('size') ? withSize : without)],
          })),
          few,
        );
        const none = { difference: 0, ci95: [0, 0] };
        const [size, nothing] = effects.factors;
        expect(nothing).toMatchObject({ alone: none, last: none, main: none });
        expect(nothing!.share).toEqual({ ...none, p: 1, pAdjusted: 1 });
        expect(size!.share.difference).toBeCloseTo(effects.gain.difference, 12);
        expect(effects.interactions[0]).toMatchObject({ difference: 0, ci95: [0, 0] });
      }),
    );
  });

  it('tells two factors that need each other from two that replace each other', () => {
    const cellsOf = (isCorrect: (count: number) => boolean): FactorialCell[] =>
      combinations(['a', 'b']).map((on) => ({
        on,
        correct: [new Uint8Array(100).fill(Number(isCorrect(on.length)))],
      }));
    const both = factorialEffects(
      oneStage('a', 'b'),
      cellsOf((count) => count === 2),
      few,
    );
    expect(both.factors.map(({ alone, last, share }) => [alone, last, share])).toMatchObject([
      [{ difference: 0 }, { difference: 1 }, { difference: 0.5 }],
      [{ difference: 0 }, { difference: 1 }, { difference: 0.5 }],
    ]);
    expect(both.interactions[0]!.difference).toBe(1);
    const either = factorialEffects(
      oneStage('a', 'b'),
      cellsOf((count) => count > 0),
      few,
    );
    expect(either.interactions[0]!.difference).toBe(-1);
  });

  it('covers the true shares with its intervals about as often as it says', () => {
    // The accuracies of the cells are known, and independent: 0.4, +0.2 by a, nothing by b.
    const truth = { a: 0.2, b: 0 };
    const factors = ['a', 'b'] as const;
    let inside = 0;
    let significant = 0;
    const experiments = 150;
    for (let e = 0; e < experiments; e++) {
      const random = createRandom(1, 'coverage', e);
      const effects = factorialEffects(
        oneStage(...factors),
        combinations(factors).map((on) => ({
          on,
          correct: [
            Uint8Array.from({ length: 120 }, () =>
              Number(random.next() < (on.includes('a') ? 0.6 : 0.4)),
            ),
          ],
        })),
        { resamples: 200 },
      );
      for (const { factor, share } of effects.factors) {
        const [low, high] = share.ci95;
        const true_ = truth[factor as 'a' | 'b'];
        if (low <= true_ && true_ <= high) inside++;
        if (factor === 'b' && share.pAdjusted < 0.05) significant++;
      }
    }
    // Binomial limits at 1 in 10,000: 300 intervals at 95 %, 150 tests at 5 %.
    expect(inside / (2 * experiments)).toBeGreaterThan(0.9);
    expect(significant / experiments).toBeLessThan(0.13);
  });

  it('tests many images by the normal distribution, which agrees with the exact test', () => {
    const random = createRandom(2, 'many');
    const factors = ['a', 'b', 'c'];
    const cellsOf = (images: number): FactorialCell[] =>
      combinations(factors).map((on) => ({
        on,
        correct: [
          Uint8Array.from({ length: images }, () =>
            Number(random.next() < 0.5 + 0.012 * on.length),
          ),
        ],
      }));
    const some = cellsOf(3000);
    const exact = factorialEffects(oneStage(...factors), some, few);
    // One more image, which all cells classify correctly, changes no test.
    const more = some.map(({ on, correct: [row] }) => ({
      on,
      correct: [Uint8Array.from([...row!, 1])],
    }));
    const approximate = factorialEffects(oneStage(...factors), more, few);
    for (const [i, { share }] of exact.factors.entries())
      expect(approximate.factors[i]!.share.p / share.p).toBeCloseTo(1, 1);
  });

  it('refuses cells that are missing, double or of another shape', () => {
    const row = [Uint8Array.of(1, 0)];
    const all = combinations(['a', 'b']).map((on) => ({ on, correct: row }));
    expect(() => factorialEffects(oneStage('a', 'b'), all.slice(0, 3))).toThrow(
      'The cell with a, b is missing.',
    );
    expect(() =>
      factorialEffects(oneStage('a', 'b'), [...all, { on: ['b'], correct: row }]),
    ).toThrow('Two cells have the factors b.');
    expect(() => factorialEffects(oneStage('a'), all)).toThrow(
      'A cell names "b"; the factors are a.',
    );
    const short = all.map((cell, i) => (i === 2 ? { ...cell, correct: [Uint8Array.of(1)] } : cell));
    expect(() => factorialEffects(oneStage('a', 'b'), short)).toThrow(
      'the cell with a has 1 x 1, another 1 x 2.',
    );
  });
});

describe('shapleyWeights', () => {
  it('are the fractions of orders', () => {
    expect(shapleyWeights(1)).toEqual({ weights: [1], denominator: 1 });
    expect(shapleyWeights(3)).toEqual({ weights: [1 / 3, 1 / 6, 1 / 3], denominator: 6 });
    // One weight for each set of others: 1 of 0, 4 of 1, 6 of 2, 4 of 3, 1 of 4.
    const { weights, denominator } = shapleyWeights(5);
    const sum = [1, 4, 6, 4, 1].reduce((all, count, size) => all + count * weights[size]!, 0);
    expect(sum).toBeCloseTo(1, 12);
    expect(denominator).toBe(60);
  });
});
