import * as tf from '@tensorflow/tfjs-core';

/**
 * Keras activation functions that tfjs lacks or computes by another formula, under their names in
 * model.json. Saved models use these names, so that a program without these functions rejects the
 * model.
 */
const functions: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  // Keras 3's formula; tfjs's `hardSigmoid` is that of Keras 2, max(0, min(1, 0.2 x + 0.5)).
  keras3HardSigmoid: hardSigmoid,
  hardSilu: (x) => tf.mul(x, hardSigmoid(x)),
  exponential: (x) => tf.exp(x),
  leakyRelu: (x) => tf.leakyRelu(x, 0.2),
  celu: (x) => tf.elu(x),
  squareplus: (x) => tf.mul(0.5, tf.add(x, tf.sqrt(tf.add(tf.square(x), 4)))),
  logSigmoid: (x) => tf.neg(tf.softplus(tf.neg(x))),
  hardTanh: (x) => tf.clipByValue(x, -1, 1),
  tanhShrink: (x) => tf.sub(x, tf.tanh(x)),
  hardShrink: (x) => tf.mul(x, tf.step(tf.sub(tf.abs(x), 0.5))),
  softShrink: (x) => tf.sub(tf.relu(tf.sub(x, 0.5)), tf.relu(tf.sub(tf.neg(x), 0.5))),
  sparseSigmoid: (x) => tf.mul(0.5, tf.add(1, tf.clipByValue(x, -1, 1))),
  sparsePlus: (x) =>
    tf.add(tf.mul(0.25, tf.square(tf.add(1, tf.clipByValue(x, -1, 1)))), tf.relu(tf.sub(x, 1))),
};

/** Names in the layers' configurations. */
export const kerasActivations: readonly string[] = Object.keys(functions);

function hardSigmoid(x: tf.Tensor): tf.Tensor {
  return tf.mul(1 / 6, tf.relu6(tf.add(x, 3)));
}

// In tfjs, activations are classes that each layer instantiates by name.
for (const [name, compute] of Object.entries(functions)) {
  tf.serialization.registerClass(
    class extends tf.serialization.Serializable {
      static className = name;

      apply(x: tf.Tensor): tf.Tensor {
        return tf.tidy(() => compute(x));
      }

      override getConfig(): tf.serialization.ConfigDict {
        return {};
      }
    },
  );
}
