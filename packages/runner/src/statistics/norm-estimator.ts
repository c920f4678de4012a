import type { Policy } from '@fixres/data';
import type {
  FeatureSplit,
  FreezeHandle,
  StatisticsEstimate,
  StatisticsMode,
} from '@fixres/finetune';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { FastForward, ForwardFactory } from '../evaluation/arm-evaluator.ts';
import { FixresRunnerError } from '../errors.ts';
import type { Precision } from '@fixres/runs';
import type { ImageBatch, ImageSource } from '../images/image-source.ts';
import { imageTensor } from '../images/image-tensor.ts';
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
    const { source, policy, batchSize, seed, epoch, signal } = this.#options;
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
      const measured = tf.tidy(() => forward(batch).dataSync<'float32'>());
      this.#assertFinite(measured, when);
      estimate.add(measured);
      done += batch.labels.length;
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
    const { model, source, policy, batchSize, createForward, onWarning } = this.#options;
    if (!this.#isCompilable) return undefined;
    if (this.#compiled?.precision !== precision) {
      this.dispose();
      const measured = this.#begin();
      const apply: LayersModel['apply'] = (images) =>
        measured.measure(() => model.apply(images, { training: false }));
      const request = {
        size: policy.output.width,
        batchSizes: [Math.min(batchSize, source.size)],
        precision,
        onWarning,
      };
      this.#compiled = { precision, run: createForward!({ apply }, request) };
      this.#isCompilable = this.#compiled.run !== undefined;
    }
    return this.#compiled.run;
  }

  #assertFinite(measured: Float32Array, when: string): void {
    const wrong = measured.find((value) => !Number.isFinite(value));
    if (wrong === undefined) return;
    const message =
      `${when} batch normalisation of arm "${this.#options.arm}" sees ${wrong}: its weights ` +
      'are too large or not finite. Try a lower learning rate.';
    throw new FixresRunnerError('non-finite-loss', message);
  }
}

/** Norms whose running statistics follow the batches of a training. */
export const FOLLOWING: readonly StatisticsMode[] = ['train', 'statistics-only'];
