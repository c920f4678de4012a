"""The Keras side of the benchmark: Keras on TensorFlow, one graph call per step."""
import os
import sys
import time

os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
started = time.perf_counter()
import keras

from turns import images, take_turns

mode, precision, size, batch = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
if precision == 'bfloat16':
    keras.mixed_precision.set_global_policy('mixed_bfloat16')
inputs = keras.Input((size, size, 3))
trunk = keras.applications.ResNet50V2(weights=None, include_top=False, pooling='avg')
if mode == 'finetune':
    for layer in trunk.layers:
        layer.trainable = layer.name == 'post_bn'
outputs = keras.layers.Dense(5, activation='softmax', dtype='float32')(trunk(keras.layers.Rescaling(1 / 127.5, -1)(inputs)))
model = keras.Model(inputs, outputs)
model.compile(keras.optimizers.Adam(1e-4), 'sparse_categorical_crossentropy', metrics=['accuracy'])
x, y = images(size, batch)
take_turns((lambda: model.predict_on_batch(x)) if mode == 'forward' else (lambda: model.train_on_batch(x, y)), started, f'keras {keras.__version__}')
