import type { Policy } from '@fixres/data';
import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { batchSizesOf } from '../training/batch-sizes.ts';
import type { CachedFeatures } from '../cached/cache-features.ts';
import { isSame, type Precision, type Predictions } from '@fixres/runs';
import { evaluate } from './evaluate.ts';
import type { ImageBatch, ImageSource } from '../images/image-source.ts';

/** A forward pass that does not run kernel by kernel, for example from `compileForward`. */
export interface FastForward {
  (batch: Pick<ImageBatch, 'pixels' | 'shape'>): tf.Tensor;
  dispose(): void;
}

/** Requirements of a forward pass: square images of this size, in batches of these sizes. */
export interface ForwardRequest {
  size: number;
  batchSizes: readonly number[];
  precision: Precision;
  /** Called if the forward pass is not the requested one, with the reason. */
  onWarning: (message: string) => void;
}

/** Returns undefined if the model must run kernel by kernel, for any image size. */
export type ForwardFactory = (
  model: Pick<LayersModel, 'apply'>,
  request: ForwardRequest,
) => FastForward | undefined;

export interface ArmEvaluatorOptions {
  heldOut: ImageSource;
  /** The policy of the cached features of the held-out images, if they are cached. */
  ownPolicy: Policy;
  kept: CachedFeatures['heldOut'];
  batchSize: number;
  createForward?: ForwardFactory | undefined;
  onWarning: (message: string) => void;
  signal?: AbortSignal | undefined;
}

export interface ArmEvaluation {
  /** Data type of a compiled forward pass. */
  precision: Precision;
  /** As in `EvaluateOptions`. */
  onBatch: (images: number, stall: number) => void;
}

/** Runs a model on the held-out images during and after training. Keeps the last forward pass. */
export class ArmEvaluator {
  readonly #model: LayersModel;
  readonly #options: ArmEvaluatorOptions;
  #forward: { key: string; run: FastForward | undefined } | undefined;
  /** Whether a forward pass is available; this does not depend on the size of the images. */
  #isCompilable: boolean;

  constructor(model: LayersModel, options: ArmEvaluatorOptions) {
    this.#model = model;
    this.#options = options;
    this.#isCompilable = options.createForward !== undefined;
  }

  /** Number of held-out images. */
  get images(): number {
    return this.#options.heldOut.size;
  }

  /**
   * Whether the held-out images' features under a policy are cached, so that evaluation is fast.
   */
  isKept(policy: Policy): boolean {
    const { ownPolicy, kept } = this.#options;
    return kept !== undefined && isSame(policy, ownPolicy);
  }

  /** The model's predictions under a policy, with its current weights. */
  evaluate(policy: Policy, { precision, onBatch }: ArmEvaluation): Promise<Predictions> {
    const { heldOut, kept, batchSize, signal } = this.#options;
    const options = { policy, batchSize, signal, onBatch };
    if (kept !== undefined && this.isKept(policy))
      return evaluate(kept.classifier, kept.source, options);
    return evaluate(this.#model, heldOut, {
      ...options,
      forward: this.#forwardFor(policy.output.width, precision),
    });
  }

  dispose(): void {
    this.#forward?.run?.dispose();
    this.#forward = undefined;
  }

  #forwardFor(size: number, precision: Precision): FastForward | undefined {
    const { createForward, heldOut, batchSize, onWarning } = this.#options;
    if (createForward === undefined || !this.#isCompilable) return undefined;
    const key = `${size} ${precision}`;
    if (this.#forward?.key !== key) {
      this.dispose();
      const request = {
        size,
        batchSizes: batchSizesOf(heldOut.size, batchSize),
        precision,
        onWarning,
      };
      this.#forward = { key, run: createForward(this.#model, request) };
      this.#isCompilable = this.#forward.run !== undefined;
    }
    return this.#forward.run;
  }
}
