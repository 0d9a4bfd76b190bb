"""Makes goldens.safetensors from exported nets that Python's torch and ONNX Runtime run.

    python make_goldens.py FOLDER OUT

FOLDER holds g.pt and g.onnx of a generator, both.pt and both.onnx of the generator in front of a
classifier; PythonTest writes them. The images are drawn here.
"""
import json
import os
import struct
import sys

import numpy
import onnxruntime
import torch

IMAGES, HEIGHT, WIDTH = 64, 10, 9


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


def main(folder, out):
    drawn = numpy.random.RandomState(1).randint(0, 256, (IMAGES, 3, HEIGHT, WIDTH))
    images = (drawn / 255).astype("float32")
    tensors = {"images": images}
    for net in ("g", "both"):
        with torch.no_grad():
            module = torch.jit.load(os.path.join(folder, net + ".pt"))
            tensors[net + ".torch"] = module(torch.from_numpy(images)).numpy()
        session = onnxruntime.InferenceSession(
            os.path.join(folder, net + ".onnx"), providers=["CPUExecutionProvider"]
        )
        tensors[net + ".onnx"] = session.run(None, {"images": images})[0]
    write(out, tensors)


if __name__ == "__main__":
    main(*sys.argv[1:])
