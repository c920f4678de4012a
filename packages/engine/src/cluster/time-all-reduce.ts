import * as tf from '@tensorflow/tfjs-core';
import { FixresEngineError } from '../errors.ts';
import { compileGraph } from '../graph/compile-graph.ts';
import type { Cluster } from './cluster.ts';
import { BUCKET } from './reducer.ts';

/**
 * Measures how long the processes of a cluster take to average float32 numbers, in buckets as gradients.
 * All must call it at the same place.
 *
 * @param bytes of the numbers, a multiple of 4
 * @param rounds number of measurements
 * @returns seconds of each, without the start of the graph
 * @throws FixresEngineError `cluster-failed`, also if a mean is wrong
 */
export function timeAllReduce(
  cluster: Pick<Cluster, 'rank' | 'ranks' | 'createReducer' | 'openSession'>,
  { bytes, rounds }: { bytes: number; rounds: number },
): number[] {
  const reducer = cluster.createReducer();
  const length = bytes / 4;
  const graph = compileGraph(
    {
      mean: {
        inputs: { value: { shape: [], dtype: 'float32' } },
        run: ({ value }) => {
          reducer.restart();
          const parts = Array.from({ length: Math.ceil(length / BUCKET) }, (_, i) =>
            tf.fill([Math.min(BUCKET, length - i * BUCKET)], 1),
          );
          const means = reducer.means(parts.map((part) => tf.mul<tf.Tensor1D>(part, value!)));
          // Little is copied into the graph and out of it.
          return { last: tf.concat1d(means.map((mean) => tf.slice1d(mean, mean.size - 1, 1))) };
        },
      },
    },
    { openSession: cluster.openSession },
  );
  const expected = (cluster.ranks - 1) / 2;
  try {
    const times = Array.from({ length: rounds + 1 }, () => {
      const began = performance.now();
      const { last } = graph.run('mean', { value: cluster.rank });
      const means = last!.dataSync<'float32'>();
      last!.dispose();
      const wrong = means.find((mean) => !(Math.abs(mean - expected) <= 1e-6 * expected));
      if (wrong !== undefined)
        throw new FixresEngineError(
          'cluster-failed',
          `The mean over the processes is ${wrong}; it must be ${expected}.`,
        );
      return (performance.now() - began) / 1000;
    });
    // The first one includes the start of the graph.
    return times.slice(1);
  } finally {
    graph.dispose();
  }
}
