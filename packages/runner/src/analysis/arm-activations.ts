import { imageSizeOf, imageSizeText, type Policy } from '@fixres/data';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type ActivationRecord, type Experiment, experimentDefaults } from '@fixres/runs';
import type { FastForward, ForwardFactory } from '../evaluation/forward-factory.ts';
import type { ImageBatch, ImageSource } from '../images/image-source.ts';
import { batchSizesOf } from '../training/batch-sizes.ts';
import { activationStatistics, beforePooling, hasPooledMaps } from './activation-statistics.ts';

/** Enough for quantiles with an error of one percent; a small part of the evaluation time. */
export const ACTIVATION_IMAGES: number = experimentDefaults.activations.images;

export interface ArmActivationsOptions {
  experiment: Pick<Experiment, 'activations' | 'evaluations' | 'batchSize'>;
  heldOut: ImageSource;
  state: ActivationRecord['state'];
  createForward?: ForwardFactory | undefined;
  onWarning: (message: string) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Activation statistics of a model under every evaluation of its experiment, on a sample of the
 * held-out images: the same sample each time, for all arms. Empty if the experiment needs none, and
 * for models that pool no maps.
 */
export async function armActivations(
  model: LayersModel,
  options: ArmActivationsOptions,
): Promise<ActivationRecord[]> {
  const { experiment, heldOut, state, createForward, onWarning, signal } = options;
  const { activations: settings = {}, evaluations } = experiment;
  if (settings === false || !hasPooledMaps(model)) return [];
  const trunk = beforePooling(model);
  const images = Math.min(settings.images ?? ACTIVATION_IMAGES, heldOut.size);
  const batchSize = Math.min(experiment.batchSize, images);
  const records: ActivationRecord[] = [];
  let compiled: { size: string; run: FastForward | undefined } | undefined;
  try {
    for (const policy of evaluations) {
      const size = imageSizeText(policy.output);
      if (compiled?.size !== size) {
        compiled?.run?.dispose();
        const request = {
          size: policy.output,
          batchSizes: batchSizesOf(images, batchSize),
          precision: 'float32',
          onWarning,
        } as const;
        compiled = { size, run: createForward?.(trunk, request) };
      }
      const batches = sample(heldOut, policy, { batchSize, images, signal });
      const { run: forward } = compiled;
      const statistics = await activationStatistics(model, batches, { forward, signal });
      records.push({ policy: policy.name, size: imageSizeOf(policy.output), state, ...statistics });
    }
  } finally {
    compiled?.run?.dispose();
  }
  return records;
}

interface SampleOptions {
  batchSize: number;
  /** Maximum number of images. */
  images: number;
  signal: AbortSignal | undefined;
}

/** Random images, because data sets are sorted by class. */
async function* sample(
  source: ImageSource,
  policy: Policy,
  { batchSize, images, signal }: SampleOptions,
): AsyncGenerator<ImageBatch> {
  let left = images;
  for await (const batch of source.batches({
    policy,
    batchSize,
    seed: 0,
    epoch: 0,
    shuffle: true,
    signal,
  })) {
    yield first(batch, left);
    source.release?.(batch);
    left -= batch.labels.length;
    if (left <= 0) return;
  }
}

/** Maximum number of images of a batch. */
function first(batch: ImageBatch, images: number): ImageBatch {
  const [count, ...image] = batch.shape;
  if (count <= images) return batch;
  return {
    pixels: batch.pixels.subarray(0, images * image.reduce((size, side) => size * side, 1)),
    shape: [images, ...image],
    labels: batch.labels.subarray(0, images),
    indices: batch.indices.subarray(0, images),
  };
}
