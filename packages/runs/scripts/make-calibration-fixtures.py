"""Writes src/metrics/fixtures/calibration.json: debiased calibration errors by the package of its authors, and
temperatures by scipy.

    pip install uncertainty-calibration==0.1.4 numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1
    python scripts/make-calibration-fixtures.py
"""

import json
from pathlib import Path

import calibration
import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

OUTPUT = Path(__file__).parent.parent / "src" / "metrics" / "fixtures" / "calibration.json"
BINS = 15


def case(seed, images, classes, sharpness):
    """Labels are drawn from a softmax; the model is `sharpness` times as sure."""
    random = np.random.default_rng(seed)
    logits = random.normal(size=(images, classes)) * 2
    labels = np.array([random.choice(classes, p=row) for row in softmax(logits, axis=1)])
    probabilities = softmax(logits * sharpness, axis=1).astype(np.float32)
    return probabilities, labels


def places_of(probabilities):
    return np.clip(np.ceil(probabilities.max(axis=1).astype(np.float64) * BINS).astype(int) - 1, 0, BINS - 1)


def binned(probabilities, labels):
    """Pairs of confidence and correctness in bins of equal width; bins without images are left out."""
    confidences = probabilities.max(axis=1).astype(np.float64)
    correct = (probabilities.argmax(axis=1) == labels).astype(np.float64)
    places = places_of(probabilities)
    pairs = [[(confidences[i], correct[i]) for i in np.flatnonzero(places == bin)] for bin in range(BINS)]
    return [each for each in pairs if each]


def main():
    cases = []
    for seed, images, classes, sharpness in [(0, 400, 5, 1.0), (1, 400, 5, 2.5), (2, 300, 3, 0.5)]:
        probabilities, labels = case(seed, images, classes, sharpness)
        # The package refuses bins of one image.
        places = places_of(probabilities)
        kept = np.bincount(places, minlength=BINS)[places] > 1
        probabilities, labels = probabilities[kept], labels[kept]
        data = binned(probabilities, labels)
        np.random.seed(0)
        debiased = calibration.utils.normal_debiased_ce(data, power=1, resamples=200_000)
        logs = np.log(probabilities.astype(np.float64))
        loss = lambda inverse: -log_softmax(logs * inverse, axis=1)[np.arange(len(labels)), labels].mean()
        fit = minimize_scalar(loss, bounds=(0.01, 100), method="bounded", options={"xatol": 1e-10})
        cases.append(
            {
                "classes": classes,
                "labels": labels.tolist(),
                "probabilities": [float(f"{p:.7g}") for p in probabilities.ravel()],
                "plugIn": float(calibration.utils.plugin_ce(data, power=1)),
                "debiased": float(debiased),
                "temperature": float(1 / fit.x),
                "nll": float(fit.fun),
            }
        )
    OUTPUT.write_text(json.dumps(cases))


if __name__ == "__main__":
    main()
