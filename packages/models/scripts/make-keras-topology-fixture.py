"""Writes test/fixtures/keras3-model.json: a small model of Keras 3 as it describes itself, its weights, an input and its output.

    pip install tensorflow-cpu==2.21.0
    python scripts/make-keras-topology-fixture.py
"""
import json
import pathlib

import keras
import numpy as np

layers = keras.layers
keras.utils.set_random_seed(0)
inner_input = keras.Input((8, 8, 2), name="inner_input")
inner = keras.Model(inner_input, layers.BatchNormalization(name="inner_bn")(layers.Conv2D(2, 1, name="inner_conv")(inner_input)), name="inner")
image = keras.Input((8, 8, 3), name="image")
x = layers.Conv2D(2, 3, padding="same", name="conv")(image)
y = inner(layers.ReLU(name="relu")(layers.BatchNormalization(name="bn")(x)))
pooled = layers.GlobalAveragePooling2D(name="pool")(layers.Add(name="add")([x, y]))
model = keras.Model(image, layers.Dense(3, activation="softmax", name="predictions")(pooled), name="outer")

random = np.random.default_rng(0)
for weight in model.weights:
    weight.assign(random.uniform(0.2, 1.0, weight.shape))
images = random.uniform(-1, 1, (2, 8, 8, 3)).astype("float32")


def leaves(parent):
    return [leaf for layer in parent.layers for leaf in (leaves(layer) if isinstance(layer, keras.Model) else [layer])]


fixture = {
    "keras": keras.__version__,
    "topology": json.loads(model.to_json()),
    "weights": [
        {"name": f"{layer.name}/{weight.name}", "shape": list(weight.shape), "values": np.asarray(weight).ravel().round(6).tolist()}
        for layer in leaves(model)
        for weight in layer.weights
    ],
    "images": images.ravel().round(6).tolist(),
}
for weight, rounded in zip((w for layer in leaves(model) for w in layer.weights), fixture["weights"]):
    weight.assign(np.reshape(rounded["values"], weight.shape))
fixture["probabilities"] = np.asarray(model(np.reshape(fixture["images"], images.shape).astype("float32"))).ravel().tolist()
path = pathlib.Path(__file__).parent.parent / "test/fixtures/keras3-model.json"
path.write_text(json.dumps(fixture) + "\n")
