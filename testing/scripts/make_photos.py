"""Creates photos/, photos.json and the table in README.md from the photographs in the Debian package gcompris-qt-data.

    pip install pillow==13.0.0 numpy==2.4.6 simplejpeg==1.9.0
    apt-get download gcompris-qt-data=3.1-2          # Debian 12
    dpkg-deb -x gcompris-qt-data_3.1-2_all.deb gcompris
    python scripts/make_photos.py gcompris/usr/share/gcompris-qt/rcc

README files in the package name the author, licence and source of each photograph. A photograph that is neither CC0 nor in the public
domain is refused.
"""

import io
import json
import re
import struct
import sys
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import simplejpeg
from PIL import Image, ImageCms

HOME = Path(__file__).parent.parent
PACKAGE = "gcompris-qt-data 3.1-2"
FREE = {"CC0-1.0": "CC0 1.0", "Public Domain": "public domain"}


@dataclass
class Photo:
    name: str
    shows: str
    source: str
    """The archive, and the path of the file inside it."""
    short_side: int
    kind: str
    options: dict = field(default_factory=dict)


ANIMALS = "explore_world_animals/resource/animals"
FISH = "categorization/resource/images/fishes"
MONUMENTS = "explore_monuments/resource"
TOOLS = "categorization/resource/images/tools"
MILLS = "categorization/resource/images/renewable"

jpeg = "JPEG"
PHOTOS = [
    Photo("animals/bison.jpg", "American bison", f"{ANIMALS}/bison", 200, jpeg, {"quality": 85}),
    Photo("animals/giraffe.jpg", "Two giraffes", f"{ANIMALS}/giraffe", 180, jpeg, {"quality": 80, "progressive": True}),
    Photo("animals/hedgehog.jpg", "Hedgehog", f"{ANIMALS}/hedgehog", 171, jpeg, {"quality": 92, "subsampling": "4:4:4"}),
    Photo("animals/jaguar.jpg", "Two jaguars", f"{ANIMALS}/jaguar", 190, jpeg, {"quality": 85, "subsampling": "4:4:4", "progressive": True}),
    Photo("animals/koala.jpg", "Koala", f"{ANIMALS}/koala", 210, jpeg, {"quality": 85, "orientation": 6}),
    Photo("animals/lemur.webp", "Ring-tailed lemurs", f"{ANIMALS}/lemur", 160, "WebP", {"quality": 80}),
    Photo("animals/moose.jpg", "Moose", f"{ANIMALS}/moose", 177, jpeg, {"quality": 88, "subsampling": "4:2:2", "restart_marker_rows": 1}),
    Photo("animals/scarlet-macaw.png", "Scarlet macaw", f"{ANIMALS}/scarlet_macaw", 160, "PNG"),
    Photo("fish/angelfish.jpg", "French angelfish", f"{FISH}/fish1", 200, jpeg, {"quality": 90}),
    Photo("fish/anthias.webp", "School of anthias", f"{FISH}/fish10", 160, "WebP", {"lossless": True}),
    Photo("fish/clownfish.png", "Clownfish in an anemone", f"{FISH}/fish9", 180, "PNG, palette"),
    Photo("fish/discus.jpg", "Discus", f"{FISH}/fish6", 190, jpeg, {"quality": 85, "subsampling": "4:2:2", "progressive": True}),
    Photo("fish/goldfish.jpg", "Goldfish", f"{FISH}/fish25", 200, "JPEG, CMYK", {"quality": 85}),
    Photo("fish/perch.jpg", "Yellow perch", f"{FISH}/fish4", 201, "JPEG, grey", {"quality": 85}),
    Photo("fish/puffer.jpg", "Spotted puffer", f"{FISH}/fish28", 187, "JPEG by simplejpeg", {"quality": 88, "colorsubsampling": "440"}),
    Photo("fish/wrasse.jpg", "Ocellated wrasse", f"{FISH}/fish13", 196, jpeg, {"quality": 85, "progressive": True, "orientation": 3}),
    Photo("monuments/chenonceau.jpg", "Château de Chenonceau", f"{MONUMENTS}/france/chateaudeChenonceau", 183, "JPEG, wide gamut", {"quality": 88}),
    Photo("monuments/colosseum.jpg", "Colosseum", f"{MONUMENTS}/wonders/colosseum", 208, jpeg, {"quality": 95}),
    Photo("monuments/hawa-mahal.png", "Hawa Mahal", f"{MONUMENTS}/india/hawaMahal", 160, "PNG, 16-bit grey"),
    Photo("monuments/machu-picchu.jpg", "Machu Picchu", f"{MONUMENTS}/wonders/machuPicchu", 176, jpeg, {"quality": 45, "progressive": True}),
    Photo("monuments/neuschwanstein.jpg", "Neuschwanstein", f"{MONUMENTS}/germany/neuschwansteinCastle", 200, jpeg, {"quality": 85, "subsampling": "4:4:4", "restart_marker_blocks": 7}),
    Photo("monuments/petra.jpg", "Monastery of Petra", f"{MONUMENTS}/wonders/petra", 192, jpeg, {"quality": 85, "orientation": 8}),
    Photo("monuments/pont-du-gard.jpg", "Pont du Gard", f"{MONUMENTS}/france/pontduGard", 181, "JPEG by simplejpeg", {"quality": 85, "colorsubsampling": "411"}),
    Photo("monuments/qutb-minar.jpg", "Qutb Minar through an arch", f"{MONUMENTS}/india/qutubMinar", 205, jpeg, {"quality": 85, "subsampling": "4:2:2", "orientation": 5}),
    Photo("tools/hammer.jpg", "Sledgehammer", f"{TOOLS}/hammer3", 200, "JPEG, grey", {"quality": 80, "progressive": True}),
    Photo("tools/nail-clipper.jpg", "Nail clipper", f"{TOOLS}/nailCutter", 211, jpeg, {"quality": 85, "orientation": 4}),
    Photo("tools/pliers.jpg", "Pliers", f"{TOOLS}/plier4", 200, jpeg, {"quality": 90, "orientation": 1}),
    Photo("tools/scissors.jpg", "Scissors", f"{TOOLS}/scissors2", 204, jpeg, {"quality": 85, "subsampling": "4:2:2"}),
    Photo("tools/screwdriver.jpg", "Screwdriver", f"{TOOLS}/screwDriver1", 195, jpeg, {"quality": 85, "orientation": 7}),
    Photo("tools/side-cutters.jpg", "Side cutters", f"{TOOLS}/sideCutter1", 203, jpeg, {"quality": 35, "optimize": True}),
    Photo("tools/tape-measure.jpg", "Tape measure", f"{TOOLS}/measuringTape2", 185, jpeg, {"quality": 85, "orientation": 2}),
    Photo("tools/wrench.png", "Adjustable wrench", f"{TOOLS}/wrench1", 150, "PNG, grey"),
    Photo("windmills/chesterton.jpg", "Chesterton windmill", f"{MILLS}/windmill", 209, jpeg, {"quality": 88}),
    Photo("windmills/khokhlovka.jpg", "Windmill in Khokhlovka", f"{MILLS}/windmill12", 206, "JPEG, sRGB profile", {"quality": 85}),
    Photo("windmills/kinderdijk.jpg", "Windmills at Kinderdijk", f"{MILLS}/windmill13", 207, jpeg, {"quality": 75, "subsampling": "4:4:4"}),
    Photo("windmills/mykonos.webp", "Windmills of Mykonos", f"{MILLS}/windmill3", 200, "WebP", {"quality": 60}),
    Photo("windmills/podgoschi.jpg", "Windmill in Podgoschi", f"{MILLS}/windmill4", 199, jpeg, {"quality": 70}),
    Photo("windmills/portuguese.jpg", "Portuguese windmill", f"{MILLS}/windmill8", 193, "JPEG by simplejpeg", {"quality": 92, "colorsubsampling": "440"}),
    Photo("windmills/rhodes.jpg", "Windmill in the harbour of Rhodes", f"{MILLS}/windmill1", 208, jpeg, {"quality": 80, "progressive": True, "restart_marker_blocks": 16}),
    Photo("windmills/schillingstedt.jpg", "Windmill in Schillingstedt", f"{MILLS}/windmill5", 212, jpeg, {"quality": 85, "subsampling": "4:4:4", "progressive": True, "orientation": 6}),
]

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))

# The date in the colour profiles.
MADE = struct.pack(">6H", 2026, 1, 1, 0, 0, 0)

# How to store the pixels of an upright picture for each EXIF orientation.
STORED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def resources(file):
    """The files in a Qt resource file, by path (https://doc.qt.io/qt-5/rcc.html)."""
    content = file.read_bytes()
    magic, version, tree, data, names = struct.unpack_from(">4sIIII", content)
    assert magic == b"qres" and version >= 2, file

    def walk(node, folder):
        at = tree + node * 22
        name_at, flags, first, second = struct.unpack_from(">IHII", content, at)
        path = folder
        if node > 0:
            (length,) = struct.unpack_from(">H", content, names + name_at)
            start = names + name_at + 6
            path = folder + "/" + content[start : start + 2 * length].decode("utf-16-be")
        if flags & 2:
            for child in range(second, second + first):
                yield from walk(child, path)
            return
        # Country and language come before the offset.
        (length,) = struct.unpack_from(">I", content, data + second)
        start = data + second + 4
        packed = content[start : start + length]
        yield path, zlib.decompress(packed[4:]) if flags & 1 else packed

    return dict(walk(0, ""))


def credits(readme):
    """Author, licence and source of each file that is named in a README of the package."""
    found = {}
    for entry in re.split(r"\n\s*\n", readme):
        fields = dict(re.findall(r"^(Copyright|Source|License): *(.+)$", entry, re.M))
        for name in re.findall(r"^(\S+\.webp)\s*$", entry, re.M):
            found[name] = (fields["Copyright"].strip(), fields["License"].strip(), fields["Source"].strip())
    return found


def wide_gamut():
    """An ICC profile of a display with the primaries and the gamma of Adobe RGB (1998)."""
    number = lambda value: struct.pack(">i", round(value * 65536))
    xyz = lambda *values: b"XYZ \0\0\0\0" + b"".join(map(number, values))
    gamma = b"curv\0\0\0\0" + struct.pack(">IH", 1, 563)
    words = b"wide gamut"
    text = b"text\0\0\0\0No copyright, use freely\0"
    description = b"desc\0\0\0\0" + struct.pack(">I", len(words) + 1) + words + b"\0" * 79
    tags = {
        b"desc": description,
        b"cprt": text,
        b"wtpt": xyz(0.96420, 1, 0.82491),
        b"rXYZ": xyz(0.60974, 0.31111, 0.01947),
        b"gXYZ": xyz(0.20528, 0.62567, 0.06087),
        b"bXYZ": xyz(0.14919, 0.06322, 0.74457),
        b"rTRC": gamma,
        b"gTRC": gamma,
        b"bTRC": gamma,
    }
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for signature, content in tags.items():
        table += signature + struct.pack(">II", start + len(body), len(content))
        body += content + b"\0" * (-len(content) % 4)
    header = struct.pack(">I4sI4s4s4s", start + len(body), b"\0" * 4, 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    header += MADE + b"acsp" + b"\0" * 28 + number(0.96420) + number(1) + number(0.82491) + b"\0" * 48
    return header + table + body


def as_cmyk(image):
    """Inks, with black removed from the colours, as in print."""
    inks = 255 - np.asarray(image, np.int32)
    black = inks.min(-1, keepdims=True)
    colours = np.where(black < 255, (inks - black) * 255 // np.maximum(255 - black, 1), 0)
    return Image.fromarray(np.concatenate([colours, black], -1).astype(np.uint8), "CMYK")


def with_orientation(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def encoded(photo, image):
    """The file, its upright picture before encoding, and a description of the encoding."""
    options = dict(photo.options)
    orientation = options.pop("orientation", None)
    scale = photo.short_side / min(image.size)
    size = tuple(max(photo.short_side, round(side * scale)) for side in image.size)
    assert scale <= 1, photo.name
    image = image.convert("RGB")
    profile = image.info.get("icc_profile")
    if profile:
        image = ImageCms.profileToProfile(image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), SRGB)
    # Copy no metadata of the source.
    image.info.clear()
    if photo.kind == "PNG, 16-bit grey":
        # Scaled in floating point, so that all 16 bits carry information.
        grey = np.asarray(image.convert("F").resize(size, Image.Resampling.LANCZOS))
        image = Image.fromarray(np.clip(np.rint(grey * 257), 0, 65535).astype(np.uint16))
    else:
        image = image.resize(size, Image.Resampling.LANCZOS)
    if "grey" in photo.kind and image.mode == "RGB":
        image = image.convert("L")
    if photo.kind == "PNG, palette":
        image = image.quantize(256)
    upright = image if image.mode != "I;16" else Image.fromarray(np.rint(np.asarray(image) / 257).astype(np.uint8))
    upright = upright.convert("RGB")
    words = [photo.kind.removesuffix(" by simplejpeg")]
    if photo.kind.startswith("JPEG"):
        words.append("progressive" if options.get("progressive") else "baseline")
        if photo.kind == "JPEG by simplejpeg":
            words.append(":".join(options["colorsubsampling"]))
            return simplejpeg.encode_jpeg(np.asarray(image), colorspace="RGB", **options), upright, words
        if "grey" not in photo.kind and "CMYK" not in photo.kind:
            words.append(options.get("subsampling", "4:2:0"))
        if any(name.startswith("restart") for name in options):
            words.append("restart markers")
        if orientation:
            words.append(f"EXIF orientation {orientation}")
            options["exif"] = with_orientation(orientation)
            if orientation in STORED:
                image = image.transpose(STORED[orientation])
    if photo.kind == "JPEG, CMYK":
        image = as_cmyk(image)
    if photo.kind == "JPEG, sRGB profile":
        content = SRGB.tobytes()
        # The profile contains the time of its creation; replace it, so the file is the same each time.
        options["icc_profile"] = content[:24] + MADE + content[36:]
    if photo.kind == "JPEG, wide gamut":
        options["icc_profile"] = wide_gamut()
        target = ImageCms.ImageCmsProfile(io.BytesIO(options["icc_profile"]))
        image = ImageCms.profileToProfile(image, SRGB, target)
    if photo.kind == "WebP":
        words.append("lossless" if options.get("lossless") else "lossy")
    buffer = io.BytesIO()
    image.save(buffer, photo.kind.split(",")[0], **options)
    return buffer.getvalue(), upright, words


def main(folder):
    archives, rows, levels, total = {}, [], {}, 0
    for photo in PHOTOS:
        activity = photo.source.split("/")[0]
        if activity not in archives:
            archives[activity] = resources(Path(folder) / f"{activity}.rcc")
        files = {path.removeprefix("/gcompris/src/activities/"): content for path, content in archives[activity].items()}
        origin = f"{photo.source}.webp"
        readme = next(path for path in files if path.endswith("/README") and origin.startswith(path.removesuffix("README")))
        author, licence, source = credits(files[readme].decode())[origin.removeprefix(readme.removesuffix("README"))]
        assert licence in FREE, (photo.name, licence)
        with Image.open(io.BytesIO(files[origin])) as image:
            content, upright, words = encoded(photo, image)
        target = HOME / "photos" / photo.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        total += len(content)
        # The means of the picture's 4 by 4 parts. A decoder must come close to them for every encoding.
        levels[photo.name] = np.asarray(upright.resize((4, 4), Image.Resampling.BOX)).reshape(-1).tolist()
        shown = source.replace("(", "%28").replace(")", "%29")
        rows.append(f"| `{photo.name}` | [{photo.shows}]({shown}) | {author} | {FREE[licence]} | `{origin}` | {upright.width} x {upright.height}; {', '.join(words)} |")
    lines = [f"  {json.dumps(name)}: {json.dumps(means, separators=(',', ':'))}" for name, means in levels.items()]
    (HOME / "photos.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
    heading = "| file | subject | author | licence | source file | scaled to; encoding |\n|---|---|---|---|---|---|\n"
    readme = HOME / "README.md"
    text = readme.read_text()
    start, end = "<!-- photos: by scripts/make_photos.py -->\n", "<!-- /photos -->"
    before, rest = text.split(start)
    readme.write_text(before + start + heading + "\n".join(rows) + "\n" + end + rest.split(end)[1])
    print(f"{len(rows)} photos, {total} bytes, from {PACKAGE}")


main(sys.argv[1])
