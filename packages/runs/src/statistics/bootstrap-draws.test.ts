import { expect, test } from 'vitest';
import { type DrawOptions, forEachDraw } from './bootstrap-draws.ts';

function drawsOf(options: DrawOptions): number[][] {
  const draws: number[][] = [];
  forEachDraw(options, (counts, at) =>
    draws.push([...counts.subarray(at, at + options.seeds + options.images)]),
  );
  return draws;
}

const small = { seed: 3, seeds: 2, images: 5, resamples: 100 };

test('every resample has as many seeds and images as there are', () => {
  const draws = drawsOf(small);
  expect(draws).toHaveLength(100);
  for (const draw of draws) {
    const sum = (counts: number[]): number => counts.reduce((total, count) => total + count, 0);
    expect([sum(draw.slice(0, 2)), sum(draw.slice(2))]).toEqual([2, 5]);
  }
  expect(new Set(draws.map((draw) => draw.join())).size).toBeGreaterThan(50);
  // A single seed is not drawn.
  expect(drawsOf({ ...small, seeds: 1 }).every(([ofSeed]) => ofSeed === 1)).toBe(true);
});

test.each<Partial<DrawOptions>>([{ seed: 4 }, { seeds: 3 }, { images: 6 }, { resamples: 101 }])(
  'draws anew with other options, and the same again afterwards: %j',
  (change) => {
    const once = drawsOf(small);
    expect(drawsOf({ ...small, ...change })).not.toEqual(once);
    expect(drawsOf(small)).toEqual(once);
  },
);

test('draws the same whether it keeps the draws or not', () => {
  // Two resamples fit, 100 do not.
  const large = { ...small, images: 50_000 };
  const [kept, drawn]: [number[][], number[][]] = [drawsOf({ ...large, resamples: 2 }), []];
  forEachDraw({ ...large, resamples: 100 }, (counts, at) => {
    if (drawn.length < 2) drawn.push([...counts.subarray(at, at + 50_002)]);
  });
  // Not `toEqual`, which would print all numbers.
  expect(kept.join() === drawn.join()).toBe(true);
});
