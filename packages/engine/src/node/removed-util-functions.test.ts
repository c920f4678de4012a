import { createRequire } from 'node:module';
import { afterEach, describe, expect, it } from 'vitest';
import { restoreRemovedUtilFunctions } from './removed-util-functions.ts';

const util = createRequire(import.meta.url)('node:util') as Record<
  string,
  ((value: unknown) => boolean) | undefined
>;
const original = { isArray: util.isArray, isNullOrUndefined: util.isNullOrUndefined };

afterEach(() => Object.assign(util, original));

describe('restoreRemovedUtilFunctions', () => {
  it('puts back what Node 23 removed', () => {
    delete util.isArray;
    delete util.isNullOrUndefined;
    restoreRemovedUtilFunctions();
    expect([util.isArray!([]), util.isArray!({})]).toEqual([true, false]);
    expect([null, undefined, 0, ''].map((value) => util.isNullOrUndefined!(value))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('replaces what Node 22 still has but warns of', () => {
    util.isNullOrUndefined = () => {
      throw new Error('deprecated');
    };
    restoreRemovedUtilFunctions();
    expect(util.isNullOrUndefined(null)).toBe(true);
  });
});
