import * as tf from '@tensorflow/tfjs-core';
import { type CompiledGraph, compileGraph, type Precision } from './compile-graph.ts';

/** Milliseconds of the same work in each precision. */
export type PrecisionTimes = Readonly<Record<Precision, number>>;

/**
 * A bottleneck of ResNet50V2's third stage, of which it has the most, at 224 pixels. With the narrow ones
 * of the first stage, reading and writing memory hides what the products gain.
 */
const SHAPE: readonly [number, number, number, number] = [16, 14, 14, 1024];
const FILTERS: readonly [number, number, number, number][] = [
  [1, 1, 1024, 256],
  [3, 3, 256, 256],
  [1, 1, 256, 1024],
];
/** For both precisions together. */
const MEASURED_MS = 500;

/**
 * Times forward and backward passes of a few convolutions in float32 and in bfloat16 on the native
 * engine, for half a second and the compilation. The two alternate, and the shortest time of each
 * counts, so that other programs hardly affect the ratio.
 *
 * @throws FixresEngineError `engine-unavailable`
 */
export function timePrecisions(): PrecisionTimes {
  const shortest = { float32: Infinity, bfloat16: Infinity };
  const graphs: [Precision, CompiledGraph][] = [];
  try {
    for (const precision of ['float32', 'bfloat16'] as const)
      graphs.push([precision, compiled(precision)]);
    // The first call of a graph prepares its kernels.
    for (const [, graph] of graphs) runMs(graph);
    const end = performance.now() + MEASURED_MS;
    do {
      for (const [precision, graph] of graphs)
        shortest[precision] = Math.min(shortest[precision], runMs(graph));
    } while (performance.now() < end);
  } finally {
    for (const [, graph] of graphs) graph.dispose();
  }
  return shortest;
}

function compiled(precision: Precision): CompiledGraph {
  const step = {
    inputs: { images: { shape: [...SHAPE], dtype: 'float32' as const } },
    run: ({ images }: Readonly<Record<string, tf.Tensor>>) => {
      const filters = FILTERS.map((shape) => tf.fill<tf.Rank.R4>(shape, 1e-3));
      const loss = (x: tf.Tensor, ...weights: tf.Tensor[]): tf.Scalar =>
        tf.sum(
          (weights as tf.Tensor4D[]).reduce(
            (y, filter) => tf.relu(tf.conv2d(y, filter, 1, 'same')),
            x as tf.Tensor4D,
          ),
        );
      const gradients = tf.grads(loss)([images!, ...filters]);
      return { sum: tf.addN(gradients.map((gradient) => tf.sum(gradient))) };
    },
  };
  return compileGraph({ step }, { precision });
}

function runMs(graph: CompiledGraph): number {
  const images = new Float32Array(tf.util.sizeFromShape([...SHAPE])).fill(1);
  const began = performance.now();
  tf.tidy(() => graph.run('step', { images }).sum!.dataSync());
  return performance.now() - began;
}
