import type { ComparisonRecord, Summary } from '../../events/events.ts';
import { points, pValue } from '../format.ts';
import { gainParts, gainPartsText } from './gain-parts.ts';
import { listed } from './listed.ts';
import { payoffText } from './payoff-text.ts';
import { seedStoppingText } from './seed-stopping-text.ts';
import { standsOut } from '../tables/comparison-words.ts';
import { seedCount } from '../page/run-facts.ts';

/**
 * What a run showed and what it did not, in plain words: first for the arms under their own test
 * policies, as they are used, then for those that were compared under one policy.
 */
export function findingsText(summary: Summary): string[] {
  const { comparisons } = summary;
  const own = comparisons.filter(({ policy }) => policy === 'own');
  const policies = [...new Set(comparisons.map(({ policy }) => policy))].filter(
    (policy) => policy !== 'own',
  );
  const parts = gainParts(summary);
  const payoff = payoffText(summary);
  return [
    ...found(own, 'Shown'),
    ...(payoff === undefined ? [] : [payoff]),
    ...(parts === undefined
      ? []
      : [
          `Of the ${points(parts.total)} points of fixres over small, ${gainPartsText(parts, points)}.`,
        ]),
    ...policies.flatMap((policy) =>
      found(
        comparisons.filter((each) => each.policy === policy),
        `Shown with ${policy} for both`,
      ),
    ),
    ...(summary.seedStopping ? [seedStoppingText(summary.seedStopping)] : []),
    ...(comparisons.length > 0 && seedCount(summary) === 1
      ? [
          'Each arm was trained with one seed: p accounts for the choice of held-out images, not ' +
            'for the randomness of training. Use several seeds (--seed-count) to account for both.',
        ]
      : []),
  ];
}

/** @param title start of the sentence about what was shown */
function found(comparisons: readonly ComparisonRecord[], title: string): string[] {
  const shown = comparisons.filter(standsOut);
  const open = comparisons.filter((each) => !standsOut(each));
  if (comparisons.length === 0) return [];
  if (shown.length === 0) return [`${title}: no difference; all are within the noise.`];
  const rest =
    open.length === 0
      ? ''
      : ` Not shown: any difference between ${listed(
          open.map(({ a, b }) => `${a} and ${b}`),
          'or between',
        )}.`;
  return [`${title}: ${shownWords(shown)}.${rest}`];
}

/** `fixres is better than small (+13.8 points, p <0.001) and than control (+3.1 points, p 0.012)` */
function shownWords(comparisons: readonly ComparisonRecord[]): string {
  const groups = new Map<string, string[]>();
  for (const { a, b, difference, pAdjusted, verdict } of comparisons) {
    const subject = `${a} is ${verdict}`;
    groups.set(subject, [
      ...(groups.get(subject) ?? []),
      `than ${b} (${points(difference)} points, p ${pValue(pAdjusted)})`,
    ]);
  }
  return [...groups].map(([subject, others]) => `${subject} ${listed(others)}`).join('; ');
}
