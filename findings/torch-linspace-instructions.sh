#!/bin/sh
# torch.linspace(0, 32, 31)[15] is 16 or 15.999999 by the processor's vector instructions, and TrivialAugment translates by 16 or 15 pixels.
#
# Entry 15 of 31 is the middle of the range, and exact however it is computed: from either end it is 16. With AVX2 or AVX512, PyTorch
# computes a block of entries from the first one of the block, in single precision, and the middle is 15.999999. torchvision truncates the
# strength of a translation to whole pixels. So the same seed gives different images on different machines, by one row or column of pixels.
#
# Seen with PyTorch 2.15.0 and torchvision 0.29.2 on an x64 machine with AVX512, by ATEN_CPU_CAPABILITY:
#   default: linspace(0, 32, 31)[15] is 16.0, TranslateX of that strength moves by 16 pixels
#   avx2: linspace(0, 32, 31)[15] is 15.999999046325684, TranslateX of that strength moves by 15 pixels
. "$(dirname "$0")/lib/packages.sh"

with_pip torch==2.15.0 torchvision==0.29.2 numpy==2.4.6
cat > try.py <<'EOT'
import os

import numpy as np
from PIL import Image
from torchvision.transforms import InterpolationMode, autoaugment

magnitudes, _ = autoaugment.TrivialAugmentWide()._augmentation_space(31)["TranslateX"]
middle = magnitudes[15].item()
white = Image.new("L", (64, 4), 255)
moved = np.asarray(autoaugment._apply_op(white, "TranslateX", middle, InterpolationMode.NEAREST, None))
print(f"{os.environ['ATEN_CPU_CAPABILITY']}: linspace(0, 32, 31)[15] is {middle!r}, TranslateX of that strength moves by {int((moved[0] == 0).sum())} pixels")
EOT
for instructions in default avx2; do
  ATEN_CPU_CAPABILITY=$instructions venv/bin/python try.py
done | tee output
grep -q 'by 16 pixels' output && grep -q 'by 15 pixels' output
