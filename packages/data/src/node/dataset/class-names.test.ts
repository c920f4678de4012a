import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classIndex } from './class-index.ts';
import { inClassOrder, nearEqualNames } from './class-names.ts';

describe('inClassOrder', () => {
  it('sorts by value if all names are numbers, otherwise by code unit', () => {
    expect(inClassOrder(['10', '2', '1'])).toEqual(['1', '2', '10']);
    expect(inClassOrder(['10.0', '2.0', '-1.5'])).toEqual(['-1.5', '2.0', '10.0']);
    expect(inClassOrder(['10', '2', 'x'])).toEqual(['10', '2', 'x']);
    expect(inClassOrder(['b', 'B', 'a'])).toEqual(['B', 'a', 'b']);
  });

  it('depends only on the names, and sorts numbers numerically', () => {
    const names = fc.uniqueArray(
      fc.oneof(fc.integer({ min: -99, max: 999 }).map(String), fc.string({ maxLength: 3 })),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(names, (list) => {
        expect(inClassOrder(list)).toEqual(inClassOrder(list.toReversed()));
      }),
    );
    const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 2000 }), { maxLength: 12 });
    fc.assert(
      fc.property(numbers, (list) => {
        expect(inClassOrder(list.map(String))).toEqual(list.toSorted((a, b) => a - b).map(String));
      }),
    );
  });
});

describe('classIndex', () => {
  it('merges Unicode forms of one name, and warns about names that are nearly equal', () => {
    const { classNames, labelOf, warnings } = classIndex(
      [' caf\u00e9', 'cafe\u0301 ', 'Cafe', 'Daisy', 'daisy', 'd aisy'],
      'made',
    );
    expect(classNames).toEqual(['Cafe', 'Daisy', 'caf\u00e9', 'd aisy', 'daisy']);
    expect([labelOf('cafe\u0301', 'x'), labelOf('\tcaf\u00e9\n', 'x')]).toEqual([2, 2]);
    expect(warnings).toEqual([
      'Classes whose names differ only in case, spaces or letter forms are treated as different classes: "Daisy" and "d aisy" and "daisy".',
    ]);
    expect(nearEqualNames(['ash', 'oak'])).toEqual([]);
  });

  it('uses the given order of names, and rejects duplicates', () => {
    const { classNames, labelOf } = classIndex(['oak', 0], 'made', { names: ['oak', 'ash'] });
    expect([
      classNames,
      labelOf('ash', 'x'),
      labelOf(1, 'x'),
      labelOf('1', 'x'),
      labelOf('1.0', 'x'),
    ]).toEqual([['oak', 'ash'], 1, 1, 1, 1]);
    for (const label of [2, '2', -1, 'elm', '1.5', ''])
      expect(() => labelOf(label, 'x'), String(label)).toThrow(
        /Image x of made has the label .*; allowed are oak, ash or 0 to 1\./,
      );
    expect(() => classIndex(['oak'], 'made', { names: ['oak', 'ash', ' oak'] })).toThrow(
      'contain "oak" twice',
    );
  });

  it('takes ids for the names that belong to them', () => {
    const names = ['tench', 'goldfish'];
    const { labelOf } = classIndex(['n01440764'], 'made', {
      names,
      ids: ['n01440764', 'n01443537'],
    });
    expect(['n01440764', 'n01443537', 'goldfish', 1].map((label) => labelOf(label, 'x'))).toEqual([
      0, 1, 1, 1,
    ]);
    for (const given of [names, undefined])
      expect(() => classIndex(['a', 'b'], 'made', { names: given, ids: ['n01440764'] })).toThrow(
        /Option "classIds" has 1 ids for \d class names/,
      );
  });
});
