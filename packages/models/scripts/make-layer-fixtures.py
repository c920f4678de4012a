"""Writes test/fixtures/keras-layers.json.gz: models of one layer each, with inputs and outputs, of Keras 3 and of tf_keras (Keras 2).

    pip install keras==3.15.1 tensorflow-cpu==2.21.0 tf_keras==2.21.0
    python scripts/make-layer-fixtures.py [CLASS ...]

With classes, the file keeps the cases of all others, which the same versions must have made.

Covers every class that tfjs-layers 4.22 registers, with every constructor argument that affects what it computes: each listed value
alone, and several arguments at once, drawn at random. The script fails on an argument that is neither listed nor known to have no effect.
"""
import gzip
import inspect
import itertools
import json
import math
import os
import pathlib
import random
import re
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
import tf_keras

from fill import fill

KERAS = {3: keras, 2: tf_keras}
RANDOM_DRAWS = {3: 6, 2: 3}

# Arguments of any layer that do not affect predictions, or are tested elsewhere (quantisation,
# LoRA: test/fixtures/keras-import).
WITHOUT_EFFECT = re.compile(
    r"^(self|name|dtype|dynamic|trainable|kwargs|seed|weights|momentum|synchronized|renorm_\w+|dropout|recurrent_dropout|unit_forget_bias|use_cudnn|lora_\w+"
    r"|quantization_config|flash_attention|input_length|time_major|zero_output_for_mask|robust_masking|softmax_robust_masking|sparse|ragged|optional|input_tensor|type_spec|batch_size|batch_shape"
    r"|\w+_(initializer|regularizer|constraint))$"
)


class Made:
    """A layer as an argument: created separately for each version of Keras."""

    def __init__(self, label, make):
        self.label, self.make = label, make


class Call:
    """A call of a layer on tensors of its own, and maybe with arguments."""

    def __init__(self, label, shapes, apply):
        self.label, self.shapes, self.apply = label, shapes, apply


def made(value, layers):
    if isinstance(value, Made):
        return value.make(layers)
    return [made(item, layers) for item in value] if isinstance(value, list) and any(isinstance(item, Made) for item in value) else value


def label(value):
    if isinstance(value, (Made, Call)):
        return value.label
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(label(item) for item in value) + "]"
    return {None: "None", True: "True", False: "False"}[value] if value is None or isinstance(value, bool) else str(value)


PADDING = ["valid", "same"]
FORMAT = ["channels_last", "channels_first"]
ACTIVATION = [None, "relu", "hard_sigmoid", "silu", "elu", "softmax"]
BOOL = [False, True]
BIAS = [True, False]
RATE = [0.5]

conv1d = dict(filters=[4], kernel_size=[3, 2], strides=[1, 2], padding=["valid", "same", "causal"], data_format=FORMAT, dilation_rate=[1, 2], groups=[1, 2], activation=ACTIVATION, use_bias=BIAS)
conv2d = dict(filters=[4], kernel_size=[(3, 2), 3, 1], strides=[(1, 1), (2, 2), (1, 2)], padding=PADDING, data_format=FORMAT, dilation_rate=[(1, 1), (2, 2), (1, 2)], groups=[1, 2], activation=ACTIVATION, use_bias=BIAS)
conv3d = dict(filters=[2], kernel_size=[(2, 1, 2), 2], strides=[(1, 1, 1), (2, 1, 1), (2, 2, 2)], padding=PADDING, data_format=FORMAT, dilation_rate=[(1, 1, 1), (2, 1, 1)], groups=[1, 2], activation=ACTIVATION, use_bias=BIAS)
without = lambda space, *names: {name: values for name, values in space.items() if name not in names}
pool1d = dict(pool_size=[2, 3], strides=[None, 1, 3], padding=PADDING, data_format=FORMAT)
pool2d = dict(pool_size=[(2, 2), 3, (2, 3)], strides=[None, 1, (2, 1)], padding=PADDING, data_format=FORMAT)
pool3d = dict(pool_size=[(2, 2, 2), (1, 2, 1)], strides=[None, 1, (2, 1, 1)], padding=PADDING, data_format=FORMAT)
sequence = dict(return_sequences=BOOL, return_state=BOOL, go_backwards=BOOL, stateful=BOOL, unroll=BOOL)
cell = dict(units=[2], activation=["tanh", "relu", "hard_sigmoid"], use_bias=BIAS)
gated = dict(recurrent_activation=["sigmoid", "hard_sigmoid"])
CELLS = {name: Made(f"{name}(2)", lambda layers, name=name: getattr(layers, name)(2)) for name in ["SimpleRNNCell", "GRUCell", "LSTMCell"]}
CELLS["GRUCell, reset_after=False"] = Made("GRUCell(2, reset_after=False)", lambda layers: layers.GRUCell(2, reset_after=False))
STACKED = Made("StackedRNNCells([LSTMCell(2), LSTMCell(3)])", lambda layers: layers.StackedRNNCells([layers.LSTMCell(2), layers.LSTMCell(3)]))
INNER = [
    Made("Dense(2)", lambda layers: layers.Dense(2)),
    Made("Dense(2, activation='hard_sigmoid')", lambda layers: layers.Dense(2, activation="hard_sigmoid")),
]
CYCLES = [
    Made("LSTM(2)", lambda layers: layers.LSTM(2)),
    Made("LSTM(2, return_sequences=True)", lambda layers: layers.LSTM(2, return_sequences=True)),
    Made("SimpleRNN(2)", lambda layers: layers.SimpleRNN(2)),
    Made("GRU(2)", lambda layers: layers.GRU(2)),
]
BACKWARD = [None, Made("LSTM(2, activation='relu', go_backwards=True)", lambda layers: layers.LSTM(2, activation="relu", go_backwards=True))]

LINE, MAP, VOLUME = (6, 2), (5, 6, 2), (4, 3, 4, 2)
WIDE_LINE, WIDE_MAP, WIDE_VOLUME = (6, 4), (5, 6, 4), (4, 3, 4, 2)
SIZES = [(2, 4), (2, 3), (5, 6), (10, 12), (8, 3), (3, 9), (4, 5)]


def sized(**others):
    return dict(size=SIZES, **others)


# x has 5 tokens; what it attends to has 3.
TOKENS, MEMORY, OTHER = (5, 4), (3, 6), (3, 2)
CALLS = [
    Call("layer(x, x)", [TOKENS], lambda layer, x: layer(x, x)),
    Call("layer(x, y)", [TOKENS, MEMORY], lambda layer, x, y: layer(x, y)),
    Call("layer(x, y, z)", [TOKENS, MEMORY, OTHER], lambda layer, x, y, z: layer(x, y, z)),
    Call("layer(x, key=z, value=y)", [TOKENS, MEMORY, OTHER], lambda layer, x, y, z: layer(x, key=z, value=y)),
    Call("layer(query=x, value=x, key=x)", [TOKENS], lambda layer, x: layer(query=x, value=x, key=x)),
    Call("layer(map, map)", [(2, 3, 4)], lambda layer, x: layer(x, x)),
    Call("layer(x, x, attention_mask=mask)", [TOKENS, (5, 5)], lambda layer, x, mask: layer(x, x, attention_mask=mask)),
    Call("layer(x, x, use_causal_mask=True)", [TOKENS], lambda layer, x: layer(x, x, use_causal_mask=True)),
    Call("layer(x, x, training=True)", [TOKENS], lambda layer, x: layer(x, x, training=True)),
    Call("layer(x, x, return_attention_scores=True)", [TOKENS], lambda layer, x: layer(x, x, return_attention_scores=True)),
]

# By class: shapes of the inputs without the batch, and the values of its arguments. The first value
# is used while another argument varies. Some arguments vary together: PAIRS.
SPACES = {
    "InputLayer": ([(3,), (4, 4, 3)], dict(shape=[(3,)])),
    "ReLU": ([(5, 4)], dict(max_value=[None, 1.5, 6.0], negative_slope=[0.0, 0.1], threshold=[0.0, 0.7])),
    "LeakyReLU": ([(5, 4)], dict(negative_slope=[0.3, 0.1, 0.0])),
    "PReLU": ([(4, 3, 2)], dict(shared_axes=[None, [1, 2], [3]])),
    "ELU": ([(5, 4)], dict(alpha=[1.0, 0.4])),
    "ThresholdedReLU": ([(5, 4)], dict(theta=[1.0, 0.4])),
    "Softmax": ([(3, 4)], dict(axis=[-1, 1, 2, [1, 2]])),
    "Conv1D": ([WIDE_LINE], conv1d),
    "Conv2D": ([WIDE_MAP], conv2d),
    "Conv3D": ([WIDE_VOLUME], conv3d),
    "Conv2DTranspose": ([(3, 4, 2)], dict(without(conv2d, "groups"), output_padding=[None, 1])),
    "Conv3DTranspose": ([(2, 2, 3, 2)], dict(without(conv3d, "groups"), output_padding=[None, 1])),
    "SeparableConv2D": ([MAP], dict(without(conv2d, "groups"), depth_multiplier=[1, 2])),
    "DepthwiseConv2D": ([MAP], dict(without(conv2d, "groups", "filters"), depth_multiplier=[1, 2])),
    "Cropping2D": ([MAP], dict(cropping=[((0, 0), (0, 0)), 1, (1, 2), ((0, 2), (1, 0))], data_format=FORMAT)),
    "UpSampling2D": ([(3, 4, 2)], dict(size=[(2, 2), 3, (1, 3)], interpolation=["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"], data_format=FORMAT)),
    "RNN": ([LINE], dict(cell=[*CELLS.values(), STACKED], **sequence)),
    "SimpleRNN": ([LINE], dict(**cell, **sequence)),
    "GRU": ([LINE], dict(**cell, **gated, reset_after=[True, False], **sequence)),
    "LSTM": ([LINE], dict(**cell, **gated, **sequence)),
    "ConvLSTM2D": (
        [(3, 4, 4, 2)],
        dict(
            without(conv2d, "groups", "activation", "filters"), filters=[2], activation=["tanh", "relu", "hard_sigmoid"], recurrent_activation=["sigmoid", "hard_sigmoid"],
            return_sequences=BOOL, return_state=BOOL, go_backwards=BOOL, stateful=BOOL,
        ),
    ),
    "Dropout": ([(5, 4)], dict(rate=RATE, noise_shape=[None, (1, 1, 4)])),
    "SpatialDropout1D": ([LINE], dict(rate=RATE)),
    "GaussianNoise": ([(5, 4)], dict(stddev=[0.5])),
    "GaussianDropout": ([(5, 4)], dict(rate=RATE)),
    "AlphaDropout": ([(5, 4)], dict(rate=RATE, noise_shape=[None, (1, 1, 4)])),
    "Dense": ([(3, 4)], dict(units=[3], activation=["linear"], use_bias=BIAS)),
    "Flatten": ([(3, 2, 2)], dict(data_format=FORMAT)),
    "Activation": ([(3, 4)], dict(activation=["linear"])),
    "RepeatVector": ([(4,)], dict(n=[3])),
    "Reshape": ([(3, 4)], dict(target_shape=[(4, 3), (2, -1), (-1,)])),
    "Permute": ([(3, 2, 4)], dict(dims=[(2, 1, 3), (3, 1, 2)])),
    "Masking": ([LINE], dict(mask_value=[0.0, 1.0])),
    "Embedding": ([(5,)], dict(input_dim=[6], output_dim=[3], mask_zero=BOOL)),
    "Add": ([(3, 2), (3, 2)], {}),
    "Multiply": ([(3, 2), (3, 2)], {}),
    "Average": ([(3, 2), (3, 2)], {}),
    "Maximum": ([(3, 2), (3, 2)], {}),
    "Minimum": ([(3, 2), (3, 2)], {}),
    "Concatenate": ([(3, 2), (3, 2)], dict(axis=[-1, 1, 2])),
    "Dot": ([(3, 2), (3, 2)], dict(axes=[1, 2, (1, 1), -1], normalize=BOOL)),
    "BatchNormalization": ([(3, 4, 4)], dict(axis=[-1, 1, 2], epsilon=[1e-3, 0.3], center=BIAS, scale=BIAS, renorm=BOOL)),
    "LayerNormalization": ([(3, 4)], dict(axis=[-1, 1, [1, 2]], epsilon=[1e-3, 0.3], center=BIAS, scale=BIAS)),
    "ZeroPadding2D": ([MAP], dict(padding=[(1, 1), 2, ((0, 1), (2, 0))], data_format=FORMAT)),
    "MaxPooling1D": ([LINE], pool1d),
    "AveragePooling1D": ([LINE], pool1d),
    "MaxPooling2D": ([MAP], pool2d),
    "AveragePooling2D": ([MAP], pool2d),
    "MaxPooling3D": ([VOLUME], pool3d),
    "AveragePooling3D": ([VOLUME], pool3d),
    "GlobalAveragePooling1D": ([LINE], dict(keepdims=BOOL, data_format=FORMAT)),
    "GlobalMaxPooling1D": ([LINE], dict(keepdims=BOOL, data_format=FORMAT)),
    "GlobalAveragePooling2D": ([MAP], dict(keepdims=BOOL, data_format=FORMAT)),
    "GlobalMaxPooling2D": ([MAP], dict(keepdims=BOOL, data_format=FORMAT)),
    "TimeDistributed": ([LINE], dict(layer=INNER)),
    "Bidirectional": ([LINE], dict(layer=CYCLES, merge_mode=["concat", "sum", "mul", "ave", None], backward_layer=BACKWARD)),
    "Rescaling": ([(3, 4)], dict(scale=[0.5, [0.5, 2.0, 1.0, -1.0]], offset=[0.0, -1.0, [0.5, 2.0, 1.0, -1.0]])),
    "CenterCrop": ([MAP], sized(data_format=FORMAT)),
    "CategoryEncoding": ([(3,)], dict(num_tokens=[6], output_mode=["multi_hot", "one_hot", "count"])),
    "Resizing": (
        [MAP],
        sized(
            interpolation=["bilinear", "nearest", "bicubic", "lanczos3", "lanczos5", "area"], crop_to_aspect_ratio=BOOL, pad_to_aspect_ratio=BOOL,
            fill_mode=["constant"], fill_value=[0.0, 2.0], antialias=BOOL, data_format=FORMAT,
        ),
    ),
    "RandomWidth": ([MAP], dict(factor=[0.2], interpolation=["bilinear", "nearest"])),
    # Not in tfjs: does nothing.
    "Identity": ([(3, 4)], {}),
    # Not in tfjs: its statistics are given, or are weights.
    "Normalization": (
        [(3, 4)],
        dict(
            axis=[-1, 1, (1, 2), None],
            **{"mean and variance": [(None, None), (0.5, 2.0)]},
            invert=BOOL,
        ),
    ),
    # Not in tfjs: a call gives the shapes.
    "MultiHeadAttention": (
        [TOKENS],
        dict(num_heads=[2, 1], key_dim=[3], value_dim=[None, 4], dropout=[0.0, 0.5], use_bias=BIAS, output_shape=[None, 5, (2, 3)], attention_axes=[None, (1,), (1, 2)], sliding_window=[None, 2], use_gate=BOOL, call=CALLS),
    ),
    # Not in tfjs: layers of keras.applications.convnext.
    "LayerScale": ([MAP], dict(init_values=[0.1], projection_dim=[2])),
    "StochasticDepth": ([MAP], dict(drop_path_rate=RATE)),
    # Not in tfjs: augmentation, which does nothing in prediction, except for RandomCrop.
    "RandomBrightness": ([MAP], dict(factor=[0.2])),
    "RandomContrast": ([MAP], dict(factor=[0.2])),
    "RandomCrop": ([MAP], dict(height=[3], width=[4])),
    "RandomFlip": ([MAP], dict(mode=["horizontal_and_vertical", "horizontal"])),
    "RandomHeight": ([MAP], dict(factor=[0.2])),
    "RandomRotation": ([MAP], dict(factor=[0.2])),
    "RandomTranslation": ([MAP], dict(height_factor=[0.2], width_factor=[0.2])),
    "RandomZoom": ([MAP], dict(height_factor=[0.2], width_factor=[None])),
    # Not in tfjs: dropout of whole channels.
    "SpatialDropout2D": ([MAP], dict(rate=RATE, data_format=FORMAT)),
}
# In tfjs, cells are layers of their own; as arguments of RNN they are listed above.
CELL_CLASSES = ["SimpleRNNCell", "GRUCell", "LSTMCell", "StackedRNNCells", "ConvLSTM2DCell"]

# Arguments that vary together.
PAIRS = {"size": ["height", "width"], "mean and variance": ["mean", "variance"]}


def pairs(name):
    return {} if name == "UpSampling2D" else PAIRS


# Arguments with other names in Keras 2.
OLD_NAMES = {("LeakyReLU", "negative_slope"): "alpha"}
# Arguments that Keras accepts only together.
TOGETHER = {
    ("Conv2DTranspose", "output_padding"): dict(strides=(2, 2)),
    ("Conv3DTranspose", "output_padding"): dict(strides=(2, 2, 2)),
}
# Combinations that must be included whatever is drawn: windows with gaps between them.
GAPS = dict(kernel_size=1, strides=(2, 2, 2), padding="same")
WIDE_STEPS = dict(kernel_size=2, strides=3, padding="same")
PRESCRIBED = {
    "Conv1D": [WIDE_STEPS],
    "Conv3D": [GAPS],
    "Conv3DTranspose": [GAPS],
    "Conv2DTranspose": [WIDE_STEPS],
    "SeparableConv2D": [WIDE_STEPS],
    "AveragePooling2D": [dict(pool_size=2, strides=3, padding="same")],
    "MaxPooling2D": [dict(pool_size=2, strides=3, padding="same"), dict(pool_size=1, strides=(2, 1), padding="same")],
    **{name: [dict(pool_size=(1, 2, 1), strides=(2, 1, 1), padding="same")] for name in ["MaxPooling3D", "AveragePooling3D"]},
    "ReLU": [dict(max_value=1.5, negative_slope=0.1, threshold=0.7), dict(max_value=6.0, negative_slope=0.1)],
    "DepthwiseConv2D": [WIDE_STEPS, dict(dilation_rate=(2, 2), data_format="channels_first"), dict(dilation_rate=(2, 2), padding="same", depth_multiplier=2)],
    "Conv2D": [WIDE_STEPS, {**WIDE_STEPS, "groups": 2}, dict(kernel_size=1, strides=(2, 2), padding="same"), dict(groups=2, data_format="channels_first"), dict(groups=2, strides=(2, 2), padding="same", activation="relu"), dict(groups=4, padding="same"), dict(groups=4, strides=(2, 2)), dict(groups=4, dilation_rate=(2, 2))],
    "Normalization": [{"mean and variance": ((0.5, 2.0, 1.0, -1.0), (4.0, 0.25, 1.0, 9.0))}, {"mean and variance": ((0.5, 2.0, 1.0, -1.0), (4.0, 0.25, 1.0, 9.0)), "axis": (1, 2)}],
    "UpSampling2D": [dict(interpolation="bilinear", data_format="channels_first"), dict(interpolation="bilinear", size=3)],
}
INTEGER_INPUTS = {"Embedding": 6, "CategoryEncoding": 6}


def layer_class(K, name):
    convnext = K.src.applications.convnext
    return getattr(K.layers, name, None) or getattr(convnext, name, None)


def version_space(name, version):
    """The arguments that this version knows; fails if one is not accounted for."""
    cls = layer_class(KERAS[version], name)
    if cls is None:
        return None
    parameters = set(inspect.signature(cls.__init__).parameters)
    shapes, space = SPACES[name]
    space = {OLD_NAMES.get((name, argument), argument) if version == 2 else argument: values for argument, values in space.items()}
    if name in {"Activation", "Dense"}:
        space = {**space, "activation": activation_names(version)}
    known = {each for argument in space for each in pairs(name).get(argument, [argument])}
    left = [each for each in parameters if each not in known and not WITHOUT_EFFECT.match(each)]
    if left and name != "InputLayer" and not name.startswith("Random"):
        sys.exit(f"{name} of Keras {version} has arguments that are not listed: {left}")
    space = {argument: values for argument, values in space.items() if pairs(name).get(argument, [argument])[0] in parameters or argument == "call"}
    if version == 2 and name.startswith("GlobalAveragePooling1D"):
        space["keepdims"] = BOOL
    return shapes, space


def activation_names(version):
    if version == 3:
        from keras.src.activations import ALL_OBJECTS

        names = {each.__name__ for each in ALL_OBJECTS} | {"swish", "hard_swish"}
    else:
        names = {name for name, each in inspect.getmembers(tf_keras.activations, inspect.isfunction) if name not in {"get", "serialize", "deserialize"}}
        names |= {"relu6", "leaky_relu", "silu"}
    return ["linear", *sorted(names - {"linear"})]


def draws(name, space, version):
    """Settings: the first values, each other value alone, and some at random."""
    first = {argument: values[0] for argument, values in space.items()}
    yield "", first
    for argument, values in space.items():
        for value in values[1:] if argument not in {"activation", "cell", "layer", "size"} else values:
            others = TOGETHER.get((name, argument), {})
            named = {argument: value, **others}
            yield ", ".join(f"{each}={label(value)}" for each, value in named.items()), {**first, **named}
    for named in PRESCRIBED.get(name, []):
        yield ", ".join(f"{each}={label(value)}" for each, value in named.items()), {**first, **named}
    free = sum(len(values) > 1 for values in space.values())
    if free < 2:
        return
    rng = random.Random(f"{name}/{version}")
    for _ in range(RANDOM_DRAWS[version] * (1 if free < 4 else 2)):
        chosen = {argument: rng.choice(values) for argument, values in space.items()}
        # No version of Keras supports both.
        if "strides" in chosen and "dilation_rate" in chosen:
            several = rng.choice(["strides", "dilation_rate"])
            chosen[several] = first[several]
        yield "random: " + ", ".join(f"{argument}={label(value)}" for argument, value in chosen.items() if value != first[argument]), chosen


def number(value):
    return float(f"{value:.6g}")


def weight_values(key, name, shape):
    """Values away from zero if something is divided by them."""
    if name == "count":
        return np.full(shape, 3)
    values = fill(key, math.prod(shape)).reshape(shape)
    return np.abs(values) + 0.5 if name in {"moving_variance", "variance"} else values


def input_values(key, shape, name):
    values = fill(key, math.prod(shape)).reshape(shape)
    return np.floor((values + 1) / 2 * INTEGER_INPUTS[name]) if name in INTEGER_INPUTS else 4 * values


# Classes that partly become our own layers. For these, gradients of sum(output * fill(key/loss))
# are compared too.
WITH_GRADIENTS = {
    "Activation", "CenterCrop", "Conv2D", "DepthwiseConv2D", "ELU", "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalMaxPooling1D", "GlobalMaxPooling2D", "PReLU", "ReLU",
    "LayerScale", "MultiHeadAttention", "Resizing", "Softmax", "UpSampling2D",
}


def gradients(model, key, values):
    """Gradients of the inputs and the weights."""
    import tensorflow as tf

    inputs = [tf.constant(each) for each in values]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        y = model(inputs if len(inputs) > 1 else inputs[0], training=False)
        loss = tf.reduce_sum(y * fill(f"{key}/loss", math.prod(y.shape)).reshape(y.shape).astype("float32"))
    found = tape.gradient(loss, [*inputs, *(getattr(weight, "value", weight) for weight in model.trainable_weights)], unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return [[number(value) for value in np.asarray(tf.convert_to_tensor(each)).ravel().tolist()] for each in found]


def case_of(version, name, setting, shapes, build):
    """A model of `build(layers, inputs)`, its inputs, and its outputs."""
    K = KERAS[version]
    K.backend.clear_session()
    inputs = [K.Input(shape, batch_size=2 if "stateful=True" in setting else None) for shape in shapes]
    model = K.Model(inputs, build(K, inputs))
    key = f"{name}/{setting}"
    weights = []
    for i, weight in enumerate(model.weights):
        shape = [int(side) for side in weight.shape]
        if "seed" in (path := weight.path if version == 3 else weight.name.removesuffix(":0")):
            continue
        weights.append({"name": path, "shape": shape})
        weight.assign(weight_values(f"{key}/{i}", path.split("/")[-1], shape))
    for layer in model.layers:
        # Normalization computes with copies of its weights, which are renewed when a file is
        # loaded.
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()
    values = [input_values(f"{key}/input {i}", (2, *shape), name).astype("float32") for i, shape in enumerate(shapes)]
    outputs = model(values if len(values) > 1 else values[0], training=False)
    outputs = [np.asarray(output) for output in (outputs if isinstance(outputs, (list, tuple)) else [outputs])]
    case = {
        "keras": version,
        "layer": name,
        "setting": setting,
        "topology": json.loads(model.to_json()),
        "weights": weights,
        "inputs": [list(shape) for shape in shapes],
        "outputs": [{"shape": list(output.shape), "values": [number(value) for value in output.ravel().tolist()]} for output in outputs],
    }
    if version == 3 and name in WITH_GRADIENTS and len(outputs) == 1 and not setting.startswith("random"):
        case["gradients"] = gradients(model, key, values)
    return case


def layer_cases(version, name):
    space = version_space(name, version)
    if space is None:
        return
    shapes, arguments = space
    for setting, chosen in draws(name, arguments, version):
        def build(K, inputs):
            settings = {argument: made(value, K.layers) for argument, value in chosen.items()}
            for pair, arguments in pairs(name).items():
                if pair in settings:
                    settings.update(zip(arguments, settings.pop(pair)))
            if name == "InputLayer":
                return [K.layers.Activation("linear", name=f"out_{i}")(x) for i, x in enumerate(inputs)]
            call = settings.pop("call", None)
            layer = layer_class(K, name)(name="tested", **settings)
            if call is not None:
                return call.apply(layer, *inputs)
            return layer(inputs if len(inputs) > 1 else inputs[0])

        given = chosen["call"].shapes if "call" in chosen else shapes
        if chosen.get("data_format") == "channels_first":
            given = [(shape[-1], *shape[:-1]) for shape in shapes]
        try:
            yield case_of(version, name, setting, given, build)
        except Exception as error:  # Keras itself rejects many combinations.
            print(f"Keras {version} refuses {name}({setting}): {str(error).splitlines()[0][:120]}", file=sys.stderr)


IMAGE = (2, 3, 3)
CHANNELS = np.array([1.0, 2.0, 4.0], "float32")
# Arithmetic in a functional model: Keras creates a layer for each operation.
OPERATIONS = {
    "x / 2": lambda K, x: x / 2.0,
    "x * 3": lambda K, x: x * 3.0,
    "3 * x": lambda K, x: 3.0 * x,
    "x + 0.5": lambda K, x: x + 0.5,
    "1 - x": lambda K, x: 1.0 - x,
    "x - 1": lambda K, x: x - 1.0,
    "x / 127.5 - 1": lambda K, x: x / 127.5 - 1.0,
    "-x": lambda K, x: -x,
    "2 / x": lambda K, x: 2.0 / x,
    "x ** 2": lambda K, x: x**2,
    "x - [1, 2, 4]": lambda K, x: x - CHANNELS,
    "x / [1, 2, 4]": lambda K, x: x / CHANNELS,
    "x + y": lambda K, x: x + K.layers.Activation("relu")(x),
    "x * y": lambda K, x: x * K.layers.Activation("relu")(x),
    "x - y": lambda K, x: x - K.layers.Activation("relu")(x),
    "x / y": lambda K, x: x / K.layers.Activation("sigmoid")(x),
    "maximum(x, y)": lambda K, x: (K.ops if K is keras else __import__("tensorflow")).maximum(x, K.layers.Activation("sigmoid")(x)),
    "relu(x)": lambda K, x: K.ops.relu(x) if K is keras else __import__("tensorflow").nn.relu(x),
    "x[..., ::-1]": lambda K, x: x[..., ::-1],
    "x[:, :, :, ::-1]": lambda K, x: x[:, :, :, ::-1],
    "flip(x, -1)": lambda K, x: K.ops.flip(x, -1) if K is keras else __import__("tensorflow").reverse(x, [-1]),
    "preprocess_input(x) of ResNet50": lambda K, x: K.applications.resnet50.preprocess_input(x),
    "x[:, :, ::-1]": lambda K, x: x[:, :, ::-1],
    "x[..., 1:]": lambda K, x: x[..., 1:],
    "mean(x)": lambda K, x: K.ops.mean(x, axis=1) if K is keras else __import__("tensorflow").reduce_mean(x, axis=1),
}


def operation_cases(version):
    for setting, compute in OPERATIONS.items():
        yield case_of(version, "operations", setting, [IMAGE], lambda K, inputs: compute(K, inputs[0]))


path = pathlib.Path(__file__).parent.parent / "test/fixtures/keras-layers.json.gz"
wanted = sys.argv[1:]
cases = []
if wanted:
    kept = json.loads(gzip.decompress(path.read_bytes()))
    if (kept["keras"], kept["tfKeras"]) != (keras.__version__, tf_keras.__version__):
        sys.exit(f"{path.name} is of Keras {kept['keras']} and tf_keras {kept['tfKeras']}")
    cases = [case for case in kept["cases"] if case["layer"] not in wanted]
for version in KERAS:
    for name in wanted or [*SPACES, "operations"]:
        cases += operation_cases(version) if name == "operations" else layer_cases(version, name)
# The same settings may be drawn twice.
cases = list({(case["keras"], case["layer"], case["setting"]): case for case in cases}.values())
fixture = {"keras": keras.__version__, "tfKeras": tf_keras.__version__, "cells": CELL_CLASSES, "cases": cases}
# No timestamp, so every run writes the same file.
path.write_bytes(gzip.compress(json.dumps(fixture, separators=(",", ":")).encode(), mtime=0))
print(f"{len(cases)} cases, {path.stat().st_size} bytes")
