#!/bin/sh
# On the wasm backend of TensorFlow.js, the gradient of a max pooling goes to the wrong pixel if a window has no positive value.
#
# Each window passes its gradient to its largest value, so the sum of the gradient is the number of windows. The wasm kernel starts with 0 as
# the largest value: a window of negative values passes its gradient to the first pixel of the tensor. After a ReLU this has no effect. In a
# pre-activation network such as ResNetV2, the pooled values have either sign.
#
# Seen with @tensorflow/tfjs-backend-wasm 4.22.0 on Node 20.20, for a pool of 2x2 with stride 2 over 4x4 values from -16 to -1:
#   cpu   0 0 0 0  0 1 0 1  0 0 0 0  0 1 0 1
#   wasm  1 0 0 0  0 0 0 0  0 0 0 0  0 0 0 0
. "$(dirname "$0")/lib/packages.sh"

with_npm @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-layers@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0
cat > try.mjs <<'EOF'
import '@tensorflow/tfjs-backend-cpu';
import { version_wasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
// Registers the gradients.
import '@tensorflow/tfjs-layers';

console.log(`@tensorflow/tfjs-backend-wasm ${version_wasm}, Node ${process.versions.node}`);
const expected = {
  cpu: '0 0 0 0  0 1 0 1  0 0 0 0  0 1 0 1',
  wasm: '1 0 0 0  0 0 0 0  0 0 0 0  0 0 0 0',
};
for (const [backend, seen] of Object.entries(expected)) {
  await tf.setBackend(backend);
  const x = tf.reshape(tf.range(-16, 0), [1, 4, 4, 1]);
  const gradient = tf.grad((image) => tf.maxPool(image, 2, 2, 'valid'))(x);
  const rows = tf.reshape(gradient, [4, 4]).arraySync();
  const text = rows.map((row) => row.join(' ')).join('  ');
  console.log(`${backend.padEnd(4)}  ${text}`);
  if (text !== seen) process.exitCode = 1;
}
EOF
node try.mjs
