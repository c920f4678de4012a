"""Writes test/fixtures/keras-networks.json.gz: whole networks as Keras 3 and tf_keras describe them, and their predictions for one image.

    pip install keras==3.15.1 tensorflow-cpu==2.21.0 tf_keras==2.21.0
    python scripts/make-networks-fixture.py

They test what single layers cannot: arithmetic on tensors between layers, and weights of many layers by name.
Both sides compute weights and images with `fill`.
"""
import gzip
import json
import math
import os
import pathlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
import tf_keras

from fill import fill
from narrow import narrow

SIZE = 64
SHAPE = (SIZE, SIZE, 3)


def sequential(K):
    layers = K.layers
    return K.Sequential(
        [
            K.Input(SHAPE),
            layers.Rescaling(1 / 127.5, -1),
            layers.Conv2D(4, 3, strides=4, activation="hard_sigmoid", kernel_regularizer="l2"),
            layers.DepthwiseConv2D(3, dilation_rate=2),
            layers.LeakyReLU(0.1),
            layers.GlobalAveragePooling2D(keepdims=True),
            layers.Flatten(),
            layers.Dense(5, activation="softmax"),
        ]
    )


def nested(K):
    """A Sequential that is called twice, with arithmetic in between."""
    layers = K.layers
    image = K.Input(SHAPE)
    inner = K.Sequential([K.Input(SHAPE), layers.Conv2D(4, 5, strides=4, padding="same"), layers.ReLU(6, 0.1), layers.DepthwiseConv2D(3), layers.UpSampling2D(interpolation="bilinear")])
    x = image / 127.5 - 1
    y = layers.Concatenate()([inner(x), inner(1 - x)]) * 0.5
    return K.Model(image, layers.Dense(5, activation="softmax")(layers.GlobalMaxPooling2D()(y)))


def application(name, **options):
    return lambda K: getattr(K.applications, name)(weights=None, input_shape=SHAPE, classes=5, **options)


NETWORKS = {
    "MobileNetV3Small": application("MobileNetV3Small", alpha=0.75),
    "EfficientNetB0": application("EfficientNetB0"),
    "Sequential": sequential,
    "nested": nested,
}
# Keras 2 writes these in the same form as the networks above.
# Xception needs 71 pixels.
LARGER = 72
APPLICATIONS = {name: lambda K, name=name: narrow(K, name, (LARGER, LARGER, 3)) for name in ["ConvNeXtTiny", "DenseNet121", "EfficientNetV2B0", "ResNet50", "VGG16", "Xception"]}


def weight(key, name, shape):
    """Scaled so that signals neither vanish nor grow."""
    if name == "count":
        return np.zeros(shape)
    values = fill(key, math.prod(shape)).reshape(shape)
    if name.endswith("kernel"):
        fan_in = shape[0] * shape[1] if len(shape) == 4 and (name.startswith("depthwise") or shape[3] == 1) else math.prod(shape[:-1])
        return values * math.sqrt(6 / fan_in)
    return 1 + 0.2 * values if name in {"gamma", "moving_variance", "variance"} else 0.1 * values


def network(K, name, make, size=SIZE):
    K.backend.clear_session()
    model = make(K)
    weights = []
    for variable in model.weights:
        path = variable.path if K is keras else variable.name.removesuffix(":0")
        if "seed_generator" in path:
            continue
        shape = [int(side) for side in variable.shape]
        variable.assign(weight(f"{name}/{len(weights)}", path.split("/")[-1], shape))
        weights.append({"name": path, "shape": shape})
    for layer in model.layers:
        # Normalization computes with copies of its weights, which are renewed when a file is
        # loaded.
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()
    image = (127.5 * (1 + fill(f"{name}/image", size * size * 3))).reshape(1, size, size, 3).astype("float32")
    if name in APPLICATIONS:
        # Deep networks with random weights are certain of one class, so the classifier's kernel is
        # scaled down, on both sides.
        features = K.Model(model.inputs, model.layers[-1].input)(image, training=False)
        kernel = model.layers[-1].kernel
        scale = float(f"{1 / np.std(np.asarray(features) @ np.asarray(kernel)):.3g}")
        kernel.assign(np.asarray(kernel) * np.float32(scale))
        next(entry for entry in reversed(weights) if entry["name"].endswith("kernel"))["scale"] = scale
    probabilities = np.asarray(model(image, training=False)).ravel().tolist()
    print(K.__name__, name, probabilities)
    return {"keras": 3 if K is keras else 2, "name": name, **({"narrow": True} if name in APPLICATIONS else {}), "size": size, "topology": json.loads(model.to_json()), "weights": weights, "probabilities": probabilities}


fixture = {"networks": [
    *(network(K, name, make) for K in (keras, tf_keras) for name, make in NETWORKS.items()),
    *(network(keras, name, make, LARGER) for name, make in APPLICATIONS.items()),
]}
path = pathlib.Path(__file__).parent.parent / "test/fixtures/keras-networks.json.gz"
# No timestamp, so every run writes the same file.
path.write_bytes(gzip.compress(json.dumps(fixture, separators=(",", ":")).encode(), mtime=0))
print(path.stat().st_size, "bytes")
