"""The torchvision side of the benchmark: a DataLoader with a given number of worker processes, PIL images and torchvision's transforms."""

import sys

import torch
import torchvision
from PIL import Image
from torchvision.transforms import v2
from turns import chosen_photos, take_turns

photos, policy, count, workers = sys.argv[1:]
flip = v2.RandomHorizontalFlip()
views = {
    "train128": [v2.RandomResizedCrop(128, scale=(0.05, 1.0), ratio=(0.75, 1.33)), flip],
    "finetune224": [v2.Resize((392, 392)), v2.CenterCrop(224), flip],
}


class Photos(torch.utils.data.Dataset):
    def __init__(self):
        self.paths = chosen_photos(photos, int(count))
        self.view = v2.Compose([*views[policy], v2.PILToTensor()])

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        with Image.open(self.paths[index]) as image:
            return self.view(image.convert("RGB"))


if __name__ == "__main__":
    torch.set_num_threads(1)
    loader = torch.utils.data.DataLoader(Photos(), batch_size=32, shuffle=True, num_workers=int(workers), persistent_workers=True)

    def one_pass():
        return sum(len(batch) for batch in loader)

    def cpu():
        """Includes persistent workers, which are missing in their parent's resource usage."""
        import os

        ticks = 0
        for pid in [os.getpid(), *(worker.pid for worker in getattr(loader._iterator, "_workers", []))]:
            fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    one_pass()
    take_turns(torchvision.__version__, one_pass, cpu)
