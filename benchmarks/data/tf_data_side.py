"""The tf.data side of the benchmark: the operations of the Keras example, mapped in parallel and then batched."""

import os
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf
from turns import chosen_photos, take_turns

photos, policy, count, workers, cache, folder = sys.argv[1:]
workers = int(workers)
paths = chosen_photos(photos, int(count))


def load(path):
    return tf.io.decode_jpeg(tf.io.read_file(path), channels=3)


def train128(image):
    begin, size, _ = tf.image.sample_distorted_bounding_box(
        tf.shape(image), tf.zeros([0, 0, 4], tf.float32), area_range=(0.05, 1.0), aspect_ratio_range=(0.75, 1.33),
        min_object_covered=0.0, max_attempts=100, use_image_if_no_bounding_boxes=True,
    )
    image = tf.image.resize(tf.slice(image, begin, size), [128, 128])
    return tf.image.random_flip_left_right(tf.ensure_shape(image, [128, 128, 3]))


def finetune224(image):
    image = tf.image.resize(image, [392, 392])
    return tf.image.random_flip_left_right(image[84:308, 84:308])


view = {"train128": train128, "finetune224": finetune224}[policy]
dataset = tf.data.Dataset.from_tensor_slices(paths)
if cache != "none":
    file = os.path.join(tempfile.mkdtemp(prefix="tf-cache-", dir=folder), "images") if cache == "disk" else ""
    dataset = dataset.map(load, num_parallel_calls=workers).cache(file).shuffle(len(paths)).map(view, num_parallel_calls=workers)
else:
    dataset = dataset.shuffle(len(paths)).map(lambda path: view(load(path)), num_parallel_calls=workers)
options = tf.data.Options()
options.threading.private_threadpool_size = workers
options.deterministic = False
dataset = dataset.batch(32).prefetch(tf.data.AUTOTUNE).with_options(options)
take_turns(tf.__version__, lambda: sum(int(batch.shape[0]) for batch in dataset))
