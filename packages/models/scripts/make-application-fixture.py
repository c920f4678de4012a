"""Writes test/fixtures/application.json.gz: names and shapes of the arrays in MobileNetV3Small's .weights.h5, and its prediction.

    pip install keras==3.15.1 tensorflow-cpu==2.21.0
    python scripts/make-application-fixture.py

Both sides compute the numbers of the arrays: test/support/application-weights.ts.
"""

import gzip
import json
import math
import os
import pathlib
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import h5py
import numpy as np

from application import without_weights
from fill import fill

FILE = pathlib.Path(__file__).resolve().parent.parent / "test" / "fixtures" / "application.json.gz"
NAME, SIZE = "MobileNetV3Small", 64


def value(key, shape, index, count):
    """Kernels by their number of inputs; of a normalisation's four arrays, scale and variance are near 1."""
    values = fill(key, math.prod(shape)).reshape(shape)
    if len(shape) == 4:
        depthwise = shape[3] == 1
        return values * math.sqrt(4 / (shape[0] * shape[1] * (1 if depthwise else shape[2])))
    return 1 + 0.2 * values if count == 4 and index in (0, 3) else 0.1 * values


model, _, _ = without_weights(NAME)
layers = []
with tempfile.TemporaryDirectory() as folder:
    path = f"{folder}/model.weights.h5"
    model.save_weights(path)
    with h5py.File(path, "r+") as file:

        def visit(place, group):
            if not (isinstance(group, h5py.Group) and place.endswith("/vars") and len(group) > 0):
                return
            place = place.removesuffix("/vars")
            arrays = []
            for i in range(len(group)):
                data = group[str(i)]
                data[...] = value(f"{NAME}/{place}/{i}", data.shape, i, len(group))
                arrays.append(list(data.shape))
            layers.append({"path": place, "name": group.attrs.get("name"), "shapes": arrays})

        file.visititems(visit)
        values = {(layer["path"], i): file[f"{layer['path']}/vars/{i}"][...] for layer in layers for i in range(len(layer["shapes"]))}
# load_weights does nothing here, see without_weights.
by_name = {layer.name: layer for layer in model.layers}
for layer in layers:
    by_name[layer["name"]].set_weights([values[layer["path"], i] for i in range(len(layer["shapes"]))])
levels = 127.5 + 127.5 * fill(f"{NAME}/{SIZE}", SIZE * SIZE * 3).reshape(1, SIZE, SIZE, 3)
prediction = np.asarray(model(levels.astype("float32"), training=False))[0]
print(prediction.max(), len(layers))
content = {"name": NAME, "size": SIZE, "layers": layers, "prediction": prediction.tolist()}
FILE.write_bytes(gzip.compress(json.dumps(content, separators=(",", ":")).encode(), mtime=0))
print(FILE.stat().st_size, "bytes")
