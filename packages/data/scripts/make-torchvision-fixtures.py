"""Writes src/fixtures/torchvision.json: the results of torchvision on PIL images and on tensors, for the tests of policies and pixels.

    pip install torch torchvision pillow
    python scripts/make-torchvision-fixtures.py
"""

import base64
import json
import math
from pathlib import Path

import numpy as np
import torch
from crop_quantiles import crop_quantiles
from PIL import Image
from torchvision import transforms
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F

CROPS = 4000
OUTPUT = Path(__file__).parent.parent / "src" / "fixtures" / "torchvision.json"
FILTERS = {"bilinear": InterpolationMode.BILINEAR, "bicubic": InterpolationMode.BICUBIC}


def pattern(height, width):
    """A picture with edges and gradients that both sides compute, so no file is needed."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    return Image.fromarray(((x * 7 + y * 13 + c * 50 + (x * y) % 31 * 5) % 256).astype(np.uint8))


def pixels(image):
    return base64.b64encode(np.asarray(image, np.uint8).tobytes()).decode()


def resizes():
    cases = []
    for height, width, to_height, to_width in [(20, 30, 8, 11), (13, 17, 32, 20), (24, 24, 24, 24), (40, 9, 16, 16), (61, 95, 10, 12)]:
        for name, mode in FILTERS.items():
            image = pattern(height, width)
            resized = F.resize(image, [to_height, to_width], mode)
            tensor = F.resize(F.pil_to_tensor(image), [to_height, to_width], mode, antialias=True)
            cases.append({
                "from": [width, height], "to": [to_width, to_height], "interpolation": name,
                "pil": pixels(resized), "tensor": pixels(tensor.permute(1, 2, 0).numpy()),
            })
    return cases


def resized_crop():
    """A crop first, then a resize: the filter must not read across the crop's edges."""
    image = F.resized_crop(pattern(40, 50), 7, 11, 25, 30, [16, 16], InterpolationMode.BILINEAR)
    return {"from": [50, 40], "region": [11, 7, 30, 25], "side": 16, "pixels": pixels(image)}


def sizes():
    """Short-side sizes and centre-crop places for many image sizes."""
    cases = []
    for width, height in [(277, 208), (208, 277), (208, 208), (500, 333), (333, 500), (64, 512), (1000, 31), (225, 224)]:
        for side, crop in [(256, 224), (146, 128), (183, 160)]:
            new_height, new_width = F._compute_resized_output_size((height, width), [side])
            # The index of each pixel shows where the crop is.
            rows = torch.arange(new_height)[:, None].expand(new_height, new_width)
            columns = torch.arange(new_width)[None].expand(new_height, new_width)
            cropped = F.center_crop(torch.stack([rows, columns])[None], [crop, crop])[0]
            cases.append({
                "image": [width, height], "side": side, "crop": crop, "resized": [new_width, new_height],
                "at": [int(cropped[1, 0, 0]), int(cropped[0, 0, 0])],
            })
    return cases


def timm_eval(image, size, crop_pct, mode, interpolation, fill):
    """timm's transforms_imagenet_eval on torchvision's own functions."""
    side = math.floor(size / crop_pct)
    if mode == "squash":
        image = F.resize(image, [side, side], interpolation)
    elif mode == "center":
        image = F.resize(image, side, interpolation)
    else:
        width, height = image.size
        ratio = max(height / side, width / side)
        image = F.resize(image, [round(height / ratio), round(width / ratio)], interpolation)
        right, bottom = max(size - image.size[0], 0), max(size - image.size[1], 0)
        image = F.pad(image, [right // 2, bottom // 2, (right + 1) // 2, (bottom + 1) // 2], fill=tuple(fill))
    return F.center_crop(image, size)


def timm_evals():
    fill = [124, 116, 104]
    cases = []
    for mode in ["center", "squash", "border"]:
        for width, height in [(37, 28), (23, 41)]:
            for crop_pct in [0.875, 1.0]:
                image = timm_eval(pattern(height, width), 16, crop_pct, mode, InterpolationMode.BICUBIC, fill)
                cases.append({"image": [width, height], "mode": mode, "cropPct": crop_pct, "size": 16, "pixels": pixels(image)})
    return cases


def ten_crop():
    resize = transforms.Resize(17)
    views = transforms.TenCrop(12)(resize(pattern(23, 30)))
    return {"image": [30, 23], "resizeSide": 17, "size": 12, "views": [pixels(view) for view in views]}


def by_height():
    """Scaled by height and cropped, with black beyond the edges of a tall image."""
    cases = []
    for width, height in [(37, 28), (20, 41)]:
        image = F.resize(pattern(height, width), [18, int(18 * width / height)], InterpolationMode.BILINEAR)
        cases.append({"image": [width, height], "resizeSide": 18, "size": 16, "pixels": pixels(F.center_crop(image, 16))})
    return cases


def adjustments():
    image = pattern(13, 21)
    operations = {
        "brightness": F.adjust_brightness, "contrast": F.adjust_contrast, "saturation": F.adjust_saturation, "hue": F.adjust_hue,
    }
    single = [
        {"steps": [[name, value]]}
        for name, values in {
            "brightness": [0, 0.4, 0.95, 1, 1.05, 1.7], "contrast": [0, 0.6, 0.95, 1.05, 1.9],
            "saturation": [0, 0.5, 1.05, 2.2], "hue": [-0.5, -0.1, 0.003, 0.25, 0.5],
        }.items()
        for value in values
    ]
    orders = [
        {"steps": [["saturation", 1.3], ["contrast", 0.8], ["hue", 0.07], ["brightness", 1.2]]},
        {"steps": [["brightness", 1.2], ["hue", 0.07], ["contrast", 0.8], ["saturation", 1.3]]},
    ]
    for case in single + orders:
        changed = image
        for name, value in case["steps"]:
            changed = operations[name](changed, value)
        case["pixels"] = pixels(changed)
    return {"image": [21, 13], "cases": single + orders}


def jitter_before_crop():
    """Contrast blends with the mean of the whole resized picture, although a crop follows."""
    image = F.resize(pattern(30, 41), 18, InterpolationMode.BILINEAR)
    image = F.center_crop(F.adjust_contrast(image, 0.5), 12)
    return {"image": [41, 30], "resizeSide": 18, "size": 12, "factor": 0.5, "pixels": pixels(image)}


def crops(width, height):
    """Many crops, drawn by RandomResizedCrop."""
    torch.manual_seed(0)
    blank = Image.new("RGB", (width, height))
    drawn = [transforms.RandomResizedCrop.get_params(blank, [0.08, 1.0], [3 / 4, 4 / 3]) for _ in range(CROPS)]
    return crop_quantiles([(x, y, wide, high) for y, x, high, wide in drawn], width, height)


fixtures = {
    "resizes": resizes(),
    "resizedCrop": resized_crop(),
    "sizes": sizes(),
    "timmEvals": timm_evals(),
    "tenCrop": ten_crop(),
    "byHeight": by_height(),
    "adjustments": adjustments(),
    "jitterBeforeCrop": jitter_before_crop(),
    "crops": [crops(277, 208), crops(208, 300), crops(512, 64)],
}
OUTPUT.write_text(json.dumps(fixtures) + "\n")
print(f"{OUTPUT}: {OUTPUT.stat().st_size} bytes")
