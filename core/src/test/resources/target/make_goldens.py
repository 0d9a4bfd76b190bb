"""Outputs of torchvision's heads for DeepLabv3 and SSD, and of RFBNet's blocks as its authors wrote
them, on weights that a formula gives.

    pip install torch==1.13.1 torchvision==0.15.2
    git clone https://github.com/GOATmessi8/RFBNet && git -C RFBNet checkout 47d7e97
    python make_goldens.py RFBNet > heads.json
"""

import importlib.util
import json
import math
import sys
import types

import torch
from torchvision.models.detection.ssd import SSDHead
from torchvision.models.segmentation.deeplabv3 import ASPP, DeepLabHead


def values(count, speed, scale, shift=0.0):
    return torch.tensor([shift + scale * math.sin(speed * (i + 1)) for i in range(count)])


def fill(module):
    """Every tensor of a state dictionary in the order of the names."""
    state = module.state_dict()
    for index, name in enumerate(sorted(state)):
        tensor = state[name]
        if name.endswith("num_batches_tracked"):
            continue
        speed = .37 + .011 * index
        if name.endswith("running_var"):
            new = values(tensor.numel(), speed, .3, 1.0)
        else:
            fan = max(1, tensor.numel() // tensor.shape[0])
            new = values(tensor.numel(), speed, 1 / math.sqrt(fan))
        tensor.copy_(new.view(tensor.shape))
    return module.eval()


def rounded(tensor):
    return [round(v, 6) for v in tensor.flatten().tolist()]


def rfbnet(checkout):
    """The authors' module without the parts that it imports and a forward pass does not need."""
    sys.modules["layers"] = types.ModuleType("layers")
    spec = importlib.util.spec_from_file_location("rfb", checkout + "/models/RFB_Net_vgg.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


with torch.no_grad():
    rfb = rfbnet(sys.argv[1])
    plain = fill(rfb.BasicRFB(16, 24, stride=2, scale=1.0, visual=2))
    small = fill(rfb.BasicRFB_a(16, 16, stride=1, scale=1.0))
    whole = rfb.build_net("train", 300, 21)
    block = values(16 * 7 * 7, .19, 1.0).view(1, 16, 7, 7)
    head = DeepLabHead(8, 5)
    head[0] = ASPP(8, [6, 12, 18])
    fill(head)
    image = values(8 * 10 * 10, .13, 1.0).view(1, 8, 10, 10)
    ssd = fill(SSDHead([6, 10], [4, 6], 4))
    maps = [values(6 * 25, .21, 1.0).view(1, 6, 5, 5), values(10 * 9, .17, 1.0).view(1, 10, 3, 3)]
    found = ssd(maps)
    print(json.dumps({
        "deeplab": rounded(head(image)),
        "logits": rounded(found["cls_logits"]),
        "offsets": rounded(found["bbox_regression"]),
        "rfb": rounded(plain(block)),
        "rfb_small": rounded(small(block)),
        "rfb_parameters": sum(p.numel() for p in whole.parameters()),
    }))
