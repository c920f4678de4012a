import { expect, it } from 'vitest';
import type { ComparedArm } from './compared-run.ts';
import { namedPairs } from './named-pairs.ts';

const arm = (run: string, name: string): ComparedArm => ({
  label: `${run} ${name}`,
  run,
  arm: name,
  policy: 'resize@96',
  seeds: new Map(),
});
const small = arm('A', 'small');
const equal = arm('A', 'vanilla-equal-cost');
const again = arm('B', 'small');

it('takes the pairs in their order, by the names of the arms', () => {
  expect(namedPairs([small, equal], ['vanilla-equal-cost - small'])).toEqual([[equal, small]]);
  expect(namedPairs([small, equal, again], ['B small - A small'])).toEqual([[again, small]]);
});

it.each([
  ['fixres - small', 'A small, A vanilla-equal-cost, small, vanilla-equal-cost'],
  ['small', 'A small'],
  ['small - small', 'two different arms'],
  ['small - vanilla-equal-cost - small', 'allowed is "A - B"'],
])('refuses %s', (text, message) => {
  expect(() => namedPairs([small, equal], [text])).toThrow(
    `The pair is "${text}" (option "pairs"); `,
  );
  expect(() => namedPairs([small, equal], [text])).toThrow(message);
});

it('asks for the label where several runs have the name, and refuses a pair twice', () => {
  expect(() => namedPairs([small, equal, again], ['vanilla-equal-cost - small'])).toThrow(
    'two different arms of A small, A vanilla-equal-cost, B small, vanilla-equal-cost',
  );
  expect(() =>
    namedPairs([small, equal], ['small - vanilla-equal-cost', 'vanilla-equal-cost - small']),
  ).toThrow('The pair "vanilla-equal-cost - small" is listed twice (option "pairs").');
});
