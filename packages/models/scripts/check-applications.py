"""Checks that whole networks of keras.applications predict in fixres what they predict in Keras, and writes docs/benchmarks/applications.json.

    pip install keras==3.15.1 tensorflow-cpu==2.21.0 pillow
    pnpm build && python scripts/check-applications.py [NAME ...] && pnpm bench docs

Each network has random weights and statistics, and is saved as .keras, imported with `fixres import keras` without --arch,
and evaluated by `fixres predict` on one image at its own size and at a larger one. Full networks are too large for the tests,
which compare narrow ones of the same families.
"""

import json
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
from PIL import Image

from fill import fill

ROOT = pathlib.Path(__file__).resolve().parents[3]
RESULTS = ROOT / "docs" / "benchmarks" / "applications.json"
CLASSES = 10
# Own size, a larger one (None: Keras allows no other), and the mode of preprocess_input that does
# not already belong to the network.
NETWORKS = {
    "EfficientNetV2B0": (224, 288, None),
    "EfficientNetB0": (224, 288, None),
    "MobileNetV3Small": (224, 288, None),
    "DenseNet121": (224, 288, "torch"),
    "ConvNeXtTiny": (224, 288, None),
    "ResNet50": (224, 288, "caffe"),
    "Xception": (299, 320, "tf"),
    "VGG16": (224, None, "caffe"),
}


def fixres(*arguments):
    return subprocess.run(["node", ROOT / "apps/cli/bin/fixres.js", *map(str, arguments)], check=True, capture_output=True, text=True).stdout


def value(key, name, shape):
    """Scaled so that signals neither vanish nor grow much."""
    values = fill(key, math.prod(shape)).reshape(shape)
    if name.endswith("kernel"):
        depthwise = len(shape) == 4 and name.startswith("depthwise")
        return values * math.sqrt(3 / (shape[0] * shape[1] if depthwise else math.prod(shape[:-1])))
    if name in {"gamma", "moving_variance", "variance"}:
        return 1 + 0.2 * values
    return 0.1 * values


def filled(name, side):
    """The network with random weights, whose logits are of the order of 1."""
    keras.utils.clear_session()
    model = getattr(keras.applications, name)(weights=None, classes=CLASSES, input_shape=(side, side, 3))
    fill_weights(name, model)
    return model


def fill_weights(name, model):
    for i, variable in enumerate(model.weights):
        kind = variable.path.split("/")[-1]
        if kind == "kernel" and re.search(r"depthwise|dwconv", variable.path):
            kind = "depthwise_kernel"
        if kind != "count" and "seed_generator" not in variable.path:
            variable.assign(value(f"{name}/{i}", kind, variable.shape))
    for layer in model.layers:
        # Normalization computes with copies of its weights.
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()


def image(name, side):
    return np.round(127.5 + 127.5 * fill(f"{name}/{side}", side * side * 3)).reshape(side, side, 3).astype("uint8")


def predictions(model, pixels, mode):
    x = pixels[np.newaxis].astype("float32")
    if mode is not None:
        x = keras.applications.imagenet_utils.preprocess_input(x, mode=mode)
    return np.asarray(model(x, training=False))[0]


def check(name, folder):
    own, larger, mode = NETWORKS[name]
    model = filled(name, own)
    kernel = [variable for variable in model.weights if variable.path.endswith("kernel")][-1]
    spread = np.log(predictions(model, image(name, own), mode) + 1e-30).std()
    kernel.assign(kernel * (1 / max(spread, 1e-6)))
    model.save(folder / "model.keras")
    imported = json.loads(fixres("import", "keras", folder / "model.keras", "--out", folder / "model", "--json", "--quiet"))
    differences = {}
    for side in filter(None, (own, larger)):
        network = model if side == own else filled(name, side)
        if side != own:
            network.set_weights(model.get_weights())
            for layer in network.layers:
                if hasattr(layer, "finalize_state"):
                    layer.finalize_state()
        pixels = image(name, side)
        Image.fromarray(pixels).save(folder / "image.png")
        theirs = predictions(network, pixels, mode)
        answer = json.loads(fixres("predict", folder / "model", folder / "image.png", "--image-size", side, "--override-contract", "--json", "--quiet"))
        ours = np.array(answer["predictions"][0]["probabilities"])
        differences[side] = float(np.abs(ours - theirs).max())
        if not differences[side] < 1e-4 or theirs.max() > 0.99:
            sys.exit(f"{name} at {side}: {ours} instead of {theirs}")
    # At one size for all networks.
    described = json.loads(fixres("describe", folder / "model", "--image-size", 224, "--json"))
    return {
        "network": name,
        "differences": {str(side): float(f"{difference:.0e}") for side, difference in differences.items()},
        "parameters": described["parameters"],
        "multiplyAdds": described["multiplyAdds"],
        "anySize": imported["anySize"],
        "scaling": {"tf": "plus-minus-one"}.get(mode, mode),
        "groups": [group["name"] for group in described["groups"]],
    }


def write_row(row):
    """Replaces the row of one network, and keeps those of others."""
    known = {each["network"]: each for each in json.loads(RESULTS.read_text())["rows"]} | {row["network"]: row}
    rows = [known[name] for name in NETWORKS if name in known]
    RESULTS.write_text(json.dumps({"command": "python packages/models/scripts/check-applications.py", "rows": rows}, indent=2) + "\n")


def main():
    for name in sys.argv[1:] or NETWORKS:
        with tempfile.TemporaryDirectory() as folder:
            result = check(name, pathlib.Path(folder))
        print(name, result["differences"], flush=True)
        write_row(result)


if __name__ == "__main__":
    main()
