import { expect, it } from 'vitest';
import { selectShown } from './select-shown.ts';

it('selectShown changes only the shown runs', () => {
  expect(selectShown(new Set(['hidden', 'a']), ['a', 'b'])).toEqual(['hidden', 'a', 'b']);
  expect(selectShown(new Set(['hidden', 'a', 'b']), ['a', 'b'])).toEqual(['hidden']);
  expect(selectShown(new Set(), ['a'])).toEqual(['a']);
});
