"""Checks that whole networks of timm and torchvision predict in fixres what they predict in PyTorch, and writes the table in docs/models.md.

    pip install torch==2.15.0 torchvision==0.29.2 timm==1.0.31 safetensors==0.8.0 pillow
    pnpm build && python scripts/check-timm.py [NAME ...]

Each network has random weights and statistics, is saved with timm's config.json, imported with `fixres import timm`, and evaluated by `fixres predict`
on one image at its own size and at a larger one. The reference is PyTorch behind timm's transform of that configuration.
Full networks are too large for the tests, which compare narrow ones of the same families.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import safetensors.torch
import timm
import torch
import torchvision
from PIL import Image

from fill import fill
from model_table import write_rows
from torch_values import fill_network

ROOT = pathlib.Path(__file__).resolve().parents[3]
CLASSES = 10
# Own size and a larger one, if the library takes it.
NETWORKS = {
    "resnet50": (224, 288),
    "resnet50 of torchvision": (224, 288),
    "resnext50_32x4d": (224, 288),
    "resnetv2_50": (224, 288),
    "convnext_tiny": (224, 288),
    "convnext_tiny of torchvision": (224, 288),
    "efficientnet_b0": (224, 288),
    "tf_efficientnetv2_b0": (192, 224),
    "efficientnet_b0 of torchvision": (224, 288),
    "mobilenetv3_small_100": (224, 288),
    "mobilenet_v3_small of torchvision": (224, 288),
    "vit_tiny_patch16_224": (224, 288),
    "deit3_small_patch16_224": (224, 288),
    "vit_b_16 of torchvision": (224, None),
}
HEAD = ["network", "largest difference of a probability", "at a larger size", "parameters", "multiply-adds", "groups"]
MARKS = "<!-- timm: written by packages/models/scripts/check-timm.py -->", "<!-- end of timm -->"


def fixres(*arguments):
    return subprocess.run(["node", ROOT / "apps/cli/bin/fixres.js", *map(str, arguments)], check=True, capture_output=True, text=True).stdout


def made(name, size):
    """The network, and the configuration for timm's transform."""
    architecture, _, library = name.partition(" of ")
    if library:
        statistics = {"mean": timm.data.IMAGENET_DEFAULT_MEAN, "std": timm.data.IMAGENET_DEFAULT_STD}
        cfg = {**statistics, "interpolation": "bilinear", "crop_pct": 0.875, "crop_mode": "center"}
        return architecture, getattr(torchvision.models, architecture)(num_classes=CLASSES), cfg | {"input_size": (3, size, size)}
    # A vision transformer of timm takes other sizes only if it is told so.
    sizes = {"dynamic_img_size": True} if architecture.startswith(("vit", "deit")) else {}
    model = timm.create_model(architecture, num_classes=CLASSES, **sizes)
    return architecture, model, model.pretrained_cfg | {"input_size": (3, size, size)}


def theirs(model, cfg, picture, size):
    data = timm.data.resolve_data_config(cfg | {"input_size": (3, size, size)})
    with torch.no_grad():
        return torch.softmax(model(timm.data.create_transform(**data)(picture).unsqueeze(0)), 1)[0].numpy()


def check(name, folder):
    own, larger = NETWORKS[name]
    architecture, model, cfg = made(name, own)
    fill_network(name, model, own)
    safetensors.torch.save_file(model.state_dict(), folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps({"architecture": architecture, "num_classes": CLASSES, "pretrained_cfg": cfg}))
    fixres("import", "timm", folder / "model.safetensors", "--out", folder / "model", "--quiet")
    differences = {}
    for size in filter(None, (own, larger)):
        levels = 127.5 + 127.5 * np.sin(np.arange(size * (size + 40) * 3) * 0.0005 + fill(f"{name}/{size}", size * (size + 40) * 3))
        picture = Image.fromarray(np.round(levels).astype("uint8").reshape(size, size + 40, 3))
        picture.save(folder / "image.png")
        if size != own:
            # The same folder for another size: timm's transform keeps the fraction of the crop.
            cfg_larger = {"architecture": architecture, "num_classes": CLASSES, "pretrained_cfg": cfg | {"input_size": (3, size, size)}}
            (folder / "config.json").write_text(json.dumps(cfg_larger))
            fixres("import", "timm", folder / "model.safetensors", "--out", folder / "larger", "--quiet")
        answer = json.loads(fixres("predict", folder / ("model" if size == own else "larger"), folder / "image.png", "--json", "--quiet"))
        ours = np.array(answer["predictions"][0]["probabilities"])
        expected = theirs(model, cfg, picture, size)
        differences[size] = float(np.abs(ours - expected).max())
        if not differences[size] < 1e-4 or expected.max() > 0.99:
            sys.exit(f"{name} at {size}: {ours} instead of {expected}")
    described = json.loads(fixres("describe", folder / "model", "--image-size", own, "--json"))
    parameters = sum(each.numel() for each in model.parameters())
    statistics = sum(each.numel() for key, each in model.named_buffers() if not key.endswith("num_batches_tracked"))
    if described["parameters"] != parameters + statistics:
        sys.exit(f"{name} has {described['parameters']} parameters instead of {parameters + statistics}")
    return {"differences": differences, "parameters": parameters, "described": described}


def first_cell(name):
    architecture, _, library = name.partition(" of ")
    return f"`{architecture}`" + (f" of {library}" if library else "")


def row(name, result):
    own, larger = NETWORKS[name]
    differences, described = result["differences"], result["described"]
    return [
        first_cell(name),
        f"{differences[own]:.0e} at {own}",
        f"{differences[larger]:.0e} at {larger}" if larger else "",
        f"{result['parameters']:,}",
        f"{described['multiplyAdds'] / 1e6:,.0f} million at {own}",
        groups_cell([group["name"] for group in described["groups"]]),
    ]


def groups_cell(names):
    blocks = [name for name in names if name.startswith("block")]
    rest = [f"{name} to {blocks[-1]}" if name == "block1" else name for name in names if name == "block1" or name not in blocks]
    return ", ".join(rest)


def main():
    for name in sys.argv[1:] or NETWORKS:
        with tempfile.TemporaryDirectory() as folder:
            result = check(name, pathlib.Path(folder))
        print(name, result["differences"], flush=True)
        write_rows(MARKS, HEAD, list(map(first_cell, NETWORKS)), [row(name, result)])


if __name__ == "__main__":
    main()
