import { expect, it } from 'vitest';
import { Recent } from './recent.ts';

it('Recent keeps what was used last, by current weight, and always the last value', () => {
  const kept = new Recent<{ weight: number }>(10, ({ weight }) => weight);
  const weights = { a: { weight: 4 }, b: { weight: 4 }, c: { weight: 4 } };
  for (const [name, value] of Object.entries(weights)) kept.set(name, value);
  expect(kept.get('a')).toBe(weights.a);
  kept.trim();
  expect(['a', 'b', 'c'].map((name) => kept.get(name)?.weight)).toEqual([4, undefined, 4]);
  weights.c.weight = 99;
  kept.trim();
  expect(['a', 'c'].map((name) => kept.get(name)?.weight)).toEqual([undefined, 99]);
});
