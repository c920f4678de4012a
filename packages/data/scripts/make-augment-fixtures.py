"""Writes src/fixtures/augment.json: torchvision's augmentations on PIL images, for the tests of policies and pixels.

    pip install torch==2.15.0 torchvision==0.29.2 pillow==13.0.0
    python scripts/make-augment-fixtures.py
"""

import base64
import json
from pathlib import Path

import numpy as np
import PIL
import torch
import torchvision
from crop_quantiles import crop_quantiles
from PIL import Image, ImageFilter
from torchvision import transforms
from torchvision.transforms import InterpolationMode, autoaugment
from torchvision.transforms import functional as F

DRAWS = 4000
OUTPUT = Path(__file__).parent.parent / "src" / "fixtures" / "augment.json"
MODES = {"nearest": InterpolationMode.NEAREST, "bilinear": InterpolationMode.BILINEAR}
FILL = [20, 130, 240]


def pattern(height, width):
    """A picture with edges and gradients that both sides compute, so no file is needed."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    return Image.fromarray(((x * 7 + y * 13 + c * 50 + (x * y) % 31 * 5) % 256).astype(np.uint8))


def dim(image):
    """The picture with few levels, so that contrast and histogram have something to stretch."""
    return Image.fromarray((np.asarray(image) // 3 + 40).astype(np.uint8))


def pixels(image):
    return base64.b64encode(np.asarray(image, np.uint8).tobytes()).decode()


def spaces():
    """Names, strengths and signs of every operation, in the order in which they are drawn."""
    cases = []
    for height, width in [(13, 21), (128, 128), (224, 176)]:
        size = (height, width)
        made = {
            "randAugment": (autoaugment.RandAugment()._augmentation_space(31, size), 31),
            "trivialAugmentWide": (autoaugment.TrivialAugmentWide()._augmentation_space(31), 31),
            "autoAugment": (autoaugment.AutoAugment()._augmentation_space(10, size), 10),
            "augMix": (autoaugment.AugMix()._augmentation_space(10, size), 10),
            "augMix without colours": (autoaugment.AugMix(all_ops=False)._augmentation_space(10, size), 10),
        }
        for name, (space, bins) in made.items():
            operations = [[op, signed, magnitudes.tolist() if magnitudes.ndim else None] for op, (magnitudes, signed) in space.items()]
            cases.append({"name": name, "image": [width, height], "bins": bins, "operations": operations})
    return cases


def sub_policies():
    return {
        policy.value: autoaugment.AutoAugment(policy).policies
        for policy in [autoaugment.AutoAugmentPolicy.IMAGENET, autoaugment.AutoAugmentPolicy.CIFAR10, autoaugment.AutoAugmentPolicy.SVHN]
    }


def operations():
    magnitudes = {
        "ShearX": [0.09, -0.3, 0.99], "ShearY": [0.09, -0.3, 0.99], "TranslateX": [3.9, -7.2, 30.0], "TranslateY": [2.0, -5.5],
        "Rotate": [9.0, -30.0, 90.0, 135.0, 0.0], "Brightness": [0.27, -0.9], "Color": [0.27, -0.99], "Contrast": [0.27, -0.9],
        "Sharpness": [0.27, -0.9, 0.99, -0.99], "Posterize": [8, 5, 2, 1], "Solarize": [255.0, 178.5, 0.0],
        "AutoContrast": [0.0], "Equalize": [0.0], "Invert": [0.0],
    }
    affine = {"ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate"}
    cases = []
    for name, values in magnitudes.items():
        # In the precision of torchvision's tables.
        for value in [float(np.float32(value)) for value in values]:
            for mode in MODES if name in affine else ["nearest"]:
                image = pattern(13, 21) if name in affine else dim(pattern(13, 21)) if name in {"AutoContrast", "Equalize"} else pattern(13, 21)
                changed = autoaugment._apply_op(image, name, value, MODES[mode], FILL)
                cases.append({"name": name, "strength": value, "interpolation": mode, "dim": name in {"AutoContrast", "Equalize"}, "pixels": pixels(changed)})
    # A right angle of a square, which Pillow copies.
    square = autoaugment._apply_op(pattern(12, 12), "Rotate", 90.0, MODES["nearest"], FILL)
    return {"image": [21, 13], "fill": FILL, "cases": cases, "square": {"side": 12, "pixels": pixels(square)}}


def flat():
    """Pictures whose histogram leaves nothing to do: one level, and fewer pixels than levels."""
    single = Image.new("RGB", (9, 7), (30, 30, 200))
    few = pattern(5, 6)
    return [
        {"image": [9, 7], "level": [30, 30, 200], "autoContrast": pixels(F.autocontrast(single)), "equalize": pixels(F.equalize(single))},
        {"image": [6, 5], "level": None, "autoContrast": pixels(F.autocontrast(few)), "equalize": pixels(F.equalize(few))},
    ]


def blurs():
    image = pattern(13, 21)
    return {
        "image": [21, 13],
        "gaussianBlur": [
            {"kernelSize": size, "sigma": sigma, "pixels": pixels(F.gaussian_blur(image, [size, size], [sigma, sigma]))}
            for size, sigma in [(3, 0.5), (5, 1.3), (9, 2.0), (23, 2.0)]
        ],
        "boxBlur": [
            {"radius": radius, "pixels": pixels(image.filter(ImageFilter.GaussianBlur(radius=radius)))}
            for radius in [0.1, 0.35, 1.0, 1.7, 2.0, 5.0]
        ],
        "grayscale": pixels(F.to_grayscale(image, 3)),
    }


def mixtures():
    """AugMix with given weights: operations on PIL images, summed as torchvision sums tensors."""
    image = pattern(13, 21)
    cases = []
    for own, weights, chains in [
        (0.4, [0.3, 0.2, 0.1], [[("Rotate", 20.0)], [("Solarize", 198.0), ("ShearX", -0.1)], [("Equalize", 0.0), ("TranslateY", 3.0), ("Color", 0.5)]]),
        (0.05, [0.95], [[("Posterize", 2)]]),
    ]:
        mix = torch.tensor(own) * F.pil_to_tensor(image)
        for weight, chain in zip(weights, chains):
            changed = image
            for name, value in chain:
                changed = autoaugment._apply_op(changed, name, value, MODES["bilinear"], FILL)
            mix.add_(torch.tensor(weight) * F.pil_to_tensor(changed))
        cases.append({"weight": own, "weights": weights, "chains": chains, "pixels": pixels(mix.to(torch.uint8).permute(1, 2, 0).numpy())})
    return {"image": [21, 13], "fill": FILL, "cases": cases}


def padded_crops():
    """RandomCrop's crop at given places of the padded image."""
    cases = []
    for mode in ["constant", "edge", "reflect", "symmetric"]:
        # The last padding is larger than the image.
        for (width, height), padding, side, (x, y) in [((11, 9), 4, 10, (0, 0)), ((11, 9), 4, 10, (9, 6)), ((5, 7), 9, 22, (1, 2))]:
            image = F.pad(pattern(height, width), padding, tuple(FILL), mode)
            cases.append({"mode": mode, "image": [width, height], "padding": padding, "side": side, "at": [x, y], "pixels": pixels(F.crop(image, y, x, side, side))})
    return {"fill": FILL, "cases": cases}


def erased(width, height):
    """Many rectangles, drawn by RandomErasing."""
    torch.manual_seed(0)
    blank = torch.zeros(3, height, width)
    drawn = [transforms.RandomErasing.get_params(blank, (0.02, 0.33), (0.3, 3.3), [0.0]) for _ in range(DRAWS)]
    return crop_quantiles([(x, y, wide, high) for y, x, high, wide, _ in drawn], width, height)


fixtures = {
    "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__, "pillow": PIL.__version__},
    "spaces": spaces(),
    "subPolicies": sub_policies(),
    "operations": operations(),
    "flat": flat(),
    "blurs": blurs(),
    "mixtures": mixtures(),
    "paddedCrops": padded_crops(),
    "erased": [erased(128, 128), erased(60, 20)],
}
OUTPUT.write_text(json.dumps(fixtures) + "\n")
print(f"{OUTPUT}: {OUTPUT.stat().st_size} bytes")
