import * as tf from '@tensorflow/tfjs-core';
import type { NativeAttribute, NativeBackend } from './native-backend.ts';

let count = 0;

/**
 * A float32 resource variable of TensorFlow, which the fused optimizer kernels need. It has no
 * value before the first {@link assign}. Assigning and reading share the buffer without copying.
 */
export class ResourceVariable {
  /** The handle: an input of TensorFlow's `Resource...` kernels. */
  readonly handle: tf.Tensor;
  readonly #backend: NativeBackend;
  readonly #dtype: NativeAttribute;

  constructor(backend: NativeBackend, shape: number[]) {
    const { TF_ATTR_TYPE, TF_FLOAT, TF_ATTR_STRING, TF_ATTR_SHAPE } = backend.binding;
    this.#backend = backend;
    this.#dtype = { name: 'dtype', type: TF_ATTR_TYPE, value: TF_FLOAT };
    count += 1;
    const attributes = [
      this.#dtype,
      { name: 'shape', type: TF_ATTR_SHAPE, value: shape },
      { name: 'container', type: TF_ATTR_STRING, value: '' },
      { name: 'shared_name', type: TF_ATTR_STRING, value: `fixres_slot_${count}` },
    ];
    this.handle = tf.keep(backend.executeSingleOutput('VarHandleOp', attributes, []));
  }

  /** Sets the value. The caller keeps ownership of the tensor. */
  assign(value: tf.Tensor): void {
    this.#backend.executeMultipleOutputs(
      'AssignVariableOp',
      [this.#dtype],
      [this.handle, value],
      0,
    );
  }

  /** The value. The caller (or the enclosing tidy) disposes it. */
  read(): tf.Tensor {
    return this.#backend.executeSingleOutput('ReadVariableOp', [this.#dtype], [this.handle]);
  }

  /** Assigns the value to a tfjs variable. */
  copyTo(variable: tf.Variable): void {
    const value = this.read();
    variable.assign(value);
    value.dispose();
  }

  dispose(): void {
    this.#backend.executeMultipleOutputs('DestroyResourceOp', [], [this.handle], 0);
    this.handle.dispose();
  }
}
