import type { Effect, FactorialEffects } from '../../events/events.ts';
import { type BootstrapOptions, bootstrapIntervals, resamplesFor } from '../bootstrap-interval.ts';
import { type CorrectnessMatrix, matrixShape } from '../correctness-matrix.ts';
import { holmAdjust } from '../paired/holm.ts';
import { contrastTest } from '../paired/contrast-test.ts';
import { shapleyWeights } from './shapley-weights.ts';

/** Up to this number of images, the sign-flip test counts all patterns. */
const EXACT = 3000;

/** One combination of a full factorial design: which factors are on. */
export interface FactorialCell {
  on: readonly string[];
  /** Correctness under the same seeds, on the same images in the same order, in every cell. */
  correct: CorrectnessMatrix;
}

/** Factors that are switched on together, after those of all earlier stages. */
export interface FactorialStage {
  name: string;
  factors: readonly string[];
}

/**
 * Splits the difference between two classifiers into the effects of the factors in which they
 * differ, from a full factorial: one cell for each combination of the factors. Every effect is a
 * weighted sum of the cells' correctness, image by image, so the comparisons are paired.
 *
 * Shares follow the order of the stages: fine-tuning for a larger test size makes no sense before
 * the test size is larger, and counting that would hide what it adds afterwards. Within a stage, all
 * orders count equally.
 *
 * Sources: R. A. Fisher, "The Design of Experiments" (1935), chapter 6 (factorial designs); L. S.
 * Shapley, "A value for n-person games" (1953); U. Faigle and W. Kern, "The Shapley value for
 * cooperative games under precedence constraints", International Journal of Game Theory 21 (1992).
 *
 * @param cells one for each combination, in any order
 * @throws RangeError if a combination is missing or given twice, or if shapes differ
 */
export function factorialEffects(
  stages: readonly FactorialStage[],
  cells: readonly FactorialCell[],
  options: BootstrapOptions = {},
): FactorialEffects {
  const factors = stages.flatMap((stage) => stage.factors);
  const bitsOf = (names: readonly string[]): number =>
    names.reduce((bits, name) => bits | (1 << factors.indexOf(name)), 0);
  const matrices = byCombination(factors, cells);
  const { seeds, images } = matrixShape('cell', matrices[0]!);
  const last = matrices.length - 1;
  const accuracy = (combination: number): number =>
    matrices[combination]!.reduce((sum, row) => sum + total(row), 0) / (seeds * images);

  /** The contrast of each image, one list per seed. */
  const contrastOf = (weights: Float64Array): Float64Array[] =>
    Array.from({ length: seeds }, (_, s) => {
      const values = new Float64Array(images);
      weights.forEach((weight, combination) => {
        if (weight === 0) return;
        const row = matrices[combination]![s]!;
        for (let i = 0; i < images; i++) values[i]! += weight * row[i]!;
      });
      return values;
    });
  // The intervals are filled in at the end: all share the draws of the bootstrap.
  const contrasts: { values: Float64Array[]; ci95: [number, number] }[] = [];
  const effectOf = (weights: Float64Array): Effect => {
    const values = contrastOf(weights);
    const difference = values.reduce((sum, row) => sum + total(row), 0) / (seeds * images);
    const ci95: [number, number] = [difference, difference];
    contrasts.push({ values, ci95 });
    return { difference, ci95 };
  };
  /** Switches factors from off to on in each of these combinations, weighted. */
  const switching = (bit: number, weightOf: (others: number) => number): Float64Array => {
    const weights = new Float64Array(matrices.length);
    for (let others = 0; others <= last; others++) {
      if (others & bit) continue;
      const weight = weightOf(others);
      weights[others]! -= weight;
      weights[others | bit]! += weight;
    }
    return weights;
  };

  /** The combination with all factors of the stages before this one. */
  const before = (stage: number): number =>
    bitsOf(stages.slice(0, stage).flatMap((each) => each.factors));
  const stageOf = (factor: string): number =>
    stages.findIndex((stage) => stage.factors.includes(factor));
  const found = factors.map((factor) => {
    const bit = bitsOf([factor]);
    const stage = stageOf(factor);
    const earlier = before(stage);
    const own = bitsOf(stages[stage]!.factors);
    const shapley = shapleyWeights(stages[stage]!.factors.length);
    const weights = switching(bit, (others) =>
      (others & ~own) === earlier ? shapley.weights[bitCount(others & own)]! : 0,
    );
    // Multiplied by the common denominator, so that they are whole numbers.
    const scaled = contrastOf(weights.map((weight) => Math.round(weight * shapley.denominator)));
    const sums = Array.from({ length: images }, (_, i) =>
      scaled.reduce((sum, row) => sum + row[i]!, 0),
    );
    return {
      factor,
      share: { ...effectOf(weights), p: contrastTest(sums, EXACT) },
      alone: effectOf(switching(bit, (others) => Number(others === earlier))),
      last: effectOf(switching(bit, (others) => Number(others === last - bit))),
      main: effectOf(switching(bit, () => 2 / matrices.length)),
    };
  });
  const adjusted = holmAdjust(found.map(({ share }) => share.p));
  const between = (from: number, to: number): Effect => {
    const weights = new Float64Array(matrices.length);
    weights[to]! += 1;
    weights[from]! -= 1;
    return effectOf(weights);
  };
  const effects: FactorialEffects = {
    base: accuracy(0),
    full: accuracy(last),
    gain: between(0, last),
    stages: stages.map(({ name, factors: of }, stage) => ({
      name,
      factors: [...of],
      ...between(before(stage), before(stage + 1)),
    })),
    factors: found.map((each, f) => ({
      ...each,
      share: { ...each.share, pAdjusted: adjusted[f]! },
    })),
    interactions: pairs(factors.length).map(([f, g]) => ({
      a: factors[f]!,
      b: factors[g]!,
      ...effectOf(
        Float64Array.from(matrices, (_, combination) => {
          const isOdd = ((combination >> f) & 1) !== ((combination >> g) & 1);
          return ((isOdd ? -1 : 1) * 4) / matrices.length;
        }),
      ),
    })),
  };
  const intervals = bootstrapIntervals(
    contrasts.map(({ values }) => values),
    { resamples: resamplesFor(images), ...options },
  );
  for (const [i, { ci95 }] of contrasts.entries()) [ci95[0], ci95[1]] = intervals[i]!;
  return effects;
}

/** The cells by the number whose bits are the factors that are on. */
function byCombination(
  factors: readonly string[],
  cells: readonly FactorialCell[],
): CorrectnessMatrix[] {
  const count = 2 ** factors.length;
  const matrices: (CorrectnessMatrix | undefined)[] = Array.from({ length: count });
  for (const { on, correct } of cells) {
    const unknown = on.find((factor) => !factors.includes(factor));
    if (unknown !== undefined)
      throw new RangeError(`A cell names "${unknown}"; the factors are ${factors.join(', ')}.`);
    const combination = on.reduce((bits, factor) => bits | (1 << factors.indexOf(factor)), 0);
    if (matrices[combination])
      throw new RangeError(`Two cells have the factors ${on.join(', ') || 'none'}.`);
    matrices[combination] = correct;
  }
  const shape = matrixShape('cell', cells[0]!.correct);
  return matrices.map((matrix, combination) => {
    const name =
      factors.filter((_, f) => (combination >> f) & 1).join(', ') || 'none of the factors';
    if (matrix === undefined) throw new RangeError(`The cell with ${name} is missing.`);
    const { seeds, images } = matrixShape(name, matrix);
    if (seeds !== shape.seeds || images !== shape.images)
      throw new RangeError(
        `All cells must have the same seeds and images: the cell with ${name} has ${seeds} x ${images}, another ${shape.seeds} x ${shape.images}.`,
      );
    return matrix;
  });
}

function total(values: Uint8Array | Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest > 0; rest >>= 1) count += rest & 1;
  return count;
}

function pairs(count: number): [number, number][] {
  return Array.from({ length: count }, (_, f) => f).flatMap((f) =>
    Array.from({ length: count - f - 1 }, (_, i): [number, number] => [f, f + 1 + i]),
  );
}
