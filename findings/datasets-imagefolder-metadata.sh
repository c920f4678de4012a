#!/bin/sh
# Hugging Face's imagefolder silently drops all labels of metadata.jsonl if the names of the images look like parts.
#
# A folder with metadata.jsonl at its root and images below it has the features image and label. If the images are named train-000.png and
# test-001.png, the library treats them as the parts "train" and "test", looks for a metadata file in each, finds none, and continues with
# images only. The file names in metadata.jsonl are correct.
#
# Seen with datasets 5.2.0, for two images:
#   000.png, 001.png              train: image label
#   train-000.png, test-001.png   test: image; train: image
. "$(dirname "$0")/lib/packages.sh"

with_pip datasets==5.2.0 pillow==12.0.0
cat > try.py <<'EOF'
import json
import os

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HOME"] = os.getcwd()
import datasets
from PIL import Image

print(f"datasets {datasets.__version__}")
datasets.disable_progress_bars()
expected = {"000.png, 001.png": "train: image label", "train-000.png, test-001.png": "test: image; train: image"}
changed = False
for number, (names, seen) in enumerate(expected.items()):
    folder = f"set{number}"
    os.makedirs(f"{folder}/pictures")
    rows = []
    for i, name in enumerate(names.split(", ")):
        Image.new("RGB", (8, 8), (100 * i, 0, 0)).save(f"{folder}/pictures/{name}")
        rows.append(json.dumps({"file_name": f"pictures/{name}", "label": f"class {i}"}))
    with open(f"{folder}/metadata.jsonl", "w") as file:
        file.write("\n".join(rows) + "\n")
    parts = datasets.load_dataset("imagefolder", data_dir=folder)
    text = "; ".join(f"{name}: {' '.join(part.features)}" for name, part in sorted(parts.items()))
    print(f"{names:29} {text}")
    changed = changed or text != seen
raise SystemExit(1 if changed else 0)
EOF
venv/bin/python try.py
