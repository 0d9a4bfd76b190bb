"""Outputs of RFBNet300 as its authors wrote it and of PSPNet as Zhao's semseg has it, whole nets, on weights
that a hash gives. PSPNet gets the stem of the paper, a convolution of 7x7 for semseg's three of 3x3.

    pip install torch==1.13.1
    git clone https://github.com/GOATmessi8/RFBNet && git -C RFBNet checkout 0f1d836
    git clone https://github.com/hszhao/semseg && git -C semseg checkout 4f274c3
    python make_papers.py RFBNet semseg > papers.json
"""

import importlib.util
import json
import sys
import types

import torch
from torch import nn

from noise import fill, image, rounded

CLASSES = 21
EVERY = 211  # of the priors, one is kept
QUIET = 1 / 64  # factor of the detector's first convolution, whose pixels are up to 255


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def boxes(checkout):
    sys.modules["layers"] = types.ModuleType("layers")  # of losses and priors; no forward pass needs it
    net = fill(load("rfb", checkout + "/models/RFB_Net_vgg.py").build_net("train", 300, CLASSES))
    net.base[0].weight *= QUIET
    mean = torch.tensor([.48235, .45882, .40784]).view(3, 1, 1)
    offsets, logits = net(((image(300, 300) - mean) * 255)[None])
    return {"every": EVERY, "quiet": QUIET,
            "logits": rounded(logits[0, ::EVERY, ::5]), "offsets": rounded(offsets[0, ::EVERY])}


def shallow(resnet):
    """With one convolution in the stem, which PSPNet asks for three of."""
    net = resnet.ResNet(resnet.Bottleneck, [3, 4, 6, 3], deep_base=False)
    net.conv2 = net.bn2 = net.conv3 = net.bn3 = nn.Identity()
    return net


def masks(checkout):
    resnet = load("resnet", checkout + "/model/resnet.py")
    resnet.resnet50 = lambda pretrained: shallow(resnet)
    sys.modules["model"] = types.ModuleType("model")
    sys.modules["model"].resnet = sys.modules["model.resnet"] = resnet
    net = load("pspnet", checkout + "/model/pspnet.py").PSPNet(classes=CLASSES, pretrained=False)
    parts = {"conv1": net.layer0[0], "bn1": net.layer0[1], "layer1": net.layer1, "layer2": net.layer2,
             "layer3": net.layer3, "layer4": net.layer4}
    fill(nn.ModuleDict({  # weights go by the order of the names; these are Realign's
        "backbone": nn.ModuleDict(parts), "ppm": net.ppm.features, "classifier": net.cls, "aux_classifier": net.aux}))
    net.eval()
    mean = torch.tensor([.485, .456, .406]).view(3, 1, 1)
    deviation = torch.tensor([.229, .224, .225]).view(3, 1, 1)
    logits = net(((image(57, 73) - mean) / deviation)[None])
    return {"logits": rounded(logits[0, ::4, ::8, ::8])}


with torch.no_grad():
    torch.set_num_threads(1)
    print(json.dumps({"masks": masks(sys.argv[2]), "boxes": boxes(sys.argv[1])}))
