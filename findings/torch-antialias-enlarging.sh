#!/bin/sh
# torch.nn.functional.interpolate(mode="bicubic") enlarges with another filter if antialias=True.
#
# Anti-aliasing smooths before shrinking, so a flag for it should not change an enlargement. But with it the cubic filter has a = -0.5, as
# in Pillow, and without it a = -0.75, as in OpenCV. Position embeddings of vision transformers that are resampled with and without the
# flag differ: timm sets it, other programs do not.
#
# Seen with PyTorch 2.15.0, for 0, 0, 1, 0, 0 enlarged to 10:
#   antialias=False: 0.00000, -0.03516, -0.10547, 0.26172, 0.87891, 0.87891, 0.26172, -0.10547, -0.03516, 0.00000
#   antialias=True: 0.00000, -0.02190, -0.06870, 0.22656, 0.86719, 0.86719, 0.22656, -0.06870, -0.02190, 0.00000
. "$(dirname "$0")/lib/packages.sh"

with_pip torch==2.15.0 numpy==2.4.6
cat > try.py <<'EOF'
import torch

row = torch.tensor([0.0, 0.0, 1.0, 0.0, 0.0]).reshape(1, 1, 1, 5)
results = []
for antialias in (False, True):
    large = torch.nn.functional.interpolate(row, size=(1, 10), mode="bicubic", antialias=antialias)
    results.append(large.flatten())
    print(f"antialias={antialias}:", ", ".join(f"{value:.5f}" for value in large.flatten().tolist()))
raise SystemExit(1 if torch.allclose(*results, atol=1e-3) else 0)
EOF
venv/bin/python try.py
