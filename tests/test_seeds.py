"""The sample articles keep to the contract, and show what docs/seeds.md says they show."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import TypeAdapter

from schemas import Article, ClaimType, Quantity, Status
from schemas.base import CountryCode, PartialDate

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"
AT_LEAST = {"uk": 8, "ru": 3, "en": 5, "ko": 2}
CLAIM_FIELDS = {
    *("type", "quote", "actor", "recipient", "status", "negated", "quantity"),
    *("attributed_to", "place", "when", "background", "fact"),
}

Record = dict[str, Any]


def read(language: str) -> list[Record]:
    with (SEEDS / f"{language}.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


ARTICLES = sorted(
    (record for language in AT_LEAST for record in read(language)), key=lambda record: record["published"]
)
CLAIMS = [(article, claim) for article in ARTICLES for claim in article["claims"]]

each_article = pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article["id"])
each_claim = pytest.mark.parametrize(
    ("article", "claim"), CLAIMS, ids=[f"{article['id']}-{claim['fact']}" for article, claim in CLAIMS]
)


def tellings(fact: str) -> list[Record]:
    """The articles that tell a fact, oldest first."""
    found = [article for article, claim in CLAIMS if claim["fact"] == fact]
    assert found, f"no article tells {fact}"
    return found


@pytest.mark.parametrize("language", AT_LEAST)
def test_each_language_has_its_articles(language: str) -> None:
    records = read(language)

    assert len(records) >= AT_LEAST[language]
    assert {record["lang"] for record in records} == {language}


def test_ids_and_addresses_are_unique() -> None:
    for key in ("id", "url"):
        values = [article[key] for article in ARTICLES]
        assert len(set(values)) == len(values), key


@each_article
def test_article_is_one_that_a_feeder_may_publish(article: Record) -> None:
    published = Article.model_validate(
        {
            "id": article["id"],
            "url": article["url"],
            "title": article["title"],
            "text": article["text"],
            "source": article["outlet"],
            "language": article["lang"],
            "published_at": article["published"],
        }
    )

    assert published.published_at is not None
    assert 2023 <= published.published_at.year <= 2026
    assert 350 <= len(published.text) <= 900
    assert (urlsplit(article["url"]).hostname or "").endswith(".example"), "the outlets are invented"


@each_article
def test_article_is_relevant_where_it_makes_a_claim(article: Record) -> None:
    assert article["relevant"] is bool(article["claims"])


@each_claim
def test_claim_keeps_to_the_contract(article: Record, claim: Record) -> None:
    assert set(claim) == CLAIM_FIELDS
    assert article["text"].count(claim["quote"]) == 1, "the quote stands in the text, and in one place"
    assert claim["type"] in set(ClaimType)
    assert claim["status"] in set(Status)
    assert isinstance(claim["negated"], bool)
    assert isinstance(claim["background"], bool)
    assert all(isinstance(name, str) and name for name in claim["attributed_to"])
    assert claim["place"] is None or claim["place"]
    for party in ("actor", "recipient"):
        TypeAdapter(CountryCode).validate_python(claim[party])
    if claim["when"] is not None:
        TypeAdapter(PartialDate).validate_python(claim["when"])


@pytest.mark.parametrize(
    "figure",
    [
        pytest.param(claim["quantity"], id=f"{article['id']}-{claim['fact']}")
        for article, claim in CLAIMS
        if claim["quantity"]
    ],
)
def test_quantity_is_a_range_of_a_known_unit(figure: Record) -> None:
    assert set(figure) == {"low", "high", "unit"}
    quantity = Quantity.model_validate(figure)

    assert quantity.low is not None or quantity.high is not None
    if quantity.low is not None and quantity.high is not None:
        assert quantity.low <= quantity.high


@each_claim
def test_parties_are_the_two_or_a_third_that_responds(article: Record, claim: Record) -> None:
    parties = {claim["actor"], claim["recipient"]}

    if claim["type"] == ClaimType.RESPONSE:
        assert claim["actor"] not in {"KP", "RU"}
        assert claim["recipient"] in {"KP", "RU"}
    else:
        assert parties == {"KP", "RU"}


def test_a_fact_is_the_same_wherever_it_is_told() -> None:
    facts = defaultdict(set)
    for _, claim in CLAIMS:
        facts[claim["fact"]].add((claim["type"], claim["actor"], claim["recipient"], claim["status"], claim["negated"]))

    assert {fact: kinds for fact, kinds in facts.items() if len(kinds) > 1} == {}


def test_facts_are_told_in_several_languages() -> None:
    languages = defaultdict(set)
    for article, claim in CLAIMS:
        languages[claim["fact"]].add(article["lang"])

    assert max(len(told_in) for told_in in languages.values()) >= 3
    assert sum(len(told_in) >= 2 for told_in in languages.values()) >= 5


@pytest.mark.parametrize(
    ("earlier", "later"),
    [("nis-1500", "troops-3000"), ("nis-300-killed", "nis-600-killed"), ("nis-600-killed", "nis-2000-killed")],
)
def test_figures_are_raised(earlier: str, later: str) -> None:
    figures = {claim["fact"]: claim for _, claim in reversed(CLAIMS)}
    before, after = figures[earlier], figures[later]

    assert before["type"] == after["type"]
    assert before["quantity"]["high"] < after["quantity"]["low"]
    assert tellings(earlier)[0]["published"] < tellings(later)[0]["published"]


@pytest.mark.parametrize(
    ("plan", "event"), [("builders-planned", "builders-moving"), ("flight-planned", "first-flight")]
)
def test_plans_happen(plan: str, event: str) -> None:
    statuses = {claim["fact"]: claim["status"] for _, claim in CLAIMS}

    assert (statuses[plan], statuses[event]) == (Status.PLANNED, Status.HAPPENED)
    assert tellings(plan)[0]["published"] < tellings(event)[0]["published"]


def test_something_is_denied_and_something_is_recalled() -> None:
    assert any(claim["negated"] and not claim["background"] for _, claim in CLAIMS)
    assert any(claim["background"] for _, claim in CLAIMS)


def test_articles_without_a_report_are_among_them() -> None:
    silent = [article["text"] for article in ARTICLES if not article["relevant"]]

    assert len(silent) >= 2
    assert any("КНДР" in text and "Росія" in text for text in silent), "one names both countries"


def test_docs_say_what_each_article_shows() -> None:
    text = (ROOT / "docs" / "seeds.md").read_text(encoding="utf-8")
    rows = [
        tuple(cell.strip(" `") for cell in line.split("|")[1:3]) for line in text.splitlines() if line[:4] == "| 20"
    ]

    assert sorted(rows) == sorted((article["published"], article["id"]) for article in ARTICLES)
    assert [date for date, _ in rows] == sorted(date for date, _ in rows), "the rows stand in order of date"
