import type { ComparisonRecord, Summary } from '../../events/events.ts';
import { points, pValue } from '../format.ts';
import { largerSizePairs, type SizedArm } from './larger-size-pairs.ts';

/**
 * One sentence if a run does not show that FixRes pays: that an arm that is fine-tuned for a larger test
 * size is better than the arm it is initialised from, as both are used. It names what to do instead.
 *
 * @returns undefined if a gain is shown, for experiments that do not compare such arms, and for those that
 * split a known gain
 */
export function payoffText({
  arms,
  comparisons,
  factorial,
}: Pick<Summary, 'comparisons' | 'factorial'> & { arms: readonly SizedArm[] }): string | undefined {
  if (factorial) return undefined;
  const own = comparisons.filter(({ policy }) => policy === 'own');
  const gains = largerSizePairs(arms).flatMap(({ tuned, from }) =>
    own.filter(({ a, b }) => a === tuned && b === from),
  );
  const [best] = gains.toSorted((a, b) => b.difference - a.difference);
  if (best === undefined || gains.some(({ verdict }) => verdict === 'better')) return undefined;
  const claim = gains.every(({ verdict }) => verdict === 'worse')
    ? 'FixRes does not pay on these images'
    : 'FixRes is not shown to pay on these images';
  const [low, high] = best.ci95;
  const which =
    gains.length > 1
      ? `the best of ${gains.length} arms that are fine-tuned for a larger size is ${best.a}, and `
      : '';
  const evidence = `${best.a} - ${best.b} is ${points(best.difference)} points (95 % interval ${points(low)} to ${points(high)}, p ${pValue(best.pAdjusted)})`;
  return `${claim}: ${which}${evidence}. ${insteadText(own, best)}`;
}

function insteadText(own: readonly ComparisonRecord[], gain: ComparisonRecord): string {
  // Better than the arm before fine-tuning, or better than the fine-tuned one.
  const [better] = own.flatMap(({ a, b, verdict, difference, pAdjusted }) => {
    if (b === gain.b && verdict === 'better')
      return [{ arm: a, than: b, difference, p: pAdjusted }];
    if (a === gain.a && b !== gain.b && verdict === 'worse')
      return [{ arm: b, than: a, difference: -difference, p: pAdjusted }];
    return [];
  });
  if (better !== undefined)
    return `Use ${better.arm} instead, which is better than ${better.than} (${points(better.difference)} points, p ${pValue(better.p)}).`;
  return gain.verdict === 'worse'
    ? `Use ${gain.b} as it is; fixres plan RUN DATASET measures other test sizes for it.`
    : `Use ${gain.b}, which costs less, unless more images or seeds show a gain; fixres power RUN --difference POINTS states how many.`;
}
