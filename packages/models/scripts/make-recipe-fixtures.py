"""Writes test/fixtures/recipe.json: losses, optimisers and gradient clipping of torch and timm.

    pip install torch==2.15.0 torchvision==0.29.2 timm==1.0.31 numpy==2.4.6
    python scripts/make-recipe-fixtures.py

`keras` adds what is compared with Keras to the same file:

    pip install keras tensorflow
    python scripts/make-recipe-fixtures.py keras
"""

import json
import sys
from pathlib import Path

import numpy as np

from fill import fill

FILE = Path(__file__).resolve().parent.parent / "test" / "fixtures" / "recipe.json"
# Some logits are far apart, where probabilities would be clipped.
LOGITS = np.concatenate([3 * fill("logits", 20), 80 * fill("far", 10)]).reshape(6, 5).astype(np.float32)
NEAR = (3 * fill("logits", 30)).reshape(6, 5).astype(np.float32)
SOFT = np.abs(fill("soft", 30)).reshape(6, 5)
SOFT = (SOFT / SOFT.sum(1, keepdims=True)).astype(np.float32)
LABELS = [0, 4, 2, 1, 3, 3]
WEIGHTS = [0.5, 1.0, 2.0, 0.25, 3.0]
# Several labels per image, or none; the last row as after Mixup.
MULTI = np.concatenate([fill("multi", 25) > 0.2, np.abs(fill("soft", 30))[-5:]]).reshape(6, 5).astype(np.float32)


def digits(values):
    return [float(f"{v:.9g}") for v in np.asarray(values, dtype=np.float64).ravel()]


def torch_parts():
    import timm.optim
    import torch
    import torch.nn.functional as F
    from timm.loss import BinaryCrossEntropy
    from timm.utils.agc import adaptive_clip_grad
    from torchvision.ops import sigmoid_focal_loss

    soft, labels, weights = torch.tensor(SOFT), torch.tensor(LABELS), torch.tensor(WEIGHTS)

    def case(loss, logits=LOGITS):
        """A scalar loss, and its gradient."""
        x = torch.tensor(logits, requires_grad=True)
        value = loss(x)
        value.backward()
        return {"loss": float(value.detach()), "gradient": digits(x.grad.numpy())}

    def bce(target, **options):
        return case(lambda x: BinaryCrossEntropy(smoothing=0.0, **options)(x, target))

    losses = {
        "binary": bce(labels),
        "binarySoft": bce(soft),
        "binarySum": bce(soft, sum_classes=True),
        "binaryThreshold": bce(soft, target_threshold=0.2),
        "binaryWeights": bce(soft, weight=weights),
        "weighted": case(lambda x: F.cross_entropy(x, labels, weight=weights, reduction="none").mean()),
        "weightedSoft": case(lambda x: F.cross_entropy(x, soft, weight=weights, reduction="none").mean()),
    }

    multi = torch.tensor(MULTI)
    weighted = lambda x, **options: F.binary_cross_entropy_with_logits(x, multi, pos_weight=weights, **options)

    def focal(x, gamma):
        p = torch.sigmoid(x)
        return ((1 - (p * multi + (1 - p) * (1 - multi))) ** gamma * weighted(x, reduction="none")).mean()

    losses |= {
        "multiLabel": case(lambda x: F.binary_cross_entropy_with_logits(x, multi)),
        "multiLabelWeights": case(weighted),
        "multiLabelFocal": case(lambda x: sigmoid_focal_loss(x, multi, alpha=-1, gamma=2, reduction="mean")),
        "multiLabelFocalWeights": case(lambda x: focal(x, 1.5), NEAR),
    }
    teacher = torch.tensor(np.roll(NEAR, 1, axis=1))
    for name, temperature in (("distillation", 3.0), ("distillationSharp", 0.5)):
        losses[name] = case(
            lambda x: F.kl_div(
                F.log_softmax(x / temperature, 1), F.log_softmax(teacher / temperature, 1), log_target=True, reduction="batchmean"
            )
            * temperature**2
        )

    def optimizer_steps(make):
        """As `optimizer_steps` of make-keras-fixtures.py; b has no weight decay."""
        a, b = (torch.nn.Parameter(torch.tensor(fill(n, s).astype(np.float32))) for n, s in (("a", 6), ("b", 4)))
        optimizer = make([{"params": [a]}, {"params": [b], "weight_decay": 0.0}])
        scales = 10.0 ** np.linspace(-10, 2, 6)
        steps = []
        for i in range(5):
            if i == 3:
                for group in optimizer.param_groups:
                    group["lr"] = 1e-3
            a.grad = torch.tensor((fill(f"ga{i}", 6) * scales).astype(np.float32))
            b.grad = torch.tensor((fill(f"gb{i}", 4) * scales[:4]).astype(np.float32))
            optimizer.step()
            steps.append([digits(p.detach().numpy()) for p in (a, b)])
        return {"steps": steps}

    lamb = lambda **options: optimizer_steps(lambda p: timm.optim.Lamb(p, lr=1e-2, max_grad_norm=None, **options))
    rms = lambda **options: optimizer_steps(
        lambda p: timm.optim.RMSpropTF(p, lr=1e-2, alpha=0.9, eps=1e-3, decoupled_decay=True, **options)
    )
    optimizers = {
        "lamb": lamb(weight_decay=0.0),
        "lambDecay": lamb(weight_decay=0.1),
        "rmsprop": rms(momentum=0.9),
        "rmspropDecay": rms(momentum=0.0, weight_decay=0.1),
    }

    # Units of a kernel are rows here, and the last axis in Keras's layout. Some units are above the limit.
    shapes = {"kernel": (3, 4), "depthwise": (4, 1, 2, 2), "bias": (3,), "head": (2, 3)}
    parameters = {n: torch.nn.Parameter(torch.tensor(fill(n, int(np.prod(s))).astype(np.float32).reshape(s))) for n, s in shapes.items()}

    def clip(change):
        for name, p in parameters.items():
            scale = np.resize([0.001, 0.02, 1.0], p.shape[0]).reshape((-1,) + (1,) * (p.ndim - 1))
            p.grad = torch.tensor((fill(f"g{name}", p.numel()).reshape(p.shape) * scale).astype(np.float32))
        change(list(parameters.values()))
        return {name: digits(p.grad.numpy()) for name, p in parameters.items()}

    clipping = {
        "none": clip(lambda _: None),
        "norm": clip(lambda p: torch.nn.utils.clip_grad_norm_(p, 0.5)),
        "normBelow": clip(lambda p: torch.nn.utils.clip_grad_norm_(p, 50)),
        "value": clip(lambda p: torch.nn.utils.clip_grad_value_(p, 0.3)),
        # timm leaves out the last two parameters, those of the classifier.
        "adaptive": clip(lambda p: adaptive_clip_grad(p[:-1], 0.02)),
    }
    return {"losses": losses, "optimizers": optimizers, "clipping": clipping}


def keras_parts():
    import keras
    import tensorflow as tf

    def focal(**options):
        """Keras clips probabilities at 1e-7, so the logits are near."""
        loss = keras.losses.CategoricalFocalCrossentropy(from_logits=True, **options)
        x = tf.constant(NEAR)
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = loss(SOFT, x)
        return {"loss": float(value), "gradient": digits(tape.gradient(value, x).numpy())}

    focals = {
        "focal": focal(alpha=1.0, gamma=2.0),
        "focalWeights": focal(alpha=WEIGHTS, gamma=1.5),
    }
    a, b = (keras.Variable(fill(n, s).astype(np.float32), name=n) for n, s in (("a", 6), ("b", 4)))
    optimizer = keras.optimizers.RMSprop(1e-2, momentum=0.9)
    scales = 10.0 ** np.linspace(-10, 2, 6)
    steps = []
    for i in range(5):
        if i == 3:
            optimizer.learning_rate = 1e-3
        gradients = [fill(f"ga{i}", 6) * scales, fill(f"gb{i}", 4) * scales[:4]]
        optimizer.apply([tf.constant(g.astype(np.float32)) for g in gradients], [a, b])
        steps.append([digits(v.numpy()) for v in (a, b)])
    return {"kerasLosses": focals, "kerasRmsprop": {"steps": steps}}


parts = keras_parts() if sys.argv[1:] == ["keras"] else torch_parts()
earlier = json.loads(FILE.read_text()) if FILE.exists() else {}
FILE.write_text(json.dumps({**earlier, **parts}) + "\n")
