import { describe, expect, it } from 'vitest';
import { classifierKind } from './classifier-kind.ts';

describe('classifierKind', () => {
  it.each([
    [5, 'softmax', false, 'softmax'],
    [5, undefined, false, 'logits'],
    [1, 'sigmoid', false, 'sigmoid'],
    [5, 'sigmoid', false, 'multi-label'],
    [5, 'sigmoid', true, 'multi-label'],
    [5, undefined, true, 'multi-label'],
    [5, 'relu', true, undefined],
  ] as const)(
    'of %d outputs with %s, multi-label %s: %s',
    (units, activation, multiLabel, kind) => {
      expect(classifierKind('top', units, activation, multiLabel)).toBe(kind);
    },
  );

  it.each([
    [5, 'softmax', '5 outputs and activation softmax'],
    [1, 'sigmoid', '1 output and activation sigmoid'],
    [1, undefined, '1 output and no activation'],
  ])('refuses multi-label images for %d outputs with %s', (units, activation, found) => {
    expect(() => classifierKind('top', units, activation, true)).toThrow(
      `Option --multi-label (multiLabel) does not fit classifier "top", which has ${found}; it must have at least two outputs, with activation sigmoid or none.`,
    );
  });
});
