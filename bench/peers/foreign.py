"""Trains three nets of torchvision on real images and writes them as TorchScript: models that Realign knows nothing of.

foreign.py --data DIR --out DIR [--seconds S] [--only classifier,segmenter,detector]

DIR holds tiny-imagenet-200/, VOCdevkit/VOC2012/ and weights/mobilenet_v2_imagenet_deq.{safetensors,graph.json}. All three start
from torchvision's MobileNetV2 with those ImageNet weights: the net itself, LR-ASPP and SSDlite on it. Each trains for S seconds.
The classifier's accuracy and the segmenter's mIoU on the test images are printed, to be compared with what Realign says.
"""

import argparse
import json
import os
import time
import xml.etree.ElementTree as xml

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file
from torchvision.models import mobilenet_v2
from torchvision.models._utils import IntermediateLayerGetter
from torchvision.models.detection import _utils as detection_utils
from torchvision.models.detection.anchor_utils import DefaultBoxGenerator
from torchvision.models.detection.ssd import SSD
from torchvision.models.detection.ssdlite import SSDLiteHead, _mobilenet_extractor
from torchvision.models.segmentation.lraspp import LRASPP

from torchscript import SSD_HEADS, VOC, RawHeads, describe, header

HALVES = ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])
MASK_SIDE, BOX_SIDE = 128, 192


def normalised(images):
    """[N,3,H,W] in 0…255 as the nets take it."""
    return images.float() / 127.5 - 1


def pretrained(weights, images):
    """MobileNetV2 whose batch norms have the statistics of these images and change nothing of what the folded weights say."""
    name = f"{weights}/mobilenet_v2_imagenet_deq"
    tensors, graph = load_file(name + ".safetensors"), json.load(open(name + ".graph.json"))
    folded = [op["inputs"][1:3] for op in graph["ops"] if "CONV" in op["op"]]
    net = mobilenet_v2(weights=None).eval()
    layers = list(net.features.modules())
    convolutions = [m for m in layers if isinstance(m, nn.Conv2d)]
    norms = [m for m in layers if isinstance(m, nn.BatchNorm2d)]
    for convolution, (weight, _) in zip(convolutions, folded):
        convolution.weight.data = tensors[weight].float().reshape(convolution.weight.shape)

    def calibrate(bias):
        def hook(norm, inputs):
            x = inputs[0]
            norm.running_mean.copy_(x.mean((0, 2, 3)))
            norm.running_var.copy_(x.var((0, 2, 3), unbiased=False))
            norm.weight.data = (norm.running_var + norm.eps).sqrt()
            norm.bias.data = norm.running_mean + bias
        return hook

    hooks = [norm.register_forward_pre_hook(calibrate(tensors[bias].float())) for norm, (_, bias) in zip(norms, folded)]
    with torch.no_grad():
        net.features(normalised(images))
    for hook in hooks:
        hook.remove()
    return net


def fit(net, seconds, batch, loss, rate=2e-3):
    """AdamW with a warm-up and half a cosine over the given time."""
    optimiser = torch.optim.AdamW(net.parameters(), rate, weight_decay=1e-4)
    net.train()
    start, told, step = time.time(), 0.0, 0
    while time.time() - start < seconds:
        passed = (time.time() - start) / seconds
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1, (step + 1) / 50) * 0.5 * (1 + np.cos(np.pi * passed))
        value = loss(*batch())
        optimiser.zero_grad()
        value.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5)
        optimiser.step()
        step += 1
        if time.time() - start - told > 20:
            told = time.time() - start
            print(f"step {step}, {told:.0f} of {seconds:.0f} s, loss {value.item():.3f}", flush=True)
    net.eval()
    for p in net.parameters():
        p.requires_grad_(False)


def colours(path, side=None):
    image = Image.open(path).convert("RGB")
    if side:
        image = image.resize((side, side), Image.BILINEAR)
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)


def classifier(data, out, seconds):
    root = f"{data}/tiny-imagenet-200"
    ids = [i for i in open(f"{root}/wnids.txt").read().split() if os.path.isdir(f"{root}/train/{i}")]
    words = dict(line.rstrip("\n").split("\t") for line in open(f"{root}/words.txt"))
    files = [(f"{root}/train/{i}/images/{f}", k) for k, i in enumerate(ids) for f in sorted(os.listdir(f"{root}/train/{i}/images"))]
    tested = [line.split("\t")[:2] for line in open(f"{root}/val/val_annotations.txt")]
    tested = [(f"{root}/val/images/{f}", ids.index(i)) for f, i in tested if i in ids]
    images, labels = torch.stack([colours(f) for f, _ in files]), torch.tensor([k for _, k in files])
    net = pretrained(f"{data}/weights", images[torch.randperm(len(images))[:256]])
    net.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(net.last_channel, len(ids)))

    def batch():
        rows = torch.randint(len(images), (64,))
        x = F.pad(images[rows], (6, 6, 6, 6))
        top, left = np.random.randint(13, size=2)
        x = x[:, :, top:top + 64, left:left + 64]
        return (x.flip(3) if np.random.rand() < 0.5 else x), labels[rows]

    fit(net, seconds, batch, lambda x, y: F.cross_entropy(net(normalised(x)), y, label_smoothing=0.1))
    with torch.no_grad():
        found = torch.cat([net(normalised(torch.stack([colours(f) for f, _ in tested[i:i + 100]]))).argmax(1)
                           for i in range(0, len(tested), 100)])
    right = (found == torch.tensor([k for _, k in tested])).float().mean().item()
    print(f"classifier: {100 * right:.1f} % of {len(tested)} test images")
    torch.jit.script(net).save(f"{out}/mobilenet.pt")
    names = [words.get(i, i).split(",")[0] for i in ids]
    describe(f"{out}/mobilenet.yaml", header("mobilenet.pt", "classification", names, 64, HALVES))


def voc(data, part):
    root = f"{data}/VOCdevkit/VOC2012"
    return root, open(f"{root}/ImageSets/Main/{part}.txt").read().split()


def framed(root, name, side):
    """As Realign frames images for masks: scaled to fit, in the upper left corner, the rest grey and of no class."""
    image = Image.open(f"{root}/JPEGImages/{name}.jpg").convert("RGB")
    mask = Image.open(f"{root}/SegmentationClass/{name}.png")
    scale = side / max(image.size)
    size = tuple(max(1, round(scale * s)) for s in image.size)
    x = torch.full((3, side, side), 128, dtype=torch.uint8)
    y = torch.full((side, side), 255, dtype=torch.uint8)
    x[:, :size[1], :size[0]] = torch.from_numpy(np.array(image.resize(size, Image.BILINEAR))).permute(2, 0, 1)
    y[:size[1], :size[0]] = torch.from_numpy(np.array(mask.resize(size, Image.NEAREST)))
    return x, y


def segmenter(data, out, seconds):
    root, names = voc(data, "train")
    pairs = [framed(root, name, MASK_SIDE) for name in names]
    images, masks = torch.stack([x for x, _ in pairs]), torch.stack([y for _, y in pairs])
    body = pretrained(f"{data}/weights", images[:128]).features
    body[14].conv[1][0].stride = (1, 1)  # the last maps at a sixteenth of the side instead of a thirty-second
    for block in body[15:18]:
        block.conv[1][0].dilation = block.conv[1][0].padding = (2, 2)
    net = LRASPP(IntermediateLayerGetter(body, {"6": "low", "17": "high"}), 32, 320, len(VOC) + 1)

    def batch():
        rows = torch.randint(len(images), (16,))
        x, y = images[rows], masks[rows]
        if np.random.rand() < 0.5:
            x, y = x.flip(3), y.flip(2)
        if np.random.rand() < 0.5:  # nearer
            side = np.random.randint(80, MASK_SIDE)
            top, left = np.random.randint(MASK_SIDE - side + 1, size=2)
            x, y = x[:, :, top:top + side, left:left + side], y[:, top:top + side, left:left + side]
            x = F.interpolate(x.float(), (MASK_SIDE, MASK_SIDE), mode="bilinear", align_corners=False)
            y = F.interpolate(y[:, None].float(), (MASK_SIDE, MASK_SIDE), mode="nearest")[:, 0]
        return x, y.long()

    fit(net, seconds, batch, lambda x, y: F.cross_entropy(net(normalised(x))["out"], y, ignore_index=255))
    root, names = voc(data, "val")
    n = len(VOC) + 1
    counts = torch.zeros(n * n)
    with torch.no_grad():
        for name in names:
            x, y = framed(root, name, MASK_SIDE)
            found = net(normalised(x[None]))["out"][0].argmax(0)
            known = y != 255
            counts += torch.bincount(y[known].long() * n + found[known], minlength=n * n)
    counts = counts.view(n, n)
    union = counts.sum(0) + counts.sum(1) - counts.diag()
    print(f"segmenter: mIoU {100 * (counts.diag() / union.clamp(min=1))[union > 0].mean():.1f} % of {len(names)} test images")
    torch.jit.script(net).save(f"{out}/lraspp.pt")
    describe(f"{out}/lraspp.yaml", header("lraspp.pt", "segmentation", ["background"] + VOC, MASK_SIDE, HALVES) + ["logits: out"])


def objects(root, name, side):
    """An image stretched to a square, its boxes in pixels, their classes from 1."""
    tree = xml.parse(f"{root}/Annotations/{name}.xml")
    width, height = (int(tree.find(f"size/{k}").text) for k in ("width", "height"))
    scale = [side / width, side / height] * 2
    boxes, labels = [], []
    for found in tree.findall("object"):
        edges = [float(found.find(f"bndbox/{k}").text) for k in ("xmin", "ymin", "xmax", "ymax")]
        edges = [(e - (1 if i < 2 else 0)) * s for i, (e, s) in enumerate(zip(edges, scale))]
        if edges[2] > edges[0] + 1 and edges[3] > edges[1] + 1:
            boxes.append(edges)
            labels.append(1 + VOC.index(found.find("name").text))
    return colours(f"{root}/JPEGImages/{name}.jpg", side), torch.tensor(boxes).view(-1, 4), torch.tensor(labels, dtype=torch.long)


def viewed(x, boxes, labels):
    """A mirrored image, or a part of it with the objects whose middles it has."""
    side = x.shape[1]
    if np.random.rand() < 0.5:
        x, boxes = x.flip(2), torch.stack([side - boxes[:, 2], boxes[:, 1], side - boxes[:, 0], boxes[:, 3]], 1)
    if np.random.rand() < 0.6:
        width, height = np.random.randint(side // 2, side + 1, size=2)
        left, top = np.random.randint(side - width + 1), np.random.randint(side - height + 1)
        middle = (boxes[:, :2] + boxes[:, 2:]) / 2 - torch.tensor([left, top])
        kept = (middle > 0).all(1) & (middle[:, 0] < width) & (middle[:, 1] < height)
        if kept.any():
            x = F.interpolate(x[None, :, top:top + height, left:left + width].float(), (side, side), mode="bilinear")[0]
            boxes = boxes[kept] - torch.tensor([left, top, left, top])
            boxes = boxes * torch.tensor([side / width, side / height] * 2)
            boxes, labels = boxes.clamp(0, side), labels[kept]
    return x, boxes, labels


def detector(data, out, seconds):
    root, names = voc(data, "train")
    samples = [s for s in (objects(root, name, BOX_SIDE) for name in names) if len(s[2])]
    body = pretrained(f"{data}/weights", torch.stack([x for x, _, _ in samples[:64]]))
    body.features[14].block = body.features[14].conv  # as MobileNetV3 calls it, which the extractor was written for
    backbone = _mobilenet_extractor(body, 6, nn.BatchNorm2d)
    anchors = DefaultBoxGenerator([[2, 3] for _ in range(6)], min_ratio=0.2, max_ratio=0.95)
    channels = detection_utils.retrieve_out_channels(backbone, (BOX_SIDE, BOX_SIDE))
    head = SSDLiteHead(channels, anchors.num_anchors_per_location(), len(VOC) + 1, nn.BatchNorm2d)
    net = SSD(backbone, anchors, (BOX_SIDE, BOX_SIDE), len(VOC) + 1, image_mean=HALVES[0], image_std=HALVES[1], head=head)

    def batch():
        views = [viewed(*samples[row]) for row in np.random.randint(len(samples), size=16)]
        images = [x.float() / 255 for x, _, _ in views]
        return images, [{"boxes": b, "labels": k} for _, b, k in views]

    fit(net, seconds, batch, lambda x, y: sum(net(x, y).values()))
    traced = torch.jit.trace(RawHeads(net, BOX_SIDE).eval(), torch.rand(2, 3, BOX_SIDE, BOX_SIDE), strict=False)
    traced.save(f"{out}/ssdlite.pt")
    print("detector: written")
    describe(f"{out}/ssdlite.yaml", header("ssdlite.pt", "detection", VOC, BOX_SIDE, HALVES) + SSD_HEADS)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--seconds", type=float, default=900)
    parser.add_argument("--only", default="classifier,segmenter,detector")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    os.makedirs(arguments.out, exist_ok=True)
    makers = {"classifier": classifier, "segmenter": segmenter, "detector": detector}
    for name in arguments.only.split(","):
        torch.manual_seed(1)
        np.random.seed(1)
        makers[name](arguments.data, arguments.out, arguments.seconds)


if __name__ == "__main__":
    main()
