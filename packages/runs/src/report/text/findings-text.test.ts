import type { ComparisonRecord } from '../../events/events.ts';
import { expect, it } from 'vitest';
import { flowersSummary } from '../../../test/report-data.ts';
import { findingsText } from './findings-text.ts';
import { gainParts } from './gain-parts.ts';

const ONCE =
  'Each arm was trained with one seed: p accounts for the choice of held-out images, not for the randomness of training. Use several seeds (--seed-count) to account for both.';

function compared(
  a: string,
  b: string,
  difference: number,
  pAdjusted: number,
  policy = 'own',
): ComparisonRecord {
  const verdict = pAdjusted >= 0.05 ? 'not distinguishable' : difference > 0 ? 'better' : 'worse';
  return {
    a,
    b,
    policy,
    difference,
    ci95: [difference - 0.03, difference + 0.03],
    p: pAdjusted / 4,
    pAdjusted,
    verdict,
  };
}

const summaryOf = (...comparisons: ComparisonRecord[]) => ({ ...flowersSummary(), comparisons });

it('findingsText states what was shown, what was not, and where the gain comes from', () => {
  const summary = summaryOf(
    compared('fixres', 'small', 0.17, 0.0001),
    compared('fixres', 'vanilla-equal-cost', 0.155, 0.0002),
    compared('untuned', 'small', 0.113, 0.0003),
    compared('fixres', 'untuned', 0.057, 0.004),
    compared('fixres', 'vanilla', 0.033, 0.26),
    compared('fixres', 'vanilla', -0.057, 0.013, 'shortSideCrop@112'),
  );
  expect(findingsText(summary)).toEqual([
    'Shown: fixres is better than small (+17.0 points, p <0.001), than vanilla-equal-cost (+15.5 points, p <0.001) and than untuned (+5.7 points, p 0.004);' +
      ' untuned is better than small (+11.3 points, p <0.001). Not shown: any difference between fixres and vanilla.',
    'Of the +17.0 points of fixres over small, +11.3 come from its test size and crop alone (untuned) and +5.7 from fine-tuning.',
    'Shown with shortSideCrop@112 for both: fixres is worse than vanilla (-5.7 points, p 0.013).',
    ONCE,
  ]);
  const { total, test, tuning } = gainParts(summary)!;
  expect(test.difference + tuning.difference).toBeCloseTo(total, 12);
});

it('findingsText claims no part of a gain that the run cannot distinguish from zero', () => {
  const summary = summaryOf(
    compared('fixres', 'small', 0.05, 0.01),
    compared('untuned', 'small', 0.04, 0.03),
    compared('fixres', 'untuned', 0.01, 0.6),
  );
  expect(findingsText(summary).at(-2)).toBe(
    'Of the +5.0 points of fixres over small, +4.0 come from its test size and crop alone (untuned) and +1.0 from fine-tuning, which is not distinguishable from zero.',
  );
  const other = summaryOf(
    compared('fixres', 'small', 0.05, 0.01),
    compared('untuned', 'small', 0.01, 0.6),
    compared('fixres', 'untuned', 0.04, 0.03),
  );
  expect(findingsText(other).at(-2)).toBe(
    'Of the +5.0 points of fixres over small, +1.0 come from its test size and crop alone (untuned), which is not distinguishable from zero, and +4.0 from fine-tuning.',
  );
});

it.each([
  ['within the noise', 0.02, 0.3],
  ['a loss', -0.05, 0.01],
])('findingsText does not split a gain that is %s', (_, difference, p) => {
  const summary = summaryOf(
    compared('fixres', 'small', difference, p),
    compared('untuned', 'small', 0.04, 0.03),
    compared('fixres', 'untuned', difference - 0.04, 0.2),
  );
  expect(gainParts(summary)).toBeUndefined();
  expect(findingsText(summary).join(' ')).not.toContain('Of the');
});

it('findingsText states that the luck of training is not covered if every arm was trained once', () => {
  const own = [compared('fixres', 'small', 0.05, 0.01)];
  expect(findingsText({ ...flowersSummary(1), comparisons: own }).at(-1)).toBe(ONCE);
  expect(findingsText({ ...flowersSummary(3), comparisons: own })).not.toContain(ONCE);
});

it('findingsText states that worse arms are worse, and that nothing was shown', () => {
  expect(
    findingsText(
      summaryOf(
        compared('b', 'a', -0.1, 0.001),
        compared('c', 'a', 0, 1),
        compared('c', 'b', 0.01, 0.9),
      ),
    ),
  ).toEqual([
    'Shown: b is worse than a (-10.0 points, p 0.001). Not shown: any difference between c and a or between c and b.',
    ONCE,
  ]);
  expect(findingsText(summaryOf(compared('b', 'a', 0.01, 0.7)))[0]).toBe(
    'Shown: no difference; all are within the noise.',
  );
  expect(findingsText(summaryOf(compared('b', 'a', 0.1, 0.5, 'resize@64')))).toEqual([
    'Shown with resize@64 for both: no difference; all are within the noise.',
    ONCE,
  ]);
  expect(findingsText(summaryOf())).toEqual([]);
});
