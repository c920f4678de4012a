import type * as tf from '@tensorflow/tfjs-core';

type OrderAfter = (x: tf.Tensor, dependency: tf.Tensor) => tf.Tensor;

let recorded: OrderAfter | undefined;

/**
 * The same tensor, in a compiled graph available only when another one was computed, like
 * `tf.control_dependencies` of TensorFlow for Python. What is computed from it waits for that one,
 * and TensorFlow does not merge it with the same ops on the tensor itself. Without this, activations
 * that a backward pass computes again would be those of the forward pass, kept until then.
 *
 * Outside of {@link compileGraph} ops run in the order of their calls, and `x` itself is returned.
 */
export function withControlDependency(x: tf.Tensor, dependency: tf.Tensor): tf.Tensor {
  return recorded === undefined ? x : recorded(x, dependency);
}

/** Runs a function in which {@link withControlDependency} adds to a graph. */
export function whileRecording<T>(orderAfter: OrderAfter, run: () => T): T {
  const before = recorded;
  recorded = orderAfter;
  try {
    return run();
  } finally {
    recorded = before;
  }
}
