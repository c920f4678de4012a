"""Writes src/fixtures/tensorflow.json: the results of TensorFlow's image ops, for the tests of policies and pixels.

    pip install tensorflow-cpu==2.21.0
    python scripts/make-tensorflow-fixtures.py
"""

import json
from pathlib import Path

import numpy as np
import tensorflow as tf
from crop_quantiles import crop_quantiles

CROPS = 4000
OUTPUT = Path(__file__).parent.parent / "src" / "fixtures" / "tensorflow.json"


def pattern(height, width):
    """A picture with edges and gradients that both sides compute, so no file is needed."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    return ((x * 7 + y * 13 + c * 50 + (x * y) % 31 * 5) % 256).astype(np.uint8)


def resizes():
    cases = []
    for height, width, side in [(20, 30, 8), (13, 17, 32), (24, 24, 24), (40, 9, 16)]:
        resized = tf.image.resize(pattern(height, width), [side, side]).numpy()
        cases.append({"height": height, "width": width, "side": side, "pixels": np.round(resized, 3).ravel().tolist()})
    return cases


def bicubic_resizes():
    """Without antialiasing. The cubic filter overshoots, so levels can be outside 0..255."""
    cases = []
    for height, width, side in [(20, 30, 8), (13, 17, 32), (40, 9, 16)]:
        resized = tf.image.resize(pattern(height, width), [side, side], method="bicubic").numpy()
        cases.append({"height": height, "width": width, "side": side, "pixels": np.round(resized, 2).ravel().tolist()})
    return cases


def fixres():
    """The Keras example's fine-tuning policy from 32 to 56: resize to floor(56 / 32 * 56) = 98, centre crop 56."""
    resized = tf.image.resize(pattern(60, 75), [98, 98])
    cropped = tf.keras.layers.CenterCrop(56, 56)(resized[None])[0].numpy()
    return {"height": 60, "width": 75, "pixels": np.round(cropped, 3).ravel().tolist()}


def crops(height, width):
    """Many crops, drawn as the Keras example draws them."""
    drawn = []
    for seed in range(CROPS):
        begin, size, _ = tf.image.stateless_sample_distorted_bounding_box(
            tf.constant([height, width, 3]),
            tf.zeros([0, 0, 4], tf.float32),
            seed=(seed, 7),
            area_range=(0.05, 1.0),
            aspect_ratio_range=(0.75, 1.33),
            min_object_covered=0.0,
            max_attempts=100,
            use_image_if_no_bounding_boxes=True,
        )
        (y, x, _), (h, w, _) = begin.numpy(), size.numpy()
        drawn.append([int(x), int(y), int(w), int(h)])
    return crop_quantiles(drawn, width, height)


fixtures = {
    "resizes": resizes(),
    "bicubicResizes": bicubic_resizes(),
    "fixres": fixres(),
    "crops": [crops(208, 277), crops(300, 208), crops(64, 512)],
}
OUTPUT.write_text(json.dumps(fixtures) + "\n")
print(f"{OUTPUT}: {OUTPUT.stat().st_size} bytes")
