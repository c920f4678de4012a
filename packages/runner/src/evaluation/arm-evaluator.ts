import { type ImageSize, imageSizeText, type Policy } from '@fixres/data';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { batchSizesOf } from '../training/batch-sizes.ts';
import { combinePredictions, evaluationShare } from '../cluster/evaluate-together.ts';
import type { TrainingCluster } from '../cluster/training-cluster.ts';
import type { CachedFeatures } from '../cached/cache-features.ts';
import { isSame, type Precision, type Predictions } from '@fixres/runs';
import { evaluate } from './evaluate.ts';
import type { FastForward, ForwardFactory } from './forward-factory.ts';
import type { ImageAccess, ImageSource } from '../images/image-source.ts';

export interface ArmEvaluatorOptions {
  heldOut: ImageSource;
  /**
   * The policy of the cached features of the held-out images, or of this process's share, if they are
   * cached.
   */
  ownPolicy: Policy;
  kept: CachedFeatures['heldOut'];
  batchSize: number;
  createForward?: ForwardFactory | undefined;
  onWarning: (message: string) => void;
  signal?: AbortSignal | undefined;
  /** Processes that each classify their share. Default: this one alone. */
  cluster?: TrainingCluster | undefined;
}

export interface ArmEvaluation {
  /** Data type of a compiled forward pass. */
  precision: Precision;
  /** As in `EvaluateOptions`. */
  thresholds?: readonly number[] | undefined;
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
  async evaluate(
    policy: Policy,
    { precision, thresholds, onBatch }: ArmEvaluation,
  ): Promise<Predictions> {
    const { heldOut, kept, batchSize, signal, cluster } = this.#options;
    const isKept = kept !== undefined && this.isKept(policy);
    const model = isKept ? kept.classifier : this.#model;
    const forward = isKept ? undefined : this.#forwardFor(policy.output, precision);
    const options = { policy, batchSize, thresholds, signal, onBatch, forward };
    if (cluster === undefined) return evaluate(model, isKept ? kept.source : heldOut, options);
    const all = selectable(heldOut);
    const own = await evaluate(model, isKept ? kept.source : evaluationShare(all, cluster), {
      ...options,
      batchSize: this.#batchSize,
      onBatch: (images, stall) => onBatch(Math.min(images * cluster.ranks, all.size), stall),
    });
    return combinePredictions(own, all, cluster, thresholds);
  }

  /**
   * The model's predictions on other images, kernel by kernel in float32; in a cluster, each process
   * computes all of them.
   */
  evaluateOn(
    source: ImageSource,
    policy: Policy,
    onBatch: ArmEvaluation['onBatch'],
  ): Promise<Predictions> {
    const { batchSize, signal } = this.#options;
    return evaluate(this.#model, source, { policy, batchSize, signal, onBatch });
  }

  dispose(): void {
    this.#forward?.run?.dispose();
    this.#forward = undefined;
  }

  /** Of this process. */
  get #batchSize(): number {
    const { batchSize, cluster } = this.#options;
    return cluster === undefined ? batchSize : Math.ceil(batchSize / cluster.ranks);
  }

  /** Number of images that this process classifies. */
  get #images(): number {
    const { heldOut, cluster } = this.#options;
    return cluster === undefined
      ? heldOut.size
      : evaluationShare(selectable(heldOut), cluster).size;
  }

  #forwardFor(size: ImageSize, precision: Precision): FastForward | undefined {
    const { createForward, onWarning } = this.#options;
    if (createForward === undefined || !this.#isCompilable || this.#images === 0) return undefined;
    const key = `${imageSizeText(size)} ${precision}`;
    if (this.#forward?.key !== key) {
      this.dispose();
      const request = {
        size,
        batchSizes: batchSizesOf(this.#images, this.#batchSize),
        precision,
        onWarning,
      };
      this.#forward = { key, run: createForward(this.#model, request) };
      this.#isCompilable = this.#forward.run !== undefined;
    }
    return this.#forward.run;
  }
}

/** @throws TypeError for a source without `access` */
function selectable(source: ImageSource): ImageSource & { access: ImageAccess } {
  const { access } = source;
  if (access === undefined) throw new TypeError('The images of a cluster need `access`.');
  return { ...source, access };
}
