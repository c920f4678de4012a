#!/bin/sh
# Keras's two loaders of images give different pixels for the same JPEG file, and the one of tf.data is not Pillow's.
#
# tf.io.decode_jpeg and decode_image use libjpeg's fast transform (JDCT_IFAST) by default; Pillow, torchvision, sharp and browsers use the
# accurate one. image_dataset_from_directory decodes by TensorFlow, load_img by Pillow. So a model that was trained from a folder and used
# with load_img sees other levels. With dct_method="INTEGER_ACCURATE" TensorFlow's are Pillow's, to the bit; the loader of Keras has no
# such option.
#
# Seen with TensorFlow 2.21.0, Keras 3.15.1 and Pillow 12.0.0, for a picture of 96 x 96 pixels, quality 90:
#   decode_jpeg                            65.2 % of the levels differ from Pillow's, by up to 3
#   decode_jpeg, INTEGER_ACCURATE           0.0 % of the levels differ from Pillow's, by up to 0
#   image_dataset_from_directory           65.2 % of the levels differ from Pillow's, by up to 3
#   load_img                                0.0 % of the levels differ from Pillow's, by up to 0
. "$(dirname "$0")/lib/packages.sh"

with_pip tensorflow-cpu==2.21.0 keras==3.15.1 pillow==12.0.0
cat > try.py <<'EOF'
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
import tensorflow as tf
from PIL import Image

y, x = np.mgrid[0:96, 0:96]
picture = np.stack([x * 2, y * 2, (x * y) % 256], -1).astype(np.uint8)
os.makedirs("photos/a", exist_ok=True)
Image.fromarray(picture).save("photos/a/0.jpg", quality=90)
file = tf.io.read_file("photos/a/0.jpg")
pillow = np.asarray(Image.open("photos/a/0.jpg")).astype(int)
[[images]] = list(keras.utils.image_dataset_from_directory("photos", labels=None, image_size=(96, 96), batch_size=1, verbose=False).map(lambda batch: (batch,)))
seen = {
    "decode_jpeg": tf.io.decode_jpeg(file).numpy(),
    "decode_jpeg, INTEGER_ACCURATE": tf.io.decode_jpeg(file, dct_method="INTEGER_ACCURATE").numpy(),
    "image_dataset_from_directory": images[0].numpy(),
    "load_img": np.asarray(keras.utils.load_img("photos/a/0.jpg")),
}
changed = False
for name, levels in seen.items():
    off = np.abs(levels.astype(int) - pillow)
    print(f"{name:36} {(off > 0).mean() * 100:6.1f} % of the levels differ from Pillow's, by up to {off.max()}")
    changed = changed or (off.max() > 0) != (name in ("decode_jpeg", "image_dataset_from_directory"))
raise SystemExit(1 if changed else 0)
EOF
venv/bin/python try.py
