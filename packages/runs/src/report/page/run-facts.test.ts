import { expect, test } from 'vitest';
import { flowersSummary } from '../../../test/report-data.ts';
import { ancestors, ownEvaluation, policyAt, seedCount } from './run-facts.ts';

test("ownEvaluation finds the evaluation under the arm's own policy, and names it with its size", () => {
  expect(flowersSummary().arms.map((arm) => policyAt(ownEvaluation(arm)))).toEqual([
    'resize@128',
    'fixresTest@224',
    'fixresTest@128',
    'resize@224',
  ]);
});

test.each([1, 3])('seedCount counts %s seeds', (seeds) => {
  expect(seedCount(flowersSummary(seeds))).toBe(seeds);
});

test('ancestors follows the arms an arm is initialised from, and stops at unknown names and cycles', () => {
  const [small, fixres, control] = flowersSummary().arms;
  const chain = [small!, { ...fixres!, initFrom: 'small' }, { ...control!, initFrom: 'fixres' }];
  expect(ancestors(chain[2]!, chain).map(({ name }) => name)).toEqual(['fixres', 'small']);
  expect(ancestors({ ...small!, initFrom: 'gone' }, chain)).toEqual([]);
  const circle = [
    { ...small!, initFrom: 'fixres' },
    { ...fixres!, initFrom: 'small' },
  ];
  expect(ancestors(circle[0]!, circle).map(({ name }) => name)).toEqual(['fixres']);
});
