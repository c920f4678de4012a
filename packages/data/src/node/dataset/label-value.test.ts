import { describe, expect, it } from 'vitest';
import { labelValue } from './label-value.ts';

describe('labelValue', () => {
  it.each([
    [0, 0],
    [7, 7],
    ['0', '0'],
    ['1.0', '1.0'],
    [' oak ', ' oak '],
    ['Nan', 'Nan'],
    ['-a', '-a'],
    [true, 'true'],
    [false, 'false'],
  ])('reads %j as a label', (value, label) => {
    expect(labelValue(value, 'Row 1')).toBe(label);
  });

  it.each([undefined, null, '', ' ', -1, '-1', ' -1.0', NaN, 'nan', 'NaN '])(
    'reads %j as no label',
    (value) => {
      expect(labelValue(value, 'Row 1')).toBeUndefined();
    },
  );

  it.each([
    [-2, '-2'],
    ['-2', '-2'],
    ['-3.50', '-3.50'],
    [0.5, '0.5'],
    [2 ** 60, '1152921504606847000'],
    [Infinity, 'Infinity'],
    [['oak'], '["oak"]'],
    [[-1], '[-1]'],
    [{ name: 'oak' }, '{"name":"oak"}'],
  ])('refuses %j', (value, given) => {
    expect(() => labelValue(value, 'Row 1 of a.parquet')).toThrow(
      `Row 1 of a.parquet has the label ${given}; a label is text or a whole number from 0, and -1 is none.`,
    );
  });
});
