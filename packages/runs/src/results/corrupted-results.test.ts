import { resize } from '@fixres/data';
import { expect, it } from 'vitest';
import { sizedArm } from '../../test/sized-arms.ts';
import { corruptionConditions, corruptionKey } from '../experiment/corruption-conditions.ts';
import { evaluationKey } from '../experiment/experiment.ts';
import { conditionsWords, robustnessSentences } from '../report/text/robustness-text.ts';
import { corruptedResults } from './corrupted-results.ts';
import type { ArmSoFar } from './decide-seeds.ts';

const settings = { names: ['fog', 'snow'], severities: [1, 5] } as const;
const own = { policy: 'own' };
const comparisons = [
  { a: 'fixres', b: 'small', ...own },
  { a: 'fixres', b: 'control', ...own },
  { a: 'fixres', b: 'small', policy: 'resize@48' },
];

/** 100 images; this number is correct without corruption, and under each condition. */
function arm(name: string, size: number, clean: number, corrupted: readonly number[]): ArmSoFar {
  const testPolicy = resize(size);
  const row = (count: number): Uint8Array =>
    Uint8Array.from({ length: 100 }, (_, i) => Number(i < count));
  const correct = new Map([[evaluationKey(testPolicy), row(clean)]]);
  corruptionConditions({
    ...settings,
    names: [...settings.names],
    severities: [...settings.severities],
  }).forEach((condition, i) =>
    correct.set(corruptionKey(testPolicy, condition), row(corrupted[i]!)),
  );
  return { spec: { name, testPolicy }, seeds: [{ correct }] };
}

const results = [
  arm('small', 32, 70, [60, 50, 40, 30]),
  arm('control', 32, 72, [60, 52, 42, 30]),
  arm('fixres', 48, 80, [50, 40, 30, 20]),
];
const arms = [
  sizedArm('small', 32),
  sizedArm('control', 32, 'small'),
  sizedArm('fixres', 48, 'small'),
];
const given = { names: [...settings.names], severities: [...settings.severities] };

it('reports that tuning costs robustness where it does', () => {
  const { records, summary } = corruptedResults({ comparisons }, given, results)!;
  expect(records.get('small')).toMatchObject({ accuracy: 0.45, clean: 0.7, mce: 1 });
  expect(summary).toMatchObject({
    baseline: 'small',
    corruptions: ['fog', 'snow'],
    severities: [1, 5],
  });
  // Only comparisons of arms as they are used.
  expect(summary.comparisons.map(({ a, b }) => `${a} ${b}`)).toEqual([
    'fixres small',
    'fixres control',
  ]);
  const [answer, clean] = robustnessSentences(summary, arms);
  expect(answer).toMatch(
    /^The larger size with its tuning costs robustness: on corrupted images, fixres - small is -10\.0 points \(95 % interval -\d+\.\d to -\d+\.\d, p <0\.001\), and fixres - control is -11\.0 points \(.*\)\.$/,
  );
  expect(clean).toMatch(
    /^On clean images fixres - small is \+10\.0 points; corruption lowers this difference by 20\.0 points \(-\d.* to -\d.*\)\.$/,
  );
  expect(conditionsWords(summary)).toContain('over 2 corruptions of ImageNet-C, 2 severities each');
});

it('tells tuning apart from the test size by an arm that is only tested at it', () => {
  const untuned = arm('untuned', 48, 70, [48, 38, 28, 18]);
  const pairs = [...comparisons, { a: 'fixres', b: 'untuned', ...own }];
  const { summary } = corruptedResults({ comparisons: pairs }, given, [...results, untuned])!;
  const of = (size: number): string[] =>
    robustnessSentences(summary, [...arms, sizedArm('untuned', size, 'small', 0)]);
  expect(of(48)).toHaveLength(3);
  expect(of(48)[2]).toMatch(
    /^What tuning changes at the same test size: fixres - untuned is \+2\.0 points \(95 % interval .*\)\.$/,
  );
  // At another size, the two differ in more than tuning.
  expect(of(40)).toHaveLength(2);
});

it('answers neither way without evidence, and says nothing about other arms', () => {
  const [small] = results;
  const same = { ...small!, spec: { ...small!.spec, name: 'fixres' } };
  const { summary } = corruptedResults(
    { comparisons: comparisons.slice(0, 1) },
    { ...given, baseline: 'fixres' },
    [small!, same],
  )!;
  expect(summary.baseline).toBe('fixres');
  expect(robustnessSentences(summary, arms)[0]).toMatch(
    /^The larger size with its tuning is not shown to change/,
  );
  expect(robustnessSentences(summary, arms)[1]).toContain(
    'corruption is not shown to change this difference (by 0.0 points',
  );
  expect(robustnessSentences({ ...summary, comparisons: [] }, arms)).toEqual([]);
});

it('has no result if an arm was not evaluated on all corrupted images', () => {
  const all = { ...given, severities: [1, 3, 5] as (1 | 3 | 5)[] };
  expect(corruptedResults({ comparisons }, all, results)).toBeUndefined();
  expect(
    corruptedResults({ comparisons: [] }, { ...given, baseline: 'x' }, results),
  ).toBeUndefined();
});
