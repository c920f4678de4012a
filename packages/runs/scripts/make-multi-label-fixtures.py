"""Writes src/metrics/fixtures/multi-label.json: metrics of multi-label predictions from scikit-learn, and intervals from scipy.

    pip install scikit-learn==1.9.1 scipy==1.17.1 numpy==2.4.6
    python scripts/make-multi-label-fixtures.py

The file is the same on every run (fixed seeds).
"""

import json
import pathlib

import numpy as np
from scipy import stats
from sklearn import metrics as sk

rng = np.random.default_rng(18)


def scores_of(targets, sharpness, digits):
    """Probabilities as the file has them, in single precision; few digits give equal scores."""
    logits = rng.normal(size=targets.shape) + sharpness * (targets - 0.5)
    return np.round(1 / (1 + np.exp(-logits)), digits).astype("float32")


def precisions(targets, scores, weights=None):
    """None for a class without images."""
    return [
        float(sk.average_precision_score(t, s, sample_weight=weights)) if (t if weights is None else t * weights).any() else None
        for t, s in zip(targets.T, scores.T.astype("float64"))
    ]


def mean(values):
    return float(np.mean([value for value in values if value is not None]))


def at(targets, scores, thresholds):
    given = scores.astype("float64") >= thresholds
    precision, recall, f1, _ = sk.precision_recall_fscore_support(targets, given, average=None, zero_division=np.nan)
    known = lambda values: [None if np.isnan(value) else float(value) for value in values]
    return {
        "thresholds": thresholds,
        "precision": known(precision),
        "recall": known(recall),
        "f1": sk.f1_score(targets, given, average=None, zero_division=0).tolist(),
        "micro": float(sk.f1_score(targets, given, average="micro")),
        "macro": float(sk.f1_score(targets, given, average="macro", zero_division=0)),
        "subsetAccuracy": float(sk.accuracy_score(targets, given)),
    }


def highest_f1(target, score):
    precision, recall, _ = sk.precision_recall_curve(target, score.astype("float64"))
    with np.errstate(invalid="ignore"):
        return float(np.nanmax(2 * precision * recall / (precision + recall)))


def case(images, classes, sharpness, digits, without=None):
    targets = (rng.random((images, classes)) < np.linspace(0.1, 0.6, classes)).astype(int)
    targets[np.arange(classes), np.arange(classes)] = 1
    if without is not None:
        targets[:, without] = 0
    scores = scores_of(targets, sharpness, digits)
    counts = np.bincount(rng.integers(0, images, images), minlength=images)
    per_class = precisions(targets, scores)
    resampled = precisions(targets, scores, counts)
    return {
        "scores": [[float(f"{x:.{digits}f}") for x in row] for row in scores],
        "targets": targets.tolist(),
        "averagePrecision": per_class,
        "meanAveragePrecision": mean(per_class),
        "at": [at(targets, scores, [0.5] * classes), at(targets, scores, np.round(rng.random(classes), 3).tolist())],
        "highestF1": [highest_f1(t, s) if t.any() else None for t, s in zip(targets.T, scores.T)],
        "counts": counts.tolist(),
        "resampled": mean(resampled),
    }


def bootstrap(images=80, classes=3):
    """Intervals of two models and of their difference over resamples of the images."""
    targets = (rng.random((images, classes)) < 0.4).astype(int)
    a, b = scores_of(targets, 2.0, 4), scores_of(targets, 0.8, 4)

    def interval(statistic):
        found = stats.bootstrap((np.arange(images),), statistic, n_resamples=3000, method="percentile", vectorized=False, rng=np.random.default_rng(1))
        return [float(found.confidence_interval.low), float(found.confidence_interval.high)]

    value = lambda scores: lambda rows: mean(precisions(targets[rows], scores[rows]))
    return {
        "targets": targets.tolist(),
        "a": np.round(a.astype("float64"), 4).tolist(),
        "b": np.round(b.astype("float64"), 4).tolist(),
        "intervalA": interval(value(a)),
        "intervalDifference": interval(lambda rows: value(a)(rows) - value(b)(rows)),
    }


fixture = {"cases": [case(60, 5, 1.5, 5), case(90, 4, 0.7, 1), case(40, 3, 2.0, 2, without=1)], "bootstrap": bootstrap()}
target = pathlib.Path(__file__).parent.parent / "src/metrics/fixtures/multi-label.json"
text = json.dumps(fixture, separators=(",", ":"))
assert "NaN" not in text
target.write_text(text + "\n")
