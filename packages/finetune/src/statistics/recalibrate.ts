import type * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { recalibrationFailed } from '../errors.ts';
import type { StatisticsEstimate } from './estimate-statistics.ts';

/**
 * One batch of model inputs, in the form that `model.apply` takes: `[batch, ...]`, or one tensor
 * per input.
 */
export type ModelBatch = tf.Tensor | tf.Tensor[];

export interface RecalibrateOptions {
  /** Stops between two batches; the statistics are then unchanged. */
  signal?: AbortSignal;
}

/** Summary of a recalibration. */
export interface Recalibration {
  readonly batches: number;
  readonly examples: number;
  /** Paths of the norms whose statistics were re-estimated. */
  readonly norms: readonly string[];
}

/**
 * Re-estimates running statistics without a gradient: runs each batch with the estimate's norms in
 * training mode and everything else in inference mode. See `FreezeHandle.recalibrate`.
 */
export async function recalibrate(
  model: tfl.LayersModel,
  estimate: StatisticsEstimate,
  batches: Iterable<ModelBatch> | AsyncIterable<ModelBatch>,
  { signal }: RecalibrateOptions,
): Promise<Recalibration> {
  const { norms } = estimate;
  if (norms.length === 0)
    throw recalibrationFailed('the policy puts no batch normalisation into recalibrate mode');
  const seen = { batches: 0, examples: 0 };
  for await (const batch of batches) {
    signal?.throwIfAborted();
    const measured = estimate.measure(() => model.apply(batch, { training: false }));
    try {
      estimate.add(await measured.data());
    } finally {
      measured.dispose();
    }
    seen.batches++;
    seen.examples += (Array.isArray(batch) ? batch[0] : batch)?.shape[0] ?? 0;
  }
  signal?.throwIfAborted();
  if (seen.batches === 0) throw recalibrationFailed('no batch is given');
  estimate.write();
  return { ...seen, norms: norms.map(({ path }) => path) };
}
