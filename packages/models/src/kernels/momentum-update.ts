import * as tf from '@tensorflow/tfjs-core';
import { type NativeBackend, nativeBackend } from './native-backend.ts';
import type { OptimizerSlot } from './optimizer-slot.ts';
import { ResourceVariable } from './resource-variable.ts';
import { zerosLike } from './zeros-like.ts';

/** The scalars of one step with momentum. */
export type MomentumScalar = 'learningRate' | 'momentum';

/**
 * Creates the velocity a = 0 of a variable, for the backend that is active now. With gradient g, a
 * step is a = momentum a - learningRate g; variable += a, or with Nesterov's momentum variable +=
 * momentum a - learningRate g.
 */
export function momentumSlot(
  variable: tf.Variable,
  nesterov: boolean,
): OptimizerSlot<MomentumScalar> {
  const backend = nativeBackend();
  return backend === undefined
    ? new ComposedMomentumSlot(variable, nesterov)
    : new NativeMomentumSlot(backend, variable, nesterov);
}

/** One `ResourceApplyKerasMomentum`. */
class NativeMomentumSlot implements OptimizerSlot<MomentumScalar> {
  readonly #backend: NativeBackend;
  readonly #nesterov: boolean;
  readonly #variable: ResourceVariable;
  readonly #velocity: ResourceVariable;

  constructor(backend: NativeBackend, variable: tf.Variable, nesterov: boolean) {
    this.#backend = backend;
    this.#nesterov = nesterov;
    this.#variable = new ResourceVariable(backend, variable.shape);
    this.#velocity = new ResourceVariable(backend, variable.shape);
    tf.tidy(() => this.write([zerosLike(variable)]));
  }

  update(
    variable: tf.Variable,
    gradient: tf.Tensor,
    step: Readonly<Record<MomentumScalar, tf.Scalar>>,
  ): void {
    const { TF_ATTR_TYPE, TF_FLOAT, TF_ATTR_BOOL } = this.#backend.binding;
    this.#variable.assign(variable);
    this.#backend.executeMultipleOutputs(
      'ResourceApplyKerasMomentum',
      [
        { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT },
        { name: 'use_nesterov', type: TF_ATTR_BOOL, value: this.#nesterov },
      ],
      [this.#variable.handle, this.#velocity.handle, step.learningRate, gradient, step.momentum],
      0,
    );
    this.#variable.copyTo(variable);
  }

  read(): tf.Tensor[] {
    return [this.#velocity.read()];
  }

  write([velocity]: readonly tf.Tensor[]): void {
    this.#velocity.assign(velocity!);
  }

  dispose(): void {
    this.#variable.dispose();
    this.#velocity.dispose();
  }
}

/** The same update in tfjs ops, for every other backend. */
class ComposedMomentumSlot implements OptimizerSlot<MomentumScalar> {
  readonly #nesterov: boolean;
  readonly #velocity: tf.Variable;

  constructor(variable: tf.Variable, nesterov: boolean) {
    this.#nesterov = nesterov;
    const zeros = zerosLike(variable);
    this.#velocity = tf.variable(zeros, false);
    zeros.dispose();
  }

  update(
    variable: tf.Variable,
    gradient: tf.Tensor,
    step: Readonly<Record<MomentumScalar, tf.Scalar>>,
  ): void {
    tf.tidy(() => {
      const descent = tf.mul(gradient, step.learningRate);
      const velocity = tf.sub(tf.mul(this.#velocity, step.momentum), descent);
      this.#velocity.assign(velocity);
      const move = this.#nesterov ? tf.sub(tf.mul(velocity, step.momentum), descent) : velocity;
      variable.assign(tf.add(variable, move));
    });
  }

  read(): tf.Tensor[] {
    return [this.#velocity.clone()];
  }

  write([velocity]: readonly tf.Tensor[]): void {
    this.#velocity.assign(velocity!);
  }

  dispose(): void {
    this.#velocity.dispose();
  }
}
