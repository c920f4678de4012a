"""Checks that Keras reads what fixres writes: trained.keras -> tfjs -> .weights.h5 -> a fresh Keras model -> .weights.h5, bit for bit.

    pip install tensorflow-cpu==2.21.0 pillow
    pnpm build && python scripts/check-keras-round-trip.py

Writes test/fixtures/keras/round-trip.json, the SHA-256 of the arrays after the round trip. A test compares it with what is written now.
"""

import hashlib
import importlib
import json
import subprocess
import tempfile
from pathlib import Path

import h5py
import numpy as np

fixtures = importlib.import_module("make-weights-fixtures")
HERE = Path(__file__).resolve().parent


def arrays(file):
    """Every array of the layers, by its path."""
    found = {}
    with h5py.File(file) as h5:
        h5.visititems(lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return {name: array for name, array in found.items() if name.startswith("layers/")}


def main():
    with tempfile.TemporaryDirectory() as folder:
        written, again = Path(folder, "written.weights.h5"), Path(folder, "again.weights.h5")
        source = fixtures.FOLDER / "trained.keras"
        subprocess.run(["node", HERE / "write-round-trip.mjs", source, written], check=True)
        model = fixtures.relative(rescaling=True)
        model.load_weights(written)
        model.save_weights(again)

        original = fixtures.keras.models.load_model(source)
        for mine, its in zip(model.weights, original.weights, strict=True):
            np.testing.assert_array_equal(mine.numpy(), its.numpy(), err_msg=mine.path)
        images = fixtures.photos()
        np.testing.assert_array_equal(model.predict(images, verbose=0), original.predict(images, verbose=0))

        sha256 = hashlib.sha256()
        back = sorted(arrays(again).items())
        for name, array in back:
            sha256.update(f"{name} {','.join(map(str, array.shape))}\n".encode() + array.tobytes())
    evidence = {"keras": fixtures.keras.__version__, "arrays": len(back), "sha256": sha256.hexdigest()}
    (fixtures.FOLDER / "round-trip.json").write_text(json.dumps(evidence) + "\n")
    print(evidence)


if __name__ == "__main__":
    main()
