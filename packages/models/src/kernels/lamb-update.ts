import * as tf from '@tensorflow/tfjs-core';
import type { OptimizerSlot } from './optimizer-slot.ts';
import { zerosLike } from './zeros-like.ts';

/**
 * The scalars of one LAMB step. The powers are beta1 and beta2 to the power of the step's number,
 * which counts from 1.
 */
export type LambScalar =
  | 'learningRate'
  | 'beta1'
  | 'beta2'
  | 'epsilon'
  | 'beta1Power'
  | 'beta2Power'
  | 'weightDecay';

/**
 * Creates the moments m = v = 0 of a variable. With gradient g, a step is m += (g - m)(1 - beta1); v
 * += (g^2 - v)(1 - beta2); u = m / (1 - beta1Power) / (sqrt(v / (1 - beta2Power)) + epsilon). If the
 * variable decays, u += weightDecay variable, and u is scaled to the norm of the variable, unless
 * one of both norms is 0. Then variable -= learningRate u.
 *
 * @param decays whether the variable decays and adapts
 */
export function lambSlot(variable: tf.Variable, decays: boolean): OptimizerSlot<LambScalar> {
  const zeros = zerosLike(variable);
  const [m, v] = [tf.variable(zeros, false), tf.variable(zeros, false)];
  zeros.dispose();
  return {
    update(target, gradient, step) {
      tf.tidy(() => {
        m.assign(tf.add(m, tf.mul(tf.sub(gradient, m), tf.sub(1, step.beta1))));
        v.assign(tf.add(v, tf.mul(tf.sub(tf.square(gradient), v), tf.sub(1, step.beta2))));
        const spread = tf.sqrt(tf.div(v, tf.sub(1, step.beta2Power)));
        const adam = tf.div(tf.div(m, tf.sub(1, step.beta1Power)), tf.add(spread, step.epsilon));
        const move = decays ? adapted(target, adam, step.weightDecay) : adam;
        target.assign(tf.sub(target, tf.mul(move, step.learningRate)));
      });
    },
    read: () => [m.clone(), v.clone()],
    write: ([first, second]) => {
      m.assign(first!);
      v.assign(second!);
    },
    dispose: () => tf.dispose([m, v]),
  };
}

/** The direction with weight decay, as long as the variable. */
function adapted(variable: tf.Tensor, direction: tf.Tensor, weightDecay: tf.Scalar): tf.Tensor {
  const move = tf.add(direction, tf.mul(variable, weightDecay));
  const [long, short] = [tf.norm(variable), tf.norm(move)];
  const isZero = tf.logicalOr(tf.equal(long, 0), tf.equal(short, 0));
  return tf.mul(move, tf.where(isZero, tf.onesLike(long), tf.divNoNan(long, short)));
}
