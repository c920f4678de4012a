#!/bin/sh
# timm's RandAugment with a magnitude of 15 does what it does with 10, and its operations happen only half of the time.
#
# The magnitude of `rand-m15-n2` is stored and printed as 15. When an operation is applied, it is limited to 10, unless the text also has
# `mmax`: the limit was made for random magnitudes (`mstd`), but fixed ones pass it too. A search over magnitudes sees a plateau from 10 on. The
# paper's RandAugment applies n operations to each image; timm's leaves each out with probability 0.5, unless the text has `p1`.
#
# Seen with timm 1.0.31, Pillow 12.0.0:
#   rand-m10-n1-p1, AugmentOp(name=Rotate, p=1.0, m=10, mstd=0): rotates by 30.0 degrees
#   rand-m15-n1-p1, AugmentOp(name=Rotate, p=1.0, m=15, mstd=0): rotates by 30.0 degrees
#   rand-m15-n1-p1-mmax30, AugmentOp(name=Rotate, p=1.0, m=15, mstd=0, mmax=30): rotates by 45.0 degrees
#   rand-m9-n2 applies 0.99 operations to an image
. "$(dirname "$0")/lib/packages.sh"

# Its augmentations need neither PyTorch nor the rest of timm.
with_pip pillow==12.0.0 numpy==2.4.6
venv/bin/pip install --quiet --no-deps timm==1.0.31
cat > try.py <<'EOT'
import importlib.util
import random
from pathlib import Path

import numpy as np
from PIL import Image

file = next(Path("venv").rglob("timm/data/auto_augment.py"))
spec = importlib.util.spec_from_file_location("auto_augment", file)
auto_augment = importlib.util.module_from_spec(spec)
spec.loader.exec_module(auto_augment)
image = Image.new("RGB", (32, 32))


def counted(text, name=None):
    """RandAugment whose operations only record their arguments; with a name, only with this one."""
    augment = auto_augment.rand_augment_transform(text, {})
    if name is not None:
        augment.ops = [operation for operation in augment.ops if operation.name == name]
    calls = []
    for operation in augment.ops:
        operation.aug_fn = lambda image, *values, **_: (calls.append(values), image)[1]
    return augment, calls


angles = []
for text in ("rand-m10-n1-p1", "rand-m15-n1-p1", "rand-m15-n1-p1-mmax30"):
    augment, calls = counted(text, "Rotate")
    augment(image)
    angles.append(abs(calls[0][0]))
    print(f"{text}, {augment.ops[0]}: rotates by {angles[-1]} degrees")
random.seed(0)
np.random.seed(0)
augment, calls = counted("rand-m9-n2")
for _ in range(2000):
    augment(image)
print(f"rand-m9-n2 applies {len(calls) / 2000:.2f} operations to an image")
raise SystemExit(0 if angles[0] == angles[1] < angles[2] and len(calls) < 3000 else 1)
EOT
venv/bin/python try.py
