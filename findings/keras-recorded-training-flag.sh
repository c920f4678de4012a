#!/bin/sh
# A layer that is called with training=True while a functional model is built obeys in model(x), and not in model.predict(x), in Keras 3.
#
# People call a layer so to have dropout at test time (Monte Carlo dropout), or batch statistics in a fine-tuned trunk. tf_keras (Keras 2) lets
# the recorded value win in both. In Keras 3 the value that predict, evaluate and fit hand down wins, though the saved configuration
# says training: True still. Whoever reads that configuration cannot tell what the model will do.
#
# Seen with Keras 3.15.1, tf_keras 2.21.0 and TensorFlow 2.21.0, for batch normalisation of the values 1 and 3, built with training=True:
#   tf_keras  model(x) -1.000 1.000, predict -1.000 1.000
#   keras     model(x) -1.000 1.000, predict 1.000 2.999
. "$(dirname "$0")/lib/packages.sh"

with_pip tensorflow-cpu==2.21.0 keras==3.15.1 tf_keras==2.21.0
cat > try.py <<'EOF'
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
import tensorflow as tf
import tf_keras

print(f"tf_keras {tf_keras.__version__}, Keras {keras.__version__}, TensorFlow {tf.__version__}")
values = np.array([[1.0], [3.0]], np.float32)
expected = {"tf_keras": "model(x) -1.000 1.000, predict -1.000 1.000", "keras": "model(x) -1.000 1.000, predict 1.000 2.999"}
changed = False
for name, library in (("tf_keras", tf_keras), ("keras", keras)):
    # The moving statistics of a new layer are mean 0 and variance 1.
    text = []
    for call in ("model(x)", "predict"):
        image = library.Input((1,))
        model = library.Model(image, library.layers.BatchNormalization()(image, training=True))
        result = model.predict(values, verbose=0) if call == "predict" else model(values).numpy()
        text.append(f"{call} {result[0, 0]:.3f} {result[1, 0]:.3f}")
    text = ", ".join(text)
    print(f"{name:9} {text}")
    changed = changed or text != expected[name]
raise SystemExit(1 if changed else 0)
EOF
venv/bin/python try.py
