import type * as tf from '@tensorflow/tfjs-core';

/** What an optimiser keeps for one variable, and the way it updates both. `Scalar` names the numbers that a step needs. */
export interface OptimizerSlot<Scalar extends string> {
  /** Takes one step. Gradient and scalars stay the caller's. */
  update(
    variable: tf.Variable,
    gradient: tf.Tensor,
    scalars: Readonly<Record<Scalar, tf.Scalar>>,
  ): void;
  /** Copies of the state, in the order of the optimiser's slot names. The caller disposes them. */
  read(): tf.Tensor[];
  /** Sets the state. The tensors stay the caller's. */
  write(values: readonly tf.Tensor[]): void;
  dispose(): void;
}
