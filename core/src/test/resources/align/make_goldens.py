"""Makes goldens.json beside this file: what plain PyTorch says about tiny nets with known weights.

Run with any torch >= 1.13: python make_goldens.py
Weights and images follow the formulas of io.realign.target.Synthetic.
"""

import json
import math
import pathlib

import torch
import torch.nn.functional as F


def images(n, size, speed=0.37):
    i = torch.arange(n * 3 * size * size, dtype=torch.float64)
    return (0.5 + 0.5 * torch.sin(speed * i)).float().view(n, 3, size, size)


def fill(shapes):
    """Sorted by name: tensor t holds sin(j + t), scaled by sqrt(2 * shape[0] / numel), biases by .1."""
    filled = {}
    for t, name in enumerate(sorted(shapes)):
        shape = shapes[name]
        numel = math.prod(shape)
        s = torch.sin(torch.arange(numel, dtype=torch.float64) + t)
        factor = math.sqrt(2.0 * shape[0] / numel) if len(shape) > 1 else 0.1
        filled[name] = (s * factor).float().view(shape).requires_grad_(True)
    return filled


def conv_shapes(shapes, name, out, inside, kernel, transposed=False):
    shapes[name + ".weight"] = (inside, out, kernel, kernel) if transposed else (out, inside, kernel, kernel)
    shapes[name + ".bias"] = (out,)


def global_generator(filters, n, blocks):
    shapes = {}
    conv_shapes(shapes, "stem", filters, 3, 7)
    channels = filters
    for i in range(n):
        conv_shapes(shapes, f"down.{i}", 2 * channels, channels, 3)
        channels *= 2
    for i in range(blocks):
        conv_shapes(shapes, f"block.{i}.conv1", channels, channels, 3)
        conv_shapes(shapes, f"block.{i}.conv2", channels, channels, 3)
    for i in range(n):
        conv_shapes(shapes, f"up.{i}", channels // 2, channels, 3, transposed=True)
        channels //= 2
    conv_shapes(shapes, "head", 3, filters, 7)
    w = fill(shapes)

    def conv(x, name, stride=1, padding=0):
        return F.conv2d(x, w[name + ".weight"], w[name + ".bias"], stride, padding)

    def reflect(x, k):
        return F.pad(x, (k, k, k, k), mode="reflect")

    def forward(x):
        h = F.relu(F.instance_norm(conv(reflect(x * 2 - 1, 3), "stem")))
        for i in range(n):
            h = F.relu(F.instance_norm(conv(h, f"down.{i}", 2, 1)))
        for i in range(blocks):
            r = F.relu(F.instance_norm(conv(reflect(h, 1), f"block.{i}.conv1")))
            h = h + F.instance_norm(conv(reflect(r, 1), f"block.{i}.conv2"))
        for i in range(n):
            h = F.conv_transpose2d(h, w[f"up.{i}.weight"], w[f"up.{i}.bias"], 2, 1, 1)
            h = F.relu(F.instance_norm(h))
        return torch.tanh(conv(reflect(h, 3), "head")) * 0.5 + 0.5

    return forward


def discriminator(filters, layers, scales, conditions):
    shapes = {}
    for s in range(scales):
        inside, out = 3 + conditions, filters
        for layer in range(layers + 1):
            conv_shapes(shapes, f"scale.{s}.{layer}", out, inside, 4)
            inside, out = out, min(2 * out, 512)
        conv_shapes(shapes, f"scale.{s}.{layers + 1}", 1, inside, 4)
    w = fill(shapes)

    def forward(image, label_map):
        x = torch.cat([image * 2 - 1, label_map], 1)
        predictions, features = [], []
        for s in range(scales):
            if s:
                x = F.avg_pool2d(x, 3, 2, 1, count_include_pad=False)
            h, maps = x, []
            for layer in range(layers + 1):
                name = f"scale.{s}.{layer}"
                h = F.conv2d(h, w[name + ".weight"], w[name + ".bias"], 2 if layer < layers else 1, 2)
                h = F.leaky_relu(h if layer == 0 else F.instance_norm(h), 0.2)
                maps.append(h)
            name = f"scale.{s}.{layers + 1}"
            predictions.append(F.conv2d(h, w[name + ".weight"], w[name + ".bias"], 1, 2))
            features.append(maps)
        return predictions, features

    return forward


def flat(x):
    return [round(v, 8) for v in x.detach().double().flatten().tolist()]


def lsgan(maps, goal):
    return sum(((m - goal) ** 2).mean() for m in maps)


def matching(fake, real):
    total = 0
    for fake_maps, real_maps in zip(fake, real):
        for a, b in zip(fake_maps, real_maps):
            total = total + (a - b.detach()).abs().mean() * 4 / len(fake_maps) / len(fake)
    return total


def main():
    goldens = {}
    goldens["generator_1_1"] = flat(global_generator(4, 1, 1)(images(2, 8)))
    goldens["generator_2_2"] = flat(global_generator(2, 2, 2)(images(1, 16)))

    d = discriminator(4, 3, 2, 2)
    labels = F.one_hot(torch.tensor([0, 1]), 2).float().view(2, 2, 1, 1).expand(2, 2, 16, 16)
    clean, other = d(images(2, 16, 0.37), labels), d(images(2, 16, 0.53), labels)
    third = d(images(2, 16, 0.71), labels)
    for scale in range(2):
        goldens[f"discriminator_scale_{scale}"] = flat(clean[0][scale])
        goldens[f"discriminator_features_{scale}"] = [
            v for maps in clean[1][scale:scale + 1] for m in maps for v in flat(m.abs().mean())
        ]
    goldens["lsgan_generator"] = flat(lsgan(other[0], 1))
    goldens["lsgan_discriminator"] = flat(0.5 * (lsgan(clean[0], 1) + lsgan(other[0], 0)))
    goldens["lsgan_discriminator_two_fakes"] = flat(
        0.5 * (lsgan(clean[0], 1) + lsgan(other[0], 0) + lsgan(third[0], 0)))
    goldens["feature_matching"] = flat(matching(other[1], clean[1]))

    weight = torch.tensor([0.5, -1.0, 2.0], requires_grad=True)
    adam = torch.optim.Adam([weight], lr=0.1, betas=(0.5, 0.999))
    for step, (gradient, rate) in enumerate([([0.1, -2.0, 0.0], 0.1), ([0.4, 1.0, -0.3], 0.05), ([-1.0, 0.2, 0.2], 0.05)]):
        weight.grad = torch.tensor(gradient)
        adam.param_groups[0]["lr"] = rate
        adam.step()
        goldens[f"adam_{step + 1}"] = flat(weight)

    target = pathlib.Path(__file__).with_name("goldens.json")
    lines = ",\n".join(f'  "{k}": {json.dumps(v)}' for k, v in goldens.items())
    target.write_text("{\n" + lines + "\n}\n")


main()
