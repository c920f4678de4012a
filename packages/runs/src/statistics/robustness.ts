import type { Corruption } from '@fixres/data';
import type { RobustnessComparison, RobustnessRecord } from '../events/events.ts';
import { type BootstrapOptions, bootstrapIntervals, resamplesFor } from './bootstrap-interval.ts';
import { type CorrectnessMatrix, matrixDifference, matrixShape } from './correctness-matrix.ts';
import { spreadOverSeeds } from './over-seeds.ts';
import { contrastTest } from './paired/contrast-test.ts';
import { holmAdjust } from './paired/holm.ts';
import { verdictOf } from './paired/verdict.ts';

/** Which images an arm classified correctly, without corruption and under each condition. */
export interface CorruptedArm {
  clean: CorrectnessMatrix;
  /** Every corruption has the same severities. All matrices have the same seeds and images. */
  conditions: readonly (Corruption & { correct: CorrectnessMatrix })[];
}

/**
 * Accuracy on corrupted images. An image under all conditions is one observation, because its
 * corrupted copies are not independent: the bootstrap draws images, not copies.
 *
 * Source of the mean corruption error: Hendrycks and Dietterich 2019 (arXiv 1903.12261), section 4,
 * with an arm instead of AlexNet as the baseline.
 *
 * @param baseline of the mean corruption error
 */
export function armRobustness(
  arm: CorruptedArm,
  baseline: CorruptedArm,
  options: BootstrapOptions = {},
): RobustnessRecord {
  const { images } = matrixShape('clean', arm.clean);
  const means = meansPerImage(arm);
  const [ci95] = bootstrapIntervals([means], { resamples: resamplesFor(images), ...options });
  const overSeeds = spreadOverSeeds(means.map(mean));
  return {
    accuracy: overSeeds.mean,
    ci95: ci95!,
    overSeeds,
    clean: accuracyOf(arm.clean),
    mce: meanCorruptionError(arm, baseline),
    conditions: arm.conditions.map(({ corruption, severity, correct }) => ({
      corruption,
      severity,
      accuracy: accuracyOf(correct),
    })),
  };
}

/**
 * Compares pairs of arms on the same corrupted images. The test flips signs of whole images; up to
 * 500 images it is exact. The p-values are corrected for the number of pairs.
 *
 * @throws RangeError if the arms differ in seeds, images or conditions
 */
export function compareRobustness(
  pairs: readonly { a: string; b: string; ofA: CorruptedArm; ofB: CorruptedArm }[],
  options: BootstrapOptions = {},
): RobustnessComparison[] {
  const compared = pairs.map(({ a, b, ofA, ofB }) => {
    const conditions = ofA.conditions.length;
    if (ofB.conditions.length !== conditions)
      throw new RangeError(`${a} has ${conditions} conditions, ${b} ${ofB.conditions.length}.`);
    const { seeds, images } = matrixShape(a, ofA.clean);
    const clean = matrixDifference(ofA.clean, ofB.clean);
    const summed = clean.map((row) => new Int32Array(row.length));
    for (const [c, { correct }] of ofA.conditions.entries()) {
      for (const [s, row] of matrixDifference(correct, ofB.conditions[c]!.correct).entries())
        for (let i = 0; i < images; i++) summed[s]![i]! += row[i]!;
    }
    const corrupted = summed.map((row) => Float64Array.from(row, (sum) => sum / conditions));
    const kept = corrupted.map((row, s) => row.map((value, i) => value - clean[s]![i]!));
    const [ci95, keptCi95] = bootstrapIntervals([corrupted, kept], {
      resamples: resamplesFor(images),
      ...options,
    });
    const sums = Array.from({ length: images }, (_, i) =>
      summed.reduce((sum, row) => sum + row[i]!, 0),
    );
    const over = (rows: readonly Values[]): number =>
      rows.reduce((sum, row) => sum + mean(row), 0) / seeds;
    return {
      a,
      b,
      difference: over(corrupted),
      ci95: ci95!,
      p: contrastTest(sums, EXACT),
      clean: over(clean),
      kept: { difference: over(kept), ci95: keptCi95! },
    };
  });
  const adjusted = holmAdjust(compared.map(({ p }) => p));
  return compared.map(({ a, b, difference, ci95, p, ...rest }, i) => {
    const pAdjusted = adjusted[i]!;
    const verdict = verdictOf({ difference, ci95, pAdjusted });
    return { a, b, difference, ci95, p, pAdjusted, verdict, ...rest };
  });
}

/** With more images, the sums of many conditions are normal, and counting all patterns is slow. */
const EXACT = 500;

/** For each seed, the fraction of the conditions under which each image is correct. */
function meansPerImage({ clean, conditions }: CorruptedArm): Float64Array[] {
  return clean.map((row, s) => {
    const sums = new Float64Array(row.length);
    for (const { correct } of conditions)
      for (let i = 0; i < sums.length; i++) sums[i]! += correct[s]![i]!;
    return sums.map((sum) => sum / conditions.length);
  });
}

function meanCorruptionError(arm: CorruptedArm, baseline: CorruptedArm): number | null {
  const names = [...new Set(arm.conditions.map(({ corruption }) => corruption))];
  const errors = ({ conditions }: CorruptedArm, name: string): number =>
    conditions
      .filter(({ corruption }) => corruption === name)
      .reduce((sum, { correct }) => sum + 1 - accuracyOf(correct), 0);
  const ratios = names.map((name) => errors(arm, name) / errors(baseline, name));
  return ratios.every(Number.isFinite) ? mean(ratios) : null;
}

function accuracyOf(matrix: CorrectnessMatrix): number {
  return mean(matrix.map(mean));
}

type Values = Iterable<number> & { readonly length: number };

function mean(values: Values): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
