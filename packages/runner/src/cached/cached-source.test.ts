import { fixedViews, resizeFlip } from '@fixres/data';
import { useEngine } from '@fixres/engine';
import { FeatureCache, type FeatureSplit, memoryStore } from '@fixres/finetune';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { viewImages } from '../../test/view-images.ts';
import type { TrainingCluster } from '../cluster/training-cluster.ts';
import { cachedSource } from './cached-source.ts';

const IMAGES = 7;
const SHAPE = [2, 3];
const policy = resizeFlip(8);

beforeAll(() => useEngine({ engine: 'cpu' }));

type Place = Pick<TrainingCluster, 'rank' | 'ranks' | 'exchange'>;

/** Ends a process that waits for messages of others which they have not sent yet. */
class Waiting extends Error {}

/**
 * What each of several processes computes. They run one after another, again and again, each time up to
 * the first exchange of which not all messages are known.
 */
async function together<T>(ranks: number, run: (place: Place) => Promise<T>): Promise<T[]> {
  const known: Uint8Array[][] = [];
  for (;;) {
    const messages: Uint8Array[] = [];
    const results: T[] = [];
    for (let rank = 0; rank < ranks; rank++) {
      let exchanges = 0;
      const exchange = (bytes: Uint8Array): Uint8Array[] => {
        const all = known[exchanges++];
        if (all !== undefined) return all.map((each) => each.slice());
        messages.push(bytes.slice());
        throw new Waiting();
      };
      try {
        results.push(await run({ rank, ranks, exchange }));
      } catch (error) {
        if (!(error instanceof Waiting)) throw error;
      }
    }
    if (results.length === ranks) return results;
    // Either all are done, or all wait.
    expect(messages).toHaveLength(ranks);
    known.push(messages);
  }
}

interface Pass {
  epoch: number;
  /** First step. */
  step?: number;
}

/** Images and their features, by batch, of some passes, and how often the trunk saw an image. */
async function passesOf(
  passes: readonly Pass[],
  batchSize: number,
  cluster?: Place,
  trunkBatch?: number,
): Promise<{
  batches: [number[], number[]][];
  images: number;
  /** Images that the trunk saw at once. */
  atOnce: number[];
  /** Of the features that are computed before a pass: epoch, views, step and steps. */
  filled: [number, number, number, number][];
}> {
  const { access } = viewImages(IMAGES, 1);
  let images = 0;
  const atOnce: number[] = [];
  const features = (x: tf.Tensor): tf.Tensor => {
    images += x.shape[0];
    atOnce.push(x.shape[0]);
    // Differs between an image and its mirror image.
    return tf.tidy(() =>
      tf.stack([tf.mean(x, [1, 2]), tf.mean(tf.slice(x, 0, [-1, 8, 4, 3]), [1, 2])], 1),
    );
  };
  const split = { features } as unknown as FeatureSplit;
  const cache = new FeatureCache(split, memoryStore({ precision: 'full', length: 6 }), SHAPE);
  const views = fixedViews(policy)!;
  const filled: [number, number, number, number][] = [];
  const source = cachedSource({
    access: access!,
    views,
    cache,
    cluster,
    trunkBatch,
    onFill: ({ views: done, step, steps, stall, seconds }, epoch) => {
      filled.push([epoch, done, step, steps]);
      expect(stall).toBeGreaterThanOrEqual(0);
      expect(stall).toBeLessThanOrEqual(1);
      expect(seconds).toBeGreaterThan(0);
    },
  });
  const batches: [number[], number[]][] = [];
  const { rank, ranks } = cluster ?? { rank: 0, ranks: 1 };
  for (const { epoch, step = 0 } of passes) {
    const pass = { policy, batchSize, seed: 5, epoch, shuffle: true, position: step * batchSize };
    const isShared = cluster !== undefined && trunkBatch === undefined;
    for await (const batch of source.batches(isShared ? { ...pass, share: { rank, ranks } } : pass))
      batches.push([[...batch.indices], [...batch.features!.values]]);
  }
  return { batches, images, atOnce, filled };
}

describe('cachedSource of several processes', () => {
  it.each([2, 3])(
    'gives %i of them the batches of one, and computes the features of each view once',
    async (ranks) => {
      const passes = [{ epoch: 0 }, { epoch: 1 }, { epoch: 2, step: 1 }];
      const perRank = 2;
      const alone = await passesOf(passes, ranks * perRank);
      const parts = await together(ranks, (place) => passesOf(passes, perRank, place));
      expect(parts.map(({ batches }) => batches.length)).toEqual(
        parts.map(() => alone.batches.length),
      );
      for (const [i, [indices, values]] of alone.batches.entries()) {
        const rows = parts.map(({ batches }) => batches[i]!);
        // Each process has every n-th image; the last batch is filled up with the first images.
        for (const [place, index] of indices.entries()) {
          const [own, features] = rows[place % ranks]!;
          const at = Math.floor(place / ranks);
          expect(own[at]).toBe(index);
          expect(features.slice(6 * at, 6 * at + 6)).toEqual(
            values.slice(6 * place, 6 * place + 6),
          );
        }
      }
      // All see the same progress: of the first pass, which lacks all views.
      for (const { filled } of parts) {
        expect(filled).toEqual(parts[0]!.filled);
        const all = ranks * perRank;
        const steps = Math.ceil(IMAGES / all);
        // After the first batch, as many at once as they compute in a second.
        const first = filled.filter(([epoch]) => epoch === 0);
        expect(first.at(0)).toEqual([0, all, 1, steps]);
        expect(first.at(-1)).toEqual([0, IMAGES, steps, steps]);
        for (const [, views, step] of first) expect(views).toBe(Math.min(step * all, IMAGES));
      }
      expect(alone.filled).toEqual([]);
      const computed = parts.map(({ images }) => images);
      // Alone, the last batch of a pass is filled up with views that later passes may need.
      expect(computed.reduce((sum, images) => sum + images)).toBeLessThanOrEqual(2 * IMAGES);
      expect(Math.max(...computed) - Math.min(...computed)).toBeLessThanOrEqual(passes.length);
    },
  );

  it('gives each the whole batches, of features that all compute in batches of another size', async () => {
    const passes = [{ epoch: 0 }, { epoch: 1 }];
    const alone = await passesOf(passes, 4);
    const parts = await together(2, (place) => passesOf(passes, 4, place, 1));
    for (const { batches, atOnce } of parts) {
      expect(batches).toEqual(alone.batches);
      expect(new Set(atOnce)).toEqual(new Set([1]));
    }
  });
});
