"""Writes test/fixtures/*.json: the results of Keras that the tests compare with.

    pip install tensorflow-cpu==2.21.0
    python scripts/make-keras-fixtures.py [kernels] [architecture] [training] [mobilenet] [flops]

Weights and images are too large to store, so both sides compute them by the same formula (`fill` here, test/support/fill.ts there).
"""

import json
import os
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2_as_graph

from fill import fill

FOLDER = Path(__file__).resolve().parent.parent / "test" / "fixtures"
CLASSES = 5
BATCH = 4
LABELS = np.array([0, 3, 1, 4], np.int32)
SAMPLES = 8


def weight(layer, name, shape):
    """The weight of a layer before training: He-like kernels, norms near the identity but not equal to it."""
    u = fill(f"{layer}/{name}", int(np.prod(shape)))
    if name == "kernel":
        fan_in = float(np.prod(shape[:-1]))
        u = u * (gain(layer) * np.sqrt(6.0 / fan_in))
    elif name in ("gamma", "moving_variance"):
        u = 1.0 + 0.2 * u
        if name == "moving_variance":
            u = u * variance_before(layer)
    else:
        u = 0.1 * u
    return u.astype(np.float32).reshape(shape)


def gain(layer):
    """Scale of a kernel for which three steps are a smooth path. Deep networks that rely on batch statistics are chaotic: with
    plain He scales, a change of 1e-6 in the pixels changes Keras's own third loss by 2e-3 (96 pixels), and no tolerance could
    separate a right program from a wrong one. Large kernels, which the norms scale back, change relatively less per step. Shortcuts
    ten times as strong as the residual branches keep the network close to linear in depth."""
    if layer == "predictions":
        return 1.0
    if layer == "conv1_conv" or layer.endswith("_0_conv"):
        return 10.0
    return 1.0 if layer.endswith("_3_conv") else 3.0


def variance_before(norm):
    """Roughly the variance that such kernels produce, so that activations keep their scale in
    inference too."""
    if norm.endswith(("_1_bn", "_2_bn")):
        return 9.0
    return 100.0 if norm.endswith(("_preact_bn", "post_bn")) else 1.0


def mobilenet_weight(layer, name, shape, smooth):
    """Like `weight`, for MobileNetV2. `smooth` is for gradients: if a rounding error moves a channel across 0 or 6, the gradient
    jumps, and norms over few pixels amplify the jump. So with `smooth` a ReLU6 never gets a value near its ends: of eight channels
    one is always 0, one always 6, and the others are in between. (The ends have their own test.)"""
    u = fill(f"{layer}/{name}", int(np.prod(shape)))
    before_relu = smooth and not layer.endswith("project_BN")
    if name == "kernel":
        fan_in = 9.0 if layer.endswith("depthwise") else float(np.prod(shape[:-1]))
        u = u * ((1.0 if layer == "predictions" else 3.0) * np.sqrt(6.0 / fan_in))
    elif name == "gamma":
        u = (0.4 if before_relu else 1.0) * (1.0 + 0.2 * u)
    elif name == "moving_variance":
        u = 9.0 * (1.0 + 0.2 * u)
    else:
        u = 0.1 * u
        if name == "beta" and before_relu:
            u = u + np.array([-4.0, 10.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0])[np.arange(u.size) % 8]
    return u.astype(np.float32).reshape(shape)


def images(size):
    """Pixels in 0..255: a ramp of another slope in every image, under noise."""
    b, i, j, c = np.meshgrid(*map(np.arange, (BATCH, size, size, 3)), indexing="ij")
    ramp = (b * 37 + i * (b + 1) * 3 + j * (2 * b + 1) * 2 + c * 61) % 256
    noise = fill("images", ramp.size).reshape(ramp.shape)
    return (0.7 * ramp + 0.3 * 127.5 * (noise + 1.0)).astype(np.float32)


def digits(array, n=8):
    """A nested list of floats with n significant digits (float32 has 7 to 8)."""
    if isinstance(array, (list, tuple)):
        return [digits(a, n) for a in array]
    array = np.asarray(array)
    if array.ndim == 0:
        return float(f"{float(array):.{n}g}")
    return [digits(a, n) for a in array]


def write(name, value):
    FOLDER.mkdir(parents=True, exist_ok=True)
    text = json.dumps(value, separators=(",", ":"))
    (FOLDER / name).write_text(text.replace('},"', '},\n"') + "\n")
    print(name, len(text))


def resnet(size):
    keras.utils.clear_session()
    inputs = keras.layers.Input((size, size, 3))
    scaled = keras.layers.Rescaling(1 / 127.5, offset=-1, name="rescaling")(inputs)
    model = keras.applications.ResNet50V2(weights=None, input_tensor=scaled, classes=CLASSES)
    for layer in model.layers:
        for v in layer.weights:
            v.assign(weight(layer.name, v.name, v.shape))
    return model


def layer_weights(model):
    return [[layer.name, [[w.name, list(w.shape)] for w in layer.weights]] for layer in model.layers]


def counts(make):
    """Parameters with and without top, and the model with top. Each is created in a fresh session,
    so that names repeat."""
    keras.utils.clear_session()
    without = make(weights=None, include_top=False).count_params()
    keras.utils.clear_session()
    model = make(weights=None)
    return {"parameters": model.count_params(), "parametersWithoutTop": without}, model


def architecture():
    value = {}
    for name in ("ResNet50V2", "ResNet101V2", "ResNet152V2", "MobileNetV2"):
        counted, model = counts(getattr(keras.applications, name))
        value[name.lower()] = {**counted, "layers": layer_weights(model)}
    write("architecture.json", value)


def mobilenet_widths():
    """By alpha: parameters, and the output channels of every convolution (the last axis of a
    depthwise kernel is 1)."""
    value = {}
    for alpha in (0.35, 0.5, 0.75, 1.0, 1.3, 1.4):
        counted, model = counts(lambda **options: keras.applications.MobileNetV2(alpha=alpha, **options))
        kernels = [list(w.shape) for layer in model.layers for w in layer.weights if w.name == "kernel"]
        value[str(alpha)] = {**counted, "kernels": ["x".join(map(str, shape)) for shape in kernels]}
    return value


def mobilenet(shape, smooth):
    keras.utils.clear_session()
    inputs = keras.layers.Input(shape)
    scaled = keras.layers.Rescaling(1 / 127.5, offset=-1, name="rescaling")(inputs)
    model = keras.applications.MobileNetV2(weights=None, input_tensor=scaled, classes=CLASSES, alpha=0.35)
    for layer in model.layers:
        for v in layer.weights:
            v.assign(mobilenet_weight(layer.name, v.name, v.shape, smooth))
    return model


def mobilenet_forward():
    """At 64 pixels, and at an odd size with and without a fixed input shape, for which Keras pads
    differently."""
    odd = images(90)[:, :75]
    model = mobilenet((None, None, 3), smooth=False)
    return {
        "open64": digits(model(images(64), training=False).numpy()),
        "openOdd": digits(model(odd, training=False).numpy()),
        "givenOdd": digits(mobilenet((75, 90, 3), smooth=False)(odd, training=False).numpy()),
    }


def mobilenet_training():
    """Norm and samples of each variable's gradient, running statistics after one step, the losses of three steps."""
    model = mobilenet((None, None, 3), smooth=True)
    x = images(64)
    labels = [np.roll(LABELS, -step) for step in range(3)]
    optimizer = keras.optimizers.SGD(1e-4, momentum=0.9)
    losses, gradients, statistics = [], {}, {}
    for step in range(3):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(labels[step], model(x, training=True)))
        slopes = tape.gradient(loss, [v.value for v in model.trainable_variables])
        losses.append(digits(loss.numpy()))
        if step == 0:
            for v, slope in zip(model.trainable_variables, slopes):
                flat = slope.numpy().astype(np.float64).ravel()
                index = np.linspace(0, flat.size - 1, 3).astype(int)
                gradients[v.path] = digits([np.linalg.norm(flat), *flat[index]], 6)
            for v in model.non_trainable_variables:
                if not v.path.startswith("seed"):
                    statistics[v.path] = digits(v.numpy().ravel()[:3])
        optimizer.apply(slopes, model.trainable_variables)
    return {"labels": [step.tolist() for step in labels], "losses": losses, "gradients": gradients, "statistics": statistics}


def mobilenet_fixture():
    write(
        "mobilenet.json",
        {"widths": mobilenet_widths(), "forward": mobilenet_forward(), "training": mobilenet_training()},
    )


def training(size):
    model = resnet(size)
    x = images(size)
    trunk = keras.Model(model.input, model.get_layer("avg_pool").output)
    dense = model.get_layer("predictions")

    features = trunk(x, training=False).numpy()
    kernel, bias = dense.get_weights()
    logits = features.astype(np.float64) @ kernel.astype(np.float64) + bias
    probabilities = model(x, training=False).numpy()
    model.compile(
        optimizer=keras.optimizers.Adam(1e-3), loss="sparse_categorical_crossentropy", jit_compile=False
    )
    losses = []
    # The labels shift by one image per step. With constant labels the loss falls to 1e-4 after one
    # step, and later gradients are little more than rounding errors.
    labels = [np.roll(LABELS, -step) for step in range(3)]
    for step in range(3):
        losses.append(float(model.train_on_batch(x, labels[step])))
        model.reset_metrics()
    weights = {}
    for layer in model.layers:
        for v in layer.weights:
            before = weight(layer.name, v.name, v.shape).astype(np.float64).ravel()
            after = v.numpy().astype(np.float64).ravel()
            index = np.linspace(0, after.size - 1, min(SAMPLES, after.size)).astype(int)
            weights[f"{layer.name}/{v.name}"] = {
                "norm": digits(np.linalg.norm(after)),
                "change": digits(np.linalg.norm(after - before)),
                "samples": digits(after[index]),
            }
    # In training mode: gradients of the convolutions' biases are exactly zero except for rounding
    # errors, which Adam amplifies to steps of up to the learning rate. The batch mean cancels such
    # a bias, the running mean does not.
    probabilities_after = model(x, training=True).numpy()
    write(
        f"training-{size}.json",
        {
            "size": size,
            "labels": [step.tolist() for step in labels],
            "features": digits(features[:, ::32]),
            "logits": digits(logits),
            "probabilities": digits(probabilities),
            "losses": digits(losses),
            "probabilitiesAfter": digits(probabilities_after),
            "weights": weights,
        },
    )


def batch_norm_cases():
    cases = []
    for shape, options in [
        ([4, 3, 2, 5], {}),
        ([4, 3, 2, 5], {"momentum": 0.9, "epsilon": 1.001e-5}),
        ([4, 3, 2, 5], {"momentum": 0.999, "epsilon": 1e-3}),
        ([4, 3, 2, 5], {"scale": False}),
        ([4, 3, 2, 5], {"center": False}),
        ([4, 3, 2, 5], {"scale": False, "center": False}),
        ([7, 5], {"momentum": 0.5}),
        ([2, 6, 5], {"momentum": 0.5}),
        ([2, 5, 3, 4], {"axis": 1}),
    ]:
        layer = keras.layers.BatchNormalization(name="norm", **options)
        layer.build(shape)
        for v in layer.weights:
            v.assign(weight("norm", v.name, v.shape))
        x = (3.0 * fill("x", int(np.prod(shape))) + 0.5).astype(np.float32).reshape(shape)
        dy = fill("dy", int(np.prod(shape))).astype(np.float32).reshape(shape)
        inference = layer(x, training=False).numpy()
        layer.trainable = False
        frozen = layer(x, training=True).numpy()
        layer.trainable = True
        assert np.array_equal(inference, frozen)
        source = tf.Variable(x)
        with tf.GradientTape() as tape:
            y = layer(source, training=True)
            total = tf.reduce_sum(y * dy)
        trained = [v.value for v in layer.trainable_variables]
        gradients = tape.gradient(total, [source, *trained])
        layer(x, training=True)
        cases.append(
            {
                "shape": shape,
                "options": options,
                "inference": digits(inference.ravel()),
                "y": digits(y.numpy().ravel()),
                "dx": digits(gradients[0].numpy().ravel()),
                "gradients": {
                    v.name: digits(g.numpy()) for v, g in zip(layer.trainable_variables, gradients[1:])
                },
                "movingMeanAfterTwo": digits(layer.moving_mean.numpy()),
                "movingVarianceAfterTwo": digits(layer.moving_variance.numpy()),
            }
        )
    return cases


def logits_of_all_sizes():
    # The last two rows are far outside the range that probabilities can represent without clipping.
    return np.concatenate([3 * fill("logits", 20), 80 * fill("far", 10)]).astype(np.float32).reshape(6, 5)


def cross_entropy_case():
    logits = logits_of_all_sizes()
    labels = np.array([0, 4, 2, 1, 3, 3], np.int32)
    weights = fill("weights", 6).astype(np.float32)
    source = tf.Variable(logits)
    with tf.GradientTape() as tape:
        loss = keras.losses.sparse_categorical_crossentropy(labels, source, from_logits=True)
        total = tf.reduce_sum(loss * weights)
    return {
        "labels": labels.tolist(),
        "loss": digits(loss.numpy()),
        "gradient": digits(tape.gradient(total, source).numpy()),
    }


def soft_cross_entropy_case():
    """Smoothed labels, a mixture of two classes, and a single class."""
    targets = np.full((6, 5), 0.02)
    targets[np.arange(6), [0, 4, 2, 1, 3, 3]] = 0.92
    targets[1] = [0.25, 0, 0, 0, 0.75]
    targets[4] = [0, 0, 0, 1, 0]
    targets = targets.astype(np.float32)
    source = tf.Variable(logits_of_all_sizes())
    with tf.GradientTape() as tape:
        loss = keras.losses.categorical_crossentropy(targets, source, from_logits=True)
        total = tf.reduce_sum(loss * fill("weights", 6).astype(np.float32))
    return {
        "targets": digits(targets),
        "loss": digits(loss.numpy()),
        "gradient": digits(tape.gradient(total, source).numpy()),
    }


def relu_case():
    x = fill("relu", 24).astype(np.float32)
    x[::6] = 0
    dy = fill("dy", 24).astype(np.float32)
    source = tf.Variable(x)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(keras.ops.relu(source) * dy)
    return {"gradient": digits(tape.gradient(total, source).numpy())}


def relu6_case():
    x = (9.0 * fill("relu6", 24)).astype(np.float32)
    x[::8] = 0
    x[1::8] = 6
    source = tf.Variable(x)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(keras.layers.ReLU(6.0)(source) * fill("dy", 24).astype(np.float32))
    return {"gradient": digits(tape.gradient(total, source).numpy())}


def profiled_multiply_adds(model, shape):
    """Multiply-adds of convolutions and dense layers from TensorFlow's profiler, which counts two
    operations for each."""
    function = tf.function(lambda x: model(x, training=False)).get_concrete_function(tf.TensorSpec([1, *shape]))
    frozen, _ = convert_variables_to_constants_v2_as_graph(function)
    builder = tf.compat.v1.profiler.ProfileOptionBuilder
    options = builder(builder.float_operation()).with_empty_output().build()
    tree = tf.compat.v1.profiler.Profiler(frozen.graph).profile_operations(options)
    operations = 0
    while tree.children:
        tree = tree.children[0]
        if tree.name in ("Conv2D", "DepthwiseConv2dNative", "MatMul"):
            operations += tree.float_ops
    return operations // 2


def flops():
    apps = keras.applications
    cases = []
    for name, width, make in (
        ("resnet50v2", 64, apps.ResNet50V2),
        ("mobilenetv2", 32, apps.MobileNetV2),
        ("mobilenetv2", 16, lambda **options: apps.MobileNetV2(alpha=0.5, **options)),
    ):
        for size in ([224, 224], [96, 160]):
            shape = [*size, 3]
            model = make(weights=None, input_shape=shape)
            cases.append([name, width, size, profiled_multiply_adds(model, shape)])
    write("multiply-adds.json", cases)


def optimizer_steps(optimizer, rate_after_three):
    """Five steps of two variables named a and b. The gradients span twelve orders of magnitude, so
    the placement of epsilon matters. The rate changes once."""
    variables = [keras.Variable(fill(n, s).astype(np.float32), name=n) for n, s in (("a", 6), ("b", 4))]
    optimizer.exclude_from_weight_decay(var_names=["b"])
    steps = []
    for i in range(5):
        if i == 3:
            optimizer.learning_rate = rate_after_three
        scales = 10.0 ** np.linspace(-10, 2, 6)
        gradients = [
            (fill(f"ga{i}", 6) * scales).astype(np.float32),
            (fill(f"gb{i}", 4) * scales[:4]).astype(np.float32),
        ]
        optimizer.apply([tf.constant(g) for g in gradients], variables)
        steps.append([digits(v.numpy(), 9) for v in variables])
    return {"steps": steps}


def optimizer_cases():
    sgd = {
        "plain": {},
        "momentum": {"momentum": 0.9},
        "nesterov": {"momentum": 0.9, "nesterov": True},
        "decay": {"momentum": 0.9, "weight_decay": 0.1},
    }
    return {
        "adam": optimizer_steps(keras.optimizers.Adam(1e-2), 1e-3),
        "adamDecay": optimizer_steps(keras.optimizers.AdamW(1e-2, weight_decay=0.1), 1e-3),
        "sgd": {name: optimizer_steps(keras.optimizers.SGD(1e-2, **options), 1e-3) for name, options in sgd.items()},
    }


def kernels():
    write(
        "kernels.json",
        {
            "batchNorm": batch_norm_cases(),
            "crossEntropy": cross_entropy_case(),
            "softCrossEntropy": soft_cross_entropy_case(),
            "relu": relu_case(),
            "relu6": relu6_case(),
            **optimizer_cases(),
        },
    )


def main():
    parts = {
        "kernels": kernels,
        "architecture": architecture,
        "training": lambda: [training(size) for size in (64, 96)],
        "mobilenet": mobilenet_fixture,
        "flops": flops,
    }
    for name in sys.argv[1:] or parts:
        parts[name]()


main()
