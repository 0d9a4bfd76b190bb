"""Makes the .pth files beside this script. Written with Python 3.11 and torch 1.13.1.

Run in this folder: python make_fixtures.py
"""
import collections
import io
import os
import pickle
import struct
import zipfile

import torch
from torch import nn


def state():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.Flatten(), nn.Linear(4, 2))
    for i, p in enumerate(net.parameters()):
        p.data = (torch.arange(p.numel(), dtype=torch.float32) / 8 + i).reshape(p.shape)
    return net.state_dict()


torch.save(state(), "plain.pth")
torch.save(state(), "protocol4.pth", pickle_protocol=4)
torch.save(state(), "legacy.pth", _use_new_zipfile_serialization=False)
torch.save({"module." + k: v for k, v in state().items()}, "parallel.pth")
torch.save(
    {"epoch": 3, "best": 0.5, "arch": "tiny", "state_dict": state(), "optimizer": {"lr": [0.1, None, True]}},
    "checkpoint.pth",
)

base = torch.arange(12, dtype=torch.float32)
kinds = collections.OrderedDict()
kinds["all"] = base
kinds["transposed"] = base.reshape(3, 4).t()
kinds["tail"] = base[8:]
kinds["every third"] = base[1::3]
kinds["parameter"] = nn.Parameter(base[:2].clone())
kinds["scalar"] = torch.tensor(7)
kinds["empty"] = torch.zeros(0, 4)
for t in "float64 float16 bfloat16 int64 int32 int16 int8 uint8 bool".split():
    kinds[t] = torch.tensor([0, 1, 2]).to(getattr(torch, t))
torch.save(kinds, "kinds.pth")
torch.save(kinds, "kinds_legacy.pth", _use_new_zipfile_serialization=False)

torch.jit.save(torch.jit.script(nn.Linear(1, 1)), "torchscript.pt")
torch.save(nn.Linear(1, 1), "whole_model.pth")


class Evil:
    def __reduce__(self):
        return os.system, ("touch /tmp/realign-was-executed",)


class Stub:
    """Pickles as the global MODULE.NAME called with arguments, then given a state."""

    def __init__(self, function, arguments, state=None):
        self.reduced = (function, arguments) if state is None else (function, arguments, state)

    def __reduce__(self):
        return self.reduced


def write_zip(path, value):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as z:
        z.writestr("archive/data.pkl", pickle.dumps(value, 2))
        z.writestr("archive/version", "3\n")


write_zip("evil.pth", {"weight": Evil()})
with open("plain_pickle.pkl", "wb") as f:
    pickle.dump({"weight": [1, 2]}, f, 2)


class OldPickler(pickle.Pickler):
    """As torch before 0.4 wrote parameters: Parameter(tensor), then its flags as the state."""

    def persistent_id(self, value):
        if isinstance(value, torch.FloatStorage):
            return ("storage", torch.FloatStorage, "94", "cpu", 4, None)

    def reducer_override(self, value):
        if value is torch.nn.parameter.Parameter or not isinstance(value, nn.Parameter):
            return NotImplemented
        tensor = Stub(torch._utils._rebuild_tensor, (value.data.storage(), 0, (2, 2), (2, 1)))
        return torch.nn.parameter.Parameter, (tensor,), (True, False, collections.OrderedDict())


with open("torch_0_3.pth", "wb") as f:
    pickle.dump(0x1950A86A20F9469CFC6C, f, 2)
    pickle.dump(1001, f, 2)
    pickle.dump({"protocol_version": 1001, "little_endian": True, "type_sizes": {}}, f, 2)
    weights = collections.OrderedDict(weight=nn.Parameter(torch.tensor([[1.0, 2.0], [3.0, 4.0]])))
    OldPickler(f, 2).dump(weights)
    pickle.dump(["94"], f, 2)
    f.write(struct.pack("<q4f", 4, 1, 2, 3, 4))
