import { expect, it } from 'vitest';
import { adjustmentText } from './adjustment-text.ts';

const affine = { interpolation: 'nearest', fill: [0, 0, 0] as [number, number, number] } as const;

it.each([
  [{ op: 'contrast', factor: 0.7312 }, 'contrast x 0.73'],
  [{ op: 'hue', shift: -0.1 }, 'hue -36°'],
  [{ op: 'rotate', amount: -9, ...affine }, 'rotate -9°'],
  [{ op: 'translateX', amount: 7, ...affine }, 'translateX 7 px'],
  [{ op: 'erase', part: { x: 1, y: 2, width: 30, height: 40 }, value: [0, 0, 0] }, 'erase 30 x 40'],
  [{ op: 'mixture', weight: 0.25, chains: [] }, 'mixture with 25 % original'],
] as const)('%j is "%s"', (adjustment, text) => {
  expect(adjustmentText(adjustment as unknown as Parameters<typeof adjustmentText>[0])).toBe(text);
});
