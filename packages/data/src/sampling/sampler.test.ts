import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Sampler, sampledOrder } from './sampler.ts';

const at = { seed: 1, epoch: 2 };

describe('sampledOrder', () => {
  it('resumes at any position, for every sampler', () => {
    const kind = fc.constantFrom<Sampler['kind'][]>(
      'sequential',
      'shuffled',
      'rank-strided',
      'repeated-augmentation',
      'class-balanced',
    );
    fc.assert(
      fc.property(
        kind,
        fc.integer({ min: 1, max: 2000 }),
        fc.integer({ min: 1, max: 5 }),
        fc.nat(),
        fc.nat(),
        (name, size, ranks, r, p) => {
          const labels = Uint8Array.from({ length: size }, (_, i) => (i % 7) % 3);
          const sampler = { kind: name, labels, rank: r % ranks, ranks } as Sampler;
          const whole = sampledOrder(sampler, size, at);
          const position = p % (whole.indices.length + 1);
          const rest = sampledOrder(sampler, size, { ...at, position });
          expect(rest.indices).toEqual(whole.indices.subarray(position));
          expect(rest.copies).toEqual(whole.copies.subarray(position));
        },
      ),
    );
  });

  it('distributes all examples in rank-strided order, equally many to each rank', () => {
    for (const [size, ranks] of [
      [12, 4],
      [13, 4],
      [3, 5],
    ] as const) {
      const parts = Array.from({ length: ranks }, (_, rank) => [
        ...sampledOrder({ kind: 'rank-strided', rank, ranks }, size, at).indices,
      ]);
      expect(parts.every((part) => part.length === Math.ceil(size / ranks))).toBe(true);
      expect(new Set(parts.flat()).size).toBe(size);
      const shuffled = sampledOrder({ kind: 'shuffled' }, size, at).indices;
      expect(parts.map((part) => part[0])).toEqual(
        Array.from({ length: ranks }, (_, rank) => shuffled[rank % size]),
      );
    }
  });

  it('puts the copies of repeated augmentation on different ranks', () => {
    const size = 2600;
    const ranks = 4;
    const parts = Array.from({ length: ranks }, (_, rank) =>
      sampledOrder({ kind: 'repeated-augmentation', rank, ranks }, size, at),
    );
    const seen = new Map<number, { ranks: Set<number>; copies: Set<number>; count: number }>();
    parts.forEach(({ indices, copies }, rank) => {
      // 2560 is the largest multiple of 256; each rank takes a quarter of it.
      expect(indices.length).toBe(640);
      indices.forEach((index, i) => {
        const entry = seen.get(index) ?? { ranks: new Set(), copies: new Set(), count: 0 };
        seen.set(index, {
          ranks: entry.ranks.add(rank),
          copies: entry.copies.add(copies[i]!),
          count: entry.count + 1,
        });
      });
    });
    // 2560 positions at 3 copies: 853 whole examples and one copy of the next.
    expect(seen.size).toBe(854);
    const counts = [...seen.values()];
    expect(counts.filter(({ count }) => count === 3).length).toBe(853);
    expect(
      counts.every(
        (entry) => entry.ranks.size === entry.count && entry.copies.size === entry.count,
      ),
    ).toBe(true);
  });

  it('rounds a pass of repeated augmentation up, so that ranks together see the pass of one', () => {
    for (const [size, ranks] of [
      [10, 1],
      [10, 4],
      [3, 5],
    ] as const) {
      const passOf = (rank: number, of: number): [number, number][] => {
        const sampler = { kind: 'repeated-augmentation', rank, ranks: of, roundTo: 'up' } as const;
        const { indices, copies } = sampledOrder(sampler, size, at);
        return Array.from(indices, (index, i) => [index, copies[i]!]);
      };
      const one = passOf(0, 1);
      expect(one.length).toBe(size);
      expect(one.slice(0, 3).map(([, copy]) => copy)).toEqual([0, 1, 2].slice(0, size));
      expect(new Set(one.map(([index]) => index)).size).toBe(Math.ceil(size / 3));
      const parts = Array.from({ length: ranks }, (_, rank) => passOf(rank, ranks));
      expect(parts.every((part) => part.length === Math.ceil(size / ranks))).toBe(true);
      const together = parts[0]!.flatMap((_, i) => parts.map((part) => part[i]!));
      expect(together.slice(0, size)).toEqual(one);
    }
  });

  it('reshuffles for each epoch and seed, except in sequential order', () => {
    const order = (sampler: Sampler, seed: number, epoch: number): string =>
      sampledOrder(sampler, 50, { seed, epoch }).indices.join();
    for (const kind of ['shuffled', 'rank-strided', 'repeated-augmentation'] as const) {
      const sampler = { kind, rank: 0, ranks: 1 } as Sampler;
      expect(new Set([order(sampler, 0, 0), order(sampler, 0, 1), order(sampler, 1, 0)]).size).toBe(
        3,
      );
    }
    expect(order({ kind: 'sequential' }, 0, 0)).toBe(order({ kind: 'sequential' }, 1, 1));
  });

  it.each([
    [
      { kind: 'rank-strided', rank: 2, ranks: 2 } as const,
      0,
      'Option "rank" is 2; it must be a whole number from 0 to 1.',
    ],
    [
      { kind: 'repeated-augmentation', rank: 0, ranks: 1, repeats: 0 } as const,
      0,
      'Option "repeats" is 0',
    ],
    [
      { kind: 'sequential' } as const,
      11,
      'Option "position" is 11; it must be a whole number from 0 to 10.',
    ],
  ])('rejects invalid samplers and positions (%#)', (sampler, position, message) => {
    expect(() => sampledOrder(sampler, 10, { ...at, position })).toThrow(message);
  });
});

describe('class-balanced sampling', () => {
  const labels = Int32Array.from({ length: 100 }, (_, i) => (i < 90 ? 7 : i < 97 ? 2 : 5));
  const sampler = { kind: 'class-balanced', labels } as const;

  it('visits all classes equally often, the examples of each evenly, each copy with its number', () => {
    const { indices, copies } = sampledOrder(sampler, 100, at);
    const counts = new Map<number, number>();
    for (const index of indices) counts.set(index, (counts.get(index) ?? 0) + 1);
    const ofClass = (label: number): number[] =>
      [...counts].filter(([index]) => labels[index] === label).map(([, count]) => count);
    const total = (label: number): number => ofClass(label).reduce((sum, n) => sum + n, 0);
    expect([2, 5, 7].map(total).sort()).toEqual([33, 33, 34]);
    // 33 or 34 of the frequent class once each; the seven and the three rare ones repeat evenly.
    expect(new Set(ofClass(7))).toEqual(new Set([1]));
    expect(Math.max(...ofClass(2)) - Math.min(...ofClass(2))).toBeLessThanOrEqual(1);
    expect(ofClass(5)).toHaveLength(3);
    const seen = new Map<number, number>();
    indices.forEach((index, i) => {
      expect(copies[i]).toBe(seen.get(index) ?? 0);
      seen.set(index, (seen.get(index) ?? 0) + 1);
    });
  });

  it('resumes at any position, and differs between epochs', () => {
    const whole = sampledOrder(sampler, 100, at);
    const rest = sampledOrder(sampler, 100, { ...at, position: 41 });
    expect(rest.indices).toEqual(whole.indices.subarray(41));
    expect(rest.copies).toEqual(whole.copies.subarray(41));
    expect(sampledOrder(sampler, 100, { seed: 1, epoch: 3 }).indices).not.toEqual(whole.indices);
  });

  it('gives ranks together the pass of one, with the same copies', () => {
    const one = sampledOrder(sampler, 100, at);
    for (const ranks of [2, 3, 7]) {
      const parts = Array.from({ length: ranks }, (_, rank) =>
        sampledOrder({ ...sampler, rank, ranks }, 100, at),
      );
      const rounds = Math.ceil(100 / ranks);
      expect(parts.map(({ indices }) => indices.length)).toEqual(parts.map(() => rounds));
      for (const what of ['indices', 'copies'] as const) {
        const together = Array.from({ length: rounds }, (_, i) =>
          parts.map((part) => part[what][i]),
        ).flat();
        // The first ones again, at the end.
        const padding = [...one[what]].slice(0, rounds * ranks - 100);
        expect(together).toEqual([...one[what], ...padding]);
      }
    }
  });

  it('refuses labels of other examples', () => {
    expect(() => sampledOrder(sampler, 99, at)).toThrow(
      'Option "labels" has 100 labels; it must have one for each of the 99 examples.',
    );
  });
});
