"""Writes src/fixtures/parquet: small data sets in Parquet files, as the Hugging Face library and pyarrow write them.

    pip install datasets==5.2.0 pillow==12.0.0
    python scripts/make-parquet-fixtures.py

truth.json beside them records what the library reads: part, name of the class and SHA-256 of the image's bytes of each row, in order.
"""

import datetime
import decimal
import hashlib
import io
import json
import shutil
import tempfile
from pathlib import Path

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

OUTPUT = Path(__file__).parent.parent / "src" / "fixtures" / "parquet"
# Not in alphabetical order, so a reader must use the stored order.
TREES = ["cedar", "ash", "beech"]
truth = {}


def png(number):
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4), (40 + 80 * (number % 3), 10 + 5 * number, 99)).save(buffer, "png")
    return buffer.getvalue()


def row(number, label):
    return {"image": {"bytes": png(number), "path": f"tree-{number}.png"}, "label": label}


def sha(data):
    return hashlib.sha256(data).hexdigest() if data else None


def count(name, files, image="image", label="label"):
    """What the library reads from the files of each part."""
    with tempfile.TemporaryDirectory() as cache:
        parts = {part: [str(OUTPUT / file) for file in of] for part, of in files.items()}
        read = datasets.load_dataset("parquet", data_files=parts, cache_dir=cache)
        rows = []
        for part in files:
            feature = read[part].features[label]
            if isinstance(read[part].features[image], datasets.Image):
                read[part] = read[part].cast_column(image, datasets.Image(decode=False))
            for example in read[part]:
                data, value = example[image], example[label]
                data = data["bytes"] if isinstance(data, dict) else data
                known = value is not None and value != -1
                value = feature.int2str(value) if known and isinstance(feature, datasets.ClassLabel) else value
                rows.append([part, str(value) if known else None, sha(data)])
        truth[name] = rows


def make_hub():
    """As `push_to_hub` stores a data set: shards in data/, several row groups, an unlabelled part, a row without an image."""
    features = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(names=TREES)})
    folder = OUTPUT / "hub" / "data"
    folder.mkdir(parents=True)
    shards = {
        "train-00000-of-00002": [row(n, n % 3) for n in range(7)],
        "train-00001-of-00002": [row(n, n % 3) for n in range(7, 12)] + [{"image": None, "label": 0}],
        "test-00000-of-00001": [row(n, n % 3) for n in range(12, 18)] + [row(18, -1)],
    }
    for name, rows in shards.items():
        datasets.Dataset.from_list(rows, features=features).to_parquet(folder / f"{name}.parquet", batch_size=3)
    count("hub", {"train": ["hub/data/train-00000-of-00002.parquet", "hub/data/train-00001-of-00002.parquet"], "test": ["hub/data/test-00000-of-00001.parquet"]})

    # As CIFAR-100: two labels, and other names.
    features = datasets.Features({"img": datasets.Image(), "fine_label": datasets.ClassLabel(names=TREES), "coarse_label": datasets.ClassLabel(names=["broadleaf", "conifer"])})
    rows = [{"img": {"bytes": png(n), "path": None}, "fine_label": n % 3, "coarse_label": int(n % 3 == 0)} for n in range(9)]
    datasets.Dataset.from_list(rows, features=features).to_parquet(OUTPUT / "two-labels.parquet")
    count("two-labels", {"train": ["two-labels.parquet"]}, "img", "fine_label")

    # A list of images in a Parquet file beside them, as `imagefolder` reads it.
    folder = OUTPUT / "metadata"
    folder.mkdir()
    for n in range(6):
        (folder / f"{n}.png").write_bytes(png(n))
    features = datasets.Features({"file_name": datasets.Value("string"), "label": datasets.ClassLabel(names=TREES)})
    datasets.Dataset.from_list([{"file_name": f"{n}.png", "label": n % 3} for n in range(6)], features=features).to_parquet(folder / "metadata.parquet")
    with tempfile.TemporaryDirectory() as cache:
        read = datasets.load_dataset("imagefolder", data_dir=str(folder), cache_dir=cache)["train"].cast_column("image", datasets.Image(decode=False))
        names = [TREES[label] if isinstance(label, int) else label for label in read["label"]]
        truth["metadata"] = [["train", name, sha(Path(image["path"]).read_bytes())] for name, image in zip(names, read["image"])]

    # Several labels for each image.
    features = datasets.Features({"image": datasets.Image(), "label": datasets.List(datasets.ClassLabel(names=TREES))})
    rows = [{"image": {"bytes": png(n), "path": None}, "label": [n % 3]} for n in range(3)]
    datasets.Dataset.from_list(rows, features=features).to_parquet(OUTPUT / "lists.parquet")


def make_several():
    """Lists of labels: none, one or several, a null list and a null in a list, over pages and row groups."""
    sets = [[0, 2], [1], [], None, [2, 1, 0], [0], [2, 2], [1, 0], []]
    features = datasets.Features({"image": datasets.Image(), "labels": datasets.List(datasets.ClassLabel(names=TREES))})
    rows = [{"image": {"bytes": png(n), "path": None}, "labels": labels} for n, labels in enumerate(sets)]
    datasets.Dataset.from_list(rows, features=features).to_parquet(OUTPUT / "several.parquet", batch_size=4)
    texts = [labels and [TREES[label] for label in labels] for labels in sets]
    texts[1] = [TREES[1], None]
    table = pa.table({"image": [png(n) for n in range(len(sets))], "labels": pa.array(texts, pa.list_(pa.string()))})
    pq.write_table(table, OUTPUT / "several-text.parquet", data_page_version="2.0", data_page_size=1, write_batch_size=2, row_group_size=5, use_dictionary=False)
    # Without the name "element", as older writers.
    pq.write_table(table, OUTPUT / "several-legacy.parquet", use_compliant_nested_type=False, row_group_size=4)
    for name in ["several", "several-text", "several-legacy"]:
        with tempfile.TemporaryDirectory() as cache:
            read = datasets.load_dataset("parquet", data_files=str(OUTPUT / f"{name}.parquet"), cache_dir=cache)["train"]
            if name == "several":
                read = read.cast_column("image", datasets.Image(decode=False))
            truth[name] = []
            for example in read:
                data, labels = example["image"], example["labels"]
                names = labels and {TREES[label] if isinstance(label, int) else label for label in labels if label is not None}
                order = TREES if name == "several" else sorted(TREES)
                text = None if labels is None else ", ".join(tree for tree in order if tree in (names or [])) or "none"
                truth[name].append(["train", text, sha(data["bytes"] if isinstance(data, dict) else data)])


def make_others():
    """Plain columns of bytes and text: every codec, both versions of pages, with and without a dictionary and checksums."""
    numbers = range(9)
    for codec in ["none", "snappy", "gzip", "zstd", "lz4", "brotli"]:
        for version in ["1.0", "2.0"]:
            # The same image twice, so that the dictionary is used; a null in each column.
            images = [png(n) for n in numbers] + [png(0), None, png(9)]
            labels = [TREES[n % 3] for n in numbers] + [TREES[0], TREES[1], None]
            name = f"{codec}-{version[0]}"
            table = pa.table({"image_bytes": pa.array(images, pa.binary()), "label": labels})
            pq.write_table(table, OUTPUT / f"{name}.parquet", compression=codec, data_page_version=version, use_dictionary=version == "1.0", row_group_size=5, write_page_checksum=True)
            count(name, {"train": [f"{name}.parquet"]}, "image_bytes")
    # Small pages: several in a row group. A required column, and large numbers.
    schema = pa.schema([pa.field("jpg", pa.binary(), nullable=False), pa.field("class", pa.int64(), nullable=False)])
    table = pa.table({"jpg": [png(n) for n in numbers], "class": [n % 3 for n in numbers]}, schema=schema)
    pq.write_table(table, OUTPUT / "pages.parquet", data_page_size=1, write_batch_size=2, use_dictionary=False, write_page_index=True)
    count("pages", {"train": ["pages.parquet"]}, "jpg", "class")
    pq.write_table(pa.table({"text": ["a", "b"], "label": [0, 1]}), OUTPUT / "no-images.parquet")


def make_label_types():
    """The labels 0, 1, 2, 0 in columns of many types, and columns that are no labels."""
    numbers = [0, 1, 2, 0]
    whole = [decimal.Decimal(n) for n in numbers]
    days = [datetime.date(2024, 1, 1 + n) for n in numbers]
    columns = {
        "image": pa.array([png(n) for n in range(4)], pa.binary()),
        "uint8": pa.array(numbers, pa.uint8()),
        "uint32": pa.array([n + 2**32 - 3 for n in numbers], pa.uint32()),
        "uint64": pa.array(numbers, pa.uint64()),
        "double": pa.array([0.0, 1.0, 2.0, float("nan")]),
        "decimal": pa.array(whole, pa.decimal128(20, 0)),
        "decimal_scaled": pa.array(whole, pa.decimal128(30, 2)),
        "decimal_wide": pa.array(whole, pa.decimal256(60, 0)),
        "bool": pa.array([n > 0 for n in numbers]),
        "dictionary": pa.array([TREES[n] for n in numbers]).dictionary_encode(),
        "large_string": pa.array([TREES[n] for n in numbers], pa.large_string()),
        "latin1": pa.array([f"{TREES[n]} é".encode("latin1") for n in numbers], pa.binary()),
        "negative": pa.array([-n for n in numbers]),
        "half": pa.array([decimal.Decimal(n) / 2 for n in numbers], pa.decimal128(5, 1)),
        "date": pa.array(days),
        "timestamp": pa.array([datetime.datetime(day.year, day.month, day.day) for day in days], pa.timestamp("us")),
        "fixed": pa.array([bytes([n]) * 3 for n in numbers], pa.binary(3)),
    }
    pq.write_table(pa.table(columns), OUTPUT / "label-types.parquet", write_statistics=False)
    # As the library stores images that are files: paths without bytes.
    image = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    paths = pa.array([{"bytes": None, "path": f"/photos/{n}.png"} for n in range(4)], image)
    pq.write_table(pa.table({"image": paths, "label": numbers}), OUTPUT / "paths-only.parquet")
    pq.write_table(pa.table([columns["image"], columns["uint8"], columns["uint64"]], ["image", "label", "label"]), OUTPUT / "two-columns.parquet")


shutil.rmtree(OUTPUT, ignore_errors=True)
OUTPUT.mkdir(parents=True)
datasets.disable_progress_bars()
make_hub()
make_several()
make_others()
make_label_types()
(OUTPUT / "truth.json").write_text(json.dumps(truth) + "\n")
print(sum(file.stat().st_size for file in OUTPUT.rglob("*") if file.is_file()), "bytes")
