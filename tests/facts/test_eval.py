"""The labelled articles, told to the assessor as their labels have them: what it tells once, in whatever order."""

import importlib.util
import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from schemas.fact import Fact
from streams.facts import Assessor
from tests.facts.claims import NOW
from tools.evaluate import NEUTRAL, claim_of

EVAL = Path(__file__).parents[3] / "shared" / "eval"

FLOOR = 0.93
MOST_REPEATED = 0.05

SEEDS = Path(__file__).parents[2] / "seeds"

there = pytest.mark.skipif(not EVAL.is_dir(), reason=f"the labelled articles are not there: {EVAL}")


def labelled(paths: Iterable[Path]) -> list[dict[str, Any]]:
    articles = [json.loads(line) for path in sorted(paths) for line in path.open(encoding="utf-8")]
    return sorted(articles, key=lambda article: str(article.get("published") or NEUTRAL))


def told(articles: Iterable[dict[str, Any]]) -> tuple[dict[str, Fact], set[str]]:
    """Return the facts that are known after these articles, in this order, and the ids of the alerts raised."""
    assessor, facts, alerts = Assessor({}), {}, set()
    for article in articles:
        for label in article["claims"]:
            assessment = assessor.assess(claim_of(article, label), raised_at=NOW)
            alerts |= {alert.id for alert in assessment.alerts}
            facts.update({fact.id: fact for fact in assessment.facts})
            for gone in assessment.removed:
                facts.pop(gone, None)
    return facts, alerts


def apart(articles: list[dict[str, Any]], partitions: int, rng: random.Random) -> list[dict[str, Any]]:
    """Return articles as they come from partitions that are each in order and of which no one waits for another."""
    queues = [articles[each::partitions] for each in range(partitions)]
    found: list[dict[str, Any]] = []
    while left := [queue for queue in queues if queue]:
        queue, count = rng.choice(left), rng.randint(1, 16)
        found += queue[:count]
        del queue[:count]
    return found


@pytest.mark.parametrize("paths", [SEEDS.glob("*.jsonl"), pytest.param(EVAL.glob("dev-*.jsonl"), marks=there)])
def test_order_makes_no_difference_to_facts_and_little_to_alerts(paths: Iterable[Path]) -> None:
    articles, rng = labelled(paths), random.Random(1)  # noqa: S311 for variety, not for secrets
    facts, alerts = told(articles)
    orders = {
        "within each day": (sorted(articles, key=lambda each: (str(each.get("published")), rng.random())), 0.95),
        "two partitions": (apart(articles, 2, rng), 0.9),
        "five partitions": (apart(articles, 5, rng), 0.85),
        "no order": (rng.sample(articles, len(articles)), 0.85),
    }
    for name, (order, floor) in orders.items():
        known, raised = told(order)
        assert known == facts, name
        assert len(raised & alerts) / len(alerts) >= floor, name
        assert len(raised - alerts) / len(alerts) <= 1 - floor, name


@there
def test_labelled_facts_are_told_once() -> None:
    spec = importlib.util.spec_from_file_location("score", EVAL / "score.py")
    assert spec is not None
    assert spec.loader is not None
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    articles, assessor = labelled(EVAL.glob("dev-*.jsonl")), Assessor({})
    alerts = [
        alert.model_dump(mode="json")
        for article in articles
        for label in article["claims"]
        for alert in assessor.assess(claim_of(article, label), raised_at=NOW).alerts
    ]
    result = score.score_alerts(articles, alerts, 0)
    assert result["alerts"]["f1"] >= FLOOR
    assert result["repeated"] <= MOST_REPEATED * result["alerts"]["predicted"]
