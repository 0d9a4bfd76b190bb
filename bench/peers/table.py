"""The comparison as a table in Markdown, with what falls short of the goals.

    python table.py ../../results/peers/compare.json
"""

import json
import sys

STRENGTH = .005  # of accuracy: Realign may leave this much more right
STRENGTH_OF = {"autoattack:autoattack": .003}
MEDIAN = 1.02  # times the reference's
FALLING = .95  # of the clean images' accuracy: above it, no samples fall early


def goal(row):
    """How many times as fast Realign is to be."""
    attack, peer = row["pair"].split(":")
    if peer == "art":
        return 3
    if attack == "autoattack":
        return 1 / .6
    if attack.split("-")[0] in ("pgd", "bim", "apgd", "square"):
        falls = row["reference_accuracy"] < FALLING * row["clean"]
        return 1.5 if falls else 1.15
    if attack.startswith(("deepfool", "cw")):
        return 1.3
    return None


def short(row):
    """Strength is judged beside the implementation that defines an attack, which ART's never is."""
    words = []
    if "reference_median" in row and row["reference_median"] > 0:
        if row["realign_median"] > MEDIAN * row["reference_median"]:
            words.append("norm")
    elif not row["pair"].endswith(":art") and row["realign_accuracy"] - row["reference_accuracy"] > STRENGTH_OF.get(row["pair"], STRENGTH) + 1e-9:
        words.append("strength")
    wanted = goal(row)
    if wanted and row.get("times_as_fast", wanted) < wanted:
        words.append("speed (%.2f wanted)" % wanted)
    return ", ".join(words)


def main():
    report = json.load(open(sys.argv[1]))
    print("| net | ε·255 | attack | beside | n | reference | Realign | times as fast | short of |")
    print("|---|---:|---|---|---:|---:|---:|---:|---|")
    for row in sorted(report["rows"], key=lambda r: (r["target"], r["shades"] or 0)):
        attack, peer = row["pair"].split(":")
        if "reference_median" in row:
            figures = "%.4f" % row["reference_median"], "%.4f" % row["realign_median"]
        else:
            least = "≥ " if row.get("reference_saw", row["n"]) < row["n"] else ""
            figures = "%s%.1f %%" % (least, 100 * row["reference_accuracy"]), "%.1f %%" % (100 * row["realign_accuracy"])
        print("| %s | %s | `%s` | %s | %d | %s | %s | %s | %s |" % (
            row["target"], "–" if row["shades"] is None else "%g" % row["shades"], attack, peer, row["n"],
            *figures, "%.2f" % row["times_as_fast"] if "times_as_fast" in row else "–", short(row)))


if __name__ == "__main__":
    main()
