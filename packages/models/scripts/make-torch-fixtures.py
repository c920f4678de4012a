"""Writes test/fixtures/torch.json: the results of torch that the tests compare with.

    pip install torch numpy
    python scripts/make-torch-fixtures.py
"""

import json
from pathlib import Path

import numpy as np
import torch

FILE = Path(__file__).resolve().parent.parent / "test" / "fixtures" / "torch.json"


def sgd_case(**options):
    """Four steps on f(w) = sum(c w^2 / 2)."""
    curvature = torch.tensor([0.5, 1.0, 4.0])
    w = torch.nn.Parameter(torch.tensor([1.0, -2.0, 0.25]))
    optimizer = torch.optim.SGD([w], lr=0.05, weight_decay=0.1, **options)
    steps = []
    for _ in range(4):
        optimizer.zero_grad()
        (curvature * w * w / 2).sum().backward()
        optimizer.step()
        steps.append([float(f"{v:.9g}") for v in w.detach().numpy().astype(np.float64)])
    return steps


FILE.write_text(
    json.dumps({"sgd": {"momentum": sgd_case(momentum=0.9), "nesterov": sgd_case(momentum=0.9, nesterov=True), "plain": sgd_case()}}) + "\n"
)
