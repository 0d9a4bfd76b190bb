"""Runs exported nets in Python's torch and in ONNX Runtime, beside what Realign gave.

Each folder below the given one holds net.pt, net.onnx unless there can be none, and
ours.safetensors: the images and the outputs by name. Prints one JSON object: the largest difference
by folder and runtime, of outputs above 1 by their largest value. Needs torch, onnx, onnxruntime and numpy; any version of torch from
1.13 on.
"""
import json
import os
import struct
import sys

import numpy
import onnx
import onnxruntime
import torch


def read(path):
    """The fp32 tensors of a safetensors file."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    header.pop("__metadata__", None)
    return {
        name: numpy.frombuffer(data[slice(*entry["data_offsets"])], "<f4").reshape(entry["shape"])
        for name, entry in header.items()
    }


def apart(ours, theirs):
    if ours.shape != theirs.shape or not numpy.isfinite(theirs).all():
        return float("inf")
    return float(numpy.abs(ours - theirs).max() / max(1, numpy.abs(ours).max()))


def check(folder):
    ours = read(os.path.join(folder, "ours.safetensors"))
    images = ours.pop("images")
    extra = {"realign.json": ""}
    module = torch.jit.load(os.path.join(folder, "net.pt"), _extra_files=extra)
    metadata = json.loads(extra["realign.json"])
    names = [part.split()[0] for part in metadata["outputs"].split(", ")]
    assert set(names) == set(ours)
    differences = {"torch": 0}
    session = None
    onnx_file = os.path.join(folder, "net.onnx")
    if os.path.exists(onnx_file):
        onnx.checker.check_model(onnx_file, full_check=True)
        session = onnxruntime.InferenceSession(onnx_file, providers=["CPUExecutionProvider"])
        properties = session.get_modelmeta().custom_metadata_map
        assert {**metadata, "opset": "17"} == properties, "the metadata of the two files differ"
        assert [output.name for output in session.get_outputs()] == names
        differences["onnxruntime"] = 0

    step = int(os.environ.get("BATCH", "8"))
    with torch.no_grad():
        for start in range(0, len(images), step):
            batch = images[start : start + step].copy()
            scripted = module(torch.from_numpy(batch))
            scripted = scripted if isinstance(scripted, tuple) else (scripted,)
            said = {"torch": [output.numpy() for output in scripted]}
            if session:
                said["onnxruntime"] = session.run(names, {"images": batch})
            for runtime, outputs in said.items():
                for name, output in zip(names, outputs):
                    wanted = ours[name] if name == "priors" else ours[name][start : start + step]
                    differences[runtime] = max(differences[runtime], apart(wanted, output))
    return differences


def main():
    torch.set_num_threads(1)
    found = {
        name: check(os.path.join(sys.argv[1], name)) for name in sorted(os.listdir(sys.argv[1]))
    }
    print(json.dumps({"torch": torch.__version__, "onnxruntime": onnxruntime.__version__,
                      "nets": found}))


if __name__ == "__main__":
    main()
