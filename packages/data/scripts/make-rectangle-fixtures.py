"""Writes src/fixtures/rectangle.json: results of timm and torchvision for rectangular outputs, for the tests of policies.

    pip install torch==2.15.0 torchvision==0.29.2 timm==1.0.31 pillow==13.0.0
    python scripts/make-rectangle-fixtures.py
"""

import base64
import json
import random
from pathlib import Path

import numpy as np
from PIL import Image
from timm.data.transforms import ResizeKeepRatio
from timm.data.transforms_factory import transforms_imagenet_eval
from torchvision import transforms
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F

OUTPUT = Path(__file__).parent.parent / "src" / "fixtures" / "rectangle.json"
IMAGES = [(40, 30), (30, 40), (37, 37), (90, 21)]
SIZES = [(12, 16), (18, 11)]


def pattern(height, width):
    """The picture of make-torchvision-fixtures.py."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    return Image.fromarray(((x * 7 + y * 13 + c * 50 + (x * y) % 31 * 5) % 256).astype(np.uint8))


def pixels(image):
    return base64.b64encode(np.asarray(image, np.uint8).tobytes()).decode()


def keep_ratio():
    """Height and width that timm resizes images to, to cover a box and to fit into it."""
    draw = random.Random(0)
    cases = []
    for _ in range(60):
        height, width, *box = [draw.randint(8, 1200) for _ in range(2)] + [draw.randint(8, 400) for _ in range(2)]
        image = Image.new("RGB", (width, height))
        cover, fit = (ResizeKeepRatio.get_params(image, box, longest) for longest in (0.0, 1.0))
        cases.append({"image": [height, width], "box": box, "cover": cover, "fit": fit})
    return cases


def evals():
    cases = []
    for mode in ["center", "squash", "border"]:
        for crop_pct in [0.875, 1]:
            for size in SIZES:
                for width, height in IMAGES:
                    transform = transforms_imagenet_eval(
                        size, crop_pct=crop_pct, crop_mode=mode, interpolation="bicubic", normalize=False
                    )
                    tensor = transform(pattern(height, width))
                    cases.append({
                        "image": [height, width], "size": size, "mode": mode, "cropPct": crop_pct,
                        "pixels": pixels(tensor.permute(1, 2, 0).numpy()),
                    })
    return cases


def resized_crop():
    """What RandomResizedCrop((12, 16)) does with a drawn crop."""
    image = F.resized_crop(pattern(40, 50), 7, 11, 25, 30, [12, 16], InterpolationMode.BILINEAR)
    return {"image": [40, 50], "region": {"y": 7, "x": 11, "height": 25, "width": 30}, "size": [12, 16], "pixels": pixels(image)}


def ten_crop():
    """Resize((28, 36)), then TenCrop((20, 28))."""
    image = F.resize(pattern(40, 50), [28, 36], InterpolationMode.BILINEAR)
    views = transforms.TenCrop((20, 28))(image)
    return {"image": [40, 50], "resized": [28, 36], "size": [20, 28], "views": [pixels(view) for view in views]}


OUTPUT.write_text(json.dumps({
    "keepRatio": keep_ratio(), "evals": evals(), "resizedCrop": resized_crop(), "tenCrop": ten_crop(),
}) + "\n")
