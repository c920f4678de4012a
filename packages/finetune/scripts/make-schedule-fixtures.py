"""Writes src/schedules/fixtures/keras.json and torch.json: learning rates of every update, for the tests of the schedules.

    pip install tensorflow-cpu==2.21.0 keras==3.15.1
    python scripts/make-schedule-fixtures.py keras
    pip install torch==2.15.0
    python scripts/make-schedule-fixtures.py torch
"""

import json
import pathlib
import sys

target = pathlib.Path(__file__).parent.parent / "src/schedules/fixtures"
target.mkdir(parents=True, exist_ok=True)


def keras_cosines():
    import keras

    cases = []
    for rate, minimum, start, warm_up, steps_per_epoch, epochs in [
        (1e-3, 0.0, 0.0, 0.0, 10, 3),
        (0.1, 1e-3, 0.0, 2.0, 7, 6),
        (5e-4, 5e-6, 1e-5, 0.5, 8, 4),
    ]:
        warm_up_steps = int(warm_up * steps_per_epoch)
        schedule = keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=start if warm_up_steps else rate,
            decay_steps=steps_per_epoch * epochs - warm_up_steps,
            alpha=minimum / rate,
            warmup_target=rate if warm_up_steps else None,
            warmup_steps=warm_up_steps,
        )
        data = {"type": "cosine", "rate": rate, "minimum": minimum}
        if warm_up_steps:
            data["warmUp"] = {"epochs": warm_up, "from": start}
        rates = [float(schedule(step)) for step in range(steps_per_epoch * epochs)]
        cases.append({"schedule": data, "stepsPerEpoch": steps_per_epoch, "epochs": epochs, "rates": rates})
    return cases


def torch_rates():
    import torch

    def rates(build, steps, rate, every=1):
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate)
        scheduler = build(optimizer)
        values = []
        for step in range(steps):
            values.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            if (step + 1) % every == 0:
                scheduler.step()
        return values

    from torch.optim import lr_scheduler as lr

    # The authors' schedule steps once an epoch.
    step = {
        "schedule": {"type": "step", "rate": 0.2, "factor": 0.1, "every": 30},
        "stepsPerEpoch": 3,
        "epochs": 70,
        "rates": rates(lambda o: lr.StepLR(o, 30, 0.1), 210, 0.2, every=3),
    }
    cosine = {
        "schedule": {"type": "cosine", "rate": 0.05, "minimum": 1e-4},
        "stepsPerEpoch": 5,
        "epochs": 4,
        "rates": rates(lambda o: lr.CosineAnnealingLR(o, 20, 1e-4), 20, 0.05),
    }
    warm = {
        "schedule": {"type": "cosine", "rate": 0.4, "warmUp": {"epochs": 1, "from": 0.04}},
        "stepsPerEpoch": 6,
        "epochs": 5,
        "rates": rates(
            lambda o: lr.SequentialLR(
                o, [lr.LinearLR(o, 0.1, 1.0, total_iters=6), lr.CosineAnnealingLR(o, 24)], milestones=[6]
            ),
            30,
            0.4,
        ),
    }
    return [step, cosine, warm]


library = sys.argv[1]
cases = {"keras": keras_cosines, "torch": torch_rates}[library]()
(target / f"{library}.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")
