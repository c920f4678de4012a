import { describe, expect, it } from 'vitest';
import { fittedLine } from './fitted-line.ts';

const parts = [
  { text: 'epoch 1/9' },
  { text: 'accuracy 50 %', short: 'acc 50 %', rank: 1 },
  { text: '8 img/s', rank: 2 },
  { text: '9 MB', rank: 3 },
];

describe('fittedLine', () => {
  it.each([
    [Infinity, 'epoch 1/9  accuracy 50 %  8 img/s  9 MB'],
    [39, 'epoch 1/9  accuracy 50 %  8 img/s  9 MB'],
    [38, 'epoch 1/9  acc 50 %  8 img/s  9 MB'],
    [33, 'epoch 1/9  acc 50 %  8 img/s'],
    [20, 'epoch 1/9  acc 50 %'],
    [10, 'epoch 1/9'],
    [5, 'epoch'],
  ])('fits %d characters', (width, line) => {
    expect(fittedLine(parts, width)).toBe(line);
  });
});
