#!/bin/sh
# In Keras 3, a layer that was called with training=True in a functional model uses it in model(x), but not in model.predict(x).
#
# Layers are called this way to have dropout at test time (Monte Carlo dropout), or batch statistics in a fine-tuned trunk. In tf_keras
# (Keras 2) the recorded value applies in both. In Keras 3 the value passed by predict, evaluate and fit applies, although the saved
# configuration still contains training: True. So the configuration does not define what the model does.
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
