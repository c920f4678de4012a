import type { CandidateComparison, ResolutionChoice } from '@fixres/runner';
import { counted, likelyMissed, percent, points, pValue, textTable } from '@fixres/runs/report';

/** A search as text: the candidates, the chosen one, and its comparison with the baseline. */
export function searchText({
  candidates,
  chosen,
  baseline,
  accuracy,
  ci95,
  comparison,
  others,
}: ResolutionChoice): string {
  const table = textTable(
    ['searched', 'FLOPs', 'confirmed accuracy', '95 % interval'],
    candidates.map(({ key, flops, confirming }) => [
      `${key}${key === chosen ? ' *' : ''}`,
      `${flops.toFixed(2)}x`,
      percent(confirming.accuracy),
      interval(confirming.ci95),
    ]),
    [1, 2, 3],
  );
  const [first] = candidates;
  const halves = `* Chosen on ${counted(first!.choosing.total, 'image')}, confirmed on ${first!.confirming.total} others: ${chosen} has ${percent(accuracy)} (${interval(ci95)}) there.`;
  const rest = others.map(({ key, ...other }) => comparedText(key, baseline, other));
  if (comparison === null) {
    const none = 'It is the baseline itself: no other size was better on the images that choose.';
    return [table, '', halves, none, ...rest].join('\n');
  }
  return [
    table,
    '',
    halves,
    comparedText('It', baseline, comparison),
    ...rest,
    likelyMissed(comparison.smallestDetectable, 'these images'),
  ].join('\n');
}

/** `It is better than resize@64: +2.7 points (0.4 to 5.0), p 0.021.` */
function comparedText(
  subject: string,
  baseline: string,
  { verdict, difference, ci95, pAdjusted }: CandidateComparison,
): string {
  const relation =
    verdict === 'not distinguishable'
      ? `not distinguishable from ${baseline}`
      : `${verdict} than ${baseline}`;
  return `${subject} is ${relation}: ${points(difference)} points (${points(ci95[0])} to ${points(ci95[1])}), p ${pValue(pAdjusted)}.`;
}

function interval([low, high]: readonly [number, number]): string {
  return `${percent(low)} to ${percent(high)}`;
}
