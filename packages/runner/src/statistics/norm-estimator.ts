import type { Policy } from '@fixres/data';
import type { FeatureSplit, FreezeHandle, StatisticsEstimate } from '@fixres/finetune';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { FastForward, ForwardFactory } from '../evaluation/forward-factory.ts';
import { normalisedTogether } from '../cluster/together-step.ts';
import { processShare, shareSizes } from '../cluster/process-share.ts';
import type { TrainingCluster } from '../cluster/training-cluster.ts';
import { FixresRunnerError } from '../errors.ts';
import type { Precision } from '@fixres/runs';
import type { ImageBatch, ImageSource } from '../images/image-source.ts';
import { imageTensor } from '../images/image-tensor.ts';
import { numbersOf } from '../numbers-of.ts';
import { firstNonFinite } from '../training/first-non-finite.ts';
import { normPassImages } from './norm-images.ts';

export interface NormEstimatorOptions {
  /** Name of the arm, for messages. */
  arm: string;
  model: LayersModel;
  handle: FreezeHandle;
  /** Norms in these modes are re-estimated. */
  modes: Parameters<FreezeHandle['estimateStatistics']>[0];
  source: ImageSource;
  /** The cut of the source's features, if it returns features. */
  split: FeatureSplit | undefined;
  /** Views of the images, as in training. */
  policy: Policy;
  batchSize: number;
  seed: number;
  /** Order and views are those of this epoch. */
  epoch: number;
  createForward: ForwardFactory | undefined;
  onWarning: (message: string) => void;
  signal: AbortSignal | undefined;
  /** Processes that each measure their share of the images. Default: this one alone. */
  cluster: TrainingCluster | undefined;
}

export interface NormPass {
  /** Maximum number of images. */
  images: number;
  /** Data type of a compiled forward pass. */
  precision: Precision;
  /**
   * Called after every batch with the number of images so far, and the fraction of the time, 0..1,
   * spent waiting for images.
   */
  onBatch: (images: number, stall: number) => void;
  /** Point in the training, for messages: `After epoch 2`. */
  when: string;
}

/**
 * Re-estimates the running statistics of some norms from training images. Keeps the last forward
 * pass.
 */
export class NormEstimator {
  readonly #options: NormEstimatorOptions;
  #compiled: { precision: Precision; run: FastForward | undefined } | undefined;
  #isCompilable: boolean;

  constructor(options: NormEstimatorOptions) {
    this.#options = options;
    this.#isCompilable = options.createForward !== undefined && options.split === undefined;
  }

  /** The norms that are re-estimated. */
  get norms(): StatisticsEstimate['norms'] {
    return this.#begin().norms;
  }

  /** Number of images in a pass with this maximum. */
  imagesOf(most: number): number {
    const { source, batchSize } = this.#options;
    return normPassImages(most, { images: source.size, batchSize });
  }

  /**
   * Sets the running statistics to mean and variance over the first images of the epoch. All or
   * nothing.
   *
   * @returns number of images
   * @throws FixresRunnerError `non-finite-loss` if activations are not finite; the signal's reason
   * when aborted
   */
  async estimate({ images: most, precision, onBatch, when }: NormPass): Promise<number> {
    const { policy, batchSize, seed, epoch, signal, cluster } = this.#options;
    const source =
      cluster === undefined ? this.#options.source : processShare(this.#options.source, cluster);
    const images = this.imagesOf(most);
    const estimate = this.#begin();
    const forward = this.#forward(estimate, precision);
    const began = performance.now();
    let asked = began;
    let waited = 0;
    let done = 0;
    for await (const batch of source.batches({
      policy,
      batchSize,
      seed,
      epoch,
      shuffle: true,
      signal,
    })) {
      signal?.throwIfAborted();
      waited += performance.now() - asked;
      const measured = numbersOf(() => forward(batch));
      this.#assertFinite(measured, when);
      for (const each of cluster === undefined ? [measured] : allMeasured(measured, cluster))
        estimate.add(each);
      done += (cluster?.ranks ?? 1) * batch.labels.length;
      source.release?.(batch);
      onBatch(done, waited / (performance.now() - began));
      if (done >= images) break;
      // A native forward pass blocks the event loop; this lets signals and worker messages through.
      await tf.nextFrame();
      asked = performance.now();
    }
    signal?.throwIfAborted();
    estimate.write();
    return done;
  }

  dispose(): void {
    this.#compiled?.run?.dispose();
    this.#compiled = undefined;
  }

  #begin(): StatisticsEstimate {
    const { handle, modes } = this.#options;
    return handle.estimateStatistics(modes);
  }

  #forward(estimate: StatisticsEstimate, precision: Precision): (batch: ImageBatch) => tf.Tensor {
    const { model, split } = this.#options;
    if (split !== undefined)
      return (batch) => estimate.measure(() => split.head(imageTensor(batch), { training: false }));
    return (
      this.#compiledForward(precision) ??
      ((batch) => estimate.measure(() => model.apply(imageTensor(batch), { training: false })))
    );
  }

  #compiledForward(precision: Precision): FastForward | undefined {
    const { model, source, policy, batchSize, createForward, onWarning, cluster } = this.#options;
    if (!this.#isCompilable) return undefined;
    if (this.#compiled?.precision !== precision) {
      this.dispose();
      const measured = this.#begin();
      // Otherwise the norms would pass on other values than in training.
      const reducer =
        cluster?.settings.syncBatchNorm === true ? cluster.createReducer() : undefined;
      const forward = (images: tf.Tensor): unknown => model.apply(images, { training: false });
      const apply: LayersModel['apply'] = (images) =>
        measured.measure(() =>
          reducer === undefined
            ? forward(images as tf.Tensor)
            : normalisedTogether(reducer, () => forward(images as tf.Tensor)),
        );
      const request = {
        size: policy.output,
        batchSizes: shareSizes(Math.min(batchSize, source.size), batchSize, cluster?.ranks ?? 1),
        precision,
        openSession: reducer && cluster!.openSession,
        onWarning,
      };
      this.#compiled = { precision, run: createForward!({ apply }, request) };
      this.#isCompilable = this.#compiled.run !== undefined;
    }
    return this.#compiled.run;
  }

  #assertFinite(measured: Float32Array, when: string): void {
    const wrong = firstNonFinite(measured);
    if (wrong === undefined) return;
    const message =
      `${when} batch normalisation of arm "${this.#options.arm}" sees ${wrong}: its weights ` +
      'are too large or not finite. Try a lower learning rate.';
    throw new FixresRunnerError('non-finite-loss', message);
  }
}

/** The measurements of all processes, by rank. */
function allMeasured(
  { buffer, byteOffset, byteLength }: Float32Array,
  cluster: TrainingCluster,
): Float32Array[] {
  return cluster
    .exchange(new Uint8Array(buffer, byteOffset, byteLength))
    .map((bytes) => new Float32Array(bytes.buffer));
}
