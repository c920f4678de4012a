"""The Keras side of the benchmark: a saved model, one graph call per step."""
import os
import pathlib
import sys
import time

os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
started = time.perf_counter()
import keras

sys.path.append(str(pathlib.Path(__file__).parent.parent / 'step'))
from turns import images, take_turns

file, mode, size, batch = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
model = keras.saving.load_model(file, compile=False)
model.compile(keras.optimizers.Adam(1e-4), 'sparse_categorical_crossentropy', metrics=['accuracy'])
x, y = images(size, batch)
take_turns((lambda: model.predict_on_batch(x)) if mode == 'forward' else (lambda: model.train_on_batch(x, y)), started, f'keras {keras.__version__}')
