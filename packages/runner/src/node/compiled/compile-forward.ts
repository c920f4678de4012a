import { type ImageSize, sidesOf } from '@fixres/data';
import {
  type CompiledGraph,
  compileGraph,
  FixresEngineError,
  type GraphFunction,
  type Precision,
  type SessionFactory,
} from '@fixres/engine/graph';
import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ImageBatch } from '../../images/image-source.ts';

export interface CompileForwardOptions {
  /** Size of the images. */
  size: ImageSize;
  /** Batch sizes. Another one compiles again, once. */
  batchSizes: readonly number[];
  /** As in `CompileTrainerOptions`. Default `float32`. */
  precision?: Precision;
  /** As in `CompileOptions` of `@fixres/engine/graph`. */
  openSession?: SessionFactory | undefined;
}

/** A model, or a part of one, that runs with one call of TensorFlow. */
export interface CompiledForward {
  /**
   * The output for a batch, float32. The caller (or the enclosing tidy) disposes it. @throws
   * FixresEngineError `bad-graph-call` once disposed
   */
  (batch: Pick<ImageBatch, 'pixels' | 'shape'>): tf.Tensor;
  /** Frees the graph. The model keeps its weights. */
  dispose(): void;
}

/**
 * Compiles a forward pass in inference mode, on the native engine, for evaluation and for the
 * features of a frozen trunk. It uses the current weights of the model, also while a compiled
 * trainer changes them.
 *
 * @param model a model, an equivalent object, or a function of images [b, height, width, 3], levels
 * 0..255, float32
 * @throws FixresEngineError `not-compilable`, `engine-unavailable`
 */
export function compileForward(
  model: Pick<LayersModel, 'apply'> | ((images: tf.Tensor4D) => tf.Tensor),
  options: CompileForwardOptions,
): CompiledForward {
  const { precision = 'float32', openSession } = options;
  const { height, width } = sidesOf(options.size);
  const forward =
    typeof model === 'function'
      ? model
      : (images: tf.Tensor4D): tf.Tensor => model.apply(images, { training: false }) as tf.Tensor;
  const batchSizes = new Set(options.batchSizes);
  const apply: GraphFunction['run'] = ({ pixels }) => ({ output: forward(pixels as tf.Tensor4D) });
  const compile = (): CompiledGraph => {
    const functions = Array.from(batchSizes, (images): [string, GraphFunction] => [
      functionName(images),
      { inputs: { pixels: { shape: [images, height, width, 3], dtype: 'uint8' } }, run: apply },
    ]);
    return compileGraph(Object.fromEntries(functions), { precision, openSession });
  };
  let graph: CompiledGraph | undefined = compile();
  let isDisposed = false;
  const release = (): void => {
    graph?.dispose();
    graph = undefined;
  };
  const dispose = (): void => {
    isDisposed = true;
    release();
  };
  const run = ({ pixels, shape: [images] }: Pick<ImageBatch, 'pixels' | 'shape'>): tf.Tensor => {
    if (isDisposed) throw new FixresEngineError('bad-graph-call', 'The forward pass was disposed.');
    if (!batchSizes.has(images)) {
      batchSizes.add(images);
      release();
    }
    graph ??= compile();
    return graph.run(functionName(images), { pixels }).output!;
  };
  return Object.assign(run, { dispose });
}

function functionName(images: number): string {
  return `forward_${images}`;
}
