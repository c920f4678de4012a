import { expect, it } from 'vitest';
import { multiplyAddsText, threeFigures } from './multiply-adds.ts';

it.each([
  [[0], '0 MAC'],
  [[950], '950 MAC'],
  [[1000], '1.00 kMAC'],
  [[999_499], '999 kMAC'],
  [[999_999], '1.00 MMAC'],
  [[4.1234e11], '412 GMAC'],
  [[1.3149e12], '1.31 TMAC'],
  [[4.2e19], '42.0 EMAC'],
  [[1.02e12, 1.6e11], '1.02 + 0.16 TMAC'],
  [[3.99e11, 1.3e10], '399 + 13 GMAC'],
  [[9e11, 2e11], '0.90 + 0.20 TMAC'],
  [[5e9, 0], '5.00 + 0.00 GMAC'],
])('multiplyAddsText formats %j as %s', (parts, text) => {
  expect(multiplyAddsText(...parts)).toBe(text);
});

it('threeFigures returns digits and prefix separately', () => {
  expect(threeFigures(25_613_800)).toEqual({ figures: '25.6', prefix: 'M' });
});
