"""Writes data/applications.json.gz: what the networks of keras.applications compute, and where the Keras project hosts their weights.

    pip install keras==3.15.1 tensorflow-cpu==2.21.0
    python scripts/make-applications.py

A file of weights alone describes no network. These are the configurations that Keras gives them with weights="imagenet", without
settings that do not change what they compute. "classes" stands for the number of classes.
"""

import gzip
import json
import os
import pathlib
import re

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras

from application import without_weights

FILE = pathlib.Path(__file__).resolve().parent.parent / "data" / "applications.json.gz"
CLASSES = 1000
# Those that createModel creates.
OWN = re.compile(r"ResNet\d+V2|MobileNetV2")
SETTINGS = re.compile(
    r"_(?:initializer|regularizer|constraint)$|^(?:trainable|dtype|registered_name|build_config|module|synchronized|seed|sparse|ragged|optional)$"
)


def compact(value):
    if isinstance(value, list):
        return [compact(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("class_name") == "__keras_tensor__":
        shape, history = (value["config"][key] for key in ("shape", "keras_history"))
        return {"class_name": "__keras_tensor__", "config": {"shape": shape, "keras_history": history}}
    # Operations are known by their module.
    return {key: compact(item) for key, item in value.items() if ".ops." in str(item) and key == "module" or not SETTINGS.search(key) and item is not None}


def configuration(name):
    """The configuration, the parameters, and the address and checksum of the weights that Keras would load."""
    model, url, checksum = without_weights(name)
    return {
        "parameters": model.count_params(),
        "url": url,
        "hash": checksum,
        "features": last_of_features(name, model),
        "config": with_classes(compact(json.loads(model.to_json()))),
    }


def last_of_features(name, model):
    """The layer in which the network ends without its top (include_top=False); None if it is no part of the whole one.

    ConvNeXt normalises its features twice then, with weights of its own.
    """
    side = model.input_shape[1] or 224
    features, _, _ = without_weights(name, include_top=False, input_shape=(side, side, 3))
    names = [layer.name for layer in features.layers]
    isPart = [layer.name for layer in model.layers][: len(names)] == names
    assert isPart or name.startswith("ConvNeXt"), name
    return names[-1] if isPart else None


def with_classes(config):
    """The configuration with "classes" for the number of classes, which only the last layers contain."""
    *_, last = layers = config["config"]["layers"]
    found = 0
    for layer in layers[-4:]:
        settings = layer["config"]
        for key, value in settings.items():
            if value in (CLASSES, [CLASSES]):
                settings[key] = "classes" if value == CLASSES else ["classes"]
                found += 1
    assert found > 0, last
    return config


names = [name for name in dir(keras.applications) if name[0].isupper() and not OWN.fullmatch(name)]
content = {}
for name in names:
    content[name] = configuration(name)
    print(name, {key: value for key, value in content[name].items() if key != "config"}, flush=True)
# No timestamp, so every run writes the same file.
FILE.write_bytes(gzip.compress(json.dumps(content, separators=(",", ":")).encode(), mtime=0))
print(FILE.stat().st_size, "bytes")
