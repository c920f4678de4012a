"""Ten epochs of fine-tuning as in the Keras example "FixRes", for each line on stdin."""
import json
import os
import resource
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import tensorflow as tf

photos, names, epochs, batch_size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
with open(names) as file:
    ids = file.read().split("\n")
ids = [name for name in ids if name]
classes = sorted({name.split("/")[0] for name in ids})
paths = [os.path.join(photos, name) for name in ids]
labels = [classes.index(name.split("/")[0]) for name in ids]


def load(path, label):
    image = tf.image.decode_jpeg(tf.io.read_file(path), channels=3)
    image = tf.image.resize(image, (392, 392))
    image = tf.image.resize_with_crop_or_pad(image, 224, 224)
    return tf.image.random_flip_left_right(image), label


def data():
    files = tf.data.Dataset.from_tensor_slices((paths, labels)).shuffle(len(paths))
    return files.map(load, num_parallel_calls=tf.data.AUTOTUNE).batch(batch_size).prefetch(tf.data.AUTOTUNE)


class Times(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.seconds = []

    def on_epoch_begin(self, epoch, logs=None):
        self.began = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds.append(time.perf_counter() - self.began)


def turn():
    keras.utils.clear_session()
    began = time.perf_counter()
    backbone = keras.applications.ResNet50V2(include_top=False, weights=None, input_shape=(224, 224, 3), pooling=None)
    inputs = keras.Input((224, 224, 3))
    x = keras.layers.Rescaling(1 / 127.5, offset=-1)(inputs)
    x = keras.layers.GlobalAveragePooling2D()(backbone(x))
    outputs = keras.layers.Dense(5, activation="softmax")(x)
    model = keras.Model(inputs, outputs)
    for layer in backbone.layers:
        layer.trainable = layer.name == "post_bn"
    model.compile(keras.optimizers.Adam(1e-4), "sparse_categorical_crossentropy", metrics=["accuracy"])
    times = Times()
    history = model.fit(data(), epochs=epochs, verbose=0, callbacks=[times])
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "epochSeconds": times.seconds, "peakRssMiB": peak, "loss": history.history["loss"][-1]}


print(json.dumps({"version": f"keras {keras.__version__}, tensorflow {tf.__version__}", "images": len(paths)}), flush=True)
for _ in sys.stdin:
    print(json.dumps(turn()), flush=True)
