"""Prints how well labelled articles are read, and how well their facts are told apart: `make eval`.

    python tools/evaluate.py [FILE.jsonl ...] [--json] [--faults N]

Without files: seeds/ and tests/quality/unseen/ of this project, whose articles no model is trained on; and where
../shared/eval exists each of its dev-*.jsonl and all of them merged: on those the models are trained, so that their
figures here tell nothing of other articles (training/cross-validated.json does).

A predicted claim matches a labelled one of the same type whose passage overlaps with its own by at least half of the
shorter one. The matching is one to one; among several candidates one with the equal quantity goes first. A complete
claim also agrees in actor, recipient, quantity, status and negated. Alerts are those of a replay by date: `new` and
`update` count, each is right where it is the first for a labelled fact, and the rest are repeated or unfounded.
"""

import argparse
import difflib
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from schemas.claim import Attribution, Claim, Evidence, Place, Plover, Quantity, claim_id
from streams import logging
from streams.cli.extraction import Report, assessed, extracted
from streams.cli.intake import Intake
from streams.errors import TumenError
from streams.facts.weights import Weights
from streams.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT / "seeds"
UNSEEN = ROOT / "tests" / "quality" / "unseen"
SHARED = ROOT.parent / "shared" / "eval"

ATTRIBUTES = ("actor", "recipient", "quantity", "status", "negated", "attributed_to", "place", "when", "background")
COMPLETE = frozenset({"actor", "recipient", "quantity", "status", "negated"})
LANGUAGES = ("uk", "ru", "en", "ko")

NEUTRAL = "2024-06-01"
"""Date of articles that bear none."""

Record = Mapping[str, Any]
Span = tuple[int, int]


# --- agreement of one claim with one label ---------------------------------------------------------------------------


def labelled_span(label: Record, text: str) -> Span:
    """Return where a label's quote stands in the text."""
    start = text.find(label["quote"])
    return (start, start + len(label["quote"])) if start >= 0 else (0, 0)


def predicted_span(claim: Record) -> Span:
    """Return where a claim's passage stands in the text."""
    return claim["evidence"]["start"], claim["evidence"]["end"]


def overlap(one: Span, other: Span) -> float:
    """Return the share of the shorter passage that both have in common, 0 to 1."""
    common = min(one[1], other[1]) - max(one[0], other[0])
    shorter = min(one[1] - one[0], other[1] - other[0])
    return common / shorter if common > 0 and shorter > 0 else 0.0


def figure(claim: Record) -> tuple[float | None, float | None, Any] | None:
    """Return a quantity in a form that compares."""
    quantity = claim.get("quantity") or {}
    low, high = (None if (bound := quantity.get(name)) is None else round(float(bound), 6) for name in ("low", "high"))
    return None if low is None and high is None else (low, high, quantity.get("unit"))


def _names(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value] if value else []
    return [name["name"] if isinstance(name, dict) else str(name) for name in values]


def _words(name: str) -> set[str]:
    return set(re.findall(r"\w+", name.lower())) - {"of", "the", "and", "s"}


def same_name(one: str, other: str) -> bool:
    """Say whether two English names mean the same: most words of the shorter one agree, or nearly all letters."""
    words, others = _words(one), _words(other)
    if not words or not others:
        return False
    if len(words & others) >= 0.75 * min(len(words), len(others)):
        return True
    return difflib.SequenceMatcher(None, one.lower(), other.lower()).ratio() >= 0.8


def agrees(attribute: str, label: Record, claim: Record) -> bool:
    """Say whether a claim has a label's value. Of several speakers, the one nearest to the fact must be among them."""
    expected, got = label.get(attribute), claim.get(attribute)
    match attribute:
        case "quantity":
            return figure(label) == figure(claim)
        case "negated" | "background":
            return bool(expected) == bool(got)
        case "attributed_to" | "place":
            first, *_ = [*_names(expected), None]
            names = _names(got)
            return not names if first is None else any(same_name(first, name) for name in names)
        case "when":
            if not expected or not got:
                return not expected and not got
            return str(got).startswith(str(expected)) or str(expected).startswith(str(got))
    return bool(expected == got)


def pairs(labels: Sequence[Record], claims: Sequence[Record], text: str) -> list[tuple[int, int]]:
    """Match labels and claims one to one, the best first; return their indices."""
    candidates = []
    for i, label in enumerate(labels):
        for j, claim in enumerate(claims):
            common = overlap(labelled_span(label, text), predicted_span(claim))
            if label["type"] == claim["type"] and common >= 0.5:
                candidates.append((figure(label) == figure(claim), common, -i, -j))
    found: dict[int, int] = {}
    for _, _, i, j in sorted(candidates, reverse=True):
        if -i not in found and -j not in found.values():
            found[-i] = -j
    return list(found.items())


def claim_of(article: Record, label: Record) -> Claim:
    """Return the claim that a label describes, as if it had been read."""
    quote, start = label["quote"], article["text"].find(label["quote"])
    quantity = Quantity(**label["quantity"]) if label["quantity"] else None
    facets = [label[key] for key in ("type", "actor", "recipient", "status", "negated")]
    return Claim(
        **{key: label[key] for key in ("type", "actor", "recipient", "status", "negated", "when", "background")},
        id=claim_id(article["id"], *facets, quantity, quote),
        article_id=article["id"],
        source=article["outlet"],
        published_at=article.get("published") or NEUTRAL,
        language=article["lang"],
        plover=Plover.AID,
        quantity=quantity,
        attributed_to=[Attribution(name=name, text=name) for name in label["attributed_to"]],
        place=Place(name=label["place"]) if label["place"] else None,
        confidence=1,
        evidence=Evidence(text=quote, start=start, end=start + len(quote)),
    )


# --- scores of many articles -----------------------------------------------------------------------------------------


def rates(right: int, predicted: int, labelled: int) -> dict[str, float]:
    """Return precision, recall and F1 with the counts that they are made of."""
    precision = right / predicted if predicted else 0.0
    recall = right / labelled if labelled else 0.0
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    counts = {"right": right, "predicted": predicted, "labelled": labelled}
    return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4), **counts}


class _Tally(Counter[str]):
    def rates(self, right: str = "right") -> dict[str, float]:
        return rates(self[right], self["predicted"], self["labelled"])


def score(gold: Sequence[Record], enriched: Iterable[Record], faults: list[str] | None = None) -> dict[str, Any]:
    """Score enriched articles against labelled ones; what is missed or made up is appended to `faults`."""
    faults = [] if faults is None else faults
    read = {record["article"]["id"]: record for record in enriched}
    relevance, claims, matched = _Tally(), _Tally(), _Tally()
    by_language: defaultdict[str, _Tally] = defaultdict(_Tally)
    by_type: defaultdict[str, _Tally] = defaultdict(_Tally)
    for article in gold:
        record = read.get(article["id"], {"claims": [], "relevant": False})
        labels, predicted, text = article["claims"], record["claims"], article["text"]
        relevance.update(
            right=record["relevant"] and article["relevant"], predicted=record["relevant"], labelled=article["relevant"]
        )
        if record["relevant"] != article["relevant"]:
            faults.append(f"{article['id']}: relevant is {article['relevant']}, said {record['relevant']}")
        found = pairs(labels, predicted, text)
        for tally in (claims, by_language[article["lang"]]):
            tally.update(right=len(found), predicted=len(predicted), labelled=len(labels))
        for label in labels:
            by_type[label["type"]]["labelled"] += 1
        for claim in predicted:
            by_type[claim["type"]]["predicted"] += 1
        for i, j in found:
            by_type[labels[i]["type"]]["right"] += 1
            same = {attribute for attribute in ATTRIBUTES if agrees(attribute, labels[i], predicted[j])}
            matched.update(same)
            claims["complete"] += same >= COMPLETE
            for attribute in ATTRIBUTES:
                if attribute not in same:
                    expected, got = labels[i].get(attribute), predicted[j].get(attribute)
                    faults.append(f"{article['id']}: {labels[i]['type']} {attribute} is {expected}, said {got}")
        for i in set(range(len(labels))) - {i for i, _ in found}:
            faults.append(f"{article['id']}: missed {labels[i]['type']}: {labels[i]['quote'][:110]}")
        for j in set(range(len(predicted))) - {j for _, j in found}:
            start, end = predicted_span(predicted[j])
            faults.append(f"{article['id']}: no such {predicted[j]['type']}: {text[start:end][:110]}")
    return {
        "articles": len(gold),
        "not_extracted": [article["id"] for article in gold if article["id"] not in read],
        "relevance": relevance.rates(),
        "claims": claims.rates(),
        "complete_claims": claims.rates("complete"),
        "claims_by_language": {language: tally.rates() for language, tally in sorted(by_language.items())},
        "claims_by_type": {type_: tally.rates() for type_, tally in sorted(by_type.items())},
        "agreement_on_matched": {
            attribute: round(matched[attribute] / claims["right"], 4) if claims["right"] else 0.0
            for attribute in ATTRIBUTES
        },
    }


def score_alerts(gold: Sequence[Record], alerts: Iterable[Record], faults: list[str] | None = None) -> dict[str, Any]:
    """Score the alerts of a replay by date, in the order in which they were raised."""
    faults = [] if faults is None else faults
    articles = {article["id"]: article for article in gold}
    mentions = [label for article in gold for label in article["claims"] if label.get("fact")]
    facts = {label["fact"] for label in mentions if not label.get("negated")}
    told: set[str | None] = set()
    raised = repeated = unfounded = 0
    for alert in alerts:
        if alert["kind"] not in ("new", "update"):
            continue
        raised += 1
        label = _label_of(alert, articles.get(alert["article_id"]), told)
        if label is None:
            unfounded += 1
            faults.append(f"{alert['article_id']}: unfounded {alert['kind']} alert: {alert.get('headline')}")
        elif label.get("fact") in told:
            repeated += 1
            faults.append(f"{alert['article_id']}: repeated alert, fact {label.get('fact')}: {alert.get('headline')}")
        else:
            told.add(label.get("fact"))
    return {
        "alerts": rates(len(told & facts), raised, len(facts)),
        "repeated": repeated,
        "unfounded": unfounded,
        "facts": len(facts),
        "mentions": len(mentions),
    }


def _label_of(alert: Record, article: Record | None, told: set[str | None]) -> Record | None:
    """Return the label that an alert's claim is about: best of equal quantity, then one not told yet."""
    if article is None:
        return None
    claim, text = alert["claim"], article["text"]
    spots = [
        (figure(label) == figure(claim), label.get("fact") not in told, common, label)
        for label in article["claims"]
        if label["type"] == claim["type"]
        and (common := overlap(labelled_span(label, text), predicted_span(claim))) >= 0.5
    ]
    return max(spots, key=lambda spot: spot[:3])[3] if spots else None


# --- running it ------------------------------------------------------------------------------------------------------


class LabelledSet:
    """Labelled articles with what Tumen made of them."""

    def __init__(self, name: str, gold: list[Record], read: list[tuple[Any, Any]]) -> None:
        self.name = name
        self.gold = gold
        self._read = read

    @classmethod
    def merged(cls, name: str, parts: Sequence["LabelledSet"]) -> "LabelledSet":
        """Put sets together."""
        return cls(name, [a for part in parts for a in part.gold], [r for part in parts for r in part._read])

    def enriched(self) -> list[Record]:
        """Return the enriched articles, as `tumen extract --json` prints them."""
        return [enriched.model_dump(mode="json") for _, enriched in self._read]

    def alerts(self, weights: Weights | None = None) -> list[Record]:
        """Return the alerts, as `tumen replay --json` prints them; `weights` instead of those that come with Tumen."""
        reports = [Report(found.published_at, str(found.article.id), enriched.claims) for found, enriched in self._read]
        found = assessed(reports, weights=weights)
        return [alert.model_dump(mode="json") for assessment in found for alert in assessment.alerts]

    def scores(self, faults: list[str] | None = None, weights: Weights | None = None) -> dict[str, Any]:
        """Return all scores of the set, alerts by `weights` instead of those that come with Tumen."""
        result = score(self.gold, self.enriched(), faults)
        result["novelty"] = score_alerts(self.gold, self.alerts(weights), faults)
        return result


def labelled_sets(paths: Sequence[Path] = ()) -> list[LabelledSet]:
    """Return the sets to score: the files given; or the seeds, the unseen and what ../shared/eval has, also merged."""
    if paths:
        sets = _load({path.name: [path] for path in paths})
        return [*sets, LabelledSet.merged("all", sets)] if len(sets) > 1 else sets
    own = {"seeds/": sorted(SEEDS.glob("*.jsonl")), "unseen/": sorted(UNSEEN.glob("*.jsonl"))}
    seeds, unseen, *shared = _load(own | {path.name: [path] for path in sorted(SHARED.glob("dev-*.jsonl"))})
    return [seeds, unseen, *shared, *([LabelledSet.merged("all dev-*.jsonl", shared)] if shared else [])]


def _load(sets: Mapping[str, Sequence[Path]]) -> list[LabelledSet]:
    """Read labelled files and extract from their articles, all in one go: loading an extractor takes a while."""
    settings = Settings.load()
    logging.configure(settings)
    read = defaultdict(list)
    for found, enriched in extracted(Intake(tuple(path for paths in sets.values() for path in paths)), settings):
        read[found.origin.name].append((found, enriched))
    loaded = []
    for name, paths in sets.items():
        gold = [json.loads(line) for path in paths for line in path.read_bytes().splitlines() if line.strip()]
        loaded.append(LabelledSet(name, gold, [item for path in paths for item in read[str(path)]]))
    return loaded


def table(name: str, scores: dict[str, Any]) -> str:
    """Return the scores of a set as a table."""
    novelty = scores["novelty"]
    rows = [
        ("relevance", scores["relevance"]),
        ("claims", scores["claims"]),
        ("complete claims", scores["complete_claims"]),
    ]
    rows += [(f"  claims, {language}", rate) for language, rate in scores["claims_by_language"].items()]
    rows += [(f"  {type_}", rate) for type_, rate in scores["claims_by_type"].items()]
    rows.append(("alerts", novelty["alerts"]))
    missing = f"; not extracted: {', '.join(scores['not_extracted'])}" if scores["not_extracted"] else ""
    lines = [f"{name}: {scores['articles']} articles{missing}"]
    lines.append(f"{'':20}{'P':>7}{'R':>7}{'F1':>7}{'right':>7}{'pred.':>7}{'lab.':>7}")
    for title, rate in rows:
        ratios = "".join(f"{rate[column]:7.3f}" for column in ("precision", "recall", "f1"))
        lines.append(f"{title:20}{ratios}{rate['right']:7}{rate['predicted']:7}{rate['labelled']:7}")
    agreement = ", ".join(f"{name} {share:.3f}" for name, share in scores["agreement_on_matched"].items())
    lines.append(f"agreement on matched claims: {agreement}")
    lines.append(
        f"alerts: {novelty['facts']} facts in {novelty['mentions']} mentions; "
        f"repeated {novelty['repeated']}, unfounded {novelty['unfounded']}"
    )
    return "\n".join(lines)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE.jsonl")
    parser.add_argument("--json", action="store_true", help="print one JSON object a set")
    parser.add_argument(
        "--faults", type=int, default=0, metavar="N", help="list the first N faults of each set, on stderr"
    )
    arguments = parser.parse_args()
    for labelled in labelled_sets(arguments.files):
        faults: list[str] = []
        scores = labelled.scores(faults)
        if arguments.json:
            print(json.dumps({"set": labelled.name, **scores}, ensure_ascii=False))
        else:
            print(table(labelled.name, scores), end="\n\n")
        for fault in faults[: arguments.faults]:
            print(fault, file=sys.stderr)
    if not arguments.files and not SHARED.is_dir():
        print(f"(there is no {SHARED}: only seeds/ was scored)", file=sys.stderr)


if __name__ == "__main__":
    try:
        main()
    except TumenError as error:
        sys.exit(f"{error.code}: {error.message}")
