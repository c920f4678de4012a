import { expect, it } from 'vitest';
import { precisionText } from './precision-text.ts';

it.each([
  [6, 3, 'convolutions in bfloat16 are 2.0 times as fast as in float32 (3.0 and 6.0 ms)'],
  [3, 6, 'convolutions in bfloat16 take 2.0 times as long as in float32 (6.0 and 3.0 ms)'],
  [10.5, 10, 'convolutions in bfloat16 and float32 take about as long (10.0 and 10.5 ms)'],
  [10, 10.5, 'convolutions in bfloat16 and float32 take about as long (10.5 and 10.0 ms)'],
])('states what float32 in %d ms and bfloat16 in %d ms mean', (float32, bfloat16, text) =>
  expect(precisionText({ float32, bfloat16 })).toBe(text),
);
