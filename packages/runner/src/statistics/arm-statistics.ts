import type { FreezeHandle } from '@fixres/finetune';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { CachedFeatures } from '../cached/cache-features.ts';
import type { Eta } from '../progress/eta.ts';
import type { ArmSpec, Experiment, Precision, StateArray, TrainingLength } from '@fixres/runs';
import { laggingWarning } from './lagging-statistics.ts';
import { afterEpoch } from '../progress/after-epoch.ts';
import { memoryNow } from '../progress/memory-now.ts';
import { arrayOf, tensorOf } from '../training/model-weights.ts';
import { FOLLOWING } from './following-norms.ts';
import { NormEstimator } from './norm-estimator.ts';
import { epochNormImages, NORM_IMAGES, normPasses } from './norm-images.ts';
import type { RunExperimentOptions } from '../arms/run-experiment-options.ts';

export interface ArmStatisticsOptions extends Pick<
  RunExperimentOptions,
  'train' | 'createForward' | 'memory' | 'onEvent' | 'signal' | 'cluster'
> {
  model: LayersModel;
  handle: FreezeHandle;
  experiment: Experiment;
  spec: ArmSpec;
  length: TrainingLength;
  seed: number;
  /** Features that the arm trains on instead of images. */
  cached: CachedFeatures | undefined;
  eta: Eta;
  onWarning: (message: string) => void;
}

/**
 * The running statistics for the evaluation of an arm: those updated during its steps, or with
 * `normStatistics: 'precise'`, re-estimated ones. The images for the estimate have the order and
 * the views of the arm's last epoch, so that they are the same in every process, and their cached
 * features can be used.
 */
export class ArmStatistics {
  readonly #options: ArmStatisticsOptions;
  readonly #estimators: { before: NormEstimator; after: NormEstimator };
  /** Whether norms that were updated during the steps are re-estimated for evaluation. */
  readonly #isPrecise: boolean;
  /** The statistics used for evaluation after a number of steps, by variable. */
  #tested: { steps: number; values: Map<tf.Variable, StateArray> } | undefined;

  constructor(options: ArmStatisticsOptions) {
    this.#options = options;
    const {
      model,
      handle,
      experiment,
      spec,
      length,
      seed,
      train,
      cached,
      createForward,
      onWarning,
      signal,
      cluster,
    } = options;
    const { batchSize, normStatistics = 'running' } = experiment;
    const epoch = Math.max(length.epochs - 1, 0);
    const shared = {
      arm: spec.name,
      model,
      handle,
      policy: spec.trainPolicy,
      batchSize,
      seed,
      epoch,
      createForward,
      onWarning,
      signal,
      cluster,
    };
    this.#estimators = {
      // Frozen layers with cached features can contain some of these norms; their images are
      // needed.
      before: new NormEstimator({
        ...shared,
        modes: ['recalibrate'],
        source: train,
        split: undefined,
      }),
      after: new NormEstimator({
        ...shared,
        modes: FOLLOWING,
        source: cached?.train ?? train,
        split: cached?.split,
      }),
    };
    this.#isPrecise =
      normStatistics === 'precise' && spec.epochs > 0 && this.#estimators.after.norms.length > 0;
  }

  /**
   * Number of images in a pass before training, after each epoch, and after training; 0 without
   * that pass.
   */
  get images(): { before: number; epoch: number; after: number } {
    const { before, after } = this.#estimators;
    const { train, experiment, spec } = this.#options;
    const data = { epochs: spec.epochs, images: train.size, batchSize: experiment.batchSize };
    return {
      ...normPasses(
        { before: before.norms.length, following: after.norms.length },
        experiment,
        data,
      ),
      epoch: this.#isPrecise
        ? after.imagesOf(Math.min(this.#most, epochNormImages(train.size)))
        : 0,
    };
  }

  /** Warning about running statistics that have too few steps to be accurate. */
  warning(): string | undefined {
    const { spec, length, experiment } = this.#options;
    if (experiment.normStatistics === 'precise' || spec.epochs === 0) return undefined;
    const momentum = Math.max(...this.#estimators.after.norms.map((norm) => norm.momentum));
    // Each batch of an update moves the statistics.
    const steps = length.steps * (spec.accumulate ?? 1);
    return laggingWarning({ arm: spec.name, momentum, steps });
  }

  /**
   * Re-estimates the norms in `recalibrate` mode, which then stay fixed for the whole training.
   * Returns the seconds it took.
   */
  async beforeTraining(): Promise<number> {
    const { before } = this.#estimators;
    if (this.images.before === 0) return 0;
    const seconds = await this.#pass(before, {
      when: 'before-training',
      epoch: 0,
      most: this.#most,
      precision: 'float32',
    });
    // No longer needed.
    before.dispose();
    return seconds;
  }

  /**
   * Re-estimates the norms that were updated during the steps, with the final weights of the arm.
   * Returns the seconds it took.
   *
   * @param epoch the last trained epoch, 0-based; -1 for an arm without epochs
   */
  async afterTraining(epoch: number): Promise<number> {
    if (!this.#isPrecise) return 0;
    // As for all reported numbers.
    return this.#pass(this.#estimators.after, {
      when: 'after-training',
      epoch,
      most: this.#most,
      precision: 'float32',
    });
  }

  /**
   * Runs a function with the statistics that the arm would be evaluated with, estimated from fewer
   * images than at the end, and then restores the running ones to the bit: training does not
   * change.
   *
   * @param at epoch, 0-based, and steps so far. With the same number of steps as in the last call,
   * the same statistics are used again.
   */
  async whileTested<T>(
    { epoch, steps }: { epoch: number; steps: number },
    work: () => Promise<T>,
  ): Promise<T> {
    if (!this.#isPrecise) return work();
    const { handle, experiment } = this.#options;
    const running = await valuesOf(handle);
    try {
      if (this.#tested?.steps === steps) {
        write(this.#tested.values);
      } else {
        await this.#pass(this.#estimators.after, {
          when: 'after-epoch',
          epoch,
          most: this.images.epoch,
          precision: experiment.precision ?? 'float32',
        });
        this.#tested = { steps, values: await valuesOf(handle) };
      }
      return await work();
    } finally {
      write(running);
    }
  }

  dispose(): void {
    this.#estimators.before.dispose();
    this.#estimators.after.dispose();
  }

  get #most(): number {
    return this.#options.experiment.normImages ?? NORM_IMAGES;
  }

  async #pass(
    estimator: NormEstimator,
    { when, epoch, most, precision }: StatisticsPass,
  ): Promise<number> {
    const {
      spec,
      length: { epochs },
      seed,
      experiment,
      cached,
      eta,
      memory,
      onEvent,
    } = this.#options;
    const { name: arm, trainPolicy } = spec;
    const kind =
      cached === undefined || estimator === this.#estimators.before ? 'statistics' : 'head';
    const total = estimator.imagesOf(most);
    const began = performance.now();
    let before = 0;
    const images = await estimator.estimate({
      images: most,
      precision,
      when: when === 'before-training' ? 'Before training' : afterEpoch(epoch),
      onBatch: (done, stall) => {
        eta.add({ kind, images: done - before, size: trainPolicy.output });
        before = done;
        onEvent({
          type: 'progress',
          arm,
          seed,
          phase: 'statistics',
          epoch,
          epochs,
          step: Math.ceil(done / experiment.batchSize),
          steps: Math.ceil(total / experiment.batchSize),
          imagesPerSecond: done / ((performance.now() - began) / 1000),
          stall,
          etaSeconds: eta.seconds(),
          ...memoryNow(memory),
        });
      },
    });
    const seconds = (performance.now() - began) / 1000;
    if (when !== 'after-epoch')
      onEvent({
        type: 'norm-statistics',
        arm,
        seed,
        when,
        norms: estimator.norms.length,
        images,
        seconds,
      });
    return seconds;
  }
}

interface StatisticsPass {
  when: 'before-training' | 'after-epoch' | 'after-training';
  /** 0-based. */
  epoch: number;
  /** Maximum number of images. */
  most: number;
  precision: Precision;
}

/** The values of variables that change without a gradient. */
async function valuesOf({ moving }: FreezeHandle): Promise<Map<tf.Variable, StateArray>> {
  const values = new Map<tf.Variable, StateArray>();
  for (const layerVariable of moving) {
    // `read` is declared to return a tensor, and returns the layer variable's own tf.Variable.
    const variable = layerVariable.read() as tf.Variable;
    values.set(variable, await arrayOf(variable));
  }
  return values;
}

function write(values: ReadonlyMap<tf.Variable, StateArray>): void {
  tf.tidy(() => {
    for (const [variable, array] of values) variable.assign(tensorOf(array));
  });
}
