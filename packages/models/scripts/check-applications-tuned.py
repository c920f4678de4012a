"""Takes networks of keras.applications through fixres as a user would, compares the exports with Keras and TensorFlow, and writes the table in docs/models.md.

    pip install keras==3.15.1 tensorflow-cpu==2.21.0 pillow
    pnpm build && python scripts/check-applications-tuned.py [NAME ...]

Each network starts with new weights, is saved as .keras, imported without --arch, tuned on the photos in testing/photos, evaluated
at three sizes, and exported as .keras and as a SavedModel that takes files. Keras and TensorFlow then classify the photos.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
import tensorflow as tf
from PIL import Image

from model_table import write_rows

ROOT = pathlib.Path(__file__).resolve().parents[3]
PHOTOS = ROOT / "testing" / "photos"
SIDE, SIZES = 96, (96, 128, 160)
# Three epochs on some thirty photos move all weights; nothing is learnt.
NETWORKS = ["EfficientNetV2B0", "EfficientNetB0", "MobileNetV3Small", "DenseNet121", "ConvNeXtTiny", "ResNet50", "Xception", "VGG16"]


def fixres(*arguments):
    done = subprocess.run(["node", ROOT / "apps/cli/bin/fixres.js", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"fixres {' '.join(map(str, arguments))}\n{done.stderr}")
    return json.loads(done.stdout)


def probabilities(model, files, *options):
    answer = fixres("predict", model, *files, *options, "--json", "--quiet")
    return np.array([each["probabilities"] for each in answer["predictions"]])


def photos(folder):
    """The sample photos that TensorFlow decodes as fixres does: a SavedModel takes neither WebP nor CMYK."""
    for file in sorted(PHOTOS.glob("*/*.jpg")):
        if Image.open(file).mode == "RGB":
            target = folder / file.relative_to(PHOTOS)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
    return folder


def check(name, folder):
    data = photos(folder / "photos")
    keras.utils.set_random_seed(1)
    getattr(keras.applications, name)(weights=None, classes=10, input_shape=(SIDE, SIDE, 3)).save(folder / "network.keras")
    imported = fixres("import", "keras", folder / "network.keras", "--out", folder / "imported", "--json", "--quiet")
    fixres("finetune", folder / "imported", data, "--image-size", SIDE, "--test-policy", "resize", "--freeze", "all",
           "--epochs", 3, "--learning-rate", 1e-3, "--batch-size", 16, "--out", folder / "run", "--json", "--quiet")
    sizes = SIZES if imported["anySize"] else (SIDE,)
    fixres("evaluate", folder / "run", data, "--sizes", ",".join(map(str, sizes)), "--json", "--quiet")
    fixres("export", folder / "run", "--format", "savedmodel", "--with-decoder", "--require-verified", "--out", folder / "saved", "--json", "--quiet")

    crops = []
    for i, file in enumerate(sorted(data.glob("*/*.jpg"))[:16]):
        crops.append(folder / f"{i}.png")
        # Without the colour profile, which fixres applies and TensorFlow does not.
        Image.fromarray(np.asarray(Image.open(file).resize((SIDE, SIDE)))).save(crops[-1])
    levels = np.stack([np.asarray(Image.open(file)) for file in crops]).astype("float32")
    serving = tf.saved_model.load(folder / "saved").signatures["serving_bytes"]
    in_tensorflow = serving(image_bytes=tf.constant([file.read_bytes() for file in crops]))["output"].numpy()
    ours = probabilities(folder / "run", crops)
    fixres("export", folder / "run", "--format", "keras", "--out", folder / "keras", "--json", "--quiet")
    in_keras = keras.saving.load_model(folder / "keras" / "model.keras").predict(levels, verbose=0)
    differences = {"keras": np.abs(in_keras - ours).max(), "tensorflow": np.abs(in_tensorflow - ours).max()}
    if not max(differences.values()) < 1e-4:
        sys.exit(f"{name}: {differences}")
    return {"sizes": sizes, "differences": differences, "certainty": float(ours.max(axis=1).mean())}


HEAD = ["network", "evaluated at", "`.keras` in Keras", "SavedModel in TensorFlow"]
MARKS = "<!-- tuned: written by packages/models/scripts/check-applications-tuned.py -->", "<!-- end of tuned -->"


def main():
    for name in sys.argv[1:] or NETWORKS:
        with tempfile.TemporaryDirectory() as folder:
            result = check(name, pathlib.Path(folder))
        differences = result["differences"]
        print(name, differences, result["certainty"], flush=True)
        sizes = ", ".join(map(str, result["sizes"]))
        write_rows(MARKS, HEAD, [f"`{each}`" for each in NETWORKS],
                   [[f"`{name}`", sizes, f"{differences['keras']:.0e}", f"{differences['tensorflow']:.0e}"]])


if __name__ == "__main__":
    main()
