"""The PyTorch side of the benchmark: the same architecture, channels last."""
import sys
import time

started = time.perf_counter()
import torch
from torch.nn import functional as F

from resnet50v2 import ResNet50V2
from turns import images, take_turns

mode, precision, size, batch = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])


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
take_turns(forward if mode == 'forward' else train, started, f'torch {torch.__version__}')
