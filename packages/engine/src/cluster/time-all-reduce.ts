import * as tf from '@tensorflow/tfjs-core';
import { FixresEngineError } from '../errors.ts';
import { compileGraph } from '../graph/compile-graph.ts';
import type { Cluster } from './cluster.ts';

/**
 * Measures how long the processes of a cluster take to average float32 numbers. All must call it at the
 * same place.
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
          // Little is copied into the graph and out of it.
          const mean = reducer.mean(tf.mul<tf.Tensor1D>(tf.ones([length]), value!));
          return { last: tf.slice1d(mean, length - 1, 1) };
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
      const [mean] = last!.dataSync<'float32'>();
      last!.dispose();
      if (!(Math.abs(mean! - expected) <= 1e-6 * expected))
        throw new FixresEngineError(
          'cluster-failed',
          `The mean over the processes is ${mean}; it must be ${expected}.`,
        );
      return (performance.now() - began) / 1000;
    });
    // The first one includes the start of the graph.
    return times.slice(1);
  } finally {
    graph.dispose();
  }
}
