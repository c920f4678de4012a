#!/bin/sh
# A softmax layer with categoricalCrossentropy learns from a confident mistake in Keras, but not in TensorFlow.js.
#
# In both, the loss gets probabilities and clips them to 1e-7. But Keras remembers the logits of its softmax and computes the loss from
# them, in graphs and eagerly. TensorFlow.js clips the probabilities, and the gradient of a clipped value is 0. A model that is ported
# without changes does not learn from the images that it gets most wrong.
#
# Seen with Keras 3.15.1 on TensorFlow 2.21.0 and @tensorflow/tfjs-layers 4.22.0 on Node 20.20: weights 0 and 20, class 0 is right,
# one step of gradient descent with the rate 0.01:
#   Keras          0.01, 19.99
#   TensorFlow.js  0.00, 20.00
. "$(dirname "$0")/lib/packages.sh"

with_pip tensorflow-cpu==2.21.0 keras==3.15.1
with_npm @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-layers@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0
cat > try.py <<'EOF'
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np

dense = keras.layers.Dense(2, use_bias=False, activation="softmax")
model = keras.Sequential([keras.Input((1,)), dense])
dense.set_weights([np.array([[0.0, 20.0]])])
model.compile(keras.optimizers.SGD(0.01), "categorical_crossentropy")
model.fit(np.ones((1, 1)), np.array([[1.0, 0.0]]), verbose=0)
text = ", ".join(f"{weight:.2f}" for weight in dense.get_weights()[0][0])
print(f"Keras {keras.__version__}  {text}")
raise SystemExit(0 if text == "0.01, 19.99" else 1)
EOF
cat > try.mjs <<'EOF'
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential, version_layers } from '@tensorflow/tfjs-layers';

const dense = layers.dense({ units: 2, useBias: false, activation: 'softmax', inputShape: [1] });
const model = sequential({ layers: [dense] });
dense.setWeights([tf.tensor2d([[0, 20]])]);
model.compile({ optimizer: tf.train.sgd(0.01), loss: 'categoricalCrossentropy' });
await model.fit(tf.ones([1, 1]), tf.tensor2d([[1, 0]]), { verbose: 0 });
const text = Array.from(dense.getWeights()[0].dataSync(), (weight) => weight.toFixed(2)).join(', ');
console.log(`TensorFlow.js ${version_layers}  ${text}`);
process.exitCode = text === '0.00, 20.00' ? 0 : 1;
EOF
venv/bin/python try.py
node try.mjs
