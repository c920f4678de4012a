#!/bin/sh
# A Keras configuration numbers the same call of a nested model 0 in one place and 1 in another.
#
# keras_history and output_layers name a tensor by its layer and the number of the layer's call. A layer that takes the result of a nested
# functional model calls it 0, the first. If that result is the output of the model itself, output_layers calls it 1. With a nested
# Sequential it is 0 in both places. A reader that follows one rule finds no such call.
#
# Seen with Keras 3.15.1 on TensorFlow 2.21.0:
#   nested Functional: a layer takes ['nested', 0, 0], as the output of the model it is ['nested', 1, 0]
#   nested Sequential: a layer takes ['nested', 0, 0], as the output of the model it is ['nested', 0, 0]
. "$(dirname "$0")/lib/packages.sh"

with_pip tensorflow-cpu==2.21.0 keras==3.15.1
cat > try.py <<'EOF'
import json
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import tensorflow as tf


def nested(kind):
    image = keras.Input((8, 8, 3))
    pool = keras.layers.GlobalAveragePooling2D()
    if kind == "Sequential":
        return keras.Sequential([image, pool], name="nested")
    return keras.Model(image, pool(image), name="nested")


def config(kind, head):
    image = keras.Input((8, 8, 3))
    x = nested(kind)(image)
    return json.loads(keras.Model(image, head(x) if head else x).to_json())["config"]


print(f"Keras {keras.__version__}, TensorFlow {tf.__version__}")
seen = []
for kind in ("Functional", "Sequential"):
    call = config(kind, keras.layers.Dense(2))["layers"][-1]["inbound_nodes"][0]
    taken = call["args"][0]["config"]["keras_history"]
    output = config(kind, None)["output_layers"]
    print(f"nested {kind}: a layer takes {taken}, as the output of the model it is {output}")
    seen.append([taken[1], output[1]])
raise SystemExit(0 if seen == [[0, 1], [0, 0]] else 1)
EOF
venv/bin/python try.py
