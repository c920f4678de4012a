import { expect, it } from 'vitest';
import { evenlySpaced } from './evenly-spaced.ts';

it('takes elements from all parts of a list, in order, and all of a short list', () => {
  const list = Array.from('abcdefghij');
  expect(evenlySpaced(list, 4)).toEqual(['a', 'c', 'f', 'h']);
  expect(evenlySpaced(list, 10)).toEqual(list);
  expect(evenlySpaced(list, 99)).toEqual(list);
  expect(evenlySpaced([], 3)).toEqual([]);
});
