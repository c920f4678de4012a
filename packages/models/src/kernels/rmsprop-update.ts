import * as tf from '@tensorflow/tfjs-core';
import type { OptimizerSlot } from './optimizer-slot.ts';

/** The scalars of one RMSprop step. */
export type RMSpropScalar = 'learningRate' | 'rho' | 'momentum' | 'epsilon';

/**
 * Creates the accumulator v and the velocity a = 0 of a variable. With gradient g, a step is v +=
 * (g^2 - v)(1 - rho); a = momentum a + learningRate g / sqrt(v + epsilon); variable -= a.
 *
 * @param initial the value of v before the first step
 * @param hasMomentum otherwise there is no velocity, and variable -= learningRate g / sqrt(v +
 * epsilon)
 */
export function rmspropSlot(
  variable: tf.Variable,
  initial: number,
  hasMomentum: boolean,
): OptimizerSlot<RMSpropScalar> {
  const filled = (value: number): tf.Variable =>
    tf.tidy(() => tf.variable(tf.fill(variable.shape, value), false));
  const squares = filled(initial);
  const velocity = hasMomentum ? filled(0) : undefined;
  const parts = velocity === undefined ? [squares] : [squares, velocity];
  return {
    update(target, gradient, step) {
      tf.tidy(() => {
        const change = tf.mul(tf.sub(tf.square(gradient), squares), tf.sub(1, step.rho));
        squares.assign(tf.add(squares, change));
        const scaled = tf.div(
          tf.mul(gradient, step.learningRate),
          tf.sqrt(tf.add(squares, step.epsilon)),
        );
        const move = velocity ? tf.add(tf.mul(velocity, step.momentum), scaled) : scaled;
        velocity?.assign(move);
        target.assign(tf.sub(target, move));
      });
    },
    read: () => parts.map((part) => part.clone()),
    write: (values) => parts.forEach((part, i) => part.assign(values[i]!)),
    dispose: () => tf.dispose(parts),
  };
}
