"""Writes TorchScript models, their descriptions and what PyTorch says of some images, for Realign to read.

torchscript.py --out DIR [--weights DIR] [--torchvision] [--train-seconds S --cifar DIR]

With --weights: the published nets as modules that share nothing with Realign's: nets.py's ResNet, and an interpreter of the
published graphs of DeepLab and SSD. With --torchvision: nets of torchvision (ShuffleNet, LR-ASPP, SSDlite), of random weights
unless --train-seconds lets the first see CIFAR-10.
"""

import argparse
import json
import math
import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from typing import Dict, List

VOC = ["aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable", "dog", "horse",
       "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor"]
CIFAR = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
# background and VOC's classes among COCO's 91, in VOC's order
VOC_IN_COCO = [0, 5, 2, 16, 9, 44, 6, 3, 17, 62, 21, 67, 18, 19, 4, 1, 64, 20, 63, 7, 72]
IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])


def same(x, kernel, stride, dilation, value=0.0):
    """Padding as TensorFlow's SAME: an odd rest goes to the right and the bottom."""
    pads = []
    for size in (x.shape[3], x.shape[2]):
        out = math.ceil(size / stride)
        total = max(0, (out - 1) * stride + (kernel - 1) * dilation + 1 - size)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads, value=value)


class Graph(nn.Module):
    """Runs a published graph, operator by operator."""

    def __init__(self, weights, graph, outputs):
        super().__init__()
        self.ops, self.source, self.wanted = graph["ops"], graph["inputs"][0], outputs
        self.names = {}
        for i, (name, tensor) in enumerate(sorted(weights.items())):
            self.names[name] = f"w{i}"
            self.register_buffer(f"w{i}", tensor.float())

    def weight(self, name):
        return getattr(self, self.names[name])

    def forward(self, x):
        known = {self.source: x}
        for op in self.ops:
            kind, ins = op["op"], op["inputs"]
            if kind in ("CONV_2D", "DEPTHWISE_CONV_2D"):
                y, w, b = known[ins[0]], self.weight(ins[1]), self.weight(ins[2])
                stride, dilation = op["stride"][0], op["dilation"][0]
                if op["padding"] == "SAME":
                    y = same(y, w.shape[2], stride, dilation)
                y = F.conv2d(y, w, b, stride, 0, dilation, w.shape[0] if kind.startswith("DEPTH") else 1)
            elif kind == "ADD":
                y = known[ins[0]] + known[ins[1]]
            elif kind == "AVERAGE_POOL_2D":
                y = F.avg_pool2d(known[ins[0]], op["filter"], op["stride"])
            elif kind == "RESIZE_BILINEAR":
                y = known[ins[0]]
                side = x.shape[2] if op["outputs"][0] == "ResizeBilinear_3" else 33
                y = F.interpolate(y, (side, side), mode="bilinear", align_corners=True)
            elif kind == "CONCATENATION":
                y = torch.cat([known[i] for i in ins], 1)
            elif kind == "RESHAPE":
                y = known[ins[0]]
                if y.dim() == 4:  # else it drops a dimension that is not there
                    y = y.permute(0, 2, 3, 1).reshape(y.shape[0], -1, 4 if "BoxEncoding" in ins[0] else 91)
            elif kind == "LOGISTIC" or kind.startswith("CUSTOM"):
                break
            else:
                raise SystemExit(f"operator {kind}")
            if op.get("act") == "relu6":
                y = y.clamp(0, 6)
            elif op.get("act") == "relu":
                y = y.relu()
            elif op.get("act"):
                raise SystemExit(f"activation {op['act']}")
            if "clamp" in op:
                y = y.clamp(*op["clamp"])
            known[op["outputs"][0]] = y
        return [known[name] for name in self.wanted]


class Segmenter(nn.Module):
    def __init__(self, graph):
        super().__init__()
        self.graph = graph

    def forward(self, x) -> Dict[str, torch.Tensor]:
        out, features = self.graph(x)
        return {"out": out, "features": features}


class Detector(nn.Module):
    def __init__(self, graph, anchors):
        super().__init__()
        self.graph = graph
        self.register_buffer("anchors", anchors)
        self.register_buffer("kept", torch.tensor(VOC_IN_COCO))

    def forward(self, x):
        offsets, scores, features = self.graph(x)
        return offsets, scores.index_select(2, self.kept), features


class WithFeatures(nn.Module):
    """A classifier of nets.py whose layer before the last is a method."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    @torch.jit.export
    def features(self, x):
        x = F.relu(self.net.bn1(self.net.conv1(x)))
        return self.net.layer3(self.net.layer2(self.net.layer1(x))).mean((2, 3))

    def forward(self, x):
        return self.net.linear(self.features(x))


# what a description says of torchvision's SSD beside its header
SSD_HEADS = ["logits: scores", "features: features", "boxes:", "  offsets: offsets", "  layout: rows", "  background: first",
             "  scores: softmax", "  variances: [0.1, 0.2]", "  priors:", "    attribute: priors", "    form: edges",
             "    unit: pixel"]


def describe(path, lines):
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")


def header(file, task, classes, side, normalisation):
    return [f"file: {file}", f"task: {task}", f"classes: {json.dumps(classes)}", f"imageSize: {side}",
            f"mean: {normalisation[0]}", f"deviation: {normalisation[1]}"]


def golden(out, name, net, side, normalisation, pick, images=4):
    """Random images in [0,1] and what PyTorch makes of them."""
    torch.manual_seed(7)
    x = torch.rand(images, 3, side, side)
    mean, deviation = (torch.tensor(v).view(1, 3, 1, 1) for v in normalisation)
    leaf = x.clone().requires_grad_(True)
    logits = pick(net((leaf - mean) / deviation))
    # the square: a sum of logits would have next to no gradient where they cancel
    (logits ** 2).mean().backward()
    save_file({"images": x, "logits": logits.detach().contiguous(), "gradient": leaf.grad.contiguous()},
              os.path.join(out, name + ".golden.safetensors"))


def published(weights, out):
    from nets import CifarResNet

    net = CifarResNet(20)
    state = load_file(f"{weights}/cifar10_resnet20.safetensors")
    net.load_state_dict({k: v.float() for k, v in state.items() if k in net.state_dict()}, strict=False)
    net = WithFeatures(net).eval()
    for p in net.parameters():
        p.requires_grad_(False)
    scripted = torch.jit.script(net)
    scripted.save(f"{out}/resnet20.pt")
    describe(f"{out}/resnet20.yaml",
             header("resnet20.pt", "classification", CIFAR, 32, IMAGENET) + ["features: features()"])
    golden(out, "resnet20", scripted, 32, IMAGENET, lambda y: y)

    name = "deeplabv3_mnv2_voc_257"
    graph = json.load(open(f"{weights}/{name}.graph.json"))
    features = next(op["outputs"][0] for op in graph["ops"] if op["op"] == "CONCATENATION")
    net = Segmenter(Graph(load_file(f"{weights}/{name}.safetensors"), graph, [graph["outputs"][0], features])).eval()
    symmetric = ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])
    traced = torch.jit.trace(net, torch.rand(2, 3, 257, 257), strict=False)
    traced.save(f"{out}/deeplab.pt")
    describe(f"{out}/deeplab.yaml",
             header("deeplab.pt", "segmentation", ["background"] + VOC, 257, symmetric)
             + ["logits: out", "features: features"])
    golden(out, "deeplab", traced, 257, symmetric, lambda y: y["out"], 2)

    name = "ssd_mobilenet_v1_coco_300_deq"
    graph = json.load(open(f"{weights}/{name}.graph.json"))
    state = load_file(f"{weights}/{name}.safetensors")
    heads = [next(op["outputs"][0] for op in graph["ops"] if op["op"] == "CONCATENATION" and "Reshape_1" in op["inputs"][0]),
             next(op["outputs"][0] for op in graph["ops"] if op["op"] == "CONCATENATION" and "Reshape_1" not in op["inputs"][0])]
    features = next(op["inputs"][0] for op in graph["ops"] if op["outputs"][0].startswith("BoxPredictor_0/BoxEncoding"))
    net = Detector(Graph(state, graph, [heads[1], heads[0], features]), state["anchors"].float()).eval()
    by128 = ([128 / 255] * 3, [128 / 255] * 3)
    traced = torch.jit.trace(net, torch.rand(2, 3, 300, 300))
    traced.save(f"{out}/ssd.pt")
    describe(f"{out}/ssd.yaml",
             header("ssd.pt", "detection", VOC, 300, by128)
             + ["logits: 1", "features: 2", "boxes:", "  offsets: 0", "  layout: rows", "  background: first", "  scores: sigmoid",
                "  order: yx", "  priors:", "    attribute: anchors"])
    golden(out, "ssd", traced, 300, by128, lambda y: y[1], 2)


class RawHeads(nn.Module):
    """torchvision's SSDlite without its non-maximum suppression: the heads and a map of its backbone."""

    def __init__(self, detector, side):
        super().__init__()
        self.backbone, self.head = detector.backbone, detector.head
        from torchvision.models.detection.image_list import ImageList

        with torch.no_grad():
            x = torch.rand(1, 3, side, side)
            maps = list(self.backbone(x).values())
            self.register_buffer("priors", detector.anchor_generator(ImageList(x, [(side, side)]), maps)[0])

    def forward(self, x) -> Dict[str, torch.Tensor]:
        maps = list(self.backbone(x).values())
        out = self.head(maps)
        return {"scores": out["cls_logits"], "offsets": out["bbox_regression"], "features": maps[0]}


def cifar(folder):
    data = np.fromfile(f"{folder}/data_batch_1.bin", np.uint8).reshape(-1, 3073)
    return torch.from_numpy(data[:, 1:].reshape(-1, 3, 32, 32).copy()), torch.from_numpy(data[:, 0].astype(np.int64))


def train(net, folder, seconds):
    import time

    images, labels = cifar(folder)
    mean, deviation = (torch.tensor(v).view(1, 3, 1, 1) for v in IMAGENET)
    optimiser = torch.optim.Adam(net.parameters(), 2e-3)
    net.train()
    end = time.time() + seconds
    while time.time() < end:
        rows = torch.randint(len(images), (128,))
        x = images[rows].float() / 255
        if np.random.rand() < 0.5:
            x = x.flip(3)
        loss = F.cross_entropy(net((x - mean) / deviation), labels[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    print(f"loss {loss.item():.3f}")
    net.eval()


def torchvisions(out, seconds, folder):
    from torchvision.models import shufflenet_v2_x0_5
    from torchvision.models.detection import ssdlite320_mobilenet_v3_large
    from torchvision.models.segmentation import lraspp_mobilenet_v3_large

    torch.manual_seed(1)
    net = shufflenet_v2_x0_5(weights=None, num_classes=10)
    net.conv1[0] = nn.Conv2d(3, 24, 3, 1, 1, bias=False)  # 32 pixels are too few for two strides in a row
    net.maxpool = nn.Identity()
    net.eval()
    if seconds > 0:
        train(net, folder, seconds)
    torch.jit.script(net).save(f"{out}/shufflenet.pt")
    describe(f"{out}/shufflenet.yaml", header("shufflenet.pt", "classification", CIFAR, 32, IMAGENET))

    net = lraspp_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=21).eval()
    torch.jit.script(net).save(f"{out}/lraspp.pt")
    describe(f"{out}/lraspp.yaml",
             header("lraspp.pt", "segmentation", ["background"] + VOC, 128, IMAGENET) + ["logits: out"])

    net = ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=21).eval()
    net = RawHeads(net, 320).eval()
    traced = torch.jit.trace(net, torch.rand(2, 3, 320, 320), strict=False)
    traced.save(f"{out}/ssdlite.pt")
    describe(f"{out}/ssdlite.yaml",
             header("ssdlite.pt", "detection", VOC, 320, ([0.5] * 3, [0.5] * 3)) + SSD_HEADS)
    # names of a state dictionary as torchvision writes it
    from torchvision.models import resnet50

    small = resnet50(weights=None, num_classes=10)
    small.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
    torch.save(small.state_dict(), f"{out}/resnet50.pth")


def faulty(out):
    """Models with a fault each that 'inspect' is to find."""

    class Base(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 8, 3, 2, 1)
            self.last = nn.Linear(8, 10)

        def forward(self, x):
            return self.last(self.conv(x).relu().mean((2, 3)))

    class Dropout(Base):
        def forward(self, x):
            return self.last(F.dropout(self.conv(x).relu().mean((2, 3)), 0.5, True))

    class Norm(Base):
        def forward(self, x):
            y = self.conv(x)
            y = F.batch_norm(y, None, None, training=True)
            return self.last((y * y.abs()).mean((2, 3)))

    class Rounding(Base):
        def forward(self, x):
            return self.last(self.conv((x * 255).round() / 255).relu().mean((2, 3)))

    class Cut(Base):
        def forward(self, x):
            return self.last(self.conv(x.detach()).relu().mean((2, 3)))

    for name, net in (("dropout", Dropout()), ("norm", Norm()), ("rounding", Rounding()), ("cut", Cut()), ("sound", Base())):
        torch.manual_seed(1)
        torch.jit.script(net.eval()).save(f"{out}/faulty-{name}.pt")
    from torch.ao.quantization import get_default_qconfig, prepare, convert, QuantStub, DeQuantStub

    class Quantised(nn.Module):
        def __init__(self):
            super().__init__()
            self.quant, self.dequant = QuantStub(), DeQuantStub()
            self.conv = nn.Conv2d(3, 8, 3, 2, 1)
            self.last = nn.Linear(8, 10)

        def forward(self, x):
            y = self.conv(self.quant(x)).relu()
            return self.last(self.dequant(y).mean((2, 3)))

    net = Quantised().eval()
    net.conv.qconfig = net.quant.qconfig = net.dequant.qconfig = get_default_qconfig("fbgemm")
    prepare(net, inplace=True)
    net(torch.rand(4, 3, 32, 32))
    convert(net, inplace=True)
    torch.jit.trace(net, torch.rand(2, 3, 32, 32)).save(f"{out}/faulty-quantised.pt")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True)
    parser.add_argument("--weights")
    parser.add_argument("--torchvision", action="store_true")
    parser.add_argument("--faulty", action="store_true")
    parser.add_argument("--train-seconds", type=float, default=0)
    parser.add_argument("--cifar")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    os.makedirs(arguments.out, exist_ok=True)
    if arguments.weights:
        published(arguments.weights, arguments.out)
    if arguments.torchvision:
        torchvisions(arguments.out, arguments.train_seconds, arguments.cifar)
    if arguments.faulty:
        faulty(arguments.out)


if __name__ == "__main__":
    main()
