import type { Policy } from '@fixres/data';
import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { batchSizesOf } from '../training/batch-sizes.ts';
import type { CachedFeatures } from '../cached/cache-features.ts';
import { isSame, type Precision, type Predictions } from '@fixres/runs';
import { evaluate } from './evaluate.ts';
import type { ImageBatch, ImageSource } from '../images/image-source.ts';

/** A forward pass that runs in another way than kernel by kernel, as `compileForward` makes one. */
export interface FastForward {
  (batch: Pick<ImageBatch, 'pixels' | 'shape'>): tf.Tensor;
  dispose(): void;
}

/** What a forward pass is made for: square images of a side, in batches of these sizes. */
export interface ForwardRequest {
  size: number;
  batchSizes: readonly number[];
  precision: Precision;
  /** Is told why the forward pass is not as asked for. */
  onWarning: (message: string) => void;
}

/** Gives undefined where the model must run kernel by kernel, whatever the images' size. */
export type ForwardFactory = (
  model: Pick<LayersModel, 'apply'>,
  request: ForwardRequest,
) => FastForward | undefined;

export interface ArmEvaluatorOptions {
  heldOut: ImageSource;
  /** The policy under which features of the held-out images are kept, where they are. */
  ownPolicy: Policy;
  kept: CachedFeatures['heldOut'];
  batchSize: number;
  createForward?: ForwardFactory | undefined;
  onWarning: (message: string) => void;
  signal?: AbortSignal | undefined;
}

export interface ArmEvaluation {
  /** In which the forward pass computes, where it is a compiled one. */
  precision: Precision;
  /** As in `EvaluateOptions`. */
  onBatch: (images: number, stall: number) => void;
}

/** Runs a model on the held-out images while it trains and afterwards. Keeps the forward pass that it used last. */
export class ArmEvaluator {
  readonly #model: LayersModel;
  readonly #options: ArmEvaluatorOptions;
  #forward: { key: string; run: FastForward | undefined } | undefined;
  /** Whether a forward pass can be had; no size of images changes that. */
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

  /** Whether the held-out images' features under a policy are kept, so that testing is quick. */
  isKept(policy: Policy): boolean {
    const { ownPolicy, kept } = this.#options;
    return kept !== undefined && isSame(policy, ownPolicy);
  }

  /** The model's predictions under a policy, with the weights that it has now. */
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
