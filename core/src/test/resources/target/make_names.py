"""Names and shapes of the tensors in the state dicts of torchvision, timm and TRADES, as their own code has them.

    pip install torch==1.13.1 torchvision==0.15.2 timm==0.9.16
    python make_names.py TRADES > names.json

TRADES is a checkout of github.com/yaodongyu/TRADES; names.json was made with its commit 6e8e11b.
"""

import json
import sys

import timm
import torchvision
from torchvision.models.detection import ssd300_vgg16
from torchvision.models.segmentation import deeplabv3_resnet50

sys.path.insert(0, sys.argv[1] + "/models")
from wideresnet import WideResNet  # noqa: E402

BARE = {"weights": None, "weights_backbone": None}
NETS = {
    **{"torchvision " + net: getattr(torchvision.models, net)(weights=None, num_classes=7)
       for net in ("resnet18", "resnet50")},
    **{"timm " + net: timm.create_model(net, num_classes=7) for net in ("resnet18", "resnet50")},
    "torchvision deeplabv3_resnet50": deeplabv3_resnet50(**BARE, num_classes=7, aux_loss=True),
    "torchvision ssd300_vgg16": ssd300_vgg16(**BARE, num_classes=8),
    "TRADES WideResNet-16-4": WideResNet(depth=16, num_classes=7, widen_factor=4),
}

print(json.dumps({
    net: {name: list(tensor.shape) for name, tensor in module.state_dict().items()}
    for net, module in NETS.items()
}, separators=(",", ":")))
