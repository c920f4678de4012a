import type { TrainingCluster } from './training-cluster.ts';

/** Multiply-adds a second of a process with one core, and messages between two on one machine. */
const SPEED = 1e10;
const LATENCY = 5e-4;
const BANDWIDTH = 5e8;

/**
 * Whether each of several processes takes a step on the whole batch sooner than all could exchange the
 * gradients of their parts: the seconds for the images of the others, beside those of a ring all-reduce
 * (see benchmarks/cluster). So it is for a classifier on cached features, unless it has many classes
 * and the batch is large.
 *
 * @param weights that train; each multiplies one feature of an image
 */
export function takesStepsUnshared(
  weights: number,
  { batchSize, ranks }: { batchSize: number } & Pick<TrainingCluster, 'ranks'>,
): boolean {
  const others = batchSize - batchSize / ranks;
  // Of an image: the outputs, and the gradients of the weights.
  const computing = (2 * weights * others) / SPEED;
  const messages = 2 * (ranks - 1);
  const exchange = messages * (LATENCY + (4 * weights) / ranks / BANDWIDTH);
  return computing <= exchange;
}
