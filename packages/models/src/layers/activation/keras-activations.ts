import * as tf from '@tensorflow/tfjs-core';

/**
 * Activation functions of Keras that tfjs lacks, or computes by another formula, under the names that model.json has for them. Saved models
 * name them, so that a program without them refuses the model.
 */
const functions: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  // Keras 3's; tfjs's `hardSigmoid` is that of Keras 2, max(0, min(1, 0.2 x + 0.5)).
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

/** As layers' configurations have them. */
export const kerasActivations: readonly string[] = Object.keys(functions);

function hardSigmoid(x: tf.Tensor): tf.Tensor {
  return tf.mul(1 / 6, tf.relu6(tf.add(x, 3)));
}

// Activations are classes to tfjs, which makes one of them for each layer by its name.
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
