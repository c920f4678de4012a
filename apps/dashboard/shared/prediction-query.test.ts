import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MAX_PREDICTIONS_PAGE } from './limits.ts';
import {
  formatPredictionQuery,
  parsePredictionQuery,
  predictionKinds,
  predictionOrders,
} from './prediction-query.ts';

it('a query survives the round trip through an address', () => {
  const index = fc.integer({ min: 0, max: 1e6 });
  const query = fc.record(
    {
      kind: fc.constantFrom(...predictionKinds),
      order: fc.constantFrom(...predictionOrders),
      label: index,
      said: index,
      find: fc.string({ unit: 'grapheme' }),
      from: index,
      limit: fc.integer({ min: 0, max: MAX_PREDICTIONS_PAGE }),
    },
    { requiredKeys: ['kind', 'order', 'from', 'limit'] },
  );
  fc.assert(
    fc.property(query, (asked) => {
      expect(
        parsePredictionQuery(Object.fromEntries(new URLSearchParams(formatPredictionQuery(asked)))),
      ).toEqual(asked);
    }),
  );
});

it('a query defaults to the first page of everything, limits the page, and is undefined if a field is invalid', () => {
  expect(parsePredictionQuery({})).toEqual({
    kind: 'all',
    order: 'as in the file',
    from: 0,
    limit: MAX_PREDICTIONS_PAGE,
  });
  expect(parsePredictionQuery({ limit: '999999' })?.limit).toBe(MAX_PREDICTIONS_PAGE);
  for (const wrong of [
    { kind: 'none' },
    { order: '' },
    { from: '-1' },
    { limit: 'x' },
    { label: '1.5' },
    { said: '9'.repeat(30) },
  ])
    expect([wrong, parsePredictionQuery(wrong)]).toEqual([wrong, undefined]);
});
