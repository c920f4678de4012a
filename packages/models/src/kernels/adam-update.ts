import * as tf from '@tensorflow/tfjs-core';
import { type NativeAttribute, type NativeBackend, nativeBackend } from './native-backend.ts';

/** The numbers of one Adam step, as scalars that all variables of the step share. */
export interface AdamStep {
  learningRate: tf.Scalar;
  beta1: tf.Scalar;
  beta2: tf.Scalar;
  epsilon: tf.Scalar;
  /** beta1 and beta2 to the power of the step's number, which counts from 1. */
  beta1Power: tf.Scalar;
  beta2Power: tf.Scalar;
}

/** The moments of one variable, and the way they and the variable take a step. */
export interface AdamSlot {
  /**
   * With gradient g: m += (g - m)(1 - beta1); v += (g^2 - v)(1 - beta2);
   * variable -= alpha m / (sqrt(v) + epsilon), alpha = learningRate sqrt(1 - beta2Power) / (1 - beta1Power).
   */
  update(variable: tf.Variable, gradient: tf.Tensor, step: AdamStep): void;
  /** Copies of m and v. The caller disposes them. */
  read(): { m: tf.Tensor; v: tf.Tensor };
  /** Sets m and v. The tensors stay the caller's. */
  write(m: tf.Tensor, v: tf.Tensor): void;
  dispose(): void;
}

/** Makes the slot of a variable, m = v = 0, for the backend that is active now. */
export function adamSlot(variable: tf.Variable): AdamSlot {
  const backend = nativeBackend();
  return backend === undefined ? new ComposedAdamSlot(variable) : new NativeAdamSlot(backend, variable);
}

let resourceCount = 0;

/** m, v and a second handle on the variable as TensorFlow resource variables: one `ResourceApplyAdam` instead of 12 ops. */
class NativeAdamSlot implements AdamSlot {
  readonly #backend: NativeBackend;
  readonly #dtype: NativeAttribute;
  readonly #variable: tf.Tensor;
  readonly #m: tf.Tensor;
  readonly #v: tf.Tensor;

  constructor(backend: NativeBackend, variable: tf.Variable) {
    this.#backend = backend;
    const { TF_ATTR_TYPE, TF_FLOAT } = backend.binding;
    this.#dtype = { name: 'dtype', type: TF_ATTR_TYPE, value: TF_FLOAT };
    this.#variable = this.#handle(variable.shape);
    this.#m = this.#handle(variable.shape);
    this.#v = this.#handle(variable.shape);
    tf.tidy(() => this.write(tf.zeros(variable.shape), tf.zeros(variable.shape)));
  }

  update(variable: tf.Variable, gradient: tf.Tensor, step: AdamStep): void {
    const { TF_ATTR_TYPE, TF_FLOAT } = this.#backend.binding;
    // Assigning and reading share the buffer, nothing is copied.
    this.#assign(this.#variable, variable);
    this.#backend.executeMultipleOutputs(
      'ResourceApplyAdam',
      [{ name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT }],
      [
        this.#variable, this.#m, this.#v, step.beta1Power, step.beta2Power, step.learningRate,
        step.beta1, step.beta2, step.epsilon, gradient,
      ],
      0,
    );
    const updated = this.#value(this.#variable);
    variable.assign(updated);
    updated.dispose();
  }

  read(): { m: tf.Tensor; v: tf.Tensor } {
    return { m: this.#value(this.#m), v: this.#value(this.#v) };
  }

  write(m: tf.Tensor, v: tf.Tensor): void {
    this.#assign(this.#m, m);
    this.#assign(this.#v, v);
  }

  dispose(): void {
    for (const handle of [this.#variable, this.#m, this.#v]) {
      this.#backend.executeMultipleOutputs('DestroyResourceOp', [], [handle], 0);
      handle.dispose();
    }
  }

  #handle(shape: number[]): tf.Tensor {
    const { TF_ATTR_STRING, TF_ATTR_SHAPE } = this.#backend.binding;
    resourceCount += 1;
    const attributes = [
      this.#dtype,
      { name: 'shape', type: TF_ATTR_SHAPE, value: shape },
      { name: 'container', type: TF_ATTR_STRING, value: '' },
      { name: 'shared_name', type: TF_ATTR_STRING, value: `fixres_adam_${resourceCount}` },
    ];
    return tf.keep(this.#backend.executeSingleOutput('VarHandleOp', attributes, []));
  }

  #assign(handle: tf.Tensor, value: tf.Tensor): void {
    this.#backend.executeMultipleOutputs('AssignVariableOp', [this.#dtype], [handle, value], 0);
  }

  #value(handle: tf.Tensor): tf.Tensor {
    return this.#backend.executeSingleOutput('ReadVariableOp', [this.#dtype], [handle]);
  }
}

/** The same update in tfjs ops, for every other backend. */
class ComposedAdamSlot implements AdamSlot {
  readonly #m: tf.Variable;
  readonly #v: tf.Variable;

  constructor(variable: tf.Variable) {
    const zeros = tf.zeros(variable.shape);
    this.#m = tf.variable(zeros, false);
    this.#v = tf.variable(zeros, false);
    zeros.dispose();
  }

  update(variable: tf.Variable, gradient: tf.Tensor, step: AdamStep): void {
    tf.tidy(() => {
      const rate1 = tf.sub(1, step.beta1);
      const rate2 = tf.sub(1, step.beta2);
      const alpha = tf.div(
        tf.mul(step.learningRate, tf.sqrt(tf.sub(1, step.beta2Power))),
        tf.sub(1, step.beta1Power),
      );
      this.#m.assign(tf.add(this.#m, tf.mul(tf.sub(gradient, this.#m), rate1)));
      this.#v.assign(tf.add(this.#v, tf.mul(tf.sub(tf.square(gradient), this.#v), rate2)));
      variable.assign(tf.sub(variable, tf.div(tf.mul(this.#m, alpha), tf.add(tf.sqrt(this.#v), step.epsilon))));
    });
  }

  read(): { m: tf.Tensor; v: tf.Tensor } {
    return { m: this.#m.clone(), v: this.#v.clone() };
  }

  write(m: tf.Tensor, v: tf.Tensor): void {
    this.#m.assign(m);
    this.#v.assign(v);
  }

  dispose(): void {
    this.#m.dispose();
    this.#v.dispose();
  }
}
