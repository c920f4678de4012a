"""The experiment in PyTorch, on the photos, split and settings of a JSON file: small, fine-tuned and vanilla arm. Prints one JSON object."""
import json
import os
import re
import sys
import time

import torch
import torchvision
from PIL import Image
from torch.nn import functional as F
from torchvision.transforms import v2

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "step"))
from resnet50v2 import ResNet50V2

with open(sys.argv[1]) as file:
    spec = json.load(file)
SMALL, LARGE, RESIZED, BATCH = spec["small"], spec["large"], spec["resized"], spec["batch"]
WORKERS = len(os.sched_getaffinity(0))
torch.manual_seed(spec["seed"])


def random_crop(size):
    return [v2.RandomResizedCrop(size, scale=(0.05, 1.0), ratio=(0.75, 1.33)), v2.RandomHorizontalFlip()]


class Photos(torch.utils.data.Dataset):
    def __init__(self, part, view):
        self.files = spec[part]
        self.view = v2.Compose([*view, v2.PILToTensor()])

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        path, label = self.files[index]
        with Image.open(path) as image:
            return self.view(image.convert("RGB")), label


def data(part, view, shuffle=False):
    return torch.utils.data.DataLoader(Photos(part, view), batch_size=BATCH, shuffle=shuffle, num_workers=WORKERS, persistent_workers=True)


def prepared(pixels):
    return (pixels.float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)


def peak():
    """Highest resident memory since the last call, in MB, without the workers."""
    with open("/proc/self/status") as status:
        kilobytes = int(re.search(r"VmHWM:\s*(\d+)", status.read())[1])
    with open("/proc/self/clear_refs", "w") as refs:
        refs.write("5")
    return kilobytes * 1024 / 1e6


def accuracy(model, test):
    model.eval()
    with torch.inference_mode():
        correct = [(model(prepared(pixels)).argmax(1) == labels).sum().item() for pixels, labels in test]
    return sum(correct) / len(test.dataset)


arms = []


def fit(name, model, rate, epochs, train, test, frozen=False):
    began = time.time()
    if frozen:
        for parameter, value in model.named_parameters():
            value.requires_grad = parameter.startswith(("post.", "head."))
    optimizer = torch.optim.Adam([value for value in model.parameters() if value.requires_grad], rate)
    for _ in range(epochs):
        model.train(not frozen)
        if frozen:
            model.post.train()
        for pixels, labels in train:
            optimizer.zero_grad()
            F.cross_entropy(model(prepared(pixels)), labels).backward()
            optimizer.step()
        result = accuracy(model, test)
    arms.append({"name": name, "seconds": time.time() - began, "span": [began, time.time()], "accuracy": result, "peakRssMb": peak()})


if __name__ == "__main__":
    peak()
    model = ResNet50V2(spec["classes"]).to(memory_format=torch.channels_last)
    fit("small", model, 1e-3, spec["epochs"], data("train", random_crop(SMALL), True), data("heldOut", [v2.Resize((SMALL, SMALL))]))
    test_like = [v2.Resize((RESIZED, RESIZED)), v2.CenterCrop(LARGE)]
    fit("fixres", model, 1e-4, spec["finetuneEpochs"], data("train", [*test_like, v2.RandomHorizontalFlip()], True), data("heldOut", test_like), frozen=True)
    vanilla = ResNet50V2(spec["classes"]).to(memory_format=torch.channels_last)
    fit("vanilla", vanilla, 1e-3, spec["epochs"], data("train", random_crop(LARGE), True), data("heldOut", [v2.Resize((LARGE, LARGE))]))
    print(json.dumps({"version": f"torch {torch.__version__}, torchvision {torchvision.__version__}", "arms": arms}))
