"""Writes src/statistics/fixtures/power.json: results of statsmodels and scipy for the tests of power and of bounds.

    pip install scipy==1.17.1 statsmodels==0.15.0 pandas==3.1.1
    python scripts/make-power-fixtures.py

The file is the same on every run (fixed seeds).
"""

import json
import math
import pathlib

import numpy as np
import pandas
import statsmodels
from scipy import optimize, stats
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm
from statsmodels.stats.power import normal_power_het

rng = np.random.default_rng(20261130)


def power(images, discordance, difference, alpha):
    """Connor's formula, with a continuity correction of one image."""
    return {
        "images": images,
        "discordance": discordance,
        "difference": difference,
        "alpha": alpha,
        "power": float(
            normal_power_het(
                difference - 1 / images,
                images,
                alpha / 2,
                std_null=math.sqrt(discordance),
                std_alternative=math.sqrt(discordance - difference**2),
                alternative="larger",
            )
        ),
        "exact": exact_power(images, discordance, difference, alpha),
    }


def exact_power(images, discordance, difference, alpha):
    """Power of the exact McNemar test to find the difference with its sign."""
    found = 0.0
    for m in range(images + 1):
        weight = stats.binom.pmf(m, images, discordance)
        if weight < 1e-12:
            continue
        k = int(stats.binom.ppf(alpha / 2, m, 0.5))
        while k >= 0 and 2 * stats.binom.cdf(k, m, 0.5) > alpha:
            k -= 1
        share = (discordance + difference) / (2 * discordance)
        found += weight * stats.binom.sf(m - k - 1, m, share)
    return float(found)


def variance(seeds, images, spread):
    """Mean squares of a two-way layout, of two arms for which the same images are hard."""
    ease = rng.normal(size=images)
    favour = rng.normal(size=images) * 0.8
    shift = rng.normal(size=(seeds, 1)) * spread
    a = (ease + favour / 2 + shift + rng.normal(size=(seeds, images)) > 0).astype(int)
    b = (ease - favour / 2 + rng.normal(size=(seeds, images)) > 0).astype(int)
    seed, image = np.indices((seeds, images))
    frame = pandas.DataFrame({"d": (a - b).ravel(), "seed": seed.ravel(), "image": image.ravel()})
    table = anova_lm(ols("d ~ C(seed) + C(image)", frame).fit())
    squares = table["sum_sq"] / table["df"]
    return {
        "a": a.tolist(),
        "b": b.tolist(),
        "betweenSeeds": float(squares["C(seed)"]),
        "betweenImages": float(squares["C(image)"]),
        "residual": float(squares["Residual"]),
    }


def bound(only_a, only_b, images, confidence):
    """Inverts the score test; the most likely probabilities under each difference are found numerically."""
    observed = (only_a - only_b) / images

    def score(difference):
        low, high = max(0.0, -difference), (1 - difference) / 2

        def loss(q):
            p = np.array([q + difference, q, 1 - 2 * q - difference])
            n = np.array([only_a, only_b, images - only_a - only_b])
            with np.errstate(divide="ignore", invalid="ignore"):
                return -np.sum(np.where(n > 0, n * np.log(np.maximum(p, 1e-300)), 0))

        q = optimize.minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-13}).x
        spread = (2 * q + difference - difference**2) / images
        return (observed - difference) / math.sqrt(spread)

    z = stats.norm.ppf(confidence)
    return {
        "onlyA": only_a,
        "onlyB": only_b,
        "images": images,
        "confidence": confidence,
        "bound": float(optimize.brentq(lambda d: score(d) - z, -1 + 1e-6, observed - 1e-9)),
    }


fixtures = {
    "versions": {"scipy": __import__("scipy").__version__, "statsmodels": statsmodels.__version__},
    "power": [
        power(367, 0.2, 0.08, 0.05),
        power(367, 0.1, 0.04, 0.05),
        power(1000, 0.15, 0.03, 0.05),
        power(367, 0.2, 0.09, 0.05 / 6),
        power(3670, 0.12, 0.02, 0.05 / 15),
    ],
    "variance": [variance(2, 30, 0.3), variance(3, 80, 1.0), variance(5, 60, 0.0)],
    "bound": [
        bound(*counts, confidence)
        for counts in [(0, 0, 44), (1, 0, 44), (12, 15, 183), (30, 20, 400), (3, 9, 1835), (0, 4, 100)]
        for confidence in (0.95, 0.975)
    ],
}

target = pathlib.Path(__file__).parent.parent / "src/statistics/fixtures/power.json"
target.write_text(json.dumps(fixtures, separators=(",", ":")) + "\n")
