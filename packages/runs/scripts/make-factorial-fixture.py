"""Writes src/statistics/fixtures/factorial.json: effects of a factorial design by statsmodels, and Shapley values
by counting orders.

    pip install statsmodels==0.14.6
    python scripts/make-factorial-fixture.py

The file is the same on every run (fixed seed).
"""

import itertools
import json
import pathlib

import numpy as np
import pandas as pd
import statsmodels
import statsmodels.formula.api as smf

rng = np.random.default_rng(20261130)
FACTORS = ["size", "statistics", "parameters", "classifier"]
SEEDS, IMAGES = 2, 40


def cells():
    """Correctness [cell, seed, image] with effects that depend on each other."""
    ease = rng.normal(size=IMAGES)
    for on in itertools.product([0, 1], repeat=len(FACTORS)):
        size, statistics, parameters, classifier = on
        gain = 0.8 * size + 0.4 * statistics + 0.2 * parameters - 0.1 * classifier + 0.5 * size * statistics
        correct = (ease + gain + 0.7 * rng.normal(size=(SEEDS, IMAGES)) > 0.3).astype(int)
        yield on, correct


def shapley(value, first=()):
    """The mean, over all orders that begin with the factors of `first`, of what each factor adds."""
    added = dict.fromkeys(FACTORS, 0.0)
    every = itertools.permutations(range(len(FACTORS)))
    orders = [order for order in every if {FACTORS[i] for i in order[: len(first)]} == set(first)]
    for order in orders:
        on = [0] * len(FACTORS)
        for factor in order:
            before = value[tuple(on)]
            on[factor] = 1
            added[FACTORS[factor]] += (value[tuple(on)] - before) / len(orders)
    return added


design = list(cells())
value = {on: float(correct.mean()) for on, correct in design}
rows = [dict(zip(FACTORS, (2 * level - 1 for level in on)), y=y) for on, correct in design for y in correct.ravel()]
fit = smf.ols("y ~ " + " * ".join(FACTORS), pd.DataFrame(rows)).fit()
result = {
    "statsmodels": statsmodels.__version__,
    "factors": FACTORS,
    "cells": [
        {
            "on": [factor for factor, level in zip(FACTORS, on) if level],
            "correct": ["".join(map(str, row)) for row in correct.tolist()],
        }
        for on, correct in design
    ],
    # Levels are -1 and 1, so a coefficient is half of a main effect and a quarter of an interaction.
    "main": {factor: 2 * fit.params[factor] for factor in FACTORS},
    "interactions": [
        {"a": a, "b": b, "difference": 4 * fit.params[f"{a}:{b}"]} for a, b in itertools.combinations(FACTORS, 2)
    ],
    "shapley": shapley(value),
    "shapleyAfter": {"first": ["size", "statistics"], "shares": shapley(value, ["size", "statistics"])},
}
path = pathlib.Path(__file__).parent.parent / "src/statistics/fixtures/factorial.json"
path.write_text(json.dumps(result, separators=(",", ":")) + "\n")
