"""The scorer of `make eval`: by hand on a few claims, and against the shared one on all labelled articles."""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tools import evaluate

TEXT = "Seoul says 6,000 soldiers were killed or wounded. Kim met Putin in Vladivostok."


def label(quote: str, **fields: Any) -> dict[str, Any]:
    defaults = {
        "type": "casualties",
        "quote": quote,
        "actor": "KP",
        "recipient": "RU",
        "status": "happened",
        "negated": False,
        "quantity": None,
        "attributed_to": [],
        "place": None,
        "when": None,
        "background": False,
        "fact": "f1",
    }
    return defaults | fields


def predicted(label: dict[str, Any], text: str = TEXT, **fields: Any) -> dict[str, Any]:
    start = text.find(label["quote"])
    names = [{"name": name, "text": name} for name in label["attributed_to"]]
    place = label["place"] and {"name": label["place"]}
    evidence = {"start": start, "end": start + len(label["quote"])}
    return label | {"evidence": evidence, "attributed_to": names, "place": place} | fields


def gold(*labels: dict[str, Any], id_: str = "a") -> dict[str, Any]:
    return {"id": id_, "lang": "en", "title": "", "text": TEXT, "relevant": bool(labels), "claims": list(labels)}


def enriched(*claims: dict[str, Any], id_: str = "a") -> dict[str, Any]:
    return {"article": {"id": id_}, "relevant": bool(claims), "claims": list(claims)}


SIX = {"low": 6000, "high": 6000, "unit": "person"}
LOSSES = label("6,000 soldiers were killed or wounded", quantity=SIX, attributed_to=["South Korea"])
SUMMIT = label("Kim met Putin in Vladivostok", type="diplomacy", place="Vladivostok", fact="f2")


def test_what_agrees_is_right() -> None:
    scores = evaluate.score([gold(LOSSES, SUMMIT)], [enriched(predicted(LOSSES), predicted(SUMMIT))])
    assert scores["claims"]["f1"] == scores["complete_claims"]["f1"] == scores["relevance"]["f1"] == 1
    assert set(scores["agreement_on_matched"].values()) == {1.0}


def test_a_claim_of_another_type_or_passage_is_none_of_the_labels() -> None:
    elsewhere = predicted(LOSSES, evidence={"start": 0, "end": 12})
    scores = evaluate.score([gold(LOSSES, SUMMIT)], [enriched(elsewhere, predicted(SUMMIT, type="statement"))])
    assert scores["claims"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "right": 0, "predicted": 2, "labelled": 2}


def test_a_found_claim_with_another_figure_is_not_complete() -> None:
    scores = evaluate.score([gold(LOSSES)], [enriched(predicted(LOSSES, quantity=SIX | {"high": None}))])
    assert (scores["claims"]["right"], scores["complete_claims"]["right"]) == (1, 0)
    assert scores["agreement_on_matched"]["quantity"] == 0
    assert scores["agreement_on_matched"]["status"] == 1


def test_articles_that_were_not_extracted_count_as_missed() -> None:
    scores = evaluate.score([gold(LOSSES), gold(SUMMIT, id_="b")], [enriched(predicted(LOSSES))])
    assert scores["not_extracted"] == ["b"]
    assert scores["claims"]["recall"] == 0.5


def test_alerts_are_right_once_for_each_fact() -> None:
    articles = [gold(LOSSES), gold(LOSSES, SUMMIT, id_="b")]

    def alert(claim: dict[str, Any], article: str, kind: str = "new") -> dict[str, Any]:
        return {"kind": kind, "article_id": article, "claim": claim}

    alerts = [
        alert(predicted(LOSSES), "a"),
        alert(predicted(LOSSES), "b"),
        alert(predicted(SUMMIT), "b", "corroborated"),
        alert(predicted(SUMMIT, type="arms"), "b", "update"),
    ]
    scores = evaluate.score_alerts(articles, alerts)
    assert (scores["repeated"], scores["unfounded"], scores["facts"], scores["mentions"]) == (1, 1, 2, 3)
    assert scores["alerts"] == {
        "precision": 0.3333,
        "recall": 0.5,
        "f1": 0.4,
        "right": 1,
        "predicted": 3,
        "labelled": 2,
    }


def spoilt(articles: list[dict[str, Any]], chance: random.Random) -> list[dict[str, Any]]:
    """Make enriched articles of labelled ones, with faults of every kind: the scorers must see them alike."""
    made = []
    for article in articles:
        claims = []
        for claim in article["claims"]:
            start = article["text"].find(claim["quote"])
            end = start + len(claim["quote"])
            names = [{"name": name} for name in claim["attributed_to"]]
            fields = {
                "evidence": {"start": max(0, start + chance.randint(-40, 40)), "end": end + chance.randint(0, 40)},
                "attributed_to": names[:: chance.choice([1, -1])] if chance.random() < 0.8 else [],
                "place": {"name": claim["place"].upper()} if claim["place"] else None,
                "when": claim["when"] and claim["when"][: chance.choice([4, 7, 10])],
                "type": claim["type"] if chance.random() < 0.9 else "statement",
                "status": claim["status"] if chance.random() < 0.9 else "planned",
                "quantity": claim["quantity"] if chance.random() < 0.9 else None,
                "background": chance.random() < 0.5,
            }
            claims += [claim | fields] * chance.choice([0, 1, 1, 1, 2])
        relevant = bool(claims) if chance.random() < 0.9 else not claims
        record = {"article": {"id": article["id"]}, "relevant": relevant, "claims": claims}
        made += [record] if chance.random() < 0.95 else []
    return made


@pytest.mark.skipif(not evaluate.SHARED.is_dir(), reason=f"needs the labelled articles in {evaluate.SHARED}")
def test_figures_are_those_of_the_shared_scorer(tmp_path: Path) -> None:
    chance = random.Random(2)  # noqa: S311 nothing is kept secret with it
    lines = [line for path in sorted(evaluate.SHARED.glob("dev-*.jsonl")) for line in path.read_bytes().splitlines()]
    articles = [json.loads(line) for line in lines if line.strip()]
    made = spoilt(articles, chance)
    kinds = ["new", "new", "update", "corroborated"]
    alerts = [
        {"kind": chance.choice(kinds), "article_id": record["article"]["id"], "claim": claim}
        for record in made
        for claim in record["claims"]
    ]
    for name, records in {"gold": articles, "made": made, "alerts": alerts}.items():
        text = "\n".join(json.dumps(record) for record in records)
        (tmp_path / name).write_text(text, encoding="utf-8")
    command = [evaluate.SHARED / "score.py", tmp_path / "gold", tmp_path / "made", "--alerts", tmp_path / "alerts"]
    done = subprocess.run([sys.executable, *command, "--json"], capture_output=True, text=True, check=True)
    scores = evaluate.score(articles, made)
    scores["novelty"] = evaluate.score_alerts(articles, alerts)
    assert json.loads(json.dumps(scores)) == json.loads(done.stdout)
