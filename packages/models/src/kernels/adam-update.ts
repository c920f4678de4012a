import * as tf from '@tensorflow/tfjs-core';
import { type NativeBackend, nativeBackend } from './native-backend.ts';
import type { OptimizerSlot } from './optimizer-slot.ts';
import { ResourceVariable } from './resource-variable.ts';
import { zerosLike } from './zeros-like.ts';

/**
 * The scalars of one Adam step. The powers are beta1 and beta2 to the power of the step's number,
 * which counts from 1.
 */
export type AdamScalar =
  | 'learningRate'
  | 'beta1'
  | 'beta2'
  | 'epsilon'
  | 'beta1Power'
  | 'beta2Power';

/**
 * Creates the moments m = v = 0 of a variable, for the backend that is active now. With gradient g,
 * a step is m += (g - m)(1 - beta1); v += (g^2 - v)(1 - beta2); variable -= alpha m / (sqrt(v) +
 * epsilon), alpha = learningRate sqrt(1 - beta2Power) / (1 - beta1Power).
 */
export function adamSlot(variable: tf.Variable): OptimizerSlot<AdamScalar> {
  const backend = nativeBackend();
  return backend === undefined
    ? new ComposedAdamSlot(variable)
    : new NativeAdamSlot(backend, variable);
}

/** One `ResourceApplyAdam` instead of 12 ops. */
class NativeAdamSlot implements OptimizerSlot<AdamScalar> {
  readonly #backend: NativeBackend;
  readonly #variable: ResourceVariable;
  readonly #m: ResourceVariable;
  readonly #v: ResourceVariable;

  constructor(backend: NativeBackend, variable: tf.Variable) {
    this.#backend = backend;
    const make = (): ResourceVariable => new ResourceVariable(backend, variable.shape);
    [this.#variable, this.#m, this.#v] = [make(), make(), make()];
    tf.tidy(() => {
      const zeros = zerosLike(variable);
      this.write([zeros, zeros]);
    });
  }

  update(
    variable: tf.Variable,
    gradient: tf.Tensor,
    step: Readonly<Record<AdamScalar, tf.Scalar>>,
  ): void {
    const { TF_ATTR_TYPE, TF_FLOAT } = this.#backend.binding;
    this.#variable.assign(variable);
    this.#backend.executeMultipleOutputs(
      'ResourceApplyAdam',
      [{ name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT }],
      [
        this.#variable.handle,
        this.#m.handle,
        this.#v.handle,
        step.beta1Power,
        step.beta2Power,
        step.learningRate,
        step.beta1,
        step.beta2,
        step.epsilon,
        gradient,
      ],
      0,
    );
    this.#variable.copyTo(variable);
  }

  read(): tf.Tensor[] {
    return [this.#m.read(), this.#v.read()];
  }

  write([m, v]: readonly tf.Tensor[]): void {
    this.#m.assign(m!);
    this.#v.assign(v!);
  }

  dispose(): void {
    for (const resource of [this.#variable, this.#m, this.#v]) resource.dispose();
  }
}

/** The same update in tfjs ops, for every other backend. */
class ComposedAdamSlot implements OptimizerSlot<AdamScalar> {
  readonly #m: tf.Variable;
  readonly #v: tf.Variable;

  constructor(variable: tf.Variable) {
    const zeros = zerosLike(variable);
    this.#m = tf.variable(zeros, false);
    this.#v = tf.variable(zeros, false);
    zeros.dispose();
  }

  update(
    variable: tf.Variable,
    gradient: tf.Tensor,
    step: Readonly<Record<AdamScalar, tf.Scalar>>,
  ): void {
    tf.tidy(() => {
      const rate1 = tf.sub(1, step.beta1);
      const rate2 = tf.sub(1, step.beta2);
      const alpha = tf.div(
        tf.mul(step.learningRate, tf.sqrt(tf.sub(1, step.beta2Power))),
        tf.sub(1, step.beta1Power),
      );
      this.#m.assign(tf.add(this.#m, tf.mul(tf.sub(gradient, this.#m), rate1)));
      this.#v.assign(tf.add(this.#v, tf.mul(tf.sub(tf.square(gradient), this.#v), rate2)));
      variable.assign(
        tf.sub(variable, tf.div(tf.mul(this.#m, alpha), tf.add(tf.sqrt(this.#v), step.epsilon))),
      );
    });
  }

  read(): tf.Tensor[] {
    return [this.#m.clone(), this.#v.clone()];
  }

  write([m, v]: readonly tf.Tensor[]): void {
    this.#m.assign(m!);
    this.#v.assign(v!);
  }

  dispose(): void {
    this.#m.dispose();
    this.#v.dispose();
  }
}
