"""Writes test/fixtures/torch-networks: narrow networks of timm and torchvision with random weights and statistics, and what they predict.

    pip install torch==2.15.0 torchvision==0.29.2 timm==1.0.31 safetensors==0.8.0
    python scripts/make-torch-network-fixtures.py

networks.json.gz has the names and shapes of the tensors; both sides compute the numbers (torch_values.py).
model.safetensors and config.json are one network as timm saves it, in half precision; types.safetensors has one tensor of each type.
"""

import functools
import gzip
import json
import pathlib

import numpy as np
import safetensors.torch
import timm
import torch
import torchvision
from PIL import Image
from torch.utils.flop_counter import FlopCounterMode
from timm.layers import BatchNormAct2d, create_conv2d
from timm.models import efficientnet, mobilenetv3, resnet
from timm.models.convnext import ConvNeXt
from timm.models.resnetv2 import ResNetV2
from timm.models.vision_transformer import VisionTransformer
from torchvision.models.convnext import CNBlockConfig
from torchvision.models.efficientnet import FusedMBConvConfig, MBConvConfig

from fill import fill
from torch_values import fill_network, image, probabilities

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "test" / "fixtures" / "torch-networks"
CLASSES = 5
# An odd size shows which side is padded.
SIZES = (64, 75)

# Multiples of the patch: the own size, a larger and a smaller one.
VIT_SIZES = (32, 56, 16)

BATCH_NORM = {"conv_layer": create_conv2d, "norm_layer": BatchNormAct2d}
TENSORFLOW = {"bn_eps": 1e-3, "pad_type": "same"}
small = {"num_classes": CLASSES, "channels": (8, 8, 16, 16)}


def torchvision_efficientnet(*settings, **options):
    return torchvision.models.EfficientNet([make(*rest) for make, *rest in settings], dropout=0.2, num_classes=CLASSES, last_channel=32, **options)


def torchvision_mobilenet_v3(name):
    settings, _ = torchvision.models.mobilenetv3._mobilenet_v3_conf(name, width_mult=0.1)
    return torchvision.models.MobileNetV3(settings, 24, num_classes=CLASSES)


def vision_transformer(**options):
    return VisionTransformer(
        img_size=VIT_SIZES[0], patch_size=8, embed_dim=16, depth=2, num_heads=2, mlp_ratio=2, num_classes=CLASSES, dynamic_img_size=True, **options
    )


NETWORKS = {
    "resnet-basic": ("resnet50", lambda: resnet.ResNet(resnet.BasicBlock, [1, 2, 1, 1], **small)),
    "resnet-bottleneck": ("resnet50", lambda: resnet.ResNet(resnet.Bottleneck, [1, 1, 2, 1], num_classes=CLASSES, channels=(2, 4, 4, 8))),
    "resnext-d": (
        "resnet50d",
        lambda: resnet.ResNet(
            resnet.Bottleneck, [1, 2, 1, 1], num_classes=CLASSES, channels=(8, 8, 16, 16), cardinality=4, base_width=64, stem_type="deep", stem_width=4, avg_down=True
        ),
    ),
    "resnetv2": ("resnetv2_50", lambda: ResNetV2([1, 2, 1, 1], channels=(32, 32, 64, 64), stem_chs=8, num_classes=CLASSES, **BATCH_NORM)),
    "resnetv2-basic-d": (
        "resnetv2_18d",
        lambda: ResNetV2([1, 1, 2, 1], channels=(8, 8, 16, 16), stem_chs=8, num_classes=CLASSES, basic=True, bottle_ratio=1.0, stem_type="deep", avg_down=True, **BATCH_NORM),
    ),
    "convnext": ("convnext_tiny", lambda: ConvNeXt(depths=(1, 1, 2, 1), dims=(8, 8, 12, 16), num_classes=CLASSES)),
    "convnext-conv": ("convnext_atto", lambda: ConvNeXt(depths=(1, 1, 1, 1), dims=(8, 8, 12, 16), num_classes=CLASSES, conv_mlp=True)),
    "convnext-torchvision": (
        "convnext_tiny",
        lambda: torchvision.models.ConvNeXt([CNBlockConfig(8, 12, 1), CNBlockConfig(12, 16, 2), CNBlockConfig(16, 16, 1), CNBlockConfig(16, None, 1)], num_classes=CLASSES),
    ),
    "efficientnet": ("efficientnet_b0", lambda: efficientnet._gen_efficientnet("efficientnet_b0", 0.1, 0.5, num_classes=CLASSES)),
    "efficientnet-tf": ("tf_efficientnet_b0", lambda: efficientnet._gen_efficientnet("tf_efficientnet_b0", 0.1, 0.3, num_classes=CLASSES, **TENSORFLOW)),
    "efficientnet-lite": ("efficientnet_lite0", lambda: efficientnet._gen_efficientnet_lite("efficientnet_lite0", 0.1, 0.3, num_classes=CLASSES)),
    "efficientnetv2": ("efficientnetv2_s", lambda: efficientnet._gen_efficientnetv2_s("efficientnetv2_s", 0.2, 0.2, num_classes=CLASSES)),
    "mobilenetv2": ("mobilenetv2_100", lambda: efficientnet._gen_mobilenet_v2("mobilenetv2_100", 0.1, 0.3, num_classes=CLASSES)),
    "mobilenetv3-large": ("mobilenetv3_large_100", lambda: mobilenetv3._gen_mobilenet_v3("mobilenetv3_large_100", 0.1, num_classes=CLASSES)),
    "mobilenetv3-small": ("tf_mobilenetv3_small_100", lambda: mobilenetv3._gen_mobilenet_v3("tf_mobilenetv3_small_100", 0.1, num_classes=CLASSES, **TENSORFLOW)),
    "efficientnet-torchvision": (
        "efficientnet_b0",
        lambda: torchvision_efficientnet((MBConvConfig, 1, 3, 1, 8, 8, 1), (MBConvConfig, 6, 3, 2, 8, 8, 2), (MBConvConfig, 6, 5, 2, 8, 16, 1)),
    ),
    "efficientnetv2-torchvision": (
        "efficientnet_v2_s",
        lambda: torchvision_efficientnet(
            (FusedMBConvConfig, 1, 3, 1, 8, 8, 1),
            (FusedMBConvConfig, 4, 3, 2, 8, 8, 2),
            (MBConvConfig, 4, 3, 2, 8, 16, 1),
            norm_layer=functools.partial(torch.nn.BatchNorm2d, eps=1e-3),
        ),
    ),
    "mobilenetv3-torchvision": ("mobilenet_v3_small", lambda: torchvision_mobilenet_v3("mobilenet_v3_small")),
    "vit": ("vit_tiny_patch16_224", lambda: vision_transformer(), VIT_SIZES),
    "vit-average": ("vit_tiny_patch16_224", lambda: vision_transformer(global_pool="avg", init_values=1e-5), VIT_SIZES),
    "vit-no-class-token": ("vit_tiny_patch16_224", lambda: vision_transformer(class_token=False, global_pool="avg", fc_norm=False), VIT_SIZES),
    "deit3-registers": ("deit3_small_patch16_224", lambda: vision_transformer(no_embed_class=True, init_values=1e-6, reg_tokens=2), VIT_SIZES),
    # Its sizes are fixed.
    "vit-torchvision": ("vit_b_16", lambda: torchvision.models.VisionTransformer(32, 8, 2, 2, 16, 32, num_classes=CLASSES), VIT_SIZES[:1]),
}


def network(name, architecture, make, sizes=SIZES):
    model = make()
    tensors = fill_network(name, model, sizes[0])
    answer = {size: probabilities(name, model, size) for size in sizes}
    print(name, answer)
    heads = {"heads": 2} if sizes[0] == VIT_SIZES[0] else {}
    return {"name": name, "architecture": architecture, "tensors": tensors, "probabilities": answer, **heads}


def saved():
    """One network as timm saves it for the hub, in half precision; its predictions for the image of the others, and for photo.png with timm's transform."""
    name = "resnet18"
    args = {"channels": (4, 4, 8, 8)}
    model = timm.create_model(name, num_classes=CLASSES, **args)
    fill_network(name, model, SIZES[0])
    state = {key: tensor.half() if tensor.is_floating_point() else tensor for key, tensor in model.state_dict().items()}
    model.load_state_dict(state)
    safetensors.torch.save_file(state, FOLDER / "model.safetensors", metadata={"format": "pt"})
    model.pretrained_cfg |= {"input_size": (3, 64, 64), "mean": (0.5, 0.45, 0.4), "std": (0.25, 0.3, 0.2), "interpolation": "bicubic", "crop_pct": 0.9}
    timm.models._hub.save_config_for_hf(model, FOLDER / "config.json", {"model_args": args, "label_names": ["anemone", "aster", "cosmos", "dahlia", "daisy"]})
    height, width = 90, 120
    levels = np.round(127.5 + 127.5 * np.sin(np.arange(height * width * 3) * 0.001 + fill("photo", height * width * 3)))
    picture = Image.fromarray(levels.reshape(height, width, 3).astype("uint8"))
    picture.save(FOLDER / "photo.png")
    transform = timm.data.create_transform(**timm.data.resolve_data_config(model.pretrained_cfg, model=model))
    with torch.no_grad():
        transformed = torch.softmax(model.eval()(transform(picture).unsqueeze(0)), 1)[0].tolist()
    return {"halfPrecision": probabilities(name, model, SIZES[0]), "transformed": transformed}


def tuned():
    """One step of SGD on two images that trains the last normalisation and the classifier, with the rest frozen in inference mode: probabilities in training mode before and after."""
    name = "resnet-bottleneck"
    model = NETWORKS[name][1]()
    fill_network(name, model, SIZES[0])
    images = torch.cat([image(f"{name}/{i}", SIZES[0]) for i in range(2)])
    labels = torch.tensor([1, 3])
    model.eval().requires_grad_(False)
    last = model.layer4[0].bn3
    last.train()
    parameters = [*last.parameters(), *model.fc.parameters()]
    for parameter in parameters:
        parameter.requires_grad_(True)
    optimizer = torch.optim.SGD(parameters, lr=0.5)
    answers = []
    for _ in range(2):
        logits = model(images)
        answers.append(torch.softmax(logits, 1).flatten().tolist())
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(logits, labels).backward()
        optimizer.step()
    return {"name": name, "labels": labels.tolist(), "rate": 0.5, "probabilities": answers}


def products():
    """For each tensor of a vision transformer at a larger size, the sum of the cross entropy's gradient times the squared tensor; and the multiply-adds."""
    name, size, label = "deit3-registers", VIT_SIZES[1], 1
    model = NETWORKS[name][1]()
    fill_network(name, model, VIT_SIZES[0])
    with FlopCounterMode(display=False) as counter:
        logits = model.eval()(image(f"{name}/{size}", size))
    multiply_adds = counter.get_total_flops() // 2
    torch.nn.functional.cross_entropy(logits, torch.tensor([label])).backward()
    sums = {key: float((parameter.grad * parameter.detach() ** 2).sum()) for key, parameter in model.named_parameters()}
    return {"name": name, "size": size, "label": label, "sums": sums, "multiplyAdds": multiply_adds}


def types():
    numbers = torch.tensor([[0.1, -2.5, 1e-6], [65504.0, 3e-8, 0.0]])
    tensors = {str(dtype).split(".")[1]: numbers.to(dtype) for dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64)}
    tensors["int64"] = torch.tensor(7)
    safetensors.torch.save_file(tensors, FOLDER / "types.safetensors")
    return {name: tensor.float().flatten().tolist() for name, tensor in tensors.items() if name != "int64"}


FOLDER.mkdir(exist_ok=True)
fixture = {
    "networks": [network(name, *rest) for name, rest in NETWORKS.items()],
    **saved(),
    "tuned": tuned(),
    "products": products(),
    "types": types(),
}
path = FOLDER / "networks.json.gz"
# No timestamp, so every run writes the same file.
path.write_bytes(gzip.compress(json.dumps(fixture, separators=(",", ":")).encode(), mtime=0))
for file in sorted(FOLDER.iterdir()):
    print(file.name, file.stat().st_size, "bytes")
