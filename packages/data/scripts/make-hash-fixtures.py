"""Writes src/fixtures/perceptual-hashes.json: perceptual hashes of the sample photos by imagehash.

    pip install ImageHash==4.3.2 pillow==13.0.0
    python scripts/make-hash-fixtures.py
"""

import json
import pathlib

import imagehash
import numpy as np
from PIL import Image, ImageOps



def opened(file):
    image = ImageOps.exif_transpose(Image.open(file))
    # PIL clips levels of 16 bits when it converts them.
    return Image.fromarray((np.asarray(image) >> 8).astype("uint8")) if image.mode == "I;16" else image


root = pathlib.Path(__file__).parents[3]
photos = root / "testing/photos"
hashes = {
    str(file.relative_to(photos)): str(imagehash.phash(opened(file)))
    for file in sorted(photos.rglob("*"))
    if file.suffix.lower() in {".jpg", ".png", ".webp", ".bmp", ".gif"}
}
target = pathlib.Path(__file__).parent.parent / "src/fixtures/perceptual-hashes.json"
target.write_text(json.dumps({"imagehash": imagehash.__version__, "hashes": hashes}, indent=0) + "\n")
