"""Writes src/fixtures/jpeg.json: small JPEG files of the kinds that cameras and web sites write,
and the pixels that libjpeg-turbo decodes from them.

    pip install pillow==13.0.0 numpy
    python scripts/make-jpeg-fixtures.py
"""

import base64
import io
import json
from pathlib import Path

import numpy as np
from PIL import Image, features

OUTPUT = Path(__file__).parent.parent / "src" / "fixtures" / "jpeg.json"


def picture(width, height):
    """Gradients, edges and noise, so that all coefficients occur."""
    y, x = np.mgrid[0:height, 0:width]
    noise = np.random.default_rng(width * 1000 + height).integers(-40, 40, (height, width, 3))
    smooth = np.stack([x * 255 // width, y * 255 // height, (x + y) * 255 // (width + height)], -1)
    edges = np.where((x // 7 + y // 5) % 2, 90, 0)[..., None]
    return Image.fromarray(np.clip(smooth + noise + edges, 0, 255).astype(np.uint8))


def encoded(image, **options):
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", **options)
    return buffer.getvalue()


def text(data):
    return base64.b64encode(data).decode()


def case(name, width, height, mode="RGB", **options):
    file = encoded(picture(width, height).convert(mode), **options)
    with Image.open(io.BytesIO(file)) as image:
        return {"name": name, "width": width, "height": height, "file": text(file), "pixels": text(image.convert("RGB").tobytes())}


fixtures = {
    "libjpeg": features.version("libjpeg_turbo"),
    "known": [
        case("baseline 4:2:0", 37, 21, quality=90),
        case("baseline 4:2:0, even", 48, 32, quality=60),
        case("baseline 4:2:2", 35, 22, quality=85, subsampling="4:2:2"),
        case("baseline 4:4:4", 29, 19, quality=95, subsampling="4:4:4"),
        case("baseline 4:4:4, finest", 16, 16, quality=100, subsampling="4:4:4"),
        case("baseline grey", 27, 18, "L", quality=80),
        case("baseline with restarts", 50, 34, quality=75, restart_marker_blocks=2),
        case("baseline grey with restarts", 40, 40, "L", quality=75, restart_marker_rows=1),
        case("progressive 4:2:0", 39, 23, quality=90, progressive=True),
        case("progressive 4:2:0, coarse", 64, 48, quality=20, progressive=True),
        case("progressive 4:2:2", 33, 17, quality=85, subsampling="4:2:2", progressive=True),
        case("progressive 4:4:4", 30, 20, quality=98, subsampling="4:4:4", progressive=True),
        case("progressive grey", 31, 25, "L", quality=90, progressive=True),
        case("progressive with restarts", 45, 37, quality=80, progressive=True, restart_marker_blocks=3),
        case("flat", 24, 40, quality=1),
        case("one row", 40, 1, quality=80),
    ],
    # Files that our decoder leaves to libvips.
    "unknown": [
        {"name": "CMYK", "file": text(encoded(picture(20, 20).convert("CMYK")))},
        {"name": "a colour profile", "file": text(encoded(picture(20, 20), icc_profile=b"profile" * 4))},
        {"name": "4:2:0 of four pixels", "file": text(encoded(picture(4, 20)))},
        {"name": "RGB", "file": text(encoded(picture(20, 20), keep_rgb=True))},
    ],
}
OUTPUT.write_text(json.dumps(fixtures) + "\n")
print(f"{OUTPUT}: {OUTPUT.stat().st_size} bytes, libjpeg-turbo {fixtures['libjpeg']}")
