import type { ComparisonRecord, Summary } from '../../events/events.ts';
import { standsOut } from '../tables/comparison-words.ts';

/** A part of a gain. */
interface GainPart {
  /** Difference of accuracies, 0.05 is five points. */
  difference: number;
  /** Whether the run can distinguish it from zero. */
  isShown: boolean;
}

/** The gain of fixres over small, by its two causes. */
export interface GainParts {
  /** fixres - small; as in {@link GainPart}. */
  total: number;
  /**
   * untuned - small: the weights of small, evaluated like fixres, at its size and with its crop.
   */
  test: GainPart;
  /** fixres - untuned: the same evaluation, after fine-tuning. */
  tuning: GainPart;
}

/**
 * Splits the gain of the FixRes experiment. The parts add up, because `untuned` differs from
 * `small` only in the test policy, and from `fixres` only in the weights.
 *
 * @returns undefined for experiments that do not compare these arms, and if there is no gain to
 * split
 */
export function gainParts({ comparisons }: Summary): GainParts | undefined {
  const between = (a: string, b: string): ComparisonRecord | undefined =>
    comparisons.find((each) => each.a === a && each.b === b && each.policy === 'own');
  const total = between('fixres', 'small');
  const test = between('untuned', 'small');
  const tuning = between('fixres', 'untuned');
  if (!test || !tuning || total?.verdict !== 'better') return undefined;
  return { total: total.difference, test: gainPart(test), tuning: gainPart(tuning) };
}

function gainPart(comparison: ComparisonRecord): GainPart {
  return { difference: comparison.difference, isShown: standsOut(comparison) };
}

/**
 * The parts as text: `+11.3 come from its test size and crop alone (untuned) and +5.7 from
 * fine-tuning`.
 *
 * @param shown formats a difference, in points
 */
export function gainPartsText(
  { test, tuning }: GainParts,
  shown: (difference: number) => string,
): string {
  const none = ({ isShown }: GainPart, end: string): string =>
    isShown ? '' : `, which is not distinguishable from zero${end}`;
  return `${shown(test.difference)} come from its test size and crop alone (untuned)${none(test, ',')} and ${shown(tuning.difference)} from fine-tuning${none(tuning, '')}`;
}
