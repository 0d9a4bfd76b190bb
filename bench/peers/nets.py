"""The nets of the comparison in PyTorch, with the weights that Realign reads."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file


class Block(nn.Module):
    """A basic block of He et al. 2016 with option-A shortcuts."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.stride = stride
        self.added = outputs - inputs

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.stride > 1 or self.added:
            half = self.added // 2
            x = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, half, self.added - half))
        return F.relu(y + x)


class CifarResNet(nn.Module):
    def __init__(self, depth):
        super().__init__()
        n = (depth - 2) // 6
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        channels = 16
        for stage, width in enumerate((16, 32, 64)):
            blocks = []
            for i in range(n):
                blocks.append(Block(channels, width, 2 if i == 0 and stage > 0 else 1))
                channels = width
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.linear = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.linear(x.mean((2, 3)))


class RobustBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1)
        self.shortcut = nn.Sequential()
        if stride > 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride))

    def forward(self, x):
        return F.relu(self.conv2(F.relu(self.conv1(x))) + self.shortcut(x))


class RobustResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, 2, 1)
        self.layer1 = nn.Sequential(RobustBlock(8, 16, 2), RobustBlock(16, 16, 1))
        self.linear1 = nn.Linear(1024, 100)
        self.linear2 = nn.Linear(100, 10)

    def forward(self, x):
        x = self.layer1(F.relu(self.conv1(x)))
        return self.linear2(F.relu(self.linear1(x.flatten(1))))


def robust_cnn():
    return nn.Sequential(
        nn.Conv2d(3, 16, 4, 2, 1), nn.ReLU(), nn.Conv2d(16, 32, 4, 2, 1), nn.ReLU(), nn.Flatten(),
        nn.Linear(2048, 100), nn.ReLU(), nn.Linear(100, 10))


class Normalised(nn.Module):
    def __init__(self, net, mean, deviation):
        super().__init__()
        self.net = net
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1))
        self.register_buffer("deviation", torch.tensor(deviation).view(1, 3, 1, 1))

    def forward(self, x):
        return self.net((x - self.mean) / self.deviation)


IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))

# Realign's name of the architecture: file, net, normalisation
NETS = {
    "cifar-resnet20": ("cifar10_resnet20", lambda: CifarResNet(20), IMAGENET),
    "cifar-resnet56": ("cifar10_resnet56", lambda: CifarResNet(56), IMAGENET),
    "cifar-adv-resnet2b": (
        "cifar10_adv_resnet2b", RobustResNet,
        ((0.4914, 0.4822, 0.4465), (0.2471, 0.2435, 0.2616))),
    "cifar-adv-cnn-a": (
        "cifar10_adv_cnn_a_adv", robust_cnn, ((0.485, 0.456, 0.406), (0.225, 0.225, 0.225))),
}


def load(name, weights):
    """The net `name` with its weights from the folder `weights`, frozen."""
    file, make, normalisation = NETS[name]
    net = make()
    state = {k: v for k, v in load_file(f"{weights}/{file}.safetensors").items()}
    wanted = set(net.state_dict())
    state = {k: v.float() for k, v in state.items() if k in wanted}
    missing = [k for k in wanted - set(state) if not k.endswith("num_batches_tracked")]
    if missing:
        raise SystemExit(f"{file}: lacks {missing}")
    net.load_state_dict(state, strict=False)
    whole = Normalised(net, *normalisation).eval()
    for parameter in whole.parameters():
        parameter.requires_grad_(False)
    return whole
