"""Strength and speed of Realign's attacks beside the implementations that define them.

Same weights, same images, same threads; the two take turns, and times are medians over the turns.

    python compare.py --data-dir DIR --autoattack CHECKOUT --out FILE [--limit 1000]

DIR holds cifar-10-batches-bin/ and weights/; CHECKOUT is fra31/auto-attack at commit a392200.
What FILE holds already is not measured again.
"""

import argparse
import csv
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONG = 20  # seconds of a reference's turns after which there is no other
PLAIN = ("cifar-resnet20", "cifar-resnet56")
ROBUST = ("cifar-adv-cnn-a", "cifar-adv-resnet2b")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-dir", required=True, type=Path)
    parser.add_argument("--autoattack", required=True, type=Path, help="a checkout of AutoAttack")
    parser.add_argument("--nets", default=",".join(ROBUST + PLAIN))
    parser.add_argument("--pairs", default="all", help="names in this file, with commas between them")
    parser.add_argument("--shades", default="2,8", help="radii in L-infinity, in 255ths")
    parser.add_argument("--limit", type=int, default=1000)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--turns", type=int, default=3, help="the most for each pair")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--strength-alone", action="store_true",
                        help="one turn and no seconds, for a machine that does other things too; the reference"
                        " sees only images that Realign leaves right, the others count as fooled by both")
    parser.add_argument("--out", required=True, type=Path)
    return parser.parse_args()


# ---- the references: functions of net, images, labels and radius to attacked images

def torchattack(name, **constants):
    def run(net, x, y, eps):
        import torchattacks
        values = {k: v(eps) if callable(v) else v for k, v in constants.items()}
        return getattr(torchattacks, name)(net, eps=eps, **values)(x, y)
    return run


def apgd(loss):
    def run(net, x, y, eps):
        from autoattack.autopgd_base import APGDAttack
        return APGDAttack(net, n_iter=100, norm="Linf", n_restarts=1, eps=eps, seed=0, loss=loss,
                          device="cpu").perturb(x, y)
    return run


def apgd_t(net, x, y, eps):
    from autoattack.autopgd_base import APGDAttack_targeted
    return APGDAttack_targeted(net, n_iter=100, norm="Linf", n_restarts=1, eps=eps, seed=0,
                               n_target_classes=9, device="cpu").perturb(x, y)


def fab(targeted):
    def run(net, x, y, eps):
        from autoattack.fab_pt import FABAttack_PT
        return FABAttack_PT(net, norm="Linf", n_restarts=1, n_iter=100, eps=eps, seed=0,
                            targeted=targeted, n_target_classes=9, device="cpu").perturb(x, y)
    return run


def square(net, x, y, eps):
    from autoattack.square import SquareAttack
    return SquareAttack(net, norm="Linf", n_queries=5000, eps=eps, p_init=0.8, seed=0,
                        device="cpu", resc_schedule=True).perturb(x, y)


def autoattack(net, x, y, eps):
    from autoattack import AutoAttack
    attack = AutoAttack(net, norm="Linf", eps=eps, seed=0, verbose=False, version="standard",
                        device="cpu")
    return attack.run_standard_evaluation(x, y, bs=len(x))


def foolbox_attack(make):
    def run(net, x, y, eps):
        import foolbox
        model = foolbox.PyTorchModel(net, bounds=(0, 1), device="cpu")
        raw, _, _ = make(foolbox.attacks)(model, x, y, epsilons=None)
        return raw
    return run


def art(make):
    def run(net, x, y, eps):
        import numpy
        import torch
        import art.attacks.evasion
        from art.estimators.classification import PyTorchClassifier
        model = PyTorchClassifier(net, loss=torch.nn.CrossEntropyLoss(), input_shape=(3, 32, 32),
                                  nb_classes=10, clip_values=(0, 1), device_type="cpu")
        found = make(art.attacks.evasion, model, eps).generate(x.numpy(), y.numpy())
        return torch.from_numpy(numpy.asarray(found, dtype="float32"))
    return run


# ---- pairs: Realign's attack and its options, the reference, what is compared, and on how many images where
# it takes long: "limit" of the robust nets' and, if it differs, "plain" of the others'; with --strength-alone
# "plain" counts where all images are seen, or an image that stays is asked about thousands of times

QUARTER = ["--steps", "20", "--step-size", "{quarter}"]
SMALLEST_LINF = ["--norm", "linf", "--epsilon", "1"]
SMALLEST_L2 = ["--norm", "l2", "--epsilon", "20"]

PAIRS = {
    "fgsm:torchattacks": dict(run=torchattack("FGSM")),
    "bim:torchattacks": dict(
        run=torchattack("BIM", alpha=lambda e: e / 4, steps=20), options=QUARTER),
    "pgd:torchattacks": dict(
        run=torchattack("PGD", alpha=lambda e: e / 4, steps=20, random_start=True), options=QUARTER),
    "pgd:art": dict(limit=200, options=QUARTER, run=art(
        lambda a, m, e: a.ProjectedGradientDescentPyTorch(
            m, eps=e, eps_step=e / 4, max_iter=20, num_random_init=1, batch_size=100, verbose=False))),
    "mi-fgsm:torchattacks": dict(
        run=torchattack("MIFGSM", alpha=lambda e: e / 10, steps=10, decay=1.0)),
    "apgd-ce:autoattack": dict(run=apgd("ce")),
    "apgd-dlr:autoattack": dict(run=apgd("dlr")),
    "apgd-t:autoattack": dict(run=apgd_t),
    "fab:autoattack": dict(run=fab(False), options=["--restarts", "1"], limit=200, plain=50),
    "fab-t:autoattack": dict(run=fab(True), limit=500, plain=50),
    "square:autoattack": dict(run=square, plain=100, thousands=True),
    "square:art": dict(limit=50, run=art(
        lambda a, m, e: a.SquareAttack(m, eps=e, max_iter=5000, p_init=.8, nb_restarts=1,
                                       batch_size=100, verbose=False))),
    "autoattack:autoattack": dict(run=autoattack),
    "deepfool:foolbox": dict(norm="linf", plain=300, options=SMALLEST_LINF, run=foolbox_attack(
        lambda a: a.LinfDeepFoolAttack(steps=50, candidates=10, overshoot=0.02))),
    "deepfool-l2:foolbox": dict(norm="l2", plain=300, options=SMALLEST_L2, run=foolbox_attack(
        lambda a: a.L2DeepFoolAttack(steps=50, candidates=10, overshoot=0.02))),
    "deepfool-l2:art": dict(norm="l2", options=SMALLEST_L2, limit=100, plain=20, run=art(
        lambda a, m, e: a.DeepFool(m, max_iter=50, epsilon=.02, nb_grads=10, batch_size=100,
                                   verbose=False))),
    "cw-l2:foolbox": dict(
        # a search is given up for a whole batch: the same images together
        norm="l2", options=["--epsilon", "20", "--steps", "100", "--batch", "100"], limit=100, plain=50, run=foolbox_attack(
            lambda a: a.L2CarliniWagnerAttack(binary_search_steps=9, steps=100, stepsize=0.01,
                                              confidence=0, initial_const=1e-3))),
    "cw-l2:art": dict(
        norm="l2", options=["--epsilon", "20", "--steps", "100"], limit=20, plain=10, run=art(
            lambda a, m, e: a.CarliniL2Method(m, binary_search_steps=9, max_iter=100,
                                              learning_rate=.01, initial_const=1e-3, batch_size=20,
                                              verbose=False))),
    "cw-linf:art": dict(norm="linf", options=["--epsilon", "0.3"], limit=20, plain=10, run=art(
        lambda a, m, e: a.CarliniLInfMethod(m, batch_size=20, verbose=False))),
    "hopskipjump:foolbox": dict(
        norm="l2", options=["--epsilon", "60", "--steps", "6"], limit=100, run=foolbox_attack(
            lambda a: a.HopSkipJumpAttack(steps=6))),
    "hopskipjump:art": dict(
        norm="l2", options=["--epsilon", "60", "--steps", "6"], limit=10, run=art(
            lambda a, m, e: a.HopSkipJump(m, norm=2, max_iter=6, max_eval=10000, init_eval=100,
                                          batch_size=100, verbose=False))),
}


def lengths(change, norm):
    flat = change.flatten(1)
    return (flat.abs().max(1).values if norm == "linf" else flat.norm(dim=1)).tolist()


def reference(pair, net, images, labels, eps, batch):
    """Share still right, size of each change (infinite where it fools not), seconds."""
    import torch

    right, sizes = 0, []
    if not len(images):
        return 0.0, sizes, 0.0
    start = time.perf_counter()
    for i in range(0, len(images), batch):
        x, y = images[i:i + batch], labels[i:i + batch]
        found = pair["run"](net, x.clone(), y.clone(), eps).detach().clamp(0, 1)
        with torch.no_grad():
            still = net(found).argmax(1) == y
        right += still.sum().item()
        for size, stays in zip(lengths(found - x, pair.get("norm", "linf")), still.tolist()):
            sizes.append(math.inf if stays else size)
    return right / len(images), sizes, time.perf_counter() - start


def ours(name, pair, net, file, eps, limit, args):
    attack = name.split(":")[0].removesuffix("-l2") if "deepfool" in name else name.split(":")[0]
    options = [o.format(quarter=eps / 4) for o in pair.get("options", [])]
    if "--epsilon" not in options:
        options += ["--epsilon", repr(eps)]
    with tempfile.TemporaryDirectory() as folder:
        command = [
            str(ROOT / "realign"), "evaluate", "--target", f"{net}@{args.data_dir}/weights/{file}.safetensors",
            "--data", "cifar10", "--data-dir", str(args.data_dir), "--limit", str(limit),
            "--attacks", attack, "--threats", "oblivious",
            "--out", folder + "/out", *options]
        environment = dict(os.environ, REALIGN_THREADS=str(args.threads))
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        results = json.loads(Path(folder, "out", "results.json").read_text())
        with open(Path(folder, "out", "samples.csv"), newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["attack"]]
    sizes = [math.inf if row["right"] == "true" else float(row["change"]) for row in rows]
    attacked = next(r for r in results if r["attack"])
    clean = next(r for r in results if not r["attack"])
    return attacked, sizes, clean["value"]


def images(args):
    import numpy
    import torch

    records = numpy.fromfile(args.data_dir / "cifar-10-batches-bin" / "test_batch.bin", dtype=numpy.uint8)
    records = records.reshape(-1, 3073)[:args.limit]
    pixels = torch.from_numpy(records[:, 1:].reshape(-1, 3, 32, 32).copy()).float() / 255
    return pixels, torch.from_numpy(records[:, 0].astype("int64"))


def median(sizes, others):
    """Of the images that are right when clean: where neither changed anything, both found it wrong."""
    kept = [size for size, other in zip(sizes, others) if size > 1e-9 or other > 1e-9]
    return statistics.median(kept) if kept else 0.0


def measure(name, net, shades, pixels, labels, args):
    import nets
    import torch

    pair = PAIRS[name]
    alone = args.strength_alone
    all_seen = "norm" in pair or not alone  # else few are, and more can be attacked
    limit = pair.get("limit", args.limit)
    if net in PLAIN and (all_seen or "thousands" in pair):
        limit = pair.get("plain", limit)
    limit = min(limit, args.limit)
    eps = shades / 255
    model = nets.load(net, args.data_dir / "weights")
    x, y = pixels[:limit], labels[:limit]
    times, our_times = [], []
    while len(times) < (1 if alone else args.turns) and (not times or sum(times) < LONG):
        result, our_sizes, clean = ours(name, pair, net, nets.NETS[net][0], eps, limit, args)
        our_times.append(result["seconds"])
        seen = [all_seen or math.isinf(size) for size in our_sizes]
        rows = torch.tensor([i for i, see in enumerate(seen) if see], dtype=torch.int64)
        value, sizes, seconds = reference(pair, model, x[rows], y[rows], eps, args.batch)
        times.append(seconds)
    row = {
        "target": net, "pair": name, "n": limit, "reference_saw": len(rows), "turns": len(times), "clean": clean,
        "parameters": result["attack"]["parameters"],
        "reference_accuracy": value * len(rows) / limit, "realign_accuracy": result["value"]}
    if not args.strength_alone:
        row["reference_seconds"] = round(statistics.median(times), 3)
        row["realign_seconds"] = round(statistics.median(our_times), 3)
        row["times_as_fast"] = round(statistics.median(times) / statistics.median(our_times), 3)
    if "norm" in pair:
        row["reference_median"] = round(median(sizes, our_sizes), 6)
        row["realign_median"] = round(median(our_sizes, sizes), 6)
    return row, {k: result[k] for k in ("commit", "machine", "versions")}


def text(row):
    line = "%-19s %-21s n %4d  right %5.1f %% / %5.1f %%" % (
        row["target"], row["pair"], row["n"], 100 * row["reference_accuracy"], 100 * row["realign_accuracy"])
    if "reference_median" in row:
        line += "  median %.5f / %.5f" % (row["reference_median"], row["realign_median"])
    if "times_as_fast" in row:
        line += "  %.1f s / %.1f s  %.2f×" % (
            row["reference_seconds"], row["realign_seconds"], row["times_as_fast"])
    return line


def main():
    args = arguments()
    sys.path.insert(0, str(args.autoattack))
    os.environ["OMP_NUM_THREADS"] = str(args.threads)
    import foolbox
    import torch
    import torchattacks
    import art

    torch.set_num_threads(args.threads)
    pixels, labels = images(args)
    report = json.loads(args.out.read_text()) if args.out.exists() else {"rows": []}
    done = {(row["target"], row["pair"], row["shades"]) for row in report["rows"]}
    names = list(PAIRS) if args.pairs == "all" else args.pairs.split(",")
    print("reference / realign")
    for shades in [float(s) for s in args.shades.split(",")]:
        for net in args.nets.split(","):
            for name in names:
                at = None if "norm" in PAIRS[name] else shades
                if (net, name, at) in done:
                    continue
                done.add((net, name, at))
                row, realign = measure(name, net, shades, pixels, labels, args)
                row["shades"] = at
                row["commit"] = realign["commit"]
                print("ε %-5s %s" % ("–" if at is None else "%g" % at, text(row)), flush=True)
                report["rows"].append(row)
                report.update({
                    "threads": args.threads, "batch": args.batch,
                    "realign": realign,
                    "peers": {"torch": torch.__version__, "torchattacks": torchattacks.__version__,
                              "foolbox": foolbox.__version__, "art": art.__version__,
                              "autoattack": "a392200", "python": platform.python_version()}})
                args.out.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
