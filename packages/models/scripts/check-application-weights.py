"""Checks that files of weights alone, of networks of keras.applications, predict in fixres what they predict in Keras.

    pip install keras==3.15.1 tensorflow-cpu==2.21.0 pillow
    pnpm build && python scripts/check-application-weights.py [NAME ...]

Each network has random weights and is saved as .weights.h5, imported with `fixres import keras --arch NAME`, and evaluated by
`fixres predict` on one image. docs/models.md notes the last result.
"""

import importlib
import json
import pathlib
import sys
import tempfile

import numpy as np
from PIL import Image

from application import without_weights

applications = importlib.import_module("check-applications")

NAMES = ["EfficientNetB0", "MobileNetV3Small", "DenseNet121", "ConvNeXtTiny", "ResNet50", "InceptionV3", "NASNetMobile", "VGG16"]
CAFFE, TORCH, TF = {"ResNet50", "VGG16"}, {"DenseNet121"}, {"InceptionV3", "NASNetMobile"}


def check(name, folder):
    model, _, _ = without_weights(name)
    applications.fill_weights(name, model)
    side = model.input_shape[1] or 224
    mode = "caffe" if name in CAFFE else "torch" if name in TORCH else "tf" if name in TF else None
    pixels = applications.image(name, side)
    kernel = [variable for variable in model.weights if variable.path.endswith("kernel")][-1]
    spread = np.log(applications.predictions(model, pixels, mode) + 1e-30).std()
    kernel.assign(kernel * (1 / max(spread, 1e-6)))
    theirs = applications.predictions(model, pixels, mode)
    model.save_weights(folder / "model.weights.h5")
    applications.fixres("import", "keras", folder / "model.weights.h5", "--arch", name, "--classes", 1000, "--out", folder / "model", "--quiet")
    Image.fromarray(pixels).save(folder / "image.png")
    answer = json.loads(applications.fixres("predict", folder / "model", folder / "image.png", "--json", "--quiet"))
    ours = np.array(answer["predictions"][0]["probabilities"])
    difference = float(np.abs(ours - theirs).max())
    if not difference < 1e-4 or theirs.max() > 0.99:
        sys.exit(f"{name}: {ours} instead of {theirs}")
    return difference


for name in sys.argv[1:] or NAMES:
    with tempfile.TemporaryDirectory() as folder:
        print(name, check(name, pathlib.Path(folder)), flush=True)
