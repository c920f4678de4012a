#!/bin/sh
# For images, the moving variance of batch normalisation is unbiased in tf.keras of TensorFlow 2 (tf_keras) and biased in Keras 3.
#
# The layer, its arguments and TensorFlow are the same. For images (4-D), tf_keras runs a fused kernel that multiplies the variance by
# n / (n - 1) before it is stored; for vectors it does not. With few values in a batch, a model that is moved from one to the other is
# evaluated with different statistics.
#
# Seen with tf_keras 2.21.0, Keras 3.15.1 and TensorFlow 2.21.0, for the values 1, 2, 3, 6 with momentum 0:
#   tf_keras  images 4.667, vectors 3.500
#   keras     images 3.500, vectors 3.500
. "$(dirname "$0")/lib/packages.sh"

with_pip tensorflow-cpu==2.21.0 keras==3.15.1 tf_keras==2.21.0
cat > try.py <<'EOF'
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import tensorflow as tf
import tf_keras

print(f"tf_keras {tf_keras.__version__}, Keras {keras.__version__}, TensorFlow {tf.__version__}")
values = tf.constant([1.0, 2.0, 3.0, 6.0])
changed = False
for library, seen in ((tf_keras, "images 4.667, vectors 3.500"), (keras, "images 3.500, vectors 3.500")):
    kept = []
    for shape in ((4, 1, 1, 1), (4, 1)):
        norm = library.layers.BatchNormalization(momentum=0.0)
        norm(tf.reshape(values, shape), training=True)
        kept.append(norm.get_weights()[3][0])
    text = f"images {kept[0]:.3f}, vectors {kept[1]:.3f}"
    print(f"{library.__name__:8}  {text}")
    changed = changed or text != seen
raise SystemExit(1 if changed else 0)
EOF
venv/bin/python try.py
