import type { ComparisonRecord, Verdict } from '../../events/events.ts';
import { expect, it } from 'vitest';
import { factorialRecord } from '../../../test/factorial-record.ts';
import { sizedArm } from '../../../test/sized-arms.ts';
import { payoffText } from './payoff-text.ts';

const compared = (
  a: string,
  b: string,
  difference: number,
  verdict: Verdict,
  policy = 'own',
): ComparisonRecord => ({
  a,
  b,
  policy,
  difference,
  ci95: [difference - 0.02, difference + 0.02],
  p: 0.01,
  pAdjusted: verdict === 'not distinguishable' ? 0.8 : 0.02,
  verdict,
});

const arms = [
  sizedArm('small', 64),
  sizedArm('fixres', 96, 'small'),
  sizedArm('control', 64, 'small'),
  sizedArm('vanilla', 96),
  sizedArm('matched', 80, 'small'),
];

it.each<[string, ComparisonRecord[], string | undefined]>([
  ['a gain', [compared('fixres', 'small', 0.05, 'better')], undefined],
  ['other arms', [compared('control', 'small', -0.05, 'worse')], undefined],
  ['arms of another start', [compared('fixres', 'vanilla', -0.05, 'worse')], undefined],
  [
    'one of two arms for a larger size that gains',
    [compared('fixres', 'small', -0.05, 'worse'), compared('matched', 'small', 0.05, 'better')],
    undefined,
  ],
  [
    'two arms for a larger size of which one is worse',
    [
      compared('fixres', 'small', -0.05, 'worse'),
      compared('matched', 'small', 0.01, 'not distinguishable'),
    ],
    'FixRes is not shown to pay on these images: the best of 2 arms that are fine-tuned for a larger size is matched, and matched - small is +1.0 points (95 % interval -1.0 to +3.0, p 0.800). Use small, which costs less, unless more images or seeds show a gain; fixres power RUN --difference POINTS states how many.',
  ],
  [
    'a gain under one policy for both',
    [compared('fixres', 'small', -0.05, 'worse', 'resize@64')],
    undefined,
  ],
  [
    'a loss',
    [compared('fixres', 'small', -0.05, 'worse')],
    'FixRes does not pay on these images: fixres - small is -5.0 points (95 % interval -7.0 to -3.0, p 0.020). Use small as it is; fixres plan RUN DATASET measures other test sizes for it.',
  ],
  [
    'noise',
    [compared('fixres', 'small', -0.003, 'not distinguishable')],
    'FixRes is not shown to pay on these images: fixres - small is -0.3 points (95 % interval -2.3 to +1.7, p 0.800). Use small, which costs less, unless more images or seeds show a gain; fixres power RUN --difference POINTS states how many.',
  ],
  [
    'another arm that is better than small',
    [
      compared('fixres', 'small', 0.01, 'not distinguishable'),
      compared('control', 'small', 0.03, 'better'),
    ],
    'FixRes is not shown to pay on these images: fixres - small is +1.0 points (95 % interval -1.0 to +3.0, p 0.800). Use control instead, which is better than small (+3.0 points, p 0.020).',
  ],
  [
    'another arm that is better than fixres',
    [compared('fixres', 'small', -0.04, 'worse'), compared('fixres', 'vanilla', -0.06, 'worse')],
    'FixRes does not pay on these images: fixres - small is -4.0 points (95 % interval -6.0 to -2.0, p 0.020). Use vanilla instead, which is better than fixres (+6.0 points, p 0.020).',
  ],
])('payoffText of %s', (_, comparisons, text) => {
  expect(payoffText({ arms, comparisons })).toBe(text);
});

it('payoffText leaves the parts of a gain to their own sentences', () => {
  const comparisons = [compared('fixres', 'small', -0.05, 'worse')];
  expect(payoffText({ arms, comparisons, factorial: factorialRecord })).toBeUndefined();
});
