"""Outputs of torchvision's ResNets, of its DeepLabv3 on ResNet-50 and of its SSD300, whole nets, on
weights that a formula gives; of the SSD also what it claims to see.

    pip install torch==1.13.1 torchvision==0.15.2
    python make_torchvision.py > torchvision.json
"""

import json

import torch
import torchvision
from torchvision.models.detection import ssd300_vgg16
from torchvision.models.segmentation import deeplabv3_resnet50

from noise import fill, image, rounded

CLASSES = 7
MASK_CLASSES = 5
BOX_CLASSES = 91
EVERY = 211  # of the priors, one is kept
QUIET = 1 / 64  # factor of the detector's first convolution, whose pixels are up to 255
SHOWN = 20


def suppressed(boxes, scores, most):
    """torchvision's nms in plain PyTorch: the compiled one wants the very build of torch that it was made with."""
    kept = []
    left = scores.argsort(descending=True)
    while len(left) > 0:
        kept.append(left[0])
        overlap = torchvision.ops.box_iou(boxes[left[:1]], boxes[left[1:]])[0]
        left = left[1:][~(overlap > most)]
    return torch.stack(kept) if kept else left


def normalised(pixels):
    mean = torch.tensor([.485, .456, .406]).view(3, 1, 1)
    deviation = torch.tensor([.229, .224, .225]).view(3, 1, 1)
    return (pixels - mean) / deviation


def classes(net):
    made = fill(getattr(torchvision.models, net)(weights=None, num_classes=CLASSES))
    return rounded(made(normalised(image(96, 80))[None]))


def masks():
    """Wide enough for the dilation of 36."""
    net = fill(deeplabv3_resnet50(
        weights=None, weights_backbone=None, num_classes=MASK_CLASSES, aux_loss=True))
    logits = net(normalised(image(40, 312))[None])["out"]
    return {"logits": rounded(logits[0, :, ::8, ::24])}


def boxes():
    net = fill(ssd300_vgg16(weights=None, weights_backbone=None, num_classes=BOX_CLASSES))
    net.backbone.features[0].weight *= QUIET
    seen = {}
    net.head.register_forward_hook(lambda module, given, made: seen.update(made))
    net.anchor_generator.register_forward_hook(lambda module, given, made: seen.update(anchors=made[0]))
    found = net([image(300, 300)])[0]
    logits = seen["cls_logits"][0]
    offsets = seen["bbox_regression"][0]
    decoded = net.box_coder.decode_single(offsets, seen["anchors"]) / 300
    scores = logits.softmax(1)
    return {
        "every": EVERY,
        "quiet": QUIET,
        "logits": rounded(logits[::EVERY, ::10]),
        "priors": rounded(seen["anchors"][::EVERY] / 300),
        "boxes": rounded(decoded[::EVERY].clamp(0, 1)),
        "scores": rounded(scores[::EVERY, 1]),
        "labels": (found["labels"][:SHOWN] - 1).tolist(),
        "found": rounded(found["boxes"][:SHOWN] / 300),
        "sure": rounded(found["scores"][:SHOWN]),
    }


with torch.no_grad():
    torch.set_num_threads(1)
    torchvision.ops.boxes.nms = suppressed
    nets = ("resnet18", "resnet50", "resnet101")
    print(json.dumps({
        "classes": {net: classes(net) for net in nets}, "masks": masks(), "boxes": boxes()}))
