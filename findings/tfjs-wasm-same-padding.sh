#!/bin/sh
# On the wasm backend of TensorFlow.js, a convolution with padding "same" outputs only zeros if its strides exceed its kernel.
#
# This happens if the last window ends before the image does, also for depthwise convolutions. Kernels of one pixel are correct. There is no
# error.
#
# Seen with @tensorflow/tfjs-backend-wasm 4.22.0 on Node 20.20, for 6x6 ones, a kernel of 2x2 ones and strides of 3:
#   cpu   4 4  4 4
#   wasm  0 0  0 0
. "$(dirname "$0")/lib/packages.sh"

with_npm @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0
cat > try.mjs <<'EOF'
import '@tensorflow/tfjs-backend-cpu';
import { version_wasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';

console.log(`@tensorflow/tfjs-backend-wasm ${version_wasm}, Node ${process.versions.node}`);
const expected = { cpu: '4 4  4 4', wasm: '0 0  0 0' };
for (const [backend, seen] of Object.entries(expected)) {
  await tf.setBackend(backend);
  const y = tf.conv2d(tf.ones([1, 6, 6, 1]), tf.ones([2, 2, 1, 1]), 3, 'same');
  const text = tf.reshape(y, [2, 2]).arraySync().map((row) => row.join(' ')).join('  ');
  console.log(`${backend.padEnd(4)}  ${text}`);
  if (text !== seen) process.exitCode = 1;
}
EOF
node try.mjs
