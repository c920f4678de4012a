"""Runs a signature of a SavedModel: `run_signature.py FOLDER SIGNATURE INPUT TYPE SHAPE FILE...`.

TYPE is float32 or uint8, with one file of raw values and a shape such as 3,64,64,3; or string, with a file for each
value and the shape -. Prints the output's values, one a line.
"""

import sys

import numpy
import tensorflow as tf

folder, signature, name, kind, shape, *files = sys.argv[1:]
if kind == 'string':
    value = tf.constant([open(file, 'rb').read() for file in files])
else:
    value = tf.constant(numpy.fromfile(files[0], kind).reshape([int(side) for side in shape.split(',')]))
output = tf.saved_model.load(folder).signatures[signature](**{name: value})['output']
print(*output.numpy().ravel(), sep='\n')
