import type { Policy } from '@fixres/data';
import { isExactMatch, mostProbable, type Predictions } from '@fixres/runs/metrics';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ImageBatch, ImageSource } from '../images/image-source.ts';
import { imageTensor } from '../images/image-tensor.ts';
import { numbersOf } from '../numbers-of.ts';

export interface EvaluateOptions {
  policy: Policy;
  batchSize: number;
  /**
   * Computes the model's output for a batch, for example from `compileForward`. Default: the model,
   * kernel by kernel.
   */
  forward?: ((batch: ImageBatch) => tf.Tensor) | undefined;
  /** From which probability on a multi-label image has a class, in order. Default: 0.5 for all. */
  thresholds?: readonly number[] | undefined;
  signal?: AbortSignal | undefined;
  /**
   * Called after every batch with the number of images so far, and the fraction of the time, 0..1,
   * spent waiting for images.
   */
  onBatch?: (images: number, stall: number) => void;
}

/**
 * What {@link evaluate} needs of a model: batches of a source as input, probabilities as output.
 */
export type Classifier = Pick<LayersModel, 'apply' | 'outputs'>;

/** Classifies every image of a source in inference mode. Leaves no tensor behind. */
export async function evaluate(
  model: Classifier,
  source: ImageSource,
  options: EvaluateOptions,
): Promise<Predictions> {
  const { policy, batchSize, thresholds, signal, onBatch } = options;
  // A process of several can have no image.
  signal?.throwIfAborted();
  const forward =
    options.forward ??
    ((batch: ImageBatch): tf.Tensor =>
      model.apply(imageTensor(batch), { training: false }) as tf.Tensor);
  const classes = model.outputs[0]!.shape.at(-1)!;
  const probabilities = new Float32Array(source.size * classes);
  const labels = new Int32Array(source.size);
  const correct = new Uint8Array(source.size);
  let allTargets: Uint8Array | undefined;
  let done = 0;
  const began = performance.now();
  let asked = began;
  let waited = 0;
  for await (const batch of source.batches({
    policy,
    batchSize,
    seed: 0,
    epoch: 0,
    shuffle: false,
    position: 0,
    signal,
  })) {
    signal?.throwIfAborted();
    waited += performance.now() - asked;
    const rows = numbersOf(() => forward(batch));
    batch.indices.forEach((index, i) => {
      const row = rows.subarray(i * classes, (i + 1) * classes);
      probabilities.set(row, index * classes);
      labels[index] = batch.labels[i]!;
      const targets = batch.targets?.subarray(i * classes, (i + 1) * classes);
      const isCorrect =
        targets === undefined
          ? mostProbable(row) === batch.labels[i]
          : isExactMatch(row, targets, thresholds);
      correct[index] = isCorrect ? 1 : 0;
      if (targets === undefined) return;
      allTargets ??= new Uint8Array(source.size * classes);
      allTargets.set(targets, index * classes);
    });
    source.release?.(batch);
    done += batch.labels.length;
    onBatch?.(done, waited / (performance.now() - began));
    await tf.nextFrame();
    asked = performance.now();
  }
  return { probabilities, classes, labels, ...(allTargets && { targets: allTargets }), correct };
}
