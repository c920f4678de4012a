"""The whole experiment of the Keras example "FixRes", on the photos, split and settings of a JSON file: small, fine-tuned and vanilla arm. Prints one JSON object."""
import json
import os
import re
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import tensorflow as tf

with open(sys.argv[1]) as file:
    spec = json.load(file)
SMALL, LARGE, RESIZED, BATCH = spec["small"], spec["large"], spec["resized"], spec["batch"]
keras.utils.set_random_seed(spec["seed"])


def load(path, label):
    return tf.io.decode_jpeg(tf.io.read_file(path), channels=3), label


def random_crop(size):
    def view(image, label):
        begin, extent, _ = tf.image.sample_distorted_bounding_box(
            tf.shape(image), tf.zeros([0, 0, 4], tf.float32), area_range=(0.05, 1.0), aspect_ratio_range=(0.75, 1.33),
            min_object_covered=0.0, max_attempts=100, use_image_if_no_bounding_boxes=True,
        )
        image = tf.image.resize(tf.slice(image, begin, extent), [size, size])
        return tf.image.random_flip_left_right(tf.ensure_shape(image, [size, size, 3])), label

    return view


def squashed(size):
    return lambda image, label: (tf.image.resize(image, [size, size]), label)


def test_like(flip):
    def view(image, label):
        image = tf.image.resize(image, [RESIZED, RESIZED])
        image = tf.image.resize_with_crop_or_pad(image, LARGE, LARGE)
        return (tf.image.random_flip_left_right(image) if flip else image), label

    return view


def data(part, view, shuffle=False):
    paths, labels = zip(*spec[part])
    files = tf.data.Dataset.from_tensor_slices((list(paths), list(labels)))
    if shuffle:
        files = files.shuffle(len(paths))
    images = files.map(load, num_parallel_calls=tf.data.AUTOTUNE).map(view, num_parallel_calls=tf.data.AUTOTUNE)
    return images.batch(BATCH).prefetch(tf.data.AUTOTUNE)


def network(size):
    backbone = keras.applications.ResNet50V2(include_top=False, weights=None, input_shape=(size, size, 3), pooling="avg")
    inputs = keras.Input((size, size, 3))
    x = backbone(keras.layers.Rescaling(1 / 127.5, offset=-1)(inputs))
    outputs = keras.layers.Dense(spec["classes"], activation="softmax", dtype="float32")(x)
    return keras.Model(inputs, outputs), backbone


def peak():
    """Highest resident memory since the last call, in MB."""
    with open("/proc/self/status") as status:
        kilobytes = int(re.search(r"VmHWM:\s*(\d+)", status.read())[1])
    with open("/proc/self/clear_refs", "w") as refs:
        refs.write("5")
    return kilobytes * 1024 / 1e6


arms = []


def fit(name, model, rate, epochs, train, test):
    began = time.time()
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(train, epochs=epochs, validation_data=test, shuffle=False, verbose=0)
    arms.append({"name": name, "seconds": time.time() - began, "span": [began, time.time()], "accuracy": history.history["val_accuracy"][-1], "peakRssMb": peak()})


peak()
small, _ = network(SMALL)
fit("small", small, 1e-3, spec["epochs"], data("train", random_crop(SMALL), True), data("heldOut", squashed(SMALL)))
tuned, backbone = network(LARGE)
tuned.set_weights(small.get_weights())
for layer in backbone.layers:
    layer.trainable = layer.name == "post_bn"
fit("fixres", tuned, 1e-4, spec["finetuneEpochs"], data("train", test_like(True), True), data("heldOut", test_like(False)))
vanilla, _ = network(LARGE)
fit("vanilla", vanilla, 1e-3, spec["epochs"], data("train", random_crop(LARGE), True), data("heldOut", squashed(LARGE)))
print(json.dumps({"version": f"keras {keras.__version__}, tensorflow {tf.__version__}", "arms": arms}))
