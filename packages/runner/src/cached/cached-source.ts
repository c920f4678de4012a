import { rankPlaces } from '@fixres/data';
import * as tf from '@tensorflow/tfjs-core';
import type { TrainingCluster } from '../cluster/training-cluster.ts';
import type { ImageBatch, ImageSource } from '../images/image-source.ts';
import { featuresLost } from './features-lost.ts';
import { type FillProgress, fillTogether } from './fill-together.ts';
import { type CachedViews, MissingViews } from './missing-views.ts';

export interface CachedSourceOptions extends Omit<CachedViews, 'firstView'> {
  /** Default 0. */
  firstView?: number;
  /**
   * Processes that each compute some of the missing features, and have all of them before the first
   * batch of a pass. All must begin the same passes. Default: this one alone.
   */
  cluster?: Pick<TrainingCluster, 'rank' | 'ranks' | 'exchange'> | undefined;
  /** Images that the trunk sees at once. Default: the batch size of a pass. */
  trunkBatch?: number | undefined;
  /** Called after every batch of features that they compute before a pass of an epoch. */
  onFill?: ((progress: FillProgress, epoch: number) => void) | undefined;
}

/**
 * A source with the same order and views as the source behind it, which returns features instead of
 * pixels. Images are read, and the trunk runs, only for views that are not in the cache yet: in
 * whole batches, in the order in which the pass needs them.
 *
 * The policy of a pass must be the one of the views. Passes throw FixresRunnerError `features-lost`
 * if a store does not return what was just written.
 */
export function cachedSource({
  access,
  views,
  cache,
  firstView = 0,
  cluster,
  trunkBatch,
  onFill,
}: CachedSourceOptions): ImageSource {
  const cached = { access, views, cache, firstView };
  const variants = views.policies.length;
  const length = tf.util.sizeFromShape([...cache.shape]);
  return {
    size: access.labels.length,
    async *batches({ batchSize, seed, epoch, shuffle, sampling, position = 0, share, signal }) {
      const atOnce = trunkBatch ?? batchSize;
      const order = access.order({ seed, epoch, shuffle, sampling });
      const seen = new Map<number, number>();
      const all = Uint32Array.from(order, (index) => {
        const copy = seen.get(index) ?? 0;
        seen.set(index, copy + 1);
        const random = access.viewRandom({ seed, epoch }, index, copy % 256);
        return firstView + index * variants + views.draw(random);
      });
      const onBatch = (progress: FillProgress): void => onFill?.(progress, epoch);
      if (cluster !== undefined)
        await fillTogether(cached, all, { cluster, batchSize: atOnce, signal, onBatch });
      const places = rankPlaces(order.length, share ?? { rank: 0, ranks: 1 }).subarray(position);
      const [indices, wanted] = [order, all].map((each) => places.map((place) => each[place]!)) as [
        Uint32Array<ArrayBuffer>,
        Uint32Array<ArrayBuffer>,
      ];
      const missing = new MissingViews(cached, atOnce, signal);
      const buffers = [
        new Float32Array(batchSize * length),
        new Float32Array(batchSize * length),
      ] as const;
      const part = (batch: number): Uint32Array =>
        wanted.subarray(batch * batchSize, (batch + 1) * batchSize);
      const read = (batch: number): Promise<number[]> =>
        cache.read(part(batch), buffers[batch % 2 === 0 ? 0 : 1]);
      const batches = Math.ceil(wanted.length / batchSize);
      missing.foresee(wanted, { fillUp: true });
      let ahead: Promise<number[]> | undefined;
      try {
        for (let batch = 0; batch < batches; batch++) {
          signal?.throwIfAborted();
          await missing.add(part(batch));
          let damaged = await (ahead ?? read(batch));
          if (damaged.length > 0) {
            missing.foresee(damaged);
            await missing.add(damaged);
            damaged = await read(batch);
            if (damaged.length > 0) throw featuresLost(damaged[0]!);
          }
          // While training uses a batch, the next one is read, if it is complete in the cache.
          ahead =
            batch + 1 < batches && part(batch + 1).every((view) => cache.has(view))
              ? read(batch + 1)
              : undefined;
          ahead?.catch(() => undefined);
          const shown = indices.slice(batch * batchSize, (batch + 1) * batchSize);
          const values = buffers[batch % 2 === 0 ? 0 : 1].subarray(0, shown.length * length);
          const result: ImageBatch = {
            pixels: new Uint8Array(0),
            shape: [shown.length, 0, 0, 3],
            labels: Int32Array.from(shown, (index) => access.labels[index]!),
            ...(access.multiHot && { targets: access.multiHot(shown) }),
            indices: shown,
            features: { values, shape: [shown.length, ...cache.shape] },
          };
          yield result;
        }
      } finally {
        await Promise.allSettled([ahead, missing.close()]);
      }
    },
  };
}
