"""Strength and speed of Realign's attacks beside the implementations that define them.

Same weights, same images, same threads; the two take turns, and times are medians over the turns.

    python compare.py --data-dir DIR --autoattack CHECKOUT --out FILE [--limit 1000]

DIR holds cifar-10-batches-bin/ and weights/; CHECKOUT is fra31/auto-attack at commit a392200.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-dir", required=True, type=Path)
    parser.add_argument("--autoattack", required=True, type=Path, help="a checkout of AutoAttack")
    parser.add_argument("--nets", default="cifar-adv-cnn-a,cifar-adv-resnet2b,cifar-resnet20")
    parser.add_argument("--attacks", default="pgd,mi-fgsm,apgd-ce,apgd-dlr,apgd-t,fab-t,square,deepfool,autoattack")
    parser.add_argument("--epsilon", type=float, default=2 / 255)
    parser.add_argument("--limit", type=int, default=1000)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--turns", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--out", required=True, type=Path)
    return parser.parse_args()


def references(args):
    """Attack by name: a function of net, images and labels to attacked images, and who defines it."""
    import foolbox
    import torch
    import torchattacks
    from autoattack import AutoAttack
    from autoattack.autopgd_base import APGDAttack, APGDAttack_targeted
    from autoattack.fab_pt import FABAttack_PT
    from autoattack.square import SquareAttack

    eps = args.epsilon

    def apgd(loss):
        return lambda net, x, y: APGDAttack(
            net, n_iter=100, norm="Linf", n_restarts=1, eps=eps, seed=0, loss=loss, device="cpu").perturb(x, y)

    def whole(net, x, y):
        attack = AutoAttack(net, norm="Linf", eps=eps, seed=0, verbose=False, version="standard", device="cpu")
        return attack.run_standard_evaluation(x, y, bs=args.batch)

    def deepfool(net, x, y):
        model = foolbox.PyTorchModel(net, bounds=(0, 1), device="cpu")
        attack = foolbox.attacks.LinfDeepFoolAttack(steps=50, candidates=10, overshoot=0.02)
        raw, _, _ = attack(model, x, y, epsilons=None)
        return x + (raw - x).clamp(-eps, eps)

    return {
        "pgd": ("torchattacks", lambda net, x, y: torchattacks.PGD(
            net, eps=eps, alpha=eps / 4, steps=20, random_start=True)(x, y)),
        "mi-fgsm": ("torchattacks", lambda net, x, y: torchattacks.MIFGSM(
            net, eps=eps, alpha=eps / 10, steps=10, decay=1.0)(x, y)),
        "apgd-ce": ("autoattack", apgd("ce")),
        "apgd-dlr": ("autoattack", apgd("dlr")),
        "apgd-t": ("autoattack", lambda net, x, y: APGDAttack_targeted(
            net, n_iter=100, norm="Linf", n_restarts=1, eps=eps, seed=0, n_target_classes=9,
            device="cpu").perturb(x, y)),
        "fab-t": ("autoattack", lambda net, x, y: FABAttack_PT(
            net, norm="Linf", n_restarts=1, n_iter=100, eps=eps, seed=0, targeted=True,
            n_target_classes=9, device="cpu").perturb(x, y)),
        "square": ("autoattack", lambda net, x, y: SquareAttack(
            net, norm="Linf", n_queries=5000, eps=eps, p_init=0.8, seed=0, device="cpu",
            resc_schedule=False).perturb(x, y)),
        "deepfool": ("foolbox", deepfool),
        "autoattack": ("autoattack", whole),
    }


# Realign's options where its defaults are others than the reference's
OPTIONS = {"pgd": ["--steps", "20", "--step-size", "{quarter}"]}


def reference(attack, net, images, labels, batch):
    import torch

    right = 0
    start = time.perf_counter()
    for i in range(0, len(images), batch):
        x, y = images[i:i + batch], labels[i:i + batch]
        found = attack(net, x.clone(), y.clone())
        with torch.no_grad():
            right += (net(found.detach().clamp(0, 1)).argmax(1) == y).sum().item()
    return right / len(images), time.perf_counter() - start


def ours(name, net, file, args):
    with tempfile.TemporaryDirectory() as folder:
        options = [o.format(quarter=args.epsilon / 4) for o in OPTIONS.get(name, [])]
        command = [
            str(ROOT / "realign"), "evaluate", "--target", f"{net}@{args.data_dir}/weights/{file}.safetensors",
            "--data", "cifar10", "--data-dir", str(args.data_dir), "--limit", str(args.limit),
            "--batch", str(args.batch), "--attacks", name, "--epsilon", repr(args.epsilon),
            "--threats", "oblivious", "--out", folder + "/out", *options]
        environment = dict(os.environ, REALIGN_THREADS=str(args.threads))
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        results = json.loads(Path(folder, "out", "results.json").read_text())
    attacked = next(r for r in results if r["attack"])
    clean = next(r for r in results if not r["attack"])
    return attacked, clean["value"]


def images(args):
    import numpy
    import torch

    records = numpy.fromfile(args.data_dir / "cifar-10-batches-bin" / "test_batch.bin", dtype=numpy.uint8)
    records = records.reshape(-1, 3073)[:args.limit]
    pixels = torch.from_numpy(records[:, 1:].reshape(-1, 3, 32, 32).copy()).float() / 255
    return pixels, torch.from_numpy(records[:, 0].astype("int64"))


def main():
    args = arguments()
    sys.path.insert(0, str(args.autoattack))
    os.environ["OMP_NUM_THREADS"] = str(args.threads)
    import foolbox
    import torch
    import torchattacks

    import nets

    torch.set_num_threads(args.threads)
    pixels, labels = images(args)
    table = references(args)
    rows = []
    for name in args.nets.split(","):
        net = nets.load(name, args.data_dir / "weights")
        for attack in args.attacks.split(","):
            who, run = table[attack]
            times, our_times = [], []
            for _ in range(args.turns):
                value, seconds = reference(run, net, pixels, labels, args.batch)
                times.append(seconds)
                result, clean = ours(attack, name, nets.NETS[name][0], args)
                our_times.append(result["seconds"])
            row = {
                "target": name, "attack": attack, "epsilon": args.epsilon, "n": len(labels), "clean": clean,
                "reference": who, "reference_accuracy": value, "realign_accuracy": result["value"],
                "reference_seconds": statistics.median(times), "realign_seconds": statistics.median(our_times),
                "times_as_fast": statistics.median(times) / statistics.median(our_times)}
            rows.append(row)
            print("%-20s %-10s clean %.1f  %s %.1f %% in %.1f s  realign %.1f %% in %.1f s  %.2f×" % (
                name, attack, 100 * clean, who, 100 * value, row["reference_seconds"], 100 * result["value"],
                row["realign_seconds"], row["times_as_fast"]), flush=True)
            args.out.write_text(json.dumps({
                "rows": rows, "turns": args.turns, "threads": args.threads, "batch": args.batch,
                "realign": {k: result[k] for k in ("commit", "machine", "versions")},
                "peers": {"torch": torch.__version__, "torchattacks": torchattacks.__version__,
                          "foolbox": foolbox.__version__, "autoattack": "a392200",
                          "python": platform.python_version()}}, indent=2) + "\n")


if __name__ == "__main__":
    main()
