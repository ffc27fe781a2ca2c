"""Quality floors: the figures that the extraction has reached, under which no change may fall.

    python tools/floors.py            compare the figures with tests/quality/floors.json
    python tools/floors.py --raise    record those that are better than their floors
    python tools/floors.py --lower    record those that are worse, which needs a line in CHANGELOG.md

The floors of `seeds` and `unseen` always count, those of `shared` where ../shared/eval exists. There is no tolerance:
the same articles give the same figures.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from streams.errors import TumenError
from tools.evaluate import ROOT, SEEDS, SHARED, UNSEEN, labelled_sets

FLOORS = ROOT / "tests" / "quality" / "floors.json"

PATHS = {"seeds": SEEDS, "unseen": UNSEEN, "shared": SHARED}
"""The sets that have floors, and where their articles are."""

_PATTERNS = {"seeds": "*.jsonl", "unseen": "*.jsonl", "shared": "dev-*.jsonl"}

Figures = dict[str, float]


def articles(name: str) -> list[Path]:
    """Return the labelled files of a set; none where its folder is not there."""
    return sorted(PATHS[name].glob(_PATTERNS[name]))


def flat(scores: Mapping[str, Any]) -> Figures:
    """Return the figures of a set that have floors, by name."""
    figures = {
        "relevance F1": scores["relevance"]["f1"],
        "claims F1": scores["claims"]["f1"],
        "complete claims F1": scores["complete_claims"]["f1"],
        "alerts F1": scores["novelty"]["alerts"]["f1"],
    }
    figures |= {f"claims F1, {language}": rate["f1"] for language, rate in scores["claims_by_language"].items()}
    return figures | {f"agreement, {name}": share for name, share in scores["agreement_on_matched"].items()}


def reached(name: str) -> Figures:
    """Return the figures that the extraction reaches now on a set, all its files together."""
    return flat(labelled_sets(articles(name))[-1].scores())


def read() -> dict[str, Figures]:
    """Return the recorded floors of each set."""
    floors: dict[str, Figures] = json.loads(FLOORS.read_bytes()) if FLOORS.exists() else {}
    return floors


def fallen(figures: Mapping[str, float], floors: Mapping[str, float]) -> list[str]:
    """Say which figures are under their floors, one line each. A figure that is no longer measured is one of them."""
    return [
        f"{name} is {figures.get(name, 0.0):.4f}, its floor {floor:.4f}"
        for name, floor in floors.items()
        if figures.get(name, 0.0) < floor
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status: 1 where a figure is under its floor."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--raise", action="store_true", dest="lift", help="record figures better than their floors")
    change.add_argument("--lower", action="store_true", help="record figures worse than their floors")
    options = parser.parse_args(arguments)
    floors, under, changed = read(), 0, 0
    for name, folder in PATHS.items():
        if not articles(name):
            print(f"{name}: left out, there is no {folder}")
            continue
        recorded, now = floors.get(name, {}), reached(name)
        print(name)
        kept: Figures = {}
        for figure in [*now, *(recorded.keys() - now.keys())]:
            value, floor = now.get(figure, 0.0), recorded.get(figure, 0.0)
            moved = value > floor if options.lift else options.lower and value < floor
            kept[figure] = value if moved else floor
            changed += moved
            under += kept[figure] > value
            note = ("recorded" if moved else "UNDER its floor") if moved or value < floor else ""
            print(f"  {figure:28}{value:8.4f}  floor {floor:.4f}  {note}".rstrip())
        floors[name] = {figure: floor for figure, floor in kept.items() if floor}
    if changed:
        FLOORS.write_text(json.dumps(floors, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        print(f"{changed} recorded in {FLOORS.relative_to(ROOT)}")
    if changed and options.lower:
        print("floors were lowered: say in CHANGELOG.md which and why")
    if under:
        print(f"{under} under their floors: `python tools/evaluate.py --faults 50` shows what is read wrong")
    return int(under > 0)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except TumenError as error:
        sys.exit(f"{error.code}: {error.message}")
