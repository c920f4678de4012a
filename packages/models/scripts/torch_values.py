"""Weights and images for networks of PyTorch: the other side is test/support/torch-networks.ts."""

import math

import numpy as np
import torch

from fill import fill


def value(key, name, shape):
    """Scaled so that signals neither vanish nor grow much."""
    values = fill(key, math.prod(shape)).reshape(shape)
    last = name.split(".")[-1]
    if last in {"gamma", "layer_scale", "running_var"} or (last == "weight" and len(shape) == 1):
        return 1 + 0.2 * values
    if last == "weight":
        return values * math.sqrt(4 / math.prod(shape[1:]))
    return 0.1 * values


def image(key, size):
    """[1, 3, size, size] in [-1, 1), the same numbers as [1, size, size, 3] on the other side."""
    return torch.from_numpy(fill(key, size * size * 3).reshape(1, size, size, 3).astype("float32")).permute(0, 3, 1, 2)


def fill_network(name, model, size):
    """Sets all tensors; the classifier's kernel gives logits of the order of 1. Returns the tensors' names and shapes."""
    state = model.state_dict()
    tensors = []
    for key, tensor in state.items():
        if key.endswith("num_batches_tracked"):
            continue
        shape = list(tensor.shape)
        tensor.copy_(torch.from_numpy(np.asarray(value(f"{name}/{key}", key, shape), dtype="float32")))
        tensors.append({"name": key, "shape": shape})
    kernel = next(entry for entry in reversed(tensors) if entry["name"].endswith("weight") and len(entry["shape"]) > 1)
    with torch.no_grad():
        logits = model.eval()(image(f"{name}/{size}", size))
        # A float32 number on both sides.
        kernel["scale"] = 2.0 ** round(-math.log2(float(logits.std())))
        state[kernel["name"]].mul_(kernel["scale"])
    return tensors


def probabilities(name, model, size):
    with torch.no_grad():
        return torch.softmax(model.eval()(image(f"{name}/{size}", size)), 1)[0].tolist()
