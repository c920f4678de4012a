"""Writes test/fixtures/keras.json and torch.json: learning rates of every update, losses with smoothed labels and averages of
weights, for the tests of the schedules, of label smoothing and of weight averaging.

    pip install tensorflow-cpu==2.21.0 keras==3.15.1
    python scripts/make-recipe-fixtures.py keras
    pip install torch==2.15.0 timm==1.0.31
    python scripts/make-recipe-fixtures.py torch
"""

import json
import pathlib
import sys

target = pathlib.Path(__file__).parent.parent / "test/fixtures"
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

    # The authors' schedule steps once per epoch.
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


LOGITS = [[1.5, -0.25, 0.5, 0.0], [0.125, 2.0, -3.0, 1.0], [4.0, -4.0, 0.75, 0.25]]
LABELS = [0, 3, 1]
SMOOTHINGS = [0.0, 0.1, 0.4]
# A weight of two numbers over six updates.
WEIGHTS = [[1.0, -2.0], [0.75, -1.5], [0.5, -1.25], [-0.5, 3.0], [2.0, 2.5], [2.25, 2.125]]


def keras_smoothing():
    import keras
    import numpy as np

    targets = np.eye(4, dtype="float32")[LABELS]
    return [
        keras.ops.convert_to_numpy(
            keras.losses.categorical_crossentropy(targets, np.array(LOGITS, "float32"), from_logits=True, label_smoothing=s)
        ).tolist()
        for s in SMOOTHINGS
    ]


def torch_smoothing():
    import torch

    losses = [torch.nn.CrossEntropyLoss(label_smoothing=s, reduction="none") for s in SMOOTHINGS]
    return [loss(torch.tensor(LOGITS), torch.tensor(LABELS)).tolist() for loss in losses]


def keras_averages():
    import keras
    import numpy as np

    variable = keras.Variable(np.array(WEIGHTS[0], "float32"))
    optimizer = keras.optimizers.SGD(1.0, use_ema=True, ema_momentum=0.9)
    optimizer.build([variable])
    averages = []
    for weights in WEIGHTS:
        # One step of gradient descent that ends at these weights.
        optimizer.apply([variable - np.array(weights, "float32")], [variable])
        averages.append(keras.ops.convert_to_numpy(optimizer._model_variables_moving_average[0]).tolist())
    return [{"settings": {"momentum": 0.9}, "averages": averages}]


def timm_averages():
    import torch
    from timm.utils.model_ema import ModelEmaV3

    cases = []
    for settings, options in [
        ({"momentum": 0.9}, {"decay": 0.9}),
        ({"momentum": 0.5, "warmUp": True}, {"decay": 0.5, "use_warmup": True}),
        (
            {"momentum": 0.9999, "warmUp": {"gamma": 2, "power": 0.75}},
            {"decay": 0.9999, "use_warmup": True, "warmup_gamma": 2, "warmup_power": 0.75},
        ),
    ]:
        model = torch.nn.Module()
        model.weight = torch.nn.Parameter(torch.zeros(2))
        ema = ModelEmaV3(model, foreach=False, **options)
        averages = []
        for step, weights in enumerate(WEIGHTS, start=1):
            model.weight.data = torch.tensor(weights)
            ema.update(model, step=step)
            averages.append(ema.module.weight.data.tolist())
        cases.append({"settings": settings, "averages": averages})
    return cases


library = sys.argv[1]
parts = {"keras": (keras_cosines, keras_smoothing, keras_averages), "torch": (torch_rates, torch_smoothing, timm_averages)}
schedules, smoothing, averages = (make() for make in parts[library])
fixtures = {
    "schedules": schedules,
    "smoothing": {"logits": LOGITS, "labels": LABELS, "smoothings": SMOOTHINGS, "losses": smoothing},
    "averaging": {"weights": WEIGHTS, "cases": averages},
}
(target / f"{library}.json").write_text(json.dumps(fixtures, separators=(",", ":")) + "\n")
