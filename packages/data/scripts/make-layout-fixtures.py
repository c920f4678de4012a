"""Writes src/fixtures/layouts: small data sets in the layouts of other tools, each written by the tool itself if there is one.

    pip install tensorflow-cpu==2.21.0 tensorflow-datasets==4.9.10 webdataset==1.0.2 datasets==5.2.0 pillow
    python scripts/make-layout-fixtures.py

truth.json beside them records what the tools read: the number of images of each layout by part and class. The layouts of Roboflow
and Kaggle are written as these sites export them. The colour of a picture identifies it: red is its class, green its number, blue its
part.
"""

import collections
import csv
import io
import json
import shutil
import tempfile
from pathlib import Path

import datasets
import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds
import webdataset as wds
from PIL import Image

OUTPUT = Path(__file__).parent.parent / "src" / "fixtures" / "layouts"
# Not in alphabetical order, so a reader must use the stored order.
TREES = ["cedar", "ash", "beech"]
KINDS = ["broadleaf", "conifer"]
PARTS = ["train", "validation", "test"]
truth = {}


def picture(tree, number, part="train"):
    colour = (40 + 80 * tree, 10 + 5 * number, 40 + 80 * PARTS.index(part))
    return np.full((4, 4, 3), colour, dtype=np.uint8)


def png(tree, number, part="train"):
    buffer = io.BytesIO()
    Image.fromarray(picture(tree, number, part)).save(buffer, "png")
    return buffer.getvalue()


def kind(tree):
    return "conifer" if TREES[tree] == "cedar" else "broadleaf"


def write(path, content):
    path = OUTPUT / path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def table(path, rows, separator=","):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    write(path, text.getvalue().replace(",", separator))


def count(layout, part, names):
    truth.setdefault(layout, {})[part] = dict(sorted(collections.Counter(names).items()))


# ---- TensorFlow Datasets


def tfds_builder(name, features, parts, supervised):
    """A builder of this name; `parts` has (tree, number, label features) for each part."""

    def info(self):
        return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict(features), supervised_keys=supervised)

    def split_generators(self, dl_manager):
        return {part: self._generate_examples(part) for part in parts}

    def generate_examples(self, part):
        for tree, number, labels in parts[part]:
            yield number, {"image": picture(tree, number, part), **labels}

    members = {"VERSION": tfds.core.Version("1.0.0"), "_info": info, "_split_generators": split_generators, "_generate_examples": generate_examples}
    return type("".join(word.capitalize() for word in name.split("_")), (tfds.core.GeneratorBasedBuilder,), members)


def tfds_layout(name, features, parts, supervised=("image", "label")):
    with tempfile.TemporaryDirectory() as folder:
        builder = tfds_builder(name.replace("-", "_"), features, parts, supervised)(data_dir=folder)
        builder.download_and_prepare()
        shutil.copytree(builder.data_dir, OUTPUT / name)
        read = tfds.builder_from_directory(builder.data_dir)
        for part in parts:
            key = supervised[1] if supervised else "species"
            labels = [int(example[key]) for example in tfds.as_numpy(read.as_dataset(split=part))]
            count(name, part, [read.info.features[key].int2str(label) if label >= 0 else "" for label in labels])


def image_feature():
    return tfds.features.Image(shape=(4, 4, 3), encoding_format="png")


def make_tfds():
    label, tree_kind = tfds.features.ClassLabel(names=TREES), tfds.features.ClassLabel(names=KINDS)

    def both(key, numbers):
        return [(n % 3, n, {key: n % 3, "coarse_label": KINDS.index(kind(n % 3))}) for n in numbers]

    def one(numbers, known=True):
        return [(n % 3, n, {"label": n % 3 if known else -1}) for n in numbers]

    two = {"image": image_feature(), "label": label, "coarse_label": tree_kind}
    tfds_layout("tfds-two-labels", two, {"train": both("label", range(9)), "test": both("label", range(9, 15))})
    unsaid = {"image": image_feature(), "species": label, "coarse_label": tree_kind}
    tfds_layout("tfds-two-labels-unsaid", unsaid, {"train": both("species", range(9)), "test": both("species", range(9, 15))}, None)
    single = {"image": image_feature(), "label": label}
    tfds_layout("tfds-train-only", single, {"train": one(range(30))})
    tfds_layout("tfds-test-only", single, {"test": one(range(6))})
    tfds_layout("tfds-unlabelled-test", single, {"train": one(range(30)), "test": one(range(30, 36), known=False)})

    def feature(value):
        if isinstance(value, bytes):
            return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))
        return tf.train.Feature(int64_list=tf.train.Int64List(value=[value]))

    (OUTPUT / "tf-two-labels").mkdir()
    with tf.io.TFRecordWriter(str(OUTPUT / "tf-two-labels" / "trees.tfrecord")) as writer:
        for n in range(9):
            values = {"image": png(n % 3, n), "fine_label": n % 3, "coarse_label": KINDS.index(kind(n % 3))}
            writer.write(tf.train.Example(features=tf.train.Features(feature={k: feature(v) for k, v in values.items()})).SerializeToString())
    count("tf-two-labels", "", [str(n % 3) for n in range(9)])


# ---- webdataset


def shard(path, samples):
    file = OUTPUT / path
    file.parent.mkdir(parents=True, exist_ok=True)
    # A fixed modification time makes the file reproducible.
    with wds.TarWriter(str(file), mtime=0, user="fixres", group="fixres") as writer:
        for sample in samples:
            writer.write(sample)


def wds_count(layout, part, files, label):
    read = wds.WebDataset([str(OUTPUT / file) for file in files], shardshuffle=False, empty_check=False).decode("rgb8")
    count(layout, part, [str(label(sample)) for sample in read])


def make_webdataset():
    def by_class(numbers, part="train"):
        # Classes 1, 2 and 10: their numeric order differs from their alphabetical order.
        return [{"__key__": f"{n:03d}", "png": picture(n % 3, n, part), "cls": [2, 10, 1][n % 3]} for n in numbers]

    shard("wds-parts/trees-train-000.tar", by_class(range(9)))
    shard("wds-parts/trees-val-000.tar", by_class(range(9, 15), "validation"))
    wds_count("wds-parts", "train", ["wds-parts/trees-train-000.tar"], lambda sample: sample["cls"])
    wds_count("wds-parts", "validation", ["wds-parts/trees-val-000.tar"], lambda sample: sample["cls"])
    shard("wds-train-only/trees-train-000.tar", by_class(range(6)))
    shard("wds-train-only/trees-train-001.tar", by_class(range(6, 12)))
    files = ["wds-train-only/trees-train-000.tar", "wds-train-only/trees-train-001.tar"]
    wds_count("wds-train-only", "train", files, lambda sample: sample["cls"])
    shard("wds-json.tar", [{"__key__": f"{n:03d}", "png": picture(n % 3, n), "json": {"label": TREES[n % 3], "kind": kind(n % 3)}} for n in range(9)])
    wds_count("wds-json", "", ["wds-json.tar"], lambda sample: sample["json"]["label"])
    folders = [{"__key__": f"{TREES[n % 3]}/{n:03d}", "png": picture(n % 3, n), "json": {"label": n, "taken": "2026"}} for n in range(9)]
    shard("wds-class-folders.tar", folders)
    wds_count("wds-class-folders", "", ["wds-class-folders.tar"], lambda sample: sample["__key__"].split("/")[0])
    some = [{"__key__": f"{n:03d}", "png": picture(n % 3, n), **({"cls": n % 3} if n < 9 else {"txt": "no class yet"})} for n in range(12)]
    shard("wds-unlabelled.tar", some)
    wds_count("wds-unlabelled", "", ["wds-unlabelled.tar"], lambda sample: sample.get("cls", ""))
    shard("wds-class-member.tar", [{"__key__": f"{n:03d}", "png": picture(n % 3, n), "class": str(n % 3).encode()} for n in range(9)])
    shard("wds-input-target.tar", [{"__key__": f"{n:03d}", "input.png": picture(n % 3, n), "target.cls": n % 3} for n in range(9)])


# ---- Hugging Face datasets


def hub_count(layout, has_parts=True):
    with tempfile.TemporaryDirectory() as cache:
        for part, rows in datasets.load_dataset("imagefolder", data_dir=str(OUTPUT / layout), cache_dir=cache).items():
            feature = rows.features["label"]
            # The hub treats everything without parts as "train".
            count(layout, part if has_parts else "", [feature.int2str(label) if isinstance(feature, datasets.ClassLabel) else label for label in rows["label"]])


def make_hub():
    def numbers(part):
        return range(9) if part == "train" else range(9, 15)

    for part in ["train", "test"]:
        for n in numbers(part):
            write(f"hub-class-folders/{part}/{TREES[n % 3]}/{n:03d}.png", png(n % 3, n, part))
            write(f"hub-metadata-parts/{part}/{n:03d}.png", png(n % 3, n, part))
            # Names that contain "train" or "test" would become parts, and the label file would
            # belong to none of them.
            write(f"hub-metadata-root/pictures/{n:03d}.png", png(n % 3, n))
            write(f"hub-captions/{part}/{n:03d}.png", png(n % 3, n, part))
        table(f"hub-metadata-parts/{part}/metadata.csv", [["file_name", "label", "note"], *[[f"{n:03d}.png", TREES[n % 3], "a, b"] for n in numbers(part)]])
        table(f"hub-captions/{part}/metadata.csv", [["file_name", "text"], *[[f"{n:03d}.png", f"a {TREES[n % 3]}"] for n in numbers(part)]])
    lines = [{"file_name": f"pictures/{n:03d}.png", "label": TREES[n % 3]} for n in range(15)]
    write("hub-metadata-root/metadata.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    hub_count("hub-class-folders")
    hub_count("hub-metadata-parts")
    hub_count("hub-metadata-root", has_parts=False)

    features = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(names=TREES)})
    rows = datasets.Dataset.from_list([{"image": {"bytes": png(n % 3, n), "path": None}, "label": n % 3} for n in range(9)], features=features)
    (OUTPUT / "hub-parquet" / "data").mkdir(parents=True)
    parquet = str(OUTPUT / "hub-parquet" / "data" / "train-00000-of-00001.parquet")
    rows.to_parquet(parquet)
    with tempfile.TemporaryDirectory() as cache:
        read = datasets.load_dataset("parquet", data_files={"train": [parquet]}, cache_dir=cache)["train"]
        count("hub-parquet", "train", [read.features["label"].int2str(label) for label in read["label"]])
    rows.save_to_disk(str(OUTPUT / "hub-save-to-disk"))


# ---- Roboflow, Kaggle and lists


def make_others():
    folders = {"train": range(9), "valid": range(9, 15), "test": range(15, 21)}
    for folder, numbers in folders.items():
        part = {"valid": "validation"}.get(folder, folder)
        rows = []
        for n in numbers:
            file = f"tree-{n:03d}_png.rf.{n:032x}.png"
            write(f"roboflow-folders/{folder}/{TREES[n % 3]}/{file}", png(n % 3, n, part))
            write(f"roboflow-classes-csv/{folder}/{file}", png(n % 3, n, part))
            rows.append([file, *[int(i == n % 3) for i in range(3)]])
        if folder == "test":
            # One image without a class, and one with two.
            rows[0][1:], rows[1][1:] = [0, 0, 0], [1, 1, 0]
        table(f"roboflow-classes-csv/{folder}/_classes.csv", [["filename", *TREES], *rows], separator=", ")
        count("roboflow-folders", part, [TREES[n % 3] for n in numbers])
        count("roboflow-classes-csv", part, [TREES[row.index(1) - 1] if sum(row[1:]) == 1 else "" for row in rows])

    for n in range(9):
        write(f"kaggle-class-folders/train/{TREES[n % 3]}/{n:03d}.png", png(n % 3, n))
        write(f"kaggle-flat/train/{n:03d}.png", png(n % 3, n))
    for n in range(9, 15):
        write(f"kaggle-class-folders/test/{n:03d}.png", png(n % 3, n, "test"))
        write(f"kaggle-flat/test/{n:03d}.png", png(n % 3, n, "test"))
    count("kaggle-class-folders", "train", [TREES[n % 3] for n in range(9)])
    count("kaggle-class-folders", "test", [""] * 6)
    table("kaggle-flat/train.csv", [["image_id", "species"], *[[f"{n:03d}", TREES[n % 3]] for n in range(9)]])
    for layout in ["list-filename", "list-parts"]:
        for n in range(15):
            write(f"{layout}/images/{n:03d}.png", png(n % 3, n))
    table("list-filename/train.csv", [["filename", "class"], *[[f"images/{n:03d}.png", TREES[n % 3]] for n in range(15)]])
    count("list-filename", "", [TREES[n % 3] for n in range(15)])
    # As pandas writes it: whole numbers become floats if some are missing.
    parts = ["train"] * 9 + ["test"] * 3 + [""] * 3
    table("list-parts/list.csv", [["path", "label", "split"], *[[f"images/{n:03d}.png", "" if n == 0 else f"{n % 3}.0", parts[n]] for n in range(15)]])
    for part in ["train", "test", ""]:
        count("list-parts", part, ["" if n == 0 else f"{n % 3}.0" for n in range(15) if parts[n] == part])
    for i, number in enumerate([2, 10, 1]):
        for n in range(3):
            write(f"numbered-folders/{number}/{n:03d}.png", png(i, 3 * n + i))
    count("numbered-folders", "", ["1", "10", "2"] * 3)


shutil.rmtree(OUTPUT, ignore_errors=True)
OUTPUT.mkdir(parents=True)
make_tfds()
make_webdataset()
make_hub()
make_others()
(OUTPUT / "truth.json").write_text(json.dumps(truth, indent=1, sort_keys=True) + "\n")
print(sum(file.stat().st_size for file in OUTPUT.rglob("*") if file.is_file()), "bytes")
