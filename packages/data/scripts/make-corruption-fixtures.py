"""Writes src/fixtures/corruptions.json: corruptions of ImageNet-C by the packages of its authors and users.

    pip install imagecorruptions==1.1.2 numpy==2.4.6 scipy==1.17.1 scikit-image==0.26.0 opencv-python==5.0.0.93 pillow==13.0.0
    pip download --no-deps imagenet-c==0.0.3 && unzip imagenet_c-*.whl
    PYTHONPATH=. python scripts/make-corruption-fixtures.py

imagenet-c needs ImageMagick only for two corruptions that are taken from imagecorruptions, so it is not installed.
Both packages are older than the libraries here; the few names that these no longer have are added below.
"""

import base64
import json
import sys
import types
from pathlib import Path

import numpy as np
import skimage.filters
from PIL import Image

OUTPUT = Path(__file__).parent.parent / "src" / "fixtures" / "corruptions.json"
SIZE = 224
# Every 83rd level of each corrupted picture, of all channels, rows and columns, so that the file stays small.
EVERY = 83
SEVERITIES = [1, 2, 3, 4, 5]


def gaussian(image, sigma=1, *args, multichannel=False, **options):
    return original_gaussian(image, sigma, *args, channel_axis=-1 if multichannel else None, **options)


original_gaussian = skimage.filters.gaussian
skimage.filters.gaussian = gaussian
np.float_ = np.float64
resources = types.ModuleType("pkg_resources")
resources.resource_filename = lambda module, name: str(Path(sys.modules[module].__file__).parent / name)
sys.modules["pkg_resources"] = resources
for name in ["wand", "wand.image", "wand.api", "wand.color"]:
    sys.modules[name] = types.ModuleType(name)
sys.modules["wand.image"].Image = type("Image", (), {})
sys.modules["wand.api"].library = types.SimpleNamespace(MagickMotionBlurImage=types.SimpleNamespace())
sys.modules["wand"].color = sys.modules["wand.color"]

import imagecorruptions.corruptions as users  # noqa: E402
import imagenet_c.corruptions as authors  # noqa: E402


def picture():
    """A smooth picture with edges that both sides compute, so no file is needed."""
    y, x, c = np.meshgrid(np.arange(SIZE), np.arange(SIZE), np.arange(3), indexing="ij")
    wave = 60 * np.sin((x + 2 * y) / 17 + c) + 40 * np.cos((3 * x - y) / (23 + 4 * c))
    disk = np.where((x - 90) ** 2 + (y - 120) ** 2 < 2500, 50.0, -20.0)
    return np.clip(np.floor(125 + wave + disk + 0.5), 0, 255).astype(np.uint8)


def encoded(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def sample(corrupted):
    return encoded(np.uint8(corrupted).reshape(-1)[::EVERY])


def main():
    image = Image.fromarray(picture())
    cases = []
    for name in ["defocus_blur", "zoom_blur", "brightness", "contrast", "pixelate", "jpeg_compression"]:
        for severity in SEVERITIES:
            cases.append({"corruption": name, "severity": severity, "pixels": sample(getattr(users, name)(image, severity))})
    seeded = []
    for name, module in [("gaussian_noise", users), ("glass_blur", users), ("motion_blur", users), ("snow", users), ("fog", users), ("elastic_transform", authors)]:
        for severity in SEVERITIES:
            seeded.append({"corruption": name, "severity": severity, "pixels": sample(with_shared_draws(module, name, image, severity))})
    counts = []
    for name in ["shot_noise", "impulse_noise"]:
        for severity in SEVERITIES:
            users.np = np
            np.random.seed(severity)
            grey = Image.fromarray(np.full((SIZE, SIZE, 3), 100, np.uint8))
            levels, numbers = np.unique(np.uint8(getattr(users, name)(grey, severity)), return_counts=True)
            counts.append({"corruption": name, "severity": severity, "level": 100, "counts": {int(level): int(number) for level, number in zip(levels, numbers)}})
    OUTPUT.write_text(json.dumps({"size": SIZE, "every": EVERY, "cases": cases, "seeded": seeded, "counts": counts}))


def shared():
    """Numbers from 0 to 1 of a linear congruential generator (MINSTD), which the test computes too."""
    state = 1
    while True:
        state = state * 48271 % 2147483647
        yield state / 2147483647


def with_shared_draws(module, name, image, severity):
    source = shared()

    def uniforms(size):
        if size is None:
            return next(source)
        return np.fromiter((next(source) for _ in range(int(np.prod(size)))), np.float64).reshape(size)

    def uniform(low=0.0, high=1.0, size=None):
        return low + (high - low) * uniforms(size)

    def normal(loc=0.0, scale=1.0, size=None):
        # A sum of uniforms: the formula does not depend on the shape of the distribution.
        return loc + scale * 2 * (uniforms((3, *size)).sum(axis=0) - 1.5)

    def randint(low, high, size=None):
        return np.floor(low + (high - low) * uniforms(size)).astype(int)

    module.np = types.SimpleNamespace(**{each: getattr(np, each) for each in dir(np) if not each.startswith("__")})
    module.np.random = types.SimpleNamespace(uniform=uniform, normal=normal, randint=randint)
    return getattr(module, name)(image, severity)


if __name__ == "__main__":
    main()
