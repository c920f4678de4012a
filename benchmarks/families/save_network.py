"""Saves a network of keras.applications with new weights and five classes: save_network.py NAME SIZE FILE"""
import os
import sys

os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
import keras

name, size, file = sys.argv[1], int(sys.argv[2]), sys.argv[3]
keras.utils.set_random_seed(1)
getattr(keras.applications, name)(weights=None, classes=5, input_shape=(size, size, 3)).save(file)
