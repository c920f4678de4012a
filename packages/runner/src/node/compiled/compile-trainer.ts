import { type ImageSize, isSameSize, sidesOf, type Size } from '@fixres/data';
import {
  type CompiledGraph,
  compileGraph,
  FixresEngineError,
  type GraphFunction,
  type InputSpec,
  type Precision,
  withControlDependency,
} from '@fixres/engine/graph';
import type { Reducer } from '@fixres/engine/cluster';
import type { FreezeHandle } from '@fixres/finetune';
import type { SlotOptimizer } from '@fixres/models';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { togetherStep } from '../../cluster/together-step.ts';
import { VOTES } from '../../cluster/training-cluster.ts';
import type { GradientFunction, GradientStep } from '../../training/gradient-function.ts';
import { gradientStep, headGradientStep } from '../../training/gradient-step.ts';
import { microBatches } from '../../training/micro-batches.ts';
import type { ImageBatch } from '../../images/image-source.ts';
import {
  hasDropout,
  stepSeed,
  type TrainingNoise,
  unseededLayers,
  withSeededDropout,
} from '../../training/seeded-dropout.ts';
import { readTrainingState, restoreTrainingState } from '../../training/trainer-state.ts';
import type { TrainerFeatures } from '../../training/trainer-factory.ts';
import type { StepResult, Trainer, TrainerOptions } from '../../training/trainer.ts';

export interface CompileTrainerOptions extends TrainerOptions {
  /** Size of the images. */
  size: ImageSize;
  /** Of batches with features instead of images. Default: batches have images. */
  features?: TrainerFeatures | undefined;
  /**
   * Sizes of batches, or of their parts if they are accumulated: the usual one, and that of a smaller
   * last one. Others compile again, once.
   */
  batchSizes: readonly number[];
  /**
   * Whether batches are larger than `microBatch`, so that the gradients of their parts are
   * accumulated. Default false.
   */
  accumulates?: boolean;
  /**
   * Whether batches have `targets` (mixed images, smoothed labels). Default false; the other case
   * compiles again, once.
   */
  targets?: boolean;
  /**
   * `bfloat16` keeps activations in bfloat16 between convolutions and computes these in it, which
   * is much faster on CPUs with AMX and on GPUs; weights, statistics, normalisations, loss and
   * updates stay float32. Default `float32`.
   */
  precision?: Precision;
}

/**
 * Trains with one call of TensorFlow per step, on the native engine: the same numbers as
 * `eagerTrainer` (up to rounding), in less time and memory. Weights, running statistics and the
 * optimiser's state are in the graph meanwhile; the model shows their values whenever it is used.
 *
 * @param model takes images of levels 0..255 and ends in a softmax or in logits
 * @param optimizer not owned: the caller disposes it, after the trainer
 * @throws FixresEngineError `not-compilable`, `engine-unavailable`
 */
export function compileTrainer(
  model: LayersModel,
  handle: FreezeHandle,
  optimizer: SlotOptimizer,
  options: CompileTrainerOptions,
): Trainer {
  return new CompiledTrainer(model, handle, optimizer, options);
}

/** A shape of batches. */
interface Variant {
  images: number;
  /** With targets instead of labels. */
  soft: boolean;
}

/** What all steps of the graph share: the size of the images, and the noise. */
interface Stage {
  size: Size;
  noise: TrainingNoise;
}

/** Name of the function that ends an update whose gradients were accumulated. */
const UPDATE = 'update';

class CompiledTrainer implements Trainer {
  readonly #model: LayersModel;
  readonly #handle: FreezeHandle;
  readonly #optimizer: SlotOptimizer;
  readonly #options: CompileTrainerOptions;
  readonly #step: GradientFunction;
  readonly #variants = new Map<string, Variant>();
  #stage: Stage;
  /** Whether steps of the stage draw random numbers. */
  #draws: boolean;
  /** Sums of gradients, by variable. Zeros between updates. */
  #sums: ReadonlyMap<string, tf.Variable> | undefined;
  #graph: CompiledGraph | undefined;
  #isDisposed = false;

  constructor(
    model: LayersModel,
    handle: FreezeHandle,
    optimizer: SlotOptimizer,
    options: CompileTrainerOptions,
  ) {
    this.#model = model;
    this.#handle = handle;
    this.#optimizer = optimizer;
    this.#options = options;
    const { features, loss } = options;
    this.#step =
      features === undefined
        ? gradientStep(model, handle, { ...options, orderAfter: withControlDependency })
        : headGradientStep(model, handle, (x, mode) => features.split.head(x, mode), loss);
    this.#stage = { size: sidesOf(options.size), noise: options.noise ?? {} };
    this.#draws = hasDropout(model, this.#stage.noise);
    this.#expect(options.targets ?? false);
    const [unseeded] = unseededLayers(model);
    if (unseeded !== undefined)
      throw new FixresEngineError(
        'not-compilable',
        `Layer ${unseeded} draws random numbers outside the graph, so the graph would repeat the ` +
          'first ones.',
      );
    if (options.accumulates === true) this.#accumulate();
    try {
      this.#graph = this.#compile();
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  step(
    batch: ImageBatch,
    learningRate: number,
    noise: TrainingNoise = this.#options.noise ?? {},
  ): StepResult {
    if (this.#isDisposed)
      throw new FixresEngineError('bad-graph-call', 'The trainer was disposed.');
    const { average, microBatch = batch.labels.length } = this.#options;
    this.#optimizer.learningRate = learningRate;
    const { features } = batch;
    const [, height, width] = batch.shape;
    const size = features === undefined ? { height, width } : this.#stage.size;
    this.#enter({ size, noise }, batch.targets !== undefined);
    const parts = microBatches(batch, microBatch);
    if (parts.length > 1) this.#accumulate();
    const results = parts.map((part, i) => {
      const share = part.labels.length / batch.labels.length;
      const { loss, correct } = this.#runPart(part, { index: i, share });
      return { loss: loss * share, correct };
    });
    if (this.#sums) tf.dispose(this.#run(UPDATE, this.#updateInputs()));
    this.#optimizer.countStep();
    average?.countStep();
    return {
      loss: results.reduce((sum, { loss }) => sum + loss, 0),
      correct: results.reduce((sum, { correct }) => sum + correct, 0),
    };
  }

  readBack(): Promise<void> {
    // The graph lends the values to the model's variables whenever they are read.
    return Promise.resolve();
  }

  state(): ReturnType<Trainer['state']> {
    return readTrainingState(this.#parts);
  }

  async restore(state: Parameters<Trainer['restore']>[0]): Promise<void> {
    // The optimiser creates its slots again.
    this.#release();
    await restoreTrainingState(this.#parts, state);
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#release();
    tf.dispose([...(this.#sums?.values() ?? [])]);
    this.#sums = undefined;
  }

  get #parts(): Parameters<typeof readTrainingState>[0] {
    return { model: this.#model, optimizer: this.#optimizer, average: this.#options.average };
  }

  #release(): void {
    this.#graph?.dispose();
    this.#graph = undefined;
  }

  /** Runs the step of a batch, or adds the gradients of a part of it. */
  #runPart(
    { pixels, features, labels, targets }: ImageBatch,
    { index, share }: { index: number; share: number },
  ): StepResult {
    const { seed = 0, cluster } = this.#options;
    const name = this.#add({ images: labels.length, soft: targets !== undefined });
    return tf.tidy(() => {
      const { loss, correct, votes } = this.#run(name, {
        images: features?.values ?? pixels,
        labels,
        ...(targets && { targets }),
        ...(this.#sums ? { share } : this.#updateInputs()),
        ...(this.#draws && {
          seed: stepSeed(seed, this.#optimizer.iterations, { part: index, rank: cluster?.rank }),
        }),
        ...(cluster && { votes: cluster.votes() }),
      });
      if (votes !== undefined) cluster!.count(votes.dataSync<'float32'>());
      return { loss: loss!.dataSync()[0]!, correct: correct!.dataSync()[0]! };
    });
  }

  #run(name: string, inputs: Parameters<CompiledGraph['run']>[1]): Record<string, tf.Tensor> {
    this.#graph ??= this.#compile();
    return this.#graph.run(name, inputs);
  }

  /** The scalars of an update. */
  #updateInputs(): Record<string, number> {
    const { average } = this.#options;
    return { ...this.#optimizer.stepScalars(), ...(average && { momentum: average.momentum }) };
  }

  #compile(): CompiledGraph {
    const { precision = 'float32', cluster } = this.#options;
    this.#optimizer.build(this.#handle.gradientVariables);
    const run = this.#stepOperations(cluster?.createReducer());
    const functions: Record<string, GraphFunction> = {};
    for (const [name, variant] of this.#variants)
      functions[name] = { inputs: this.#inputs(variant), run };
    if (this.#sums) functions[UPDATE] = this.#endOfUpdate(this.#sums);
    return compileGraph(functions, { precision, openSession: cluster?.openSession });
  }

  /** Ensures that gradients are accumulated. */
  #accumulate(): void {
    if (this.#sums !== undefined) return;
    this.#release();
    this.#sums = new Map(
      this.#handle.gradientVariables.map(({ name, shape }) => [
        name,
        tf.tidy(() => tf.variable(tf.zeros(shape), false)),
      ]),
    );
  }

  /** Prepares for a stage. The graph of the earlier one is not needed any more. */
  #enter(stage: Stage, soft: boolean): void {
    const { size, noise } = this.#stage;
    if (isSameSize(size, stage.size) && sameNoise(noise, stage.noise)) return;
    this.#release();
    this.#stage = stage;
    this.#draws = hasDropout(this.#model, stage.noise);
    this.#variants.clear();
    this.#expect(soft);
  }

  /** Expects the usual batches. */
  #expect(soft: boolean): void {
    for (const images of this.#options.batchSizes) this.#add({ images, soft });
  }

  /** Ensures that the graph has a variant of the step, and returns the name of its function. */
  #add(variant: Variant): string {
    const name = `train_${variant.images}${variant.soft ? '_targets' : ''}`;
    if (!this.#variants.has(name)) {
      this.#variants.set(name, variant);
      this.#release();
    }
    return name;
  }

  #inputs({ images, soft }: Variant): Record<string, InputSpec> {
    const { height, width } = this.#stage.size;
    const { features } = this.#options;
    const classes = this.#model.outputs[0]!.shape.at(-1)!;
    return {
      images:
        features === undefined
          ? { shape: [images, height, width, 3], dtype: 'uint8' }
          : { shape: [images, ...features.shape], dtype: 'float32' },
      labels: { shape: [images], dtype: 'int32' },
      ...(this.#sums ? { share: scalar } : scalarsOf(this.#updateInputs())),
      ...(soft && { targets: { shape: [images, classes], dtype: 'float32' as const } }),
      ...(this.#draws && { seed: { shape: [1], dtype: 'int32' as const } }),
      ...(this.#options.cluster && { votes: { shape: [VOTES], dtype: 'float32' as const } }),
    };
  }

  /**
   * The operations of a step, or of one of its parts, for any shape of the batch.
   *
   * @param reducer of the processes that take the step together
   */
  #stepOperations(reducer: Reducer | undefined): GraphFunction['run'] {
    const sums = this.#sums;
    const together =
      reducer && togetherStep(this.#step, this.#handle, reducer, this.#options.cluster!);
    const { noise } = this.#stage;
    return ({ images, labels, targets, seed, share, votes, ...scalars }) => {
      const batch = [images!, labels as tf.Tensor1D, targets as tf.Tensor2D | undefined] as const;
      const gradientsOf = (): GradientStep & { votes?: tf.Tensor } =>
        together === undefined ? this.#step(...batch) : together(votes!, ...batch);
      const { gradients, ...results } =
        seed === undefined
          ? gradientsOf()
          : withSeededDropout(this.#model, seed, gradientsOf, noise);
      if (sums === undefined) this.#update(gradients, scalars);
      else
        for (const [name, gradient] of Object.entries(gradients)) {
          const sum = sums.get(name)!;
          sum.assign(tf.add(sum, tf.mul(gradient, share!)));
        }
      return results;
    };
  }

  /** The operations after the last part of a batch. */
  #endOfUpdate(sums: ReadonlyMap<string, tf.Variable>): GraphFunction {
    return {
      inputs: scalarsOf(this.#updateInputs()),
      run: (scalars) => {
        const gradients = [...sums].map(([name, sum]) => [name, sum.clone()] as const);
        this.#update(Object.fromEntries(gradients), scalars);
        for (const sum of sums.values()) sum.assign(tf.zerosLike(sum));
        return { done: tf.scalar(1) };
      },
    };
  }

  #update(
    gradients: tf.NamedTensorMap,
    { momentum, ...scalars }: Readonly<Record<string, tf.Tensor>>,
  ): void {
    const { average, limit } = this.#options;
    const limited = limit === undefined ? gradients : limit(gradients);
    this.#optimizer.update(limited, scalars as Record<string, tf.Scalar>);
    if (momentum !== undefined) average?.update(momentum as tf.Scalar);
  }
}

const scalar: InputSpec = { shape: [], dtype: 'float32' };

function scalarsOf(values: Record<string, number>): Record<string, InputSpec> {
  return Object.fromEntries(Object.keys(values).map((name) => [name, scalar]));
}

function sameNoise(a: TrainingNoise, b: TrainingNoise): boolean {
  return a.dropPath === b.dropPath && a.dropout === b.dropout;
}
