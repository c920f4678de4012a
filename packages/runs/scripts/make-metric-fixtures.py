"""Writes src/metrics/fixtures/metrics.json: metrics of synthetic predictions from torchmetrics and scikit-learn.

    pip install torch==2.15.0 torchmetrics==1.9.0 scikit-learn==1.9.1
    python scripts/make-metric-fixtures.py

The file is the same on every run (fixed seeds).
"""

import json
import pathlib

import numpy as np
import torch
from sklearn import metrics as sk
from torchmetrics.functional import classification as tm

rng = np.random.default_rng(7)


def case(images, classes, sharpness):
    labels = rng.integers(0, classes, images)
    logits = rng.normal(size=(images, classes)) * sharpness
    logits[np.arange(images), labels] += sharpness
    probabilities = (np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)).astype("float32")
    # Rounded to the precision of the file, so that both sides read the same numbers.
    probabilities = np.round(probabilities, 5).astype("float32")
    p, y = torch.tensor(probabilities), torch.tensor(labels)
    predicted = probabilities.argmax(axis=1)
    return {
        "probabilities": [[float(f"{x:.5f}") for x in row] for row in probabilities],
        "labels": labels.tolist(),
        "confusion": sk.confusion_matrix(labels, predicted, labels=range(classes)).tolist(),
        "recall": sk.recall_score(labels, predicted, labels=range(classes), average=None, zero_division=np.nan).tolist(),
        "precision": sk.precision_score(labels, predicted, labels=range(classes), average=None, zero_division=np.nan).tolist(),
        "topK": {
            str(k): float(sk.top_k_accuracy_score(labels, probabilities, k=k, labels=range(classes)))
            for k in (1, 2, 5)
            if k < classes
        },
        "nll": float(-np.log(probabilities[np.arange(images), labels].astype("float64")).mean()),
        "ece": {
            str(bins): float(tm.multiclass_calibration_error(p.double(), y, num_classes=classes, n_bins=bins, norm="l1"))
            for bins in (1, 10, 15)
        },
    }


cases = [case(60, 5, 1.0), case(120, 8, 0.6), case(40, 3, 0.3)]
target = pathlib.Path(__file__).parent.parent / "src/metrics/fixtures/metrics.json"
target.parent.mkdir(parents=True, exist_ok=True)
text = json.dumps(cases, separators=(",", ":"))
assert "NaN" not in text
target.write_text(text + "\n")
