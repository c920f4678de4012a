#!/bin/sh
# load_weights of a .weights.h5 file matches layers by order, not by name.
#
# The file contains the names. But its groups are called by class and number (layers/dense, layers/dense_1), and only these are used. If a
# program builds the same layers in another order, weights are swapped without an error, as long as their shapes agree.
#
# Seen with Keras 3.15.1 on TensorFlow 2.21.0: left holds 1, right holds 2; loaded into a model that makes right first:
#   right 1, left 2
. "$(dirname "$0")/lib/packages.sh"

with_pip tensorflow-cpu==2.21.0 keras==3.15.1
cat > try.py <<'EOF'
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
import tensorflow as tf


def model(*names):
    image = keras.Input((2,))
    return keras.Model(image, [keras.layers.Dense(2, use_bias=False, name=name)(image) for name in names])


print(f"Keras {keras.__version__}, TensorFlow {tf.__version__}")
saved = model("left", "right")
for name, value in (("left", 1), ("right", 2)):
    saved.get_layer(name).set_weights([np.full((2, 2), value, "float32")])
saved.save_weights("a.weights.h5")
loaded = model("right", "left")
loaded.load_weights("a.weights.h5")
text = ", ".join(f"{layer.name} {layer.get_weights()[0][0, 0]:g}" for layer in loaded.layers[1:])
print(text)
raise SystemExit(0 if text == "right 1, left 2" else 1)
EOF
venv/bin/python try.py
