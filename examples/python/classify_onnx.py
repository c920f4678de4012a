# Classifies photos with a model that was exported with its preprocessing:
#   fixres export runs/flowers --format onnx --with-preprocessing --out serving/
#   python3 classify_onnx.py serving/ photo.jpg
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

folder, *photos = sys.argv[1:]
session = onnxruntime.InferenceSession(Path(folder, "model.onnx"))
class_names = json.loads(Path(folder, "fixres.json").read_text("utf8"))["classNames"]
for photo in photos:
    image = ImageOps.exif_transpose(Image.open(photo)).convert("RGB")
    [[probabilities]] = session.run(None, {"levels": np.asarray(image)[None]})
    best = int(probabilities.argmax())
    print(photo, class_names[best], f"{probabilities[best]:.4f}")
