import type { ComparisonRecord, Summary } from '@fixres/runner/events';

/** What fixres gains over small, by its two causes. Differences of accuracies, 0.05 is five points. */
export interface GainParts {
  /** fixres - small. */
  total: number;
  /** untuned - small: the weights of small, merely tested as fixres is. */
  testSize: number;
  /** fixres - untuned: the same test, after fine-tuning. */
  tuning: number;
  tuningIsShown: boolean;
}

/**
 * Splits the gain of the FixRes experiment. The parts add up, since `untuned` differs from `small` in the test alone and from `fixres`
 * in the weights alone.
 *
 * @returns undefined for experiments that do not compare these arms
 */
export function gainParts({ comparisons }: Summary): GainParts | undefined {
  const between = (a: string, b: string): ComparisonRecord | undefined => comparisons.find((each) => each.a === a && each.b === b && each.policy === 'own');
  const total = between('fixres', 'small');
  const testSize = between('untuned', 'small');
  const tuning = between('fixres', 'untuned');
  if (!total || !testSize || !tuning) return undefined;
  return { total: total.difference, testSize: testSize.difference, tuning: tuning.difference, tuningIsShown: tuning.verdict !== 'not distinguishable' };
}
