"""Writes src/fixtures/mixing.json: batches mixed by timm, and quantiles of scipy's beta distribution.

    pip install torch==2.15.0 timm==1.0.31 numpy==2.4.6 scipy==1.17.1
    python scripts/make-mixing-fixtures.py
"""

import base64
import json
from pathlib import Path

import numpy as np
import scipy
import timm
from scipy import stats
from timm.data import mixup as timm_mixup

OUTPUT = Path(__file__).parent.parent / "src" / "fixtures" / "mixing.json"
CLASSES = 3


def batch(images, height, width):
    """Images and labels that both sides compute."""
    i, c, y, x = np.meshgrid(np.arange(images), np.arange(3), np.arange(height), np.arange(width), indexing="ij")
    pixels = ((x * 7 + y * 13 + c * 50 + i * 91 + (x * y) % 31 * 5) % 256).astype(np.uint8)
    return [(image, index % CLASSES) for index, image in enumerate(pixels)]


class Given(timm_mixup.FastCollateMixup):
    """timm's mixing with a given weight."""

    def __init__(self, lam, cutmix, **options):
        super().__init__(num_classes=CLASSES, **options)
        self.given = lam, cutmix

    def _params_per_batch(self):
        return self.given


def mixed(lam, cutmix, smoothing, images=4, height=6, width=9):
    np.random.seed(3)
    boxes = []
    own = timm_mixup.cutmix_bbox_and_lam

    def remember(*args, **options):
        result = own(*args, **options)
        boxes.append(result)
        return result

    timm_mixup.cutmix_bbox_and_lam = remember
    # Without smoothing the division of timm's one_hot has nothing to spread.
    output, target = Given(lam, cutmix, label_smoothing=smoothing)(batch(images, height, width))
    timm_mixup.cutmix_bbox_and_lam = own
    (top, bottom, left, right), weight = boxes[0] if boxes else ((0, 0, 0, 0), lam)
    return {
        "image": [width, height], "images": images, "classes": CLASSES, "kind": "cutmix" if cutmix else "mixup", "weight": float(weight),
        "part": {"x": int(left), "y": int(top), "width": int(right - left), "height": int(bottom - top)}, "smoothing": smoothing,
        "pixels": base64.b64encode(output.permute(0, 2, 3, 1).contiguous().numpy().tobytes()).decode(),
        "targets": [round(value, 7) for value in target.flatten().tolist()],
    }


def boxes(draws=4000, height=20, width=30):
    """Weights and places of many CutMix rectangles with alpha 1."""
    np.random.seed(0)
    values = {"weight": [], "x": [], "y": [], "area": []}
    for _ in range(draws):
        (top, bottom, left, right), weight = timm_mixup.cutmix_bbox_and_lam((3, height, width), np.random.beta(1, 1))
        for name, value in {"weight": weight, "x": left, "y": top, "area": (bottom - top) * (right - left)}.items():
            values[name].append(float(value))
    at = np.linspace(0, 1, 41)
    return {"image": [width, height], "draws": draws, "quantiles": {name: np.round(np.quantile(value, at), 5).tolist() for name, value in values.items()}}


# The 1/64 to 63/64 quantiles.
at = np.arange(1, 64) / 64
fixtures = {
    "versions": {"timm": timm.__version__, "scipy": scipy.__version__},
    "batches": [mixed(0.3, False, 0.0), mixed(0.5, False, 0.1), mixed(0.8125, False, 0.1), mixed(0.6, True, 0.0), mixed(0.35, True, 0.1)],
    "boxes": boxes(),
    "beta": [{"alpha": alpha, "quantiles": stats.beta.ppf(at, alpha, alpha).tolist()} for alpha in [0.1, 0.2, 0.8, 1.0, 4.0]],
}
OUTPUT.write_text(json.dumps(fixtures) + "\n")
print(f"{OUTPUT}: {OUTPUT.stat().st_size} bytes")
