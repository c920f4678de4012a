import * as tf from '@tensorflow/tfjs-core';
import type { TrainingCluster } from '../cluster/training-cluster.ts';
import { featuresLost } from './features-lost.ts';
import { type CachedViews, MissingViews } from './missing-views.ts';

/** How far several processes are with the features of a pass. */
export interface FillProgress {
  /** Views of all processes so far; since the last exchange, as many in each as in this one. */
  views: number;
  /** Batches of all processes so far, and of the whole pass. */
  step: number;
  steps: number;
  /** Fraction of the time so far, 0..1, in which this process waited for images. */
  stall: number;
  /** Seconds so far. */
  seconds: number;
}

/**
 * How long processes compute, in seconds, before they exchange features; and the bytes of all together. In
 * each exchange, all wait for the one that was slowest since the last, and that is another one each time.
 */
const EXCHANGE = { seconds: 8, bytes: 32e6 } as const;

/**
 * Computes the features of missing views, each in one of several processes, and gives them to all.
 * Each process takes every `ranks`-th missing view; every few seconds they exchange what they have.
 * The caches of all processes must lack the same views.
 *
 * @param wanted the views that are needed; some may be in the cache
 * @throws FixresRunnerError `features-lost` if a store does not return what was just written; the
 * signal's reason when aborted
 */
export async function fillTogether(
  cached: CachedViews,
  wanted: Uint32Array,
  {
    cluster: { rank, ranks, exchange },
    batchSize,
    signal,
    onBatch,
  }: {
    cluster: Pick<TrainingCluster, 'rank' | 'ranks' | 'exchange'>;
    /** Images of one process at a time. */
    batchSize: number;
    signal: AbortSignal | undefined;
    /** Called after every batch of this process, and after every exchange. */
    onBatch?: ((progress: FillProgress) => void) | undefined;
  },
): Promise<void> {
  // A process can have no view to compute, and all must end at the same place.
  signal?.throwIfAborted();
  const {
    cache,
    views: { policies },
    firstView,
  } = cached;
  const length = tf.util.sizeFromShape([...cache.shape]);
  const variantOf = (view: number): number => (view - firstView) % policies.length;
  // A batch has views of one variant, up to the last one of each.
  const absent = [...new Set(wanted)]
    .filter((view) => !cache.has(view))
    .sort((a, b) => variantOf(a) - variantOf(b) || a - b);
  const parts = Array.from({ length: ranks }, (_, r) => absent.filter((_, i) => i % ranks === r));
  const missing = new MissingViews(cached, batchSize, signal);
  missing.foresee(parts[rank]!);
  // The first process has the most.
  const steps = Math.ceil(parts[0]!.length / batchSize);
  const began = performance.now();
  const report = (views: number, step: number): void => {
    const milliseconds = performance.now() - began;
    onBatch?.({
      views,
      step,
      steps,
      stall: missing.waited / milliseconds,
      seconds: milliseconds / 1000,
    });
  };
  let done = 0;
  let batches = 1;
  try {
    for (let step = 0; step < steps;) {
      const [from, to] = [step, Math.min(step + batches, steps)].map((each) => each * batchSize);
      const chunks = parts.map((part) => part.slice(from, to));
      const own = chunks[rank]!;
      const before = performance.now();
      for (let at = 0; at < own.length; at += batchSize) {
        await missing.add(own.slice(at, at + batchSize));
        if (at + batchSize < own.length)
          report(done + ranks * (at + batchSize), step + 1 + at / batchSize);
      }
      // The first number is that of the seconds of a batch.
      const message = new Float32Array(1 + own.length * length);
      const computed = message.subarray(1);
      const [lost] = await cache.read(own, computed);
      if (lost !== undefined) throw featuresLost(lost);
      const taken = Math.min(batches, steps - step);
      message[0] = (performance.now() - before) / 1000 / taken;
      const all = exchange(new Uint8Array(message.buffer)).map(
        (bytes) => new Float32Array(bytes.buffer),
      );
      for (const [other, values] of all.entries())
        if (other !== rank) await cache.write(chunks[other]!, values.subarray(1));
      done += chunks.reduce((sum, { length: views }) => sum + views, 0);
      step += taken;
      // All decide the same.
      const slowest = Math.max(...all.map(([seconds]) => seconds!));
      const most = EXCHANGE.bytes / ranks / (4 * length * batchSize);
      batches = Math.max(1, Math.floor(Math.min(EXCHANGE.seconds / slowest, most)));
      report(done, step);
      signal?.throwIfAborted();
    }
  } finally {
    await missing.close();
  }
}
