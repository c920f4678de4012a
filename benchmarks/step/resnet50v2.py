"""ResNet50V2 in PyTorch: pre-activation ResNet-50, arranged as in Keras."""
from torch import nn
from torch.nn import functional as F


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
