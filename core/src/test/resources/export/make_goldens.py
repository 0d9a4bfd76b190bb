"""Makes goldens.safetensors from exported nets that Python's torch and ONNX Runtime run.

    python make_goldens.py FOLDER OUT

FOLDER holds g.pt and g.onnx of a generator, and the same of the generator in front of a classifier,
a segmentation net and a detector; PythonTest writes them. The images are drawn here; the detector
sees them enlarged, and of its priors one in EVERY is kept.
"""
import json
import os
import struct
import sys

import numpy
import onnxruntime
import torch

IMAGES, HEIGHT, WIDTH = 64, 10, 9
SIDE = 64  # of the detector's images
EVERY = 13


def write(path, tensors):
    header, data = {}, b""
    for name, values in tensors.items():
        values = numpy.ascontiguousarray(values, "<f4")
        header[name] = {
            "dtype": "F32",
            "shape": list(values.shape),
            "data_offsets": [len(data), len(data) + values.nbytes],
        }
        data += values.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def enlarged(images):
    """The nearest pixel."""
    rows = numpy.arange(SIDE) * HEIGHT // SIDE
    columns = numpy.arange(SIDE) * WIDTH // SIDE
    return images[:, :, rows][:, :, :, columns]


def kept(net, outputs):
    if net != "boxes":
        return outputs[0]
    return numpy.concatenate([outputs[0], outputs[1]], 2)[:, ::EVERY]


def main(folder, out):
    drawn = numpy.random.RandomState(1).randint(0, 256, (IMAGES, 3, HEIGHT, WIDTH))
    images = (drawn / 255).astype("float32")
    tensors = {"images": images}
    for net in ("g", "classes", "masks", "boxes"):
        seen = enlarged(images) if net == "boxes" else images
        with torch.no_grad():
            module = torch.jit.load(os.path.join(folder, net + ".pt"))
            answer = module(torch.from_numpy(seen))
            answer = answer if isinstance(answer, tuple) else (answer,)
            tensors[net + ".torch"] = kept(net, [each.numpy() for each in answer])
        session = onnxruntime.InferenceSession(
            os.path.join(folder, net + ".onnx"), providers=["CPUExecutionProvider"]
        )
        tensors[net + ".onnx"] = kept(net, session.run(None, {"images": seen}))
    write(out, tensors)


if __name__ == "__main__":
    main(*sys.argv[1:])
