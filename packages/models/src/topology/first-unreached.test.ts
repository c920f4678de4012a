import fc from 'fast-check';
import { expect, it } from 'vitest';
import { firstUnreached } from './first-unreached.ts';

it.each<[string, Record<string, string[]>, string | undefined]>([
  ['nothing', {}, undefined],
  ['a chain, last first', { c: ['b'], b: ['a'], a: [] }, undefined],
  ['an item that needs another one twice', { a: [], b: ['a', 'a'] }, undefined],
  ['a diamond', { d: ['b', 'c'], b: ['a'], c: ['a'], a: [] }, undefined],
  ['an item that needs a missing one', { a: [], b: ['a', 'z'], c: ['b'] }, 'b'],
  ['an item that needs itself', { a: [], b: ['a', 'b'] }, 'b'],
  [
    'two items that need each other, and one that needs them',
    { a: [], d: ['c'], b: ['a', 'c'], c: ['b'] },
    'd',
  ],
])('firstUnreached of %s', (_, needs, first) => {
  expect(firstUnreached(new Map(Object.entries(needs)))).toBe(first);
});

it('firstUnreached finds nothing if each needs only earlier ones, in any order, and finds a cycle once one needs a later one', () => {
  const chain = fc.array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 2, maxLength: 12 });
  fc.assert(
    fc.property(chain, fc.nat(), fc.infiniteStream(fc.nat()), (picks, at, order) => {
      const needs = picks.map((each, i): [string, string[]] => [
        String(i),
        i === 0 ? [] : [...each.map((n) => String(n % i)), String(i - 1)],
      ]);
      const keys = new Map(needs.map(([name]) => [name, order.next().value as number]));
      const shuffled = needs.toSorted(([a], [b]) => keys.get(a)! - keys.get(b)!);
      expect(firstUnreached(new Map(shuffled))).toBeUndefined();

      // The last one needs all others, so anything that needs it needs itself.
      const [name, needed] = needs[at % needs.length]!;
      const broken = new Map([
        ...shuffled.filter(([each]) => each !== name),
        [name, [...needed, String(needs.length - 1)]],
      ] as const);
      expect(firstUnreached(broken)).toBeDefined();
    }),
  );
});
