import { describe, expect, it } from 'vitest';
import type { ImageAccess, ImageSource } from '../images/image-source.ts';
import { combinePredictions, evaluationShare } from './evaluate-together.ts';

/** Seven images with their numbers as labels; a selection only tells which images it has. */
const labels = Int32Array.of(0, 1, 1, 0, 1, 0, 0);
const source = {
  size: labels.length,
  access: { labels, select: (indices) => ({ size: indices.length, indices }) },
} as ImageSource & { access: ImageAccess & { select: (indices: Uint32Array) => unknown } };

describe.each([1, 2, 3, 9])('%i processes', (ranks) => {
  it('classify every image once, and all get the predictions in their order', () => {
    const shares = Array.from({ length: ranks }, (_, rank) => {
      const share = evaluationShare(source, { rank, ranks }) as unknown as { indices: Uint32Array };
      return [...share.indices];
    });
    expect(shares.flat().sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    const own = shares.map((share) =>
      Float32Array.from(share.flatMap((i) => [i / 10, 1 - i / 10])),
    );
    const exchange = (): Uint8Array[] => own.map(({ buffer }) => new Uint8Array(buffer));
    const results = own.map((probabilities) =>
      combinePredictions({ probabilities, classes: 2 }, source, { ranks, exchange }),
    );
    for (const result of results) {
      expect([...result.probabilities]).toEqual(
        [...labels.keys()].flatMap((i) => [Math.fround(i / 10), Math.fround(1 - i / 10)]),
      );
      // Up to 0.4 the second class is the most probable one, then the first.
      expect([...result.correct]).toEqual([0, 1, 1, 0, 1, 1, 1]);
      expect(result.labels).toEqual(labels);
    }
  });
});

it('processes agree which multi-label images have exactly their classes', () => {
  const targets = Float32Array.of(1, 0, 1, 1, 0, 0);
  const several = {
    size: 3,
    access: {
      labels: Int32Array.of(0, 0, -1),
      multiHot: (indices: Uint32Array) =>
        Float32Array.from([...indices].flatMap((i) => [...targets.subarray(2 * i, 2 * i + 2)])),
    },
  } as unknown as typeof source;
  // Images 0 and 2 of the first process, image 1 of the second.
  const parts = [Float32Array.of(0.6, 0.4, 0.1, 0.2), Float32Array.of(0.9, 0.6)];
  const combined = combinePredictions(
    { probabilities: parts[0]!, classes: 2 },
    several,
    { ranks: 2, exchange: () => parts.map(({ buffer }) => new Uint8Array(buffer)) },
    [0.5, 0.7],
  );
  expect(combined.targets).toEqual(Uint8Array.from(targets));
  expect([...combined.correct]).toEqual([1, 0, 1]);
});
