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
from torch_values import fill_network

ROOT = pathlib.Path(__file__).resolve().parents[3]
CLASSES = 10
# Own size and a larger one.
NETWORKS = {
    "resnet50": (224, 288),
    "resnet50 of torchvision": (224, 288),
    "resnext50_32x4d": (224, 288),
    "resnetv2_50": (224, 288),
    "convnext_tiny": (224, 288),
    "convnext_tiny of torchvision": (224, 288),
    "efficientnet_b0": (224, 288),
    "tf_efficientnetv2_b0": (192, 224),
    "mobilenetv3_small_100": (224, 288),
}


def fixres(*arguments):
    return subprocess.run(["node", ROOT / "apps/cli/bin/fixres.js", *map(str, arguments)], check=True, capture_output=True, text=True).stdout


def made(name, size):
    """The network, and the configuration for timm's transform."""
    architecture, _, library = name.partition(" of ")
    model = timm.create_model(architecture, num_classes=CLASSES)
    cfg = model.pretrained_cfg | {"input_size": (3, size, size)}
    if library:
        model = getattr(torchvision.models, architecture)(num_classes=CLASSES)
    return architecture, model, cfg


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
    imported = json.loads(fixres("import", "timm", folder / "model.safetensors", "--out", folder / "model", "--json", "--quiet"))
    differences = {}
    for size in (own, larger):
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
    return {"differences": differences, "parameters": parameters, "described": described, "imported": imported}


def table(results):
    """The part of docs/models.md between the marks."""
    head = ["network", "largest difference of a probability", "at larger size", "parameters", "multiply-adds", "groups"]
    rows = []
    for name, result in results.items():
        own, larger = NETWORKS[name]
        differences, described = result["differences"], result["described"]
        architecture, _, library = name.partition(" of ")
        rows.append([
            f"`{architecture}`" + (f" of {library}" if library else ""),
            f"{differences[own]:.0e} at {own}",
            f"{differences[larger]:.0e} at {larger}",
            f"{result['parameters']:,}",
            f"{described['multiplyAdds'] / 1e6:,.0f} million at {own}",
            ", ".join(group["name"] for group in described["groups"]),
        ])
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    line = lambda cells: "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths)) + " |"
    return "\n".join([line(head), "| " + " | ".join("-" * width for width in widths) + " |", *map(line, rows)])


def main():
    names = sys.argv[1:] or list(NETWORKS)
    results = {}
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            results[name] = check(name, pathlib.Path(folder))
        print(name, results[name]["differences"], flush=True)
    text = table(results)
    print(text)
    if len(names) == len(NETWORKS):
        path = ROOT / "docs/models.md"
        before, rest = path.read_text().split("check-timm.py -->\n")
        _, after = rest.split("<!-- end of timm -->")
        note = f"timm {timm.__version__}, torchvision {torchvision.__version__.split('+')[0]}, random weights and statistics, ten classes; one image, the same in both, behind timm's transform."
        path.write_text(f"{before}check-timm.py -->\n\n{note}\n\n{text}\n\n<!-- end of timm -->{after}")


if __name__ == "__main__":
    main()
