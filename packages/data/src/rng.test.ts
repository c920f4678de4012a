import { describe, expect, it } from 'vitest';
import { createRandom } from './rng.ts';
import { shuffledIndices } from './shuffle.ts';

describe('createRandom', () => {
  it('returns the same numbers for the same address, and others for another', () => {
    const draw = (...address: [number, ...(number | string)[]]): number[] => {
      const random = createRandom(...address);
      return Array.from({ length: 5 }, () => random.next());
    };
    expect(draw(1, 'view', 3, 17)).toEqual(draw(1, 'view', 3, 17));
    const all = [
      draw(1, 'view', 3, 17),
      draw(2, 'view', 3, 17),
      draw(1, 'shuffle', 3, 17),
      draw(1, 'view', 31, 7),
      draw(1),
    ];
    expect(new Set(all.map(String)).size).toBe(all.length);
  });

  it('never changes its numbers between versions, so that runs can be repeated by seed', () => {
    const random = createRandom(0, 'view', 0, 0);
    expect([random.next(), random.next(), random.int(1000)]).toEqual([
      0.9738807178263862, 0.19218033517719102, 145,
    ]);
  });

  it('is uniform, within streams and across neighbouring streams (chi-square)', () => {
    const bins = 64;
    const n = 64_000;
    const chiSquare = (draw: (i: number) => number): number => {
      const counts = new Array<number>(bins).fill(0);
      for (let i = 0; i < n; i++) counts[Math.floor(draw(i) * bins)]! += 1;
      return counts.reduce((sum, count) => sum + (count - n / bins) ** 2 / (n / bins), 0);
    };
    const one = createRandom(7);
    // 99.99 % quantile of chi-square with 63 degrees of freedom.
    expect(chiSquare(() => one.next())).toBeLessThan(112.2);
    expect(chiSquare((i) => createRandom(7, 'view', 0, i).next())).toBeLessThan(112.2);
    expect(chiSquare((i) => createRandom(i).next())).toBeLessThan(112.2);
  });

  it('draws whole numbers, ranges and normals as documented', () => {
    const random = createRandom(3);
    const ints = Array.from({ length: 6000 }, () => random.int(6));
    expect([Math.min(...ints), Math.max(...ints)]).toEqual([0, 5]);
    const uniform = Array.from({ length: 2000 }, () => random.uniform(-2, 3));
    expect(uniform.every((value) => value >= -2 && value < 3)).toBe(true);
    const normals = Array.from({ length: 20_000 }, () => random.normal());
    const mean = normals.reduce((a, b) => a + b) / normals.length;
    const variance = normals.reduce((sum, value) => sum + (value - mean) ** 2, 0) / normals.length;
    expect(mean).toBeCloseTo(0, 1);
    expect(variance).toBeCloseTo(1, 1);
  });
});

describe('shuffledIndices', () => {
  it('contains every index once, with every order equally likely', () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 6000; seed++) {
      const order = Array.from(shuffledIndices(3, createRandom(seed, 'shuffle', 0)));
      expect([...order].sort()).toEqual([0, 1, 2]);
      counts.set(String(order), (counts.get(String(order)) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // 99.99 % quantile of chi-square with 5 degrees of freedom.
    expect(
      [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0),
    ).toBeLessThan(25.8);
  });
});
