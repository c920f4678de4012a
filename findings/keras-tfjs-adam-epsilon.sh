#!/bin/sh
# The first step of Adam along a small gradient is 16 times as long in TensorFlow.js as in Keras, with the same rate and epsilon (1e-7).
#
# Keras adds epsilon to the root of the second moment before it corrects the bias ("epsilon hat" in the paper), TensorFlow.js after. If
# gradients are as small as epsilon, as in the lower layers of deep networks, the two train at different speeds at first.
#
# Seen with Keras 3.15.1 on TensorFlow 2.21.0 and @tensorflow/tfjs-core 4.22.0 on Node 20.20, gradient 1e-7, rate 0.001:
#   Keras          -3.07e-05
#   TensorFlow.js  -5.00e-4
. "$(dirname "$0")/lib/packages.sh"

with_pip tensorflow-cpu==2.21.0 keras==3.15.1
with_npm @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0
cat > try.py <<'EOF'
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras

variable = keras.Variable(0.0)
keras.optimizers.Adam(0.001).apply([keras.ops.convert_to_tensor(1e-7)], [variable])
step = float(variable)
print(f"Keras {keras.__version__}  {step:.2e}")
raise SystemExit(0 if abs(step + 3.065e-5) < 1e-7 else 1)
EOF
cat > try.mjs <<'EOF'
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';

const variable = tf.variable(tf.scalar(0));
tf.train.adam(0.001).applyGradients({ [variable.name]: tf.scalar(1e-7) });
const [step] = variable.dataSync();
console.log(`TensorFlow.js ${tf.version_core}  ${step.toExponential(2)}`);
process.exitCode = Math.abs(step + 5e-4) < 1e-6 ? 0 : 1;
EOF
venv/bin/python try.py
node try.mjs
