import { describe, expect, it } from 'vitest';
import { counted, duration, megabytes, percent, points, pValue } from './format.ts';
import { textTable } from './text-table.ts';

describe('format', () => {
  it('rounds for people', () => {
    expect([percent(0.7548), percent(1), percent(0)]).toEqual(['75.5 %', '100.0 %', '0.0 %']);
    expect([points(0.031), points(-0.2), points(0), points(-0.0001)]).toEqual([
      '+3.1',
      '-20.0',
      '0.0',
      '0.0',
    ]);
    expect([duration(0), duration(75), duration(59.6), duration(3700)]).toEqual([
      '0:00',
      '1:15',
      '1:00',
      '1:01:40',
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

describe('textTable', () => {
  it('aligns columns, numbers to the right, without trailing blanks', () => {
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
