import { expect, it } from 'vitest';
import { firstUnreached } from './first-unreached.ts';

it.each<[string, Record<string, string[]>, string | undefined]>([
  ['nothing', {}, undefined],
  ['a chain, last first', { c: ['b'], b: ['a'], a: [] }, undefined],
  ['what needs one thing twice', { a: [], b: ['a', 'a'] }, undefined],
  ['a diamond', { d: ['b', 'c'], b: ['a'], c: ['a'], a: [] }, undefined],
  ['what needs something that is not there', { a: [], b: ['a', 'z'], c: ['b'] }, 'b'],
  ['what waits for itself', { a: [], b: ['a', 'b'] }, 'b'],
  ['two that wait for each other, and one behind them', { a: [], d: ['c'], b: ['a', 'c'], c: ['b'] }, 'd'],
])('of %s', (_, needs, first) => {
  expect(firstUnreached(new Map(Object.entries(needs)))).toBe(first);
});
