import { describe, expect, it } from 'vitest';
import {
  clock,
  counted,
  duration,
  megabytes,
  percent,
  points,
  pValue,
  typographic,
} from './format.ts';
import { textTable } from './text/text-table.ts';

describe('format', () => {
  it('rounds numbers for readers', () => {
    expect([percent(0.7548), percent(1), percent(0)]).toEqual(['75.5 %', '100.0 %', '0.0 %']);
    expect([points(0.031), points(-0.2), points(0), points(-0.0001)]).toEqual([
      '+3.1',
      '-20.0',
      '0.0',
      '0.0',
    ]);
    expect([clock(0), clock(75), clock(59.6), clock(3700)]).toEqual([
      '0:00',
      '1:15',
      '1:00',
      '1:01:40',
    ]);
    expect([duration(8.21), duration(59.4), duration(200), duration(7500)]).toEqual([
      '8.2 s',
      '59 s',
      '3 min 20 s',
      '2 h 5 min',
    ]);
    expect([megabytes(812.3), megabytes(2140)]).toEqual(['812 MB', '2.1 GB']);
    expect([counted(1, 'epoch'), counted(2, 'epoch'), counted(0, 'image')]).toEqual([
      '1 epoch',
      '2 epochs',
      '0 images',
    ]);
    expect([pValue(0.0004), pValue(0.05), pValue(1)]).toEqual(['<0.001', '0.050', '1.000']);
  });
});

describe('typographic', () => {
  it('uses minus signs, and keeps units and their numbers together', () => {
    expect(typographic('-3.1 points, 2.1 GB in 3 min 20 s, seed-1 of 4 small: a-1 - b')).toBe(
      '−3.1\u00a0points, 2.1\u00a0GB in 3\u00a0min 20\u00a0s, seed-1 of 4 small: a-1\u00a0−\u00a0b',
    );
  });
});

describe('textTable', () => {
  it('aligns columns, numbers to the right, without trailing spaces', () => {
    const table = textTable(
      ['arm', 'n'],
      [
        ['small', '5'],
        ['x', '1234'],
      ],
      [1],
    );
    expect(table.split('\n')).toEqual(['arm       n', '-----  ----', 'small     5', 'x      1234']);
  });
});
