"""Writes the tables of docs/accuracy.md anew, from what the extraction reaches now.

    python tools/accuracy.py            print them
    python tools/accuracy.py --write    put them into the page

The articles of ../shared/eval are counted where they are; without them the page is not written, since it would lose
half of its figures.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from streams.errors import TumenError
from streams.extract.knowledge import hash_of
from tools.evaluate import ATTRIBUTES, LANGUAGES, ROOT, labelled_sets

CROSS_VALIDATED = ROOT / "training" / "cross-validated.json"
PAGE = ROOT / "docs" / "accuracy.md"
BEGIN, END = "<!-- figures: python tools/accuracy.py --write -->", "<!-- end of figures -->"

# The second annotator's agreement with the first, as ../shared/eval/GUIDELINES.md tells it.
ANNOTATORS = {
    "actor": 0.97,
    "recipient": 0.96,
    "quantity": 0.98,
    "status": 0.98,
    "negated": 1.00,
    "attributed_to": 0.91,
    "place": 0.90,
    "when": 0.86,
    "background": 0.96,
}


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a table in Markdown."""
    return ["| " + " | ".join(row) + " |" for row in (header, ["---"] * len(header), *rows)]


def counts(rate: Mapping[str, Any]) -> list[str]:
    """Return precision, recall, F1 and the number of labels."""
    return [*(f"{rate[name]:.2f}" for name in ("precision", "recall", "f1")), str(rate["labelled"])]


def about_set(name: str, scores: Mapping[str, Any]) -> list[str]:
    """Return the tables of a set."""
    by_language = scores["claims_by_language"]
    rows = [["an article is relevant", *counts(scores["relevance"])], ["claims", *counts(scores["claims"])]]
    rows += [[f"claims, {each}", *counts(by_language[each])] for each in LANGUAGES if each in by_language]
    rows += [["complete claims", *counts(scores["complete_claims"])]]
    rows += [["alerts", *counts(scores["novelty"]["alerts"])]]
    lines = [f"### {name}: {scores['articles']} articles", ""]
    lines += table(["", "precision", "recall", "F1", "labelled"], rows)
    lines += ["", f"Alerts that repeat a fact already told: {scores['novelty']['repeated']}.", ""]
    types = sorted(scores["claims_by_type"].items(), key=lambda item: -item[1]["labelled"])
    return lines + table(["type", "precision", "recall", "F1", "labelled"], [[t, *counts(r)] for t, r in types]) + [""]


def figures(sets: Mapping[str, Mapping[str, Any]]) -> str:
    """Return all tables."""
    lines = [f"Measured on {datetime.now(UTC):%Y-%m-%d}, knowledge files `{hash_of()}`.", ""]
    for name, scores in sets.items():
        lines += about_set(name, scores)
    header = ["attribute", *sets, "two annotators"]
    rows = [
        [each, *(f"{scores['agreement_on_matched'][each]:.2f}" for scores in sets.values()), f"{ANNOTATORS[each]:.2f}"]
        for each in ATTRIBUTES
    ]
    return "\n".join([*lines, "### Attributes of the claims that were found", "", *table(header, rows)])


def main() -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the tables into the page")
    arguments = parser.parse_args()
    seeds, unseen, *shared = labelled_sets()
    sets = {each.name: each.scores() for each in (seeds, unseen)}
    if shared:
        crossed = json.loads(CROSS_VALIDATED.read_bytes())
        sets["the evaluation set, cross-validated"] = crossed["scores"]["../shared/eval"]
        sets["the evaluation set, trained on"] = shared[-1].scores()
    told = figures(sets)
    if not arguments.write:
        print(told)
        return 0
    if not shared:
        print("not written: there is no ../shared/eval", file=sys.stderr)
        return 1
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        print(f"not written: {PAGE} has no '{BEGIN}' … '{END}'", file=sys.stderr)
        return 1
    PAGE.write_text(f"{before}{BEGIN}\n\n{told}\n\n{END}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except TumenError as error:
        sys.exit(f"{error.code}: {error.message}")
