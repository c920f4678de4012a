"""Writes test/fixtures/keras-import/*: whole models as Keras 3 and tf_keras write them, and their predictions.

    pip install tensorflow-cpu==2.21.0 keras==3.15.1 tf_keras==2.21.0
    python scripts/make-import-fixtures.py [attention|rectangle|multi_label|last_model]

With one of these words, only those files are made.

Most models are narrow variants of ResNet50V2 and MobileNetV2 with weights from `fill`, keyed by the position of the layer among those
that have weights. `expected.json` contains the predictions for two images of `fill`; `refused.json` contains configurations of models
that are not supported. Files are compressed, because HDF5 pads its content.
"""

import gzip
import json
import os
import sys
import tempfile
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tf_keras
from keras.src.applications.resnet import stack_residual_blocks_v2

from fill import fill
from narrow import narrow

FOLDER = Path(__file__).resolve().parent.parent / "test" / "fixtures" / "keras-import"
expected = {}
refused = {}


def images(height, width=None):
    shape = (2, height, width or height, 3)
    return np.round(127.5 + 127.5 * np.asarray(fill("images", int(np.prod(shape))))).reshape(shape).astype(np.float32)


def resnet(width=2, size=None, epsilon=1.001e-5, activation="relu", pooling=None):
    """resnet26v2 of `createModel` without its top, built from Keras's own blocks."""
    layers = keras.layers
    image = keras.Input((size, size, 3))
    x = layers.ZeroPadding2D(3, name="conv1_pad")(image)
    x = layers.Conv2D(width, 7, strides=2, name="conv1_conv")(x)
    x = layers.ZeroPadding2D(1, name="pool1_pad")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1_pool")(x)
    for stack in range(4):
        x = stack_residual_blocks_v2(x, width * 2**stack, 2, stride1=1 if stack == 3 else 2, name=f"conv{stack + 2}")
    x = layers.BatchNormalization(axis=3, epsilon=epsilon, name="post_bn")(x)
    x = layers.Activation(activation, name="post_relu")(x)
    if pooling == "max":
        x = layers.GlobalMaxPooling2D(name="max_pool")(x)
    return keras.Model(image, x, name="resnet26v2")


def mobilenet(library, size, **options):
    return library.applications.MobileNetV2(weights=None, include_top=False, alpha=0.0625, input_shape=(size, size, 3), **options)


def set_weights(model):
    flat = []

    def visit(layer):
        inner = getattr(layer, "layers", None)
        for each in inner if inner is not None else []:
            visit(each)
        if inner is None and layer.weights and type(layer).__name__ != "Normalization":
            flat.append(layer)

    visit(model)
    for number, layer in enumerate(flat):
        arrays = []
        for i, weight in enumerate(layer.get_weights()):
            # Only a few distinct values, so that the files compress well.
            values = np.round(8 * fill(f"{number}/{i}", weight.size)).reshape(weight.shape) / 8
            if weight.ndim > 1:
                gain = 0.1 if type(layer).__name__ == "Dense" else 1
                values = gain * values * np.sqrt(6 / np.prod(weight.shape[:-1] if type(layer).__name__ != "DepthwiseConv2D" else weight.shape[:2]))
            elif type(layer).__name__ == "BatchNormalization" and i in (0, 3):
                values = 1 + 0.5 * values
            else:
                values = 0.3 * values
            arrays.append(values.astype(np.float32))
        layer.set_weights(arrays)


def compress(path, name):
    with gzip.GzipFile(FOLDER / f"{name}.gz", "wb", mtime=0) as file:
        file.write(Path(path).read_bytes())


def keep(model, stem, size, endings, **facts):
    set_weights(model)
    expected[stem] = {"files": [f"{stem}{ending}" for ending in endings], "size": size, "predictions": model.predict(images(size), verbose=0).tolist(), **facts}
    with tempfile.TemporaryDirectory() as folder:
        for ending in endings:
            path = f"{folder}/{stem}{ending}"
            model.save_weights(path) if ending == ".weights.h5" else model.save(path)
            compress(path, f"{stem}{ending}")


def refuse(model, name):
    refused[name] = json.loads(model.to_json())


def keras3():
    layers = keras.layers
    keras.backend.clear_session()
    image = keras.Input((64, 64, 3))
    x = resnet(size=64)(layers.Rescaling(1 / 127.5, -1)(image), training=False)
    x = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(x))
    keep(keras.Model(image, layers.Dense(5, activation="softmax", name="flowers")(x)), "nested", 64, [".keras", ".h5"], head="softmax")

    base = resnet()
    keep(keras.Sequential([keras.Input((64, 64, 3)), layers.RandomFlip(), layers.Rescaling(1 / 255), layers.Normalization(mean=[0.485, 0.456, 0.406], variance=[0.0524, 0.0502, 0.0506]), base, layers.GlobalAveragePooling2D(), layers.Dense(1, activation="sigmoid")]), "sigmoid", 64, [".keras"], head="sigmoid")

    image = keras.Input((64, 64, 3))
    x = mobilenet(keras, 64, pooling="max")((image / 255.0 - 0.5) * 2)
    keep(keras.Model(image, layers.Dense(5)(x)), "operations", 64, [".keras"], head="logits")

    adapted = layers.Normalization()
    adapted.adapt(images(64))
    image = keras.Input((64, 64, 3))
    x = layers.GlobalAveragePooling2D(keepdims=True)(resnet()(adapted(image)))
    keep(keras.Model(image, layers.Softmax()(layers.Dense(5, use_bias=False)(layers.Flatten()(x)))), "adapted", 64, [".keras"], head="softmax")

    image = keras.Input((100, 100, 3))
    x = mobilenet(keras, 100)(layers.Rescaling([1 / 127.5, 1 / 100, 1 / 90], [-1, -1.1, -0.9])(image))
    keep(keras.Model(image, layers.Dense(5, activation="softmax")(layers.GlobalAveragePooling2D()(x))), "size-100", 100, [".keras"], head="softmax")


def keras2():
    layers = tf_keras.layers
    tf_keras.backend.clear_session()
    base = mobilenet(tf_keras, 64)
    keep(tf_keras.Sequential([tf_keras.Input((64, 64, 3)), layers.Rescaling(1 / 255), base, layers.GlobalAveragePooling2D(), layers.Dense(5, activation="softmax")]), "tf-keras", 64, [".keras", ".h5", ".weights.h5"], head="softmax")
    image = tf_keras.Input((64, 64, 3))
    x = mobilenet(tf_keras, 64, pooling="max")((image / 255.0 - 0.5) * 2)
    keep(tf_keras.Model(image, layers.Dense(5)(x)), "tf-keras-operations", 64, [".keras"], head="logits")


def applications():
    """Networks that are imported layer by layer, at a second size too if they allow it."""
    layers = keras.layers
    keras.backend.clear_session()
    found = {}

    def keep_at_sizes(model, stem, sizes, preprocess=lambda x: x):
        set_weights(model)
        names = [layer.name for layer in model.layers if layer.weights]
        classifier = model.get_layer(names[-1])
        features = keras.Model(model.inputs, classifier.input).predict(preprocess(images(sizes[0])), verbose=0)
        kernel, *bias = classifier.get_weights()
        # Deep networks with random weights are certain of one class.
        classifier.set_weights([kernel / np.std(features.reshape(len(features), -1) @ kernel.reshape(-1, kernel.shape[-1])), *bias])
        found[stem] = {str(size): model.predict(preprocess(images(size)), verbose=0).tolist() for size in sizes}
        with tempfile.TemporaryDirectory() as folder:
            model.save(f"{folder}/model.keras")
            compress(f"{folder}/model.keras", f"{stem}.keras")

    keep_at_sizes(narrow(keras, "VGG16", (32, 32, 3)), "vgg16", [32], keras.applications.vgg16.preprocess_input)

    # Sequential models in a model, statistics of its own, a depthwise convolution as one with
    # groups, and layers that only keras.applications has.
    from keras.src.applications.convnext import ConvNeXt

    image = keras.Input((None, None, 3))
    x = layers.RandomFlip()(image)
    base = ConvNeXt(depths=[1, 1, 2, 1], projection_dims=[4, 6, 8, 10], drop_path_rate=0.2, include_top=False, input_shape=(None, None, 3), name="convnext_test", weights=None)
    x = layers.GlobalAveragePooling2D()(base(x))
    keep_at_sizes(keras.Model(image, layers.Dense(3, activation="softmax")(layers.LayerNormalization()(x)), name="flowers"), "convnext", [32, 64])
    (FOLDER / "applications.json").write_text(json.dumps(found) + "\n")


def attention():
    """Transformers of two blocks, one of them in a nested model, so that names inside the attentions repeat."""
    found = {}

    def block(layers, x, **options):
        y = layers.LayerNormalization()(x)
        y = layers.MultiHeadAttention(2, 3, dropout=0.1, **options)(y, y)
        return layers.Add()([x, y])

    for library, stem, endings in [(keras, "attention", [".keras", ".h5"]), (tf_keras, "tf-keras-attention", [".keras", ".h5"])]:
        layers = library.layers
        library.backend.clear_session()
        tokens = library.Input((4, 6))
        inner = library.Model(tokens, block(layers, block(layers, tokens, name="first"), use_bias=False), name="encoder")
        image = library.Input((8, 8, 3))
        x = layers.Conv2D(6, 4, strides=4)(layers.Rescaling(1 / 255)(image))
        x = inner(layers.Reshape((4, 6))(x))
        mean = layers.Reshape((1, 6))(layers.GlobalAveragePooling1D()(x))
        x = layers.Flatten()(layers.MultiHeadAttention(1, 4, value_dim=5, output_shape=7, name="pool")(mean, x))
        model = library.Model(image, layers.Dense(3, activation="softmax")(x))
        set_weights(model)
        predictions = model.predict(images(8), verbose=0).tolist()
        with tempfile.TemporaryDirectory() as folder:
            for ending in endings:
                model.save(f"{folder}/{stem}{ending}")
                compress(f"{folder}/{stem}{ending}", f"{stem}{ending}")
                found[f"{stem}{ending}"] = predictions
    (FOLDER / "attention.json").write_text(json.dumps(found) + "\n")


def others():
    layers = keras.layers
    keras.backend.clear_session()

    def whole(base, before=lambda x: layers.Rescaling(1 / 127.5, -1)(x), after=lambda x: layers.Dense(5, activation="softmax")(layers.GlobalAveragePooling2D()(x)), training=False):
        image = keras.Input((64, 64, 3))
        return keras.Model(image, after(base(before(image), training=training)))

    pooled = layers.GlobalAveragePooling2D()
    refuse(whole(resnet(), after=lambda x: layers.Dense(5, activation="softmax")(layers.Dense(8, activation="relu", name="hidden")(layers.GlobalAveragePooling2D()(x)))), "hidden layer")
    refuse(whole(resnet(), after=lambda x: layers.Dense(5, activation="softmax")(layers.Flatten(name="flat")(x))), "no pooling")
    refuse(whole(resnet(), after=lambda x: layers.GlobalAveragePooling2D()(x)), "no classifier")
    refuse(whole(resnet(epsilon=1e-3)), "epsilon")
    refuse(whole(resnet(activation="silu")), "activation")
    refuse(whole(resnet(), training=True), "training mode")
    refuse(whole(resnet(), before=lambda x: layers.Resizing(48, 48, name="smaller")(x)), "resizing")
    refuse(whole(resnet(), before=lambda x: layers.Lambda(keras.applications.vgg16.preprocess_input, name="caffe")(x)), "lambda")
    quantised = whole(resnet())
    quantised.layers[-1].quantize("int8")
    refuse(quantised, "quantised")
    image = keras.Input((64, 64, 3))
    x = layers.Conv2D(4, 3)(image)
    refuse(keras.Model(image, layers.Dense(5)(layers.GlobalAveragePooling2D()(x))), "another network")


def rectangle():
    """A model for images of one size, which is no square."""
    layers = keras.layers
    keras.backend.clear_session()
    image = keras.Input((24, 40, 3))
    x = layers.Conv2D(4, 3, strides=2, padding="same", activation="relu")(layers.Rescaling(1 / 127.5, -1)(image))
    x = layers.Flatten()(layers.MaxPooling2D(4)(x))
    model = keras.Model(image, layers.Dense(5, activation="softmax")(x), name="rectangle")
    set_weights(model)
    predictions = model.predict(images(24, 40), verbose=0).tolist()
    with tempfile.TemporaryDirectory() as folder:
        model.save(f"{folder}/rectangle.keras")
        compress(f"{folder}/rectangle.keras", "rectangle.keras")
    (FOLDER / "rectangle.json").write_text(json.dumps(predictions) + "\n")


def last_model():
    """Models that end in another model, functional or sequential: Keras counts their calls differently there."""
    layers = keras.layers
    found = {}
    for stem in ["last-functional", "last-sequential"]:
        keras.backend.clear_session()
        image = keras.Input((8, 8, 3))
        parts = [layers.Conv2D(4, 3, activation="relu"), layers.GlobalAveragePooling2D(), layers.Dense(3, activation="softmax")]
        inner = keras.Sequential([image, *parts], name="network")
        if stem == "last-functional":
            x = image
            for part in parts:
                x = part(x)
            inner = keras.Model(image, x, name="network")
        outer = keras.Input((8, 8, 3))
        model = keras.Model(outer, inner(layers.Rescaling(1 / 127.5, -1)(outer)))
        set_weights(model)
        found[stem] = model.predict(images(8), verbose=0).tolist()
        with tempfile.TemporaryDirectory() as folder:
            model.save(f"{folder}/{stem}.keras")
            compress(f"{folder}/{stem}.keras", f"{stem}.keras")
    (FOLDER / "last-model.json").write_text(json.dumps(found) + "\n")


def multi_label():
    """Models with a probability for each class on its own: a known network, and classifiers that are convolutions, one of them without its sigmoid."""
    layers = keras.layers
    keras.backend.clear_session()
    image = keras.Input((64, 64, 3))
    x = resnet()(layers.Rescaling(1 / 127.5, -1)(image))
    known = keras.Model(image, layers.Dense(3, activation="sigmoid", name="labels")(layers.GlobalAveragePooling2D()(x)))

    def convolution(activation):
        image = keras.Input((32, 32, 3))
        x = layers.Conv2D(8, 3, strides=2, activation="relu")(layers.Rescaling(1 / 127.5, -1)(image))
        x = layers.Conv2D(3, 1, activation=activation, name="labels")(layers.GlobalAveragePooling2D(keepdims=True)(x))
        return keras.Model(image, layers.Flatten()(x))

    found = {}
    for stem, size, model in [("multi-label", 64, known), ("multi-label-convolution", 32, convolution("sigmoid")), ("multi-label-logits", 32, convolution(None))]:
        set_weights(model)
        predictions = model.predict(images(size), verbose=0)
        if stem == "multi-label-logits":
            predictions = keras.activations.sigmoid(predictions).numpy()
        found[stem] = {"size": size, "predictions": predictions.tolist()}
        with tempfile.TemporaryDirectory() as folder:
            model.save(f"{folder}/model.keras")
            compress(f"{folder}/model.keras", f"{stem}.keras")
    (FOLDER / "multi-label.json").write_text(json.dumps(found) + "\n")


def normalization():
    """A layer Normalization adapted to numbers 0 to 95, in the layout of tf_keras's `.h5`."""
    layers = tf_keras.layers
    tf_keras.backend.clear_session()
    adapted = layers.Normalization()
    adapted.adapt(np.arange(96, dtype=np.float32).reshape(2, 4, 4, 3))
    model = tf_keras.Sequential([tf_keras.Input((8, 8, 3)), adapted, layers.GlobalAveragePooling2D(), layers.Dense(3, activation="softmax")])
    set_weights(model)
    predictions = model.predict(images(8), verbose=0).tolist()
    with tempfile.TemporaryDirectory() as folder:
        model.save(f"{folder}/normalization.h5")
        compress(f"{folder}/normalization.h5", "normalization.h5")
    (FOLDER / "normalization.json").write_text(json.dumps(predictions) + "\n")


def files():
    """Small files of other kinds: shards, a subclassed model, int8."""
    layers = keras.layers
    keras.backend.clear_session()
    small = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(8, 3, name="conv"), layers.BatchNormalization(name="norm"), layers.GlobalAveragePooling2D(), layers.Dense(4, name="dense")])
    set_weights(small)
    (FOLDER / "shards").mkdir(exist_ok=True)
    small.save_weights(FOLDER / "shards" / "whole.weights.h5")
    small.save_weights(FOLDER / "shards" / "index.weights.json", max_shard_size=1e-6)

    class Flowers(keras.Model):
        def __init__(self):
            super().__init__()
            self.backbone = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(2, 3), layers.GlobalAveragePooling2D()])
            self.head = layers.Dense(3)

        def call(self, x):
            return self.head(self.backbone(x))

    subclassed = Flowers()
    subclassed(np.zeros((1, 8, 8, 3), np.float32))
    subclassed.save_weights(FOLDER / "subclassed.weights.h5")
    small.layers[-1].quantize("int8")
    small.save_weights(FOLDER / "int8.weights.h5")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    parts = {"attention": attention, "rectangle": rectangle, "multi_label": multi_label, "last_model": last_model}
    asked = sys.argv[1:] or list(parts)
    for name in asked:
        parts[name]()
    if sys.argv[1:]:
        sys.exit()
    keras3()
    keras2()
    applications()
    others()
    normalization()
    files()
    (FOLDER / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
    with gzip.GzipFile(FOLDER / "refused.json.gz", "wb", mtime=0) as file:
        file.write(json.dumps(refused).encode())
