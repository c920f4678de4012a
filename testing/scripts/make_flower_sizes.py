"""Writes flower-sizes.csv: the number of tf_flowers photos of each size, scaled down to a shorter side of at most 208 pixels.

    pip install pillow==13.0.0
    python scripts/make_flower_sizes.py flower_photos.tgz
"""

import io
import sys
import tarfile
from collections import Counter
from pathlib import Path

from PIL import Image

SHORT_SIDE = 208

sizes = Counter()
with tarfile.open(sys.argv[1]) as archive:
    for member in archive:
        if member.name.endswith(".jpg"):
            with Image.open(io.BytesIO(archive.extractfile(member).read())) as image:
                scale = min(1, SHORT_SIDE / min(image.size))
                sizes[tuple(round(side * scale) for side in image.size)] += 1

output = Path(__file__).parent.parent / "flower-sizes.csv"
rows = [f"{width},{height},{photos}" for (width, height), photos in sorted(sizes.items())]
output.write_text("\n".join(["width,height,photos", *rows]) + "\n")
print(f"{sizes.total()} photos, {len(rows)} sizes")
