"""Writes src/statistics/fixtures/scipy.json: results of scipy for the tests of the statistics.

    pip install scipy==1.17.1
    python scripts/make-scipy-fixtures.py

The file is the same on every run (fixed seeds).
"""

import json
import pathlib

import numpy as np
import scipy
from scipy import optimize, stats

rng = np.random.default_rng(20240607)


def wilson(correct, total, confidence):
    interval = stats.binomtest(correct, total).proportion_ci(confidence, method="wilson")
    return {"correct": correct, "total": total, "confidence": confidence, "interval": [interval.low, interval.high]}


def most_failures(n, limit, level):
    """Largest k with P(X <= k) <= level; -1 if there is none."""
    k = int(stats.binom.ppf(level, n, limit))
    while k >= 0 and stats.binom.cdf(k, n, limit) > level:
        k -= 1
    return {"n": n, "limit": limit, "level": level, "most": k}


def mcnemar(b, c):
    return {"b": b, "c": c, "p": stats.binomtest(b, b + c, 0.5).pvalue if b + c else 1.0}


def predictions(seeds, images, accuracy):
    """Correctness of `seeds` models for which the same images are hard."""
    ease = stats.norm.ppf(accuracy) + rng.normal(size=images)
    return (ease + rng.normal(size=(seeds, images)) > 0).astype(int)


def sign_flip(seeds, images, accuracies, resamples):
    a, b = predictions(seeds, images, accuracies[0]), predictions(seeds, images, accuracies[1])
    result = stats.permutation_test(
        ((a - b).sum(axis=0),), np.sum, permutation_type="samples", n_resamples=resamples, rng=np.random.default_rng(1)
    )
    return {"a": a.tolist(), "b": b.tolist(), "exact": bool(np.isinf(resamples)), "p": float(result.pvalue)}


def paired_bootstrap(images, accuracies):
    a, b = predictions(1, images, accuracies[0])[0], predictions(1, images, accuracies[1])[0]
    result = stats.bootstrap(
        ((a - b),), np.mean, n_resamples=100_000, batch=5_000, method="percentile", rng=np.random.default_rng(2)
    )
    interval = result.confidence_interval
    return {"a": a.tolist(), "b": b.tolist(), "interval": [interval.low, interval.high]}


def seeds(counts, images):
    """Accuracies of two arms under the same seeds, as numbers of images."""
    a, b = counts
    test = stats.ttest_rel(np.array(a) / images, np.array(b) / images)
    interval = test.confidence_interval(0.95)
    return {
        "a": a,
        "b": b,
        "images": images,
        "sdA": float(np.std(np.array(a) / images, ddof=1)),
        "p": float(test.pvalue),
        "interval": [float(interval.low), float(interval.high)],
    }


def exact_power(images, discordance, difference, alpha):
    """Power of the exact McNemar test: sum over the numbers of discordant pairs and their splits."""
    power = 0.0
    for m in range(images + 1):
        weight = stats.binom.pmf(m, images, discordance)
        if weight < 1e-12:
            continue
        # Largest k with 2 * P(X <= k) <= alpha under an even split.
        k = int(stats.binom.ppf(alpha / 2, m, 0.5))
        while k >= 0 and 2 * stats.binom.cdf(k, m, 0.5) > alpha:
            k -= 1
        share = (discordance + difference) / (2 * discordance)
        power += weight * (stats.binom.cdf(k, m, share) + stats.binom.sf(m - k - 1, m, share))
    return power


def detectable(images, discordance, alpha=0.05):
    difference = optimize.brentq(lambda d: exact_power(images, discordance, d, alpha) - 0.8, 1e-4, discordance)
    return {"images": images, "discordance": discordance, "alpha": alpha, "difference": difference}


fixtures = {
    "scipy": scipy.__version__,
    "normalQuantile": [[p, stats.norm.ppf(p)] for p in (1e-300, 1e-12, 0.001, 0.025, 0.2, 0.5, 0.6, 0.8, 0.975, 0.9995)],
    "wilson": [
        wilson(correct, total, confidence)
        for total in (1, 10, 367, 50_000)
        for correct in sorted({0, 1, round(0.7548 * total), total})
        for confidence in (0.9, 0.95, 0.99)
    ],
    "mostFailures": [
        most_failures(n, limit, level)
        for n in (1, 58, 59, 183, 1000, 50_000)
        for limit in (0.01, 0.02, 0.05, 0.3)
        for level in (0.05, 0.01)
    ],
    "mcnemar": [
        mcnemar(b, c)
        for b, c in [(0, 0), (0, 1), (1, 0), (0, 6), (5, 5), (5, 6), (2, 11), (30, 52), (41, 40), (310, 420), (2000, 2300), (0, 900)]
    ],
    "signFlip": [
        sign_flip(2, 12, (0.8, 0.5), np.inf),
        sign_flip(3, 16, (0.7, 0.5), np.inf),
        sign_flip(5, 14, (0.6, 0.6), np.inf),
        sign_flip(3, 150, (0.74, 0.69), 50_000),
    ],
    "pairedBootstrap": [paired_bootstrap(367, (0.75, 0.68)), paired_bootstrap(80, (0.6, 0.62))],
    "studentT": [[t, n, float(1 - 2 * stats.t.sf(t, n))] for t in (0, 0.3, 1, 2.776, 12) for n in (1, 2, 3, 4, 9, 30, 99, 200)],
    "studentTQuantile": [
        [p, n, float(stats.t.isf((1 - p) / 2, n))] for p in (0.001, 0.5, 0.9, 0.95, 0.999, 1 - 1e-6) for n in (1, 2, 3, 4, 9, 30, 99, 200)
    ],
    "overSeeds": [
        seeds(([70, 74], [66, 73]), 100),
        seeds(([275, 280, 271], [262, 277, 268]), 367),
        seeds(([31, 30, 35, 29, 33], [30, 33, 31, 30, 35]), 40),
    ],
    # The last two are the first steps of Holm's correction for 6 and 15 comparisons.
    "smallestDetectable": [
        detectable(367, 0.2),
        detectable(367, 0.1),
        detectable(1000, 0.15),
        detectable(367, 0.2, 0.05 / 6),
        detectable(734, 0.15, 0.05 / 15),
    ],
}

target = pathlib.Path(__file__).parent.parent / "src/statistics/fixtures/scipy.json"
target.parent.mkdir(parents=True, exist_ok=True)
target.write_text(json.dumps(fixtures, separators=(",", ":")) + "\n")
