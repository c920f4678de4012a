#!/bin/sh
# A frozen batch normalisation of TensorFlow.js still normalises with the batch's statistics, and its running statistics move.
#
# In Keras since 2.0, a layer with trainable = false runs in inference mode, so fine-tuning does not change it. TensorFlow.js has the same
# layer with the same field, but the field only removes gamma and beta from the optimiser.
#
# Seen with @tensorflow/tfjs-layers 4.22.0 on Node 20.20:
#   before training  moving mean 0, variance 1
#   after one step   moving mean 0.13, variance 1.04
#   its output in training has the mean 0.00; with the moving statistics of before it would be 13.00
. "$(dirname "$0")/lib/packages.sh"

with_npm @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-layers@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0
cat > try.mjs <<'EOF'
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential, version_layers } from '@tensorflow/tfjs-layers';

const norm = layers.batchNormalization({ trainable: false, inputShape: [1] });
const model = sequential({ layers: [norm, layers.dense({ units: 1 })] });
model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
const x = tf.tensor2d([[10], [12], [14], [16]]);
const statistics = () => norm.getWeights().slice(2).map((weight) => Number(weight.dataSync()[0].toFixed(2)));
const show = ([mean, variance]) => `moving mean ${mean}, variance ${variance}`;

const before = statistics();
await model.fit(x, tf.zeros([4, 1]), { batchSize: 4, verbose: 0 });
const after = statistics();
const output = tf.mean(norm.apply(x, { training: true })).dataSync()[0];
console.log(`@tensorflow/tfjs-layers ${version_layers}, Node ${process.versions.node}`);
console.log(`before training  ${show(before)}`);
console.log(`after one step   ${show(after)}`);
console.log(`its output in training has the mean ${Math.abs(output).toFixed(2)}; with the moving statistics of before it would be 13.00`);
process.exitCode = after.join() === '0.13,1.04' && Math.abs(output) < 0.01 ? 0 : 1;
EOF
node try.mjs
