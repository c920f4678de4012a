"""Writes test/fixtures/keras/*: weight files as Keras writes them, and Keras's predictions with them.

    pip install tensorflow-cpu==2.21.0 pillow
    python scripts/make-weights-fixtures.py

The models are a narrow variant of ResNet50V2 with its layer names, random and trained, and small models whose arrays both sides
compute by the same formula (`fill`). The photos are drawings of `syntheticFlowers`, one per class.
"""

import json
import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from keras.src.applications.resnet import stack_residual_blocks_v2
from PIL import Image

from fill import fill

FOLDER = Path(__file__).resolve().parent.parent / "test" / "fixtures" / "keras"
PHOTOS = sorted((FOLDER / "photos").iterdir())
CLASSES = [photo.stem for photo in PHOTOS]
SIZE = 64
WIDTH = 2
EPSILON = 1.001e-5


def relative(rescaling):
    """resnet26v2 of `createModel`, two channels wide, built from Keras's own blocks."""
    keras.backend.clear_session()
    image = keras.Input((None, None, 3), name="input_layer")
    x = layers.Rescaling(1 / 127.5, -1, name="rescaling")(image) if rescaling else image
    x = layers.ZeroPadding2D(3, name="conv1_pad")(x)
    x = layers.Conv2D(WIDTH, 7, strides=2, name="conv1_conv")(x)
    x = layers.ZeroPadding2D(1, name="pool1_pad")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1_pool")(x)
    for stack in range(4):
        stride = 1 if stack == 3 else 2
        x = stack_residual_blocks_v2(x, WIDTH * 2**stack, 2, stride1=stride, name=f"conv{stack + 2}")
    x = layers.BatchNormalization(axis=3, epsilon=EPSILON, name="post_bn")(x)
    x = layers.Activation("relu", name="post_relu")(x)
    x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    x = layers.Dense(len(CLASSES), activation="softmax", name="predictions")(x)
    return keras.Model(image, x, name="resnet26v2")


def photos():
    """The photos under the policy `resize`: squashed, bilinear, not antialiased, rounded to levels."""
    images = []
    for photo in PHOTOS:
        pixels = np.asarray(Image.open(photo).convert("RGB"), np.float32)
        resized = tf.image.resize(pixels, (SIZE, SIZE), method="bilinear", antialias=False)
        images.append(np.clip(np.round(resized.numpy()), 0, 255))
    return np.stack(images).astype(np.float32)


def train(model, images):
    """A short training on mirrored and noisy copies, so that weights and running statistics are
    realistic."""
    random = np.random.default_rng(0)
    labels = np.arange(len(images))
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="sparse_categorical_crossentropy")
    for _ in range(120):
        copies = np.concatenate([images, images[:, :, ::-1], images])
        copies = np.clip(copies * random.uniform(0.8, 1.2, (len(copies), 1, 1, 1)) + random.normal(0, 12, copies.shape), 0, 255)
        model.train_on_batch(copies.astype(np.float32), np.tile(labels, 3))
    return model


def fill_arrays(model):
    """Fills every array of a model, and of nested models, with the numbers of
    `fill('<layer>/<number>')`."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            fill_arrays(layer)
        elif layer.weights:
            own = layer.trainable_weights + layer.non_trainable_weights
            layer.set_weights([fill(f"{layer.name}/{i}", int(np.prod(w.shape))).astype(np.float32).reshape(w.shape) for i, w in enumerate(own)])
    return model


def nested():
    """A typical user model: a nested trunk and a head."""
    keras.backend.clear_session()
    image = keras.Input((32, 32, 3), name="trunk_input")
    x = layers.Conv2D(4, 3, use_bias=False, name="first_conv")(image)
    x = layers.BatchNormalization(name="first_bn")(x)
    x = layers.ReLU(name="first_relu")(x)
    x = layers.DepthwiseConv2D(3, name="depthwise")(x)
    trunk = keras.Model(image, layers.BatchNormalization(name="last_bn")(x), name="trunk")
    image = keras.Input((32, 32, 3), name="image")
    x = layers.Dropout(0.2, seed=1, name="dropout")(trunk(layers.Rescaling(1 / 255, name="rescaling")(image)))
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return fill_arrays(keras.Model(image, layers.Dense(3, name="head")(x), name="whole"))


def numbered():
    """Numbered names that do not start at 0, as in a long session."""
    keras.backend.clear_session()
    for _ in range(2):
        layers.Conv2D(3, 1), layers.BatchNormalization(), layers.Dense(3)
    model = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(3, 1), layers.BatchNormalization()])
    for layer in [layers.Conv2D(3, 1), layers.BatchNormalization(), layers.GlobalAveragePooling2D(), layers.Dense(3)]:
        model.add(layer)
    return fill_arrays(model)


def main():
    images = photos()
    random = relative(rescaling=False)
    random.save_weights(FOLDER / "random.weights.h5")
    expected = {"classes": CLASSES, "size": SIZE, "random": random.predict(images / 127.5 - 1, verbose=0).tolist()}

    trained = train(relative(rescaling=True), images)
    trained.save(FOLDER / "trained.keras")
    trained.save(FOLDER / "trained.h5")
    trained.save_weights(FOLDER / "trained.weights.h5")
    expected["trained"] = trained.predict(images, verbose=0).tolist()
    (FOLDER / "predictions.json").write_text(json.dumps(expected) + "\n")

    for name, model in (("nested", nested()), ("numbered", numbered())):
        model.save_weights(FOLDER / f"{name}.weights.h5")
        model.save(FOLDER / f"{name}.h5")


if __name__ == "__main__":
    main()
