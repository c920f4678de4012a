"""Writes src/fixtures/jpeg-levels: a hundred small photos as JPEG files, cut from those of testing/photos, and
digests of the levels that TensorFlow decodes them to, in both of its transforms. The sample photos
themselves are in the list too.

    pip install tensorflow-cpu==2.21.0 pillow==12.0.0
    python scripts/make-jpeg-levels.py
"""

import hashlib
import io
import json
import random
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image, ImageOps, features

HERE = Path(__file__).parent.parent
PHOTOS = HERE.parent.parent / "testing" / "photos"
OUTPUT = HERE / "src" / "fixtures" / "jpeg-levels"
MODES = {"accurate": "INTEGER_ACCURATE", "tensorflow": ""}


def digest(levels):
    height, width, _ = levels.shape
    return {"width": width, "height": height, "sha256": hashlib.sha256(levels.tobytes()).hexdigest()}


def upright(levels, orientation):
    """What ImageOps.exif_transpose does, which keeps every level."""
    image = Image.fromarray(levels)
    image.getexif()[0x0112] = orientation
    return np.asarray(ImageOps.exif_transpose(image))


def entry(file):
    with Image.open(io.BytesIO(file)) as image:
        orientation = image.getexif().get(0x0112, 1)
    return {mode: digest(upright(tf.io.decode_jpeg(file, channels=3, dct_method=method).numpy(), orientation)) for mode, method in MODES.items()}


OUTPUT.mkdir(parents=True, exist_ok=True)
chance = random.Random(1)
photos = sorted(path for path in PHOTOS.rglob("*.jpg"))
levels = {}
for number in range(100):
    with Image.open(photos[number % len(photos)]) as opened:
        photo = opened.convert("RGB")
    width, height = chance.randint(48, 128), chance.randint(48, 128)
    left, top = chance.randint(0, photo.width - width), chance.randint(0, photo.height - height)
    part = photo.crop((left, top, left + width, top + height))
    options = {"quality": chance.choice([30, 60, 75, 85, 90, 95, 100]), "progressive": chance.random() < 0.5}
    if number % 10 == 9:
        part = part.convert("L")
    else:
        options["subsampling"] = chance.choice(["4:4:4", "4:2:2", "4:2:0", "4:2:0"])
    if number % 7 == 3:
        options["restart_marker_blocks"] = chance.randint(1, 9)
    buffer = io.BytesIO()
    part.save(buffer, "JPEG", **options)
    name = f"{number:02}.jpg"
    (OUTPUT / name).write_bytes(buffer.getvalue())
    levels[name] = entry(buffer.getvalue())

samples = {}
for path in photos:
    with Image.open(path) as image:
        # How CMYK becomes RGB is no matter of the transform.
        if image.mode == "CMYK":
            continue
        # TensorFlow applies no colour profile, sharp does.
        profile = "icc_profile" in image.info
    digests = entry(path.read_bytes())
    samples[str(path.relative_to(PHOTOS))] = {"tensorflow": digests["tensorflow"]} if profile else digests

made = {"tensorflow": tf.__version__, "libjpeg-turbo of Pillow": features.version("libjpeg_turbo"), "photos": levels, "samples": samples}
(OUTPUT / "levels.json").write_text(json.dumps(made, indent=1) + "\n")
print(f"{OUTPUT.name}: {sum(path.stat().st_size for path in OUTPUT.iterdir())} bytes")
