"""The PyTorch side of the benchmark: the same architecture (pre-activation ResNet-50, arranged as in Keras), channels last."""
import sys
import time

started = time.perf_counter()
import torch
from torch import nn
from torch.nn import functional as F

from turns import images, take_turns

mode, precision, size, batch = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])


def norm(channels):
    # Keras's momentum 0.99 is torch's 0.01.
    return nn.BatchNorm2d(channels, eps=1.001e-5, momentum=0.01)


class Block(nn.Module):
    def __init__(self, channels, filters, stride, projects):
        super().__init__()
        self.stride = stride
        self.preact = norm(channels)
        self.shortcut = nn.Conv2d(channels, 4 * filters, 1) if projects else None
        self.conv1, self.norm1 = nn.Conv2d(channels, filters, 1, bias=False), norm(filters)
        self.conv2, self.norm2 = nn.Conv2d(filters, filters, 3, stride, padding=1, bias=False), norm(filters)
        self.conv3 = nn.Conv2d(filters, 4 * filters, 1)

    def forward(self, x):
        before = F.relu(self.preact(x), inplace=True)
        short = x
        if self.shortcut is not None:
            short = self.shortcut(before)
        elif self.stride > 1:
            short = F.max_pool2d(x, 1, self.stride)
        y = F.relu(self.norm1(self.conv1(before)), inplace=True)
        y = F.relu(self.norm2(self.conv2(y)), inplace=True)
        return short + self.conv3(y)


class ResNet50V2(nn.Module):
    def __init__(self, classes):
        super().__init__()
        blocks, channels = [], 64
        for filters, depth, last in ((64, 3, 2), (128, 4, 2), (256, 6, 2), (512, 3, 1)):
            for i in range(depth):
                blocks.append(Block(channels, filters, last if i == depth - 1 else 1, i == 0))
                channels = 4 * filters
        self.stem = nn.Conv2d(3, 64, 7, 2, padding=3)
        self.blocks = nn.Sequential(*blocks)
        self.post = norm(channels)
        self.head = nn.Linear(channels, classes)

    def forward(self, x):
        x = F.max_pool2d(F.pad(self.stem(x), (1, 1, 1, 1)), 3, 2)
        return self.head(F.relu(self.post(self.blocks(x)), inplace=True).mean((2, 3)))


model = ResNet50V2(5).to(memory_format=torch.channels_last)
pixels, labels = images(size, batch)
pixels, labels = torch.from_numpy(pixels), torch.from_numpy(labels)
if mode == 'finetune':
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith(('post.', 'head.'))
    model.eval()
    model.post.train()
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], 1e-4)
autocast = torch.autocast('cpu', torch.bfloat16, enabled=precision == 'bfloat16')


def prepared():
    return (pixels.permute(0, 3, 1, 2).float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)


def train():
    optimizer.zero_grad()
    with autocast:
        logits = model(prepared())
    loss = F.cross_entropy(logits.float(), labels)
    loss.backward()
    optimizer.step()
    return loss.item(), (logits.argmax(1) == labels).sum().item()


def forward():
    with torch.inference_mode(), autocast:
        return model(prepared()).float().softmax(1).numpy()


if mode == 'forward':
    model.eval()
take_turns(forward if mode == 'forward' else train, started)
