"""Writes src/fixtures/pictures.json: small BMP, GIF and TIFF files, and the pixels that Pillow decodes from them.

    pip install pillow==13.0.0 numpy
    python scripts/make-picture-fixtures.py
"""

import base64
import io
import json
import struct
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

OUTPUT = Path(__file__).parent.parent / "src" / "fixtures" / "pictures.json"
WIDTH, HEIGHT = 13, 7
files = {}


def picture(mode="RGB"):
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    levels = np.stack([x * 19, y * 36, (x * y * 3) % 256], -1).astype(np.uint8)
    return Image.fromarray(levels).convert(mode)


def add(name, image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    add_bytes(name, buffer.getvalue())


def add_bytes(name, content):
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert("RGB")
    files[name] = {
        "file": base64.b64encode(content).decode(),
        "width": upright.width,
        "height": upright.height,
        "levels": base64.b64encode(upright.tobytes()).decode(),
    }


def bmp(bits, rows, masks=None, palette=b"", top_down=False, core=False):
    """A BMP file of a kind that Pillow reads but does not write."""
    size = 12 if core else 40
    extra = struct.pack("<3I", *masks) if masks else b""
    start = 14 + size + len(extra) + len(palette)
    body = b"".join(row + bytes(-len(row) % 4) for row in rows)
    if core:
        header = struct.pack("<IHHHH", size, WIDTH, HEIGHT, 1, bits)
    else:
        header = struct.pack("<IiiHHIIiiII", size, WIDTH, -HEIGHT if top_down else HEIGHT, 1, bits, 3 if masks else 0, len(body), 0, 0, 0, 0)
    return struct.pack("<2sIHHI", b"BM", start + len(body), 0, 0, start) + header + extra + palette + body


def make_bmp():
    for mode in ["1", "L", "P", "RGB", "RGBA"]:
        add(f"bmp {mode}", picture(mode), "BMP")
    rng = np.random.default_rng(1)
    words = rng.integers(0, 2**16, (HEIGHT, WIDTH)).astype("<u2")
    rows = [row.tobytes() for row in words]
    add_bytes("bmp 16 bits", bmp(16, rows))
    add_bytes("bmp 16 bits 565", bmp(16, rows, masks=(0xF800, 0x07E0, 0x001F)))
    add_bytes("bmp 24 bits, top down", bmp(24, [row.tobytes() for row in rng.integers(0, 256, (HEIGHT, WIDTH, 3)).astype(np.uint8)], top_down=True))
    longs = [row.tobytes() for row in rng.integers(0, 256, (HEIGHT, WIDTH, 4)).astype(np.uint8)]
    add_bytes("bmp 32 bits with masks", bmp(32, longs, masks=(0xFF000000, 0xFF0000, 0xFF00)))
    colours = rng.integers(0, 256, (16, 4)).astype(np.uint8)
    nibbles = [row.tobytes() for row in rng.integers(0, 256, (HEIGHT, (WIDTH + 1) // 2)).astype(np.uint8)]
    add_bytes("bmp 4 bits", bmp(4, nibbles, palette=colours.tobytes()))
    add_bytes("bmp of OS/2", bmp(4, nibbles, palette=colours[:, :3].tobytes(), core=True))


def make_others():
    add("gif", picture("P"), "GIF")
    second = Image.new("RGB", (WIDTH, HEIGHT), (1, 2, 3)).convert("P")
    add("gif animation", picture("P"), "GIF", save_all=True, append_images=[second], duration=50)
    for compression in ["raw", "tiff_lzw", "tiff_deflate", "packbits"]:
        add(f"tiff {compression}", picture(), "TIFF", compression=compression)
    for mode in ["1", "L", "P"]:
        add(f"tiff {mode}", picture(mode), "TIFF")
    add("tiff of two pages", picture(), "TIFF", save_all=True, append_images=[Image.new("RGB", (5, 5))])
    for orientation in range(1, 9):
        add(f"tiff turned {orientation}", picture(), "TIFF", tiffinfo={274: orientation})


make_bmp()
make_others()
OUTPUT.write_text(json.dumps(files, indent=1) + "\n")
print(len(files), "files,", OUTPUT.stat().st_size, "bytes")
