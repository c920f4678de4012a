"""Opens .keras files with Keras and predicts: python predict-keras-archives.py FOLDER

    pip install tensorflow-cpu==2.21.0 keras==3.15.1

FOLDER/inputs.json lists the files and their images. The last line of the output is a JSON object with the predictions of each file.
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np

folder = Path(sys.argv[1])
predictions = {}
for case in json.loads((folder / "inputs.json").read_text()):
    model = keras.saving.load_model(folder / f"{case['name']}.keras")
    images = np.asarray(case["values"], np.float32).reshape(-1, case["size"], case["size"], 3)
    predictions[case["name"]] = model.predict(images, verbose=0).ravel().tolist()
print(json.dumps(predictions))
