import {
  type CompiledGraph,
  compileGraph,
  FixresEngineError,
  type GraphFunction,
  type InputSpec,
  type Precision,
} from '@fixres/engine/graph';
import type { FreezeHandle } from '@fixres/finetune';
import type { SlotOptimizer } from '@fixres/models';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { gradientStep } from '../../training/gradient-step.ts';
import type { ImageBatch } from '../../images/image-source.ts';
import {
  hasDropout,
  stepSeed,
  unseededLayers,
  withSeededDropout,
} from '../../training/seeded-dropout.ts';
import { readTrainingState, restoreTrainingState } from '../../training/trainer-state.ts';
import type { StepResult, Trainer, TrainerOptions } from '../../training/trainer.ts';

export interface CompileTrainerOptions extends TrainerOptions {
  /** Size of the square images in pixels. */
  size: number;
  /** Batch sizes: the usual one, and that of a smaller last batch. Others compile again, once. */
  batchSizes: readonly number[];
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

class CompiledTrainer implements Trainer {
  readonly #model: LayersModel;
  readonly #handle: FreezeHandle;
  readonly #optimizer: SlotOptimizer;
  readonly #options: CompileTrainerOptions;
  readonly #variants: Map<string, Variant>;
  readonly #draws: boolean;
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
    this.#variants = new Map();
    for (const images of options.batchSizes) this.#add({ images, soft: options.targets ?? false });
    this.#draws = hasDropout(model);
    const [unseeded] = unseededLayers(model);
    if (unseeded !== undefined)
      throw new FixresEngineError(
        'not-compilable',
        `Layer ${unseeded} draws random numbers outside the graph, so the graph would repeat the ` +
          'first ones.',
      );
    this.#graph = this.#compile();
  }

  step(batch: ImageBatch, learningRate: number): StepResult {
    if (this.#isDisposed)
      throw new FixresEngineError('bad-graph-call', 'The trainer was disposed.');
    const { pixels, labels, targets } = batch;
    const name = this.#add({ images: labels.length, soft: targets !== undefined });
    this.#graph ??= this.#compile();
    const { average } = this.#options;
    this.#optimizer.learningRate = learningRate;
    const result = tf.tidy(() => {
      const { loss, correct } = this.#graph!.run(name, {
        pixels,
        labels,
        ...this.#optimizer.stepScalars(),
        ...(targets && { targets }),
        ...(average && { momentum: average.momentum }),
        ...(this.#draws && { seed: stepSeed(this.#options.seed ?? 0, this.#optimizer.iterations) }),
      });
      return { loss: loss!.dataSync()[0]!, correct: correct!.dataSync()[0]! };
    });
    this.#optimizer.countStep();
    average?.countStep();
    return result;
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
  }

  get #parts(): Parameters<typeof readTrainingState>[0] {
    return { model: this.#model, optimizer: this.#optimizer, average: this.#options.average };
  }

  #release(): void {
    this.#graph?.dispose();
    this.#graph = undefined;
  }

  #compile(): CompiledGraph {
    const { size, precision = 'float32' } = this.#options;
    this.#optimizer.build(this.#handle.gradientVariables);
    const run = this.#step();
    const functions: Record<string, GraphFunction> = {};
    for (const [name, variant] of this.#variants)
      functions[name] = { inputs: this.#inputs(variant, size), run };
    return compileGraph(functions, { precision });
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

  #inputs({ images, soft }: Variant, size: number): Record<string, InputSpec> {
    const classes = this.#model.outputs[0]!.shape.at(-1)!;
    const scalar: InputSpec = { shape: [], dtype: 'float32' };
    return {
      pixels: { shape: [images, size, size, 3], dtype: 'uint8' },
      labels: { shape: [images], dtype: 'int32' },
      ...Object.fromEntries(
        Object.keys(this.#optimizer.stepScalars()).map((name) => [name, scalar]),
      ),
      ...(soft && { targets: { shape: [images, classes], dtype: 'float32' as const } }),
      ...(this.#options.average && { momentum: scalar }),
      ...(this.#draws && { seed: { shape: [1], dtype: 'int32' as const } }),
    };
  }

  /** The operations of a step, for any shape of the batch. */
  #step(): GraphFunction['run'] {
    const { average, loss: lossFunction } = this.#options;
    const step = gradientStep(this.#model, this.#handle, lossFunction);
    return ({ pixels, labels, targets, momentum, seed, ...scalars }) => {
      const gradientsOf = (): ReturnType<typeof step> =>
        step(pixels as tf.Tensor4D, labels as tf.Tensor1D, targets as tf.Tensor2D | undefined);
      const { loss, correct, gradients } =
        seed === undefined ? gradientsOf() : withSeededDropout(this.#model, seed, gradientsOf);
      this.#optimizer.update(gradients, scalars as Record<string, tf.Scalar>);
      if (momentum !== undefined) average?.update(momentum as tf.Scalar);
      return { loss, correct };
    };
  }
}
