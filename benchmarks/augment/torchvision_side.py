"""The torchvision side of the benchmark: every augmentation on one image, as a PIL image or as a tensor, for each line on stdin."""

import json
import sys
import time

import numpy as np
import torch
import torchvision
from PIL import Image, ImageFilter
from torchvision.transforms import v2

side, images, kind = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
torch.set_num_threads(1)
y, x, c = np.meshgrid(np.arange(side), np.arange(side), np.arange(3), indexing="ij")
levels = ((x * 7 + y * 13 + c * 50 + (x * y) % 31 * 5) % 256).astype(np.uint8)
picture = Image.fromarray(levels)
image = picture if kind == "pil" else v2.functional.pil_to_tensor(picture)


def blurred(image):
    """DeiT III blurs with PIL; a tensor has torchvision's blur with a kernel of the same reach."""
    radius = torch.empty(1).uniform_(0.1, 2.0).item()
    if kind == "pil":
        return image.filter(ImageFilter.GaussianBlur(radius=radius))
    return v2.functional.gaussian_blur(image, [13, 13], [radius, radius])


three = v2.RandomChoice([v2.Grayscale(3), v2.RandomSolarize(128, p=1.0), v2.Lambda(blurred)])
augmentations = {
    "randAugment": v2.RandAugment(),
    "trivialAugmentWide": v2.TrivialAugmentWide(),
    "autoAugment": v2.AutoAugment(),
    "augMix": v2.AugMix(),
    "threeAugment": v2.Compose([three, v2.ColorJitter(0.3, 0.3, 0.3)]),
    "colorJitter": v2.ColorJitter(0.4, 0.4, 0.4),
    # torchvision erases only tensors.
    **({} if kind == "pil" else {"randomErasing": v2.RandomErasing(p=1.0)}),
    "randomGrayscale": v2.RandomGrayscale(p=1.0),
    "gaussianBlur": v2.GaussianBlur(5),
}


def seconds_of(augment):
    start = time.process_time()
    for _ in range(images):
        augment(image)
    return time.process_time() - start


print(json.dumps({"version": torchvision.__version__}), flush=True)
for line in sys.stdin:
    if line.strip() == "go":
        print(json.dumps({"seconds": {name: seconds_of(augment) for name, augment in augmentations.items()}}), flush=True)
