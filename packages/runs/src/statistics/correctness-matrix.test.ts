import { expect, test } from 'vitest';
import { matrixDifference, matrixShape } from './correctness-matrix.ts';

test('gives seeds and images', () => {
  expect(matrixShape('m', [Uint8Array.of(0, 1, 1), Uint8Array.of(1, 1, 0)])).toEqual({
    seeds: 2,
    images: 3,
  });
});

test('subtracts element by element', () => {
  expect(matrixDifference([Uint8Array.of(0, 1, 1, 0)], [Uint8Array.of(1, 0, 1, 0)])).toEqual([
    Int8Array.of(-1, 1, 0, 0),
  ]);
});

test.each([
  [[], 'm must contain at least one seed with at least one image.'],
  [[new Uint8Array(0)], 'm must contain at least one seed with at least one image.'],
  [
    [new Uint8Array(3), new Uint8Array(2)],
    'm must have the same images for every seed: seed 0 has 3, seed 1 has 2.',
  ],
  [[Uint8Array.of(0, 2)], 'm must contain only 0 and 1, got 2.'],
])('rejects %j', (matrix, message) => {
  expect(() => matrixShape('m', matrix)).toThrow(message);
});

test('rejects matrices of different shapes', () => {
  const message = 'a and b must have the same seeds and images: a has 1 x 3, b has 2 x 3.';
  expect(() =>
    matrixDifference([new Uint8Array(3)], [new Uint8Array(3), new Uint8Array(3)]),
  ).toThrow(message);
});
