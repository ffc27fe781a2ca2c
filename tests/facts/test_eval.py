"""The labelled articles, told to the assessor as their labels have them: how many facts it tells once."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from schemas.claim import Attribution, Claim, Evidence, Place, Plover, Quantity, claim_id
from streams.facts import Assessor
from tests.facts.claims import NOW

EVAL = Path(__file__).parents[3] / "shared" / "eval"

NEUTRAL = "2024-06-01"
"""Date of posts that bear none."""

FLOOR = 0.92
MOST_REPEATED = 0.05

pytestmark = pytest.mark.skipif(not EVAL.is_dir(), reason=f"the labelled articles are not there: {EVAL}")


def labelled() -> list[dict[str, Any]]:
    articles = [json.loads(line) for path in sorted(EVAL.glob("dev-*.jsonl")) for line in path.open(encoding="utf-8")]
    return sorted(articles, key=lambda article: str(article.get("published") or NEUTRAL))


def claim_of(article: dict[str, Any], label: dict[str, Any]) -> Claim:
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


def test_labelled_facts_are_told_once() -> None:
    spec = importlib.util.spec_from_file_location("score", EVAL / "score.py")
    assert spec is not None
    assert spec.loader is not None
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    articles, assessor = labelled(), Assessor({})
    alerts = [
        alert.model_dump(mode="json")
        for article in articles
        for label in article["claims"]
        for alert in assessor.assess(claim_of(article, label), raised_at=NOW).alerts
    ]
    result = score.score_alerts(articles, alerts, 0)
    assert result["alerts"]["f1"] >= FLOOR
    assert result["repeated"] <= MOST_REPEATED * result["alerts"]["predicted"]
