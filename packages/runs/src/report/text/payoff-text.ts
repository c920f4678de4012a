import type { ComparisonRecord, Summary } from '../../events/events.ts';
import { points, pValue } from '../format.ts';

/**
 * One sentence if a run does not show that FixRes pays: that fixres is better than small, as both
 * are used. It names what to do instead.
 *
 * @returns undefined if the gain is shown, and for experiments that do not compare these arms
 */
export function payoffText({ comparisons }: Pick<Summary, 'comparisons'>): string | undefined {
  const own = comparisons.filter(({ policy }) => policy === 'own');
  const gain = own.find(({ a, b }) => a === 'fixres' && b === 'small');
  if (gain === undefined || gain.verdict === 'better') return undefined;
  const claim =
    gain.verdict === 'worse'
      ? 'FixRes does not pay on these images'
      : 'FixRes is not shown to pay on these images';
  const [low, high] = gain.ci95;
  const evidence = `fixres - small is ${points(gain.difference)} points (95 % interval ${points(low)} to ${points(high)}, p ${pValue(gain.pAdjusted)})`;
  return `${claim}: ${evidence}. ${insteadText(own, gain)}`;
}

function insteadText(own: readonly ComparisonRecord[], gain: ComparisonRecord): string {
  // Better than small, or better than fixres.
  const [better] = own.flatMap(({ a, b, verdict, difference, pAdjusted }) => {
    if (b === 'small' && verdict === 'better')
      return [{ arm: a, than: b, difference, p: pAdjusted }];
    if (a === 'fixres' && b !== 'small' && verdict === 'worse')
      return [{ arm: b, than: a, difference: -difference, p: pAdjusted }];
    return [];
  });
  if (better !== undefined)
    return `Use ${better.arm} instead, which is better than ${better.than} (${points(better.difference)} points, p ${pValue(better.p)}).`;
  return gain.verdict === 'worse'
    ? 'Use small as it is; fixres plan RUN DATASET measures other test sizes for it.'
    : 'Use small, which costs less, unless more images or seeds show a gain; fixres power RUN --difference POINTS states how many.';
}
