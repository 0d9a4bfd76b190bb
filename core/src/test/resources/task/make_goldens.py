"""Golden values of the metrics from independent implementations, on random predictions.

    pip install numpy==1.26.4 pandas==1.5.3 mean_average_precision==2021.4.26.0 scikit-learn==1.4.2
    python make_goldens.py > goldens.json
"""

import json

import numpy as np
from mean_average_precision import MetricBuilder
from sklearn.metrics import jaccard_score

random = np.random.default_rng(7)


def average_precision(images, label, eleven):
    """As PASCAL VOC's devkit has it, difficult objects included: the library's tables of difficult
    objects are scrambled where an image has several."""
    found = [(b[5], n, b) for n, image in enumerate(images) for b in image["found"] if b[4] == label]
    objects = sum(t[4] == label and not t[5] for image in images for t in image["truth"])
    hits, taken = [], set()
    for _, n, box in sorted(found, key=lambda f: -f[0]):
        overlaps = [(overlap(box, t), i, t[5]) for i, t in enumerate(images[n]["truth"]) if t[4] == label]
        most, i, difficult = max(overlaps, default=(0, -1, 0))
        if most > .5 and difficult:
            continue
        hits.append(most > .5 and (n, i) not in taken)
        if most > .5:
            taken.add((n, i))
    if objects == 0 or not hits:
        return 0.0
    right = np.cumsum(hits)
    recall, precision = right / objects, right / np.arange(1, len(hits) + 1)
    if eleven:
        return float(np.mean([max(precision[recall >= r - 1e-9], default=0) for r in np.arange(11) / 10]))
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(np.concatenate([[0], recall])) * best))


def overlap(a, b):
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0
    both = width * height
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def library(images, classes):
    eleven = MetricBuilder.build_evaluation_metric("map_2d", async_mode=False, num_classes=classes)
    area = MetricBuilder.build_evaluation_metric("map_2d", async_mode=False, num_classes=classes)
    for image in images:
        truth = np.array(image["truth"], dtype=np.float64).reshape(-1, 7)
        found = np.array(image["found"], dtype=np.float64).reshape(-1, 6)
        truth[:, 2:4] -= 1  # it takes the last pixel for an edge
        found[:, 2:4] -= 1
        eleven.add(found, truth)
        area.add(found, truth)
    old = eleven.value(iou_thresholds=.5, recall_thresholds=np.arange(0, 1.1, .1))[.5]
    new = area.value(iou_thresholds=.5)[.5]
    return [float(old[k]["ap"]) for k in range(classes)], [float(new[k]["ap"]) for k in range(classes)]


def boxes(difficult):
    classes, images = 4, []
    for _ in range(24):
        truth, found = [], []
        for _ in range(random.integers(0, 6)):
            left, top = random.uniform(0, 60, 2)
            width, height = random.uniform(8, 40, 2)
            label = int(random.integers(0, classes - 1))  # the last class has no objects
            truth.append([left, top, left + width, top + height, label, int(random.random() < difficult), 0])
            for _ in range(random.integers(0, 3)):  # near it, now and then of another class
                moved = np.array([left, top, left + width, top + height]) + random.normal(0, 4, 4)
                said = label if random.random() < .8 else int(random.integers(0, classes))
                found.append([*moved.tolist(), said, random.random()])
        for _ in range(random.integers(0, 3)):
            left, top = random.uniform(0, 60, 2)
            found.append([left, top, left + 20, top + 15, int(random.integers(0, classes)), random.random()])
        images.append({"truth": truth, "found": found})
    eleven = [average_precision(images, k, True) for k in range(classes)]
    area = [average_precision(images, k, False) for k in range(classes)]
    if not difficult:
        for own, other in zip((eleven, area), library(images, classes)):
            assert np.allclose(own, other, atol=1e-6), (own, other)
    return {"images": images, "eleven": eleven, "area": area}


def masks():
    truth = random.integers(0, 6, (3, 400))
    found = np.where(random.random((3, 400)) < .6, truth, random.integers(0, 7, (3, 400)))
    truth[random.random((3, 400)) < .1] = 255
    kept = truth != 255
    each = jaccard_score(truth[kept], found[kept], average=None, labels=range(7))
    return {"truth": truth.tolist(), "found": found.tolist(), "iou": each.tolist(), "mean": float(each.mean())}


print(json.dumps({"plain": boxes(0), "difficult": boxes(.2), "masks": masks()}))
