import { expect, test } from 'vitest';
import {
  duration,
  megabytes,
  percent,
  percentInterval,
  pEquation,
  points,
  pointsInterval,
  pointsLong,
  pValue,
  withPrefix,
} from './format.ts';
import { count, counted } from '../format.ts';

/** Units and their numbers are joined by a no-break space. */
const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

test.each([
  [percent(0.7548), '75.5 %'],
  [percent(1), '100.0 %'],
  [percent(0.65, 0), '65 %'],
  [percent(Number.NaN), '–'],
  [percentInterval([0.7083, 0.796]), '70.8 to 79.6 %'],
  [withPrefix(3.51e9), '3.51 G'],
  [withPrefix(999), '999'],
  [withPrefix(999_499), '999 k'],
  [withPrefix(999_999), '1.00 M'],
  [points(0.0736), '+7.4'],
  [points(-0.0518), '−5.2'],
  [points(0.0001), '0.0'],
  [points(-0.0001), '0.0'],
  [pointsLong(-0.01), '1.0 point'],
  [pointsLong(0.054), '5.4 points'],
  [pointsInterval([-0.0191, 0.0736]), '−1.9 to +7.4'],
  [pValue(0.0004), '< 0.001'],
  [pValue(0.0496), '0.0496'],
  [pValue(0.284), '0.284'],
  [pEquation(0.0004), 'p < 0.001'],
  [pEquation(0.012), 'p = 0.012'],
  [duration(8.21), '8.2 s'],
  [duration(59.4), '59 s'],
  [duration(200), '3 min 20 s'],
  [duration(3599.6), '1 h 0 min'],
  [duration(7500), '2 h 5 min'],
  [megabytes(640.2), '640 MB'],
  [megabytes(2140), '2.1 GB'],
  [count(1234567), '1,234,567'],
  [counted(1, 'class', 'classes'), '1 class'],
  [counted(3303, 'image'), '3,303 images'],
])('%s', (text, expected) => {
  expect(plain(text)).toBe(expected);
});
