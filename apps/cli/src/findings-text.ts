import type { ComparisonRecord, Summary } from '@fixres/runner/events';
import { points, pValue } from './format.ts';
import { gainParts, gainPartsText } from './gain-parts.ts';
import { seedCount } from './report/run-facts.ts';

/**
 * What a run showed and what it did not, in plain words. Only arms under their own test policies count: other policies help to explain a
 * result, but no arm is used with them.
 */
export function findingsText(summary: Summary): string[] {
  const own = summary.comparisons.filter(({ policy }) => policy === 'own');
  if (own.length === 0) return [];
  const shown = own.filter(({ verdict }) => verdict !== 'not distinguishable');
  const open = own.filter(({ verdict }) => verdict === 'not distinguishable');
  const parts = gainParts(summary);
  return [
    `Shown: ${shown.length > 0 ? shownWords(shown) : 'nothing; every difference is inside the noise'}.`,
    ...(open.length > 0 ? [`Not shown: any difference between ${listed(open.map(({ a, b }) => `${a} and ${b}`), 'or between')}.`] : []),
    ...(parts === undefined ? [] : [`Of the ${points(parts.total)} points of fixres over small, ${gainPartsText(parts, points)}.`]),
    ...(seedCount(summary) === 1 ? ['Every arm was trained once: p covers the choice of held-out images, not the luck of training. Several seeds (--seeds) cover both.'] : []),
  ];
}

/** `fixres is better than small (+13.8 points, p <0.001) and than control (+3.1 points, p 0.012)` */
function shownWords(comparisons: readonly ComparisonRecord[]): string {
  const groups = new Map<string, string[]>();
  for (const { a, b, difference, pAdjusted, verdict } of comparisons) {
    const subject = `${a} is ${verdict}`;
    groups.set(subject, [...(groups.get(subject) ?? []), `than ${b} (${points(difference)} points, p ${pValue(pAdjusted)})`]);
  }
  return [...groups].map(([subject, others]) => `${subject} ${listed(others, 'and')}`).join('; ');
}

/** `a, b and c` */
function listed(items: readonly string[], last: string): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} ${last} ${items.at(-1)!}`;
}
