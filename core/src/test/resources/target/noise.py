"""Weights and images that any language makes from a hash."""

import math

import torch


def noise(count, seed):
    """Value j from a hash of j and the seed, in [-1,1)."""
    h = (torch.arange(count, dtype=torch.int64) * 2654435761 + seed * 40503) & 0xffffffff
    for _ in range(2):
        h = ((h ^ (h >> 16)) * 0x45d9f3b) & 0xffffffff
    return (h ^ (h >> 16)).double() / 2 ** 31 - 1


def fill(net):
    """Tensor t of the sorted names from noise of seed t; variances as He et al. have them."""
    state = net.state_dict()
    names = [name for name in sorted(state) if not name.endswith("num_batches_tracked")]
    for t, name in enumerate(names):
        tensor = state[name]
        n = noise(tensor.numel(), t)
        if name.endswith("running_var"):
            new = 1 + .5 * n
        elif tensor.dim() > 1:
            new = n * math.sqrt(6 * tensor.shape[0] / tensor.numel())
        elif name.endswith("weight"):
            new = 1 + .3 * n
        else:
            new = .1 * n
        tensor.copy_(new.view(tensor.shape))
    return net.eval()


def image(height, width):
    """Squares of eight pixels, in [0,1]."""
    rows = -(-height // 8)
    columns = -(-width // 8)
    squares = (.5 + .5 * noise(3 * rows * columns, 99)).float().view(3, rows, columns)
    return squares.repeat_interleave(8, 1).repeat_interleave(8, 2)[:, :height, :width]


def rounded(tensor):
    return [float("%.7g" % value) for value in tensor.flatten().tolist()]
