"""Ids are functions of the content: the same for the same thing, whatever the order, another for another thing."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import articles, lines, texts

from schemas import Article, ClaimType, Quantity, Status, Unit
from schemas.base import article_id, content_id, schema_id
from schemas.claim import claim_id

RECEIVED = datetime(2024, 10, 21, 9, 30, tzinfo=UTC)


def test_ids_do_not_change_from_release_to_release() -> None:
    # a change here makes every fact new again for a stream that is running
    assert content_id("claim", None, "", 1, True) == "9481f0b798187003d6e33899"
    assert article_id("https://example.org/a", "text") == "10f84d6c9b7fb5b0e7c923bd"
    assert article_id(None, "text") == "14f6936694de8dc263648a99"
    quantity = Quantity(low=10000, high=None, unit=Unit.PERSON)
    claim = claim_id("a1", ClaimType.TROOPS, "KP", "RU", Status.HAPPENED, False, quantity, "понад 10 тисяч вояків")
    assert claim == "4ccafe706e666e55b7cc318d"


@given(st.lists(texts | st.none(), max_size=4), st.lists(texts | st.none(), max_size=4))
def test_different_parts_give_different_ids(left: list[str | None], right: list[str | None]) -> None:
    assert (content_id(*left) == content_id(*right)) == (left == right)


@given(articles, st.randoms(use_true_random=False))
def test_the_id_of_an_article_is_independent_of_field_order(article: Article, random: Any) -> None:
    fields = list(json.loads(article.model_dump_json()).items())
    random.shuffle(fields)
    again = Article.model_validate_json(json.dumps(dict(fields)))
    assert again.completed(RECEIVED).id == article.completed(RECEIVED).id


@given(articles)
def test_completing_twice_changes_nothing(article: Article) -> None:
    completed = article.completed(RECEIVED)
    assert completed.id
    assert completed.published_at
    assert completed.completed(datetime(2030, 1, 1, tzinfo=UTC)) == completed


def test_an_id_and_a_date_that_the_feeder_gave_are_kept() -> None:
    article = Article(id="mine", url="https://example.org/a", text="text", published_at="2024-10-18")
    completed = article.completed(RECEIVED)
    assert (completed.id, completed.published_at) == ("mine", datetime(2024, 10, 18, tzinfo=UTC))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/news/1",
        "https://www.example.org/news/1",
        "https://EXAMPLE.org/news/1/",
        "https://example.org/news/1#comments",
        "https://example.org/news/1?utm_source=rss&utm_medium=feed",
        "https://example.org/news/1?fbclid=abc",
    ],
)
def test_spellings_of_a_url_are_one_article(url: str) -> None:
    assert article_id(url, "first text") == article_id("https://example.org/news/1", "changed text")


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/news/2",
        "https://example.org/news/1?page=2",
        "https://other.example.org/news/1",
        "https://example.org/News/1",
    ],
)
def test_other_urls_are_other_articles(url: str) -> None:
    assert article_id(url, "text") != article_id("https://example.org/news/1", "text")


def test_without_a_url_the_text_is_the_article() -> None:
    assert article_id(None, "text") == article_id("", "text") != article_id(None, "other text")


@pytest.mark.parametrize(("left", "right"), [("https://", "http:"), ("http://[", "http://]"), ("?utm_id=1", "/")])
def test_what_is_no_url_is_still_a_name(left: str, right: str) -> None:
    assert article_id(left, "text") != article_id(right, "text")


@given(lines)
def test_no_url_is_an_error(url: str) -> None:
    assert len(article_id(url, "text")) == 24


CLAIM: dict[str, Any] = {
    "article": "a1",
    "type_": ClaimType.TROOPS,
    "actor": "KP",
    "recipient": "RU",
    "status": Status.HAPPENED,
    "negated": False,
    "quantity": Quantity(low=10000, high=12000, unit=Unit.PERSON),
    "evidence": "від 10 до 12 тисяч",
}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("article", "a2"),
        ("type_", ClaimType.LABOUR),
        ("actor", "RU"),
        ("recipient", "KP"),
        ("status", Status.PLANNED),
        ("negated", True),
        ("quantity", None),
        ("quantity", Quantity(low=10000, high=None, unit=Unit.PERSON)),
        ("quantity", Quantity(low=10000, high=12000, unit=Unit.SHELL)),
        ("evidence", "від 10 до 13 тисяч"),
    ],
)
def test_each_part_of_a_claim_counts_for_its_id(field: str, value: Any) -> None:
    assert claim_id(**CLAIM | {field: value}) != claim_id(**CLAIM)


def test_white_space_does_not_make_another_claim() -> None:
    assert claim_id(**CLAIM | {"evidence": " від 10\u00a0до\n12 тисяч "}) == claim_id(**CLAIM)


def test_schema_ids_need_no_host() -> None:
    assert schema_id("claim") == "urn:tumen:schema:claim:v1"
