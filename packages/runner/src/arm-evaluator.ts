import type { Policy } from '@fixres/data';
import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { batchSizesOf } from './batch-sizes.ts';
import type { CachedFeatures } from './cached/cache-features.ts';
import { evaluate, type Predictions } from './evaluate.ts';
import type { Precision } from './experiment.ts';
import type { ImageBatch, ImageSource } from './image-source.ts';

/** A forward pass that runs in another way than kernel by kernel, as `compileForward` makes one. */
export interface FastForward {
  (batch: ImageBatch): tf.Tensor;
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

/** Gives undefined where the model must run kernel by kernel. */
export type ForwardFactory = (model: LayersModel, request: ForwardRequest) => FastForward | undefined;

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

/** Tests a model on the held-out images while it trains and afterwards. Keeps the forward pass that it used last. */
export class ArmEvaluator {
  readonly #model: LayersModel;
  readonly #options: ArmEvaluatorOptions;
  #forward: { key: string; run: FastForward | undefined } | undefined;

  constructor(model: LayersModel, options: ArmEvaluatorOptions) {
    this.#model = model;
    this.#options = options;
  }

  /** The model's predictions under a policy, with the weights that it has now. */
  evaluate(policy: Policy, { precision, onBatch }: ArmEvaluation): Promise<Predictions> {
    const { heldOut, ownPolicy, kept, batchSize, signal } = this.#options;
    const options = { policy, batchSize, signal, onBatch };
    if (kept !== undefined && JSON.stringify(policy) === JSON.stringify(ownPolicy)) return evaluate(kept.classifier, kept.source, options);
    return evaluate(this.#model, heldOut, { ...options, forward: this.#forwardFor(policy.output.width, precision) });
  }

  dispose(): void {
    this.#forward?.run?.dispose();
    this.#forward = undefined;
  }

  #forwardFor(size: number, precision: Precision): FastForward | undefined {
    const { createForward, heldOut, batchSize, onWarning } = this.#options;
    if (createForward === undefined) return undefined;
    const key = `${size} ${precision}`;
    if (this.#forward?.key !== key) {
      this.dispose();
      const request = { size, batchSizes: batchSizesOf(heldOut.size, batchSize), precision, onWarning };
      this.#forward = { key, run: createForward(this.#model, request) };
    }
    return this.#forward.run;
  }
}
