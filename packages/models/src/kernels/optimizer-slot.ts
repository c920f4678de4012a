import type * as tf from '@tensorflow/tfjs-core';

/**
 * The state that an optimizer keeps for one variable, and how it updates both. `Scalar` names the
 * scalars of a step.
 */
export interface OptimizerSlot<Scalar extends string> {
  /** Takes one step. The caller keeps ownership of gradient and scalars. */
  update(
    variable: tf.Variable,
    gradient: tf.Tensor,
    scalars: Readonly<Record<Scalar, tf.Scalar>>,
  ): void;
  /** Copies of the state, in the order of the optimizer's slot names. The caller disposes them. */
  read(): tf.Tensor[];
  /** Sets the state. The caller keeps ownership of the tensors. */
  write(values: readonly tf.Tensor[]): void;
  dispose(): void;
}
