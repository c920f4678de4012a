import type { FreezeHandle } from '@fixres/finetune';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { CachedFeatures } from '../cached/cache-features.ts';
import type { Eta } from '../progress/eta.ts';
import type { ArmSpec, Experiment, Precision, StateArray, TrainingLength } from '@fixres/runs';
import { laggingWarning } from './lagging-statistics.ts';
import { memoryNow } from '../progress/memory-now.ts';
import { arrayOf, tensorOf } from '../training/model-weights.ts';
import { FOLLOWING, NormEstimator } from './norm-estimator.ts';
import { epochNormImages, NORM_IMAGES, normPasses } from './norm-images.ts';
import type { RunExperimentOptions } from '../arms/run-experiment-options.ts';

export interface ArmStatisticsOptions extends Pick<
  RunExperimentOptions,
  'train' | 'createForward' | 'memory' | 'onEvent' | 'signal'
> {
  model: LayersModel;
  handle: FreezeHandle;
  experiment: Experiment;
  spec: ArmSpec;
  length: TrainingLength;
  seed: number;
  /** Features that the arm trains on in place of images. */
  cached: CachedFeatures | undefined;
  eta: Eta;
  onWarning: (message: string) => void;
}

/**
 * The running statistics that an arm is tested with: those that followed its steps, or with `normStatistics: 'precise'` better ones. The images
 * that they are estimated from come in the order and with the views of the arm's last epoch, so that they are the same in every process,
 * and features kept of them can be used.
 */
export class ArmStatistics {
  readonly #options: ArmStatisticsOptions;
  readonly #estimators: { before: NormEstimator; after: NormEstimator };
  /** Whether norms that followed the steps are estimated anew for tests. */
  readonly #isPrecise: boolean;
  /** What the weights after some number of steps were tested with, by the variable. */
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
    };
    this.#estimators = {
      // Frozen layers whose features are kept may hold some of these norms; their images are needed.
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

  /** Images of a pass before training, of each after an epoch, and of the one after training; 0 where there is none. */
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

  /** What is to be said where running statistics are tested with that cannot have arrived yet. */
  warning(): string | undefined {
    const { spec, length, experiment } = this.#options;
    if (experiment.normStatistics === 'precise' || spec.epochs === 0) return undefined;
    const momentum = Math.max(...this.#estimators.after.norms.map((norm) => norm.momentum));
    return laggingWarning({ arm: spec.name, momentum, steps: length.steps });
  }

  /** Estimates those of norms in `recalibrate` mode, which stay for the whole training. Gives the seconds it took. */
  async beforeTraining(): Promise<number> {
    const { before } = this.#estimators;
    if (this.images.before === 0) return 0;
    const seconds = await this.#pass(before, {
      when: 'before-training',
      epoch: 0,
      most: this.#most,
      precision: 'float32',
    });
    // It is not needed again.
    before.dispose();
    return seconds;
  }

  /**
   * Estimates those of norms that followed the steps, with the weights that the arm ends with. Gives the seconds it took.
   *
   * @param epoch the last one that was trained, 0-based
   */
  async afterTraining(epoch: number): Promise<number> {
    if (!this.#isPrecise) return 0;
    // As what is reported is computed.
    return this.#pass(this.#estimators.after, {
      when: 'after-training',
      epoch,
      most: this.#most,
      precision: 'float32',
    });
  }

  /**
   * Runs work with the statistics that the arm would be tested with, estimated from fewer images than in the end, and puts the running ones
   * back, to the bit: training does not change.
   *
   * @param at epoch, 0-based, and steps done so far. After as many steps as at the last call the same statistics are used again.
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
      when: when === 'before-training' ? 'Before training' : `After epoch ${epoch + 1}`,
      onBatch: (done, stall) => {
        eta.add({ kind, images: done - before, side: trainPolicy.output.width });
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
  /** Most images. */
  most: number;
  precision: Precision;
}

/** The values of what moves without a gradient. */
async function valuesOf({ moving }: FreezeHandle): Promise<Map<tf.Variable, StateArray>> {
  const values = new Map<tf.Variable, StateArray>();
  for (const layerVariable of moving) {
    // `read` is declared to return a tensor, and returns the layer variable's own tf.Variable.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
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
