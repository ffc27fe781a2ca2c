"""Records survive the wire, fit their published JSON Schema, and are refused where the schema refuses them."""

import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError
from strategies import RECORDS, articles, bodies, claims

from schemas import Article, Claim, DeadLetter, Evidence, Stage
from schemas.article import MAX_TEXT
from schemas.base import Record
from schemas.export import CHANNELS, json_schemas

MODELS = {channel.noun: channel.model for channel in CHANNELS}
VALIDATORS = {noun: Draft202012Validator(schema) for noun, schema in json_schemas().items()}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=3), children, max_size=3),
    max_leaves=5,
)


def wire(record: Record) -> Any:
    """The record as any other JSON parser reads it."""
    return json.loads(record.model_dump_json().encode())


def is_read(noun: str, value: Any) -> bool:
    try:
        MODELS[noun].model_validate_json(json.dumps(value))
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("noun", RECORDS)
@settings(max_examples=50)
@given(data=st.data())
def test_round_trip(noun: str, data: st.DataObject) -> None:
    record = data.draw(RECORDS[noun])
    assert type(record).model_validate_json(record.model_dump_json()) == record


@pytest.mark.parametrize("noun", RECORDS)
@settings(max_examples=50)
@given(data=st.data())
def test_what_is_written_fits_the_published_schema(noun: str, data: st.DataObject) -> None:
    VALIDATORS[noun].validate(wire(data.draw(RECORDS[noun])))


@pytest.mark.parametrize("noun", RECORDS)
@settings(max_examples=50)
@given(data=st.data(), later=st.dictionaries(st.text(min_size=1).map("x_{}".format), json_values, max_size=3))
def test_unknown_fields_are_ignored(noun: str, data: st.DataObject, later: dict[str, Any]) -> None:
    record = data.draw(RECORDS[noun])
    value = wire(record) | later
    VALIDATORS[noun].validate(value)
    assert type(record).model_validate_json(json.dumps(value)) == record


@given(claims, st.dictionaries(st.text(min_size=1).map("x_{}".format), json_values, min_size=1, max_size=2))
def test_unknown_fields_of_parts_are_ignored(claim: Claim, later: dict[str, Any]) -> None:
    value = wire(claim)
    value["evidence"] |= later
    VALIDATORS["claim"].validate(value)
    assert Claim.model_validate_json(json.dumps(value)) == claim


@pytest.mark.parametrize("noun", RECORDS)
@settings(max_examples=50)
@given(data=st.data())
def test_a_missing_field_is_refused_by_schema_and_model_alike(noun: str, data: st.DataObject) -> None:
    value = wire(data.draw(RECORDS[noun]))
    del value[data.draw(st.sampled_from(sorted(value)))]
    assert VALIDATORS[noun].is_valid(value) == is_read(noun, value)


@given(articles, st.sampled_from(["id", "url", "title", "text", "source", "language", "published_at"]), json_values)
def test_the_article_schema_is_what_the_stream_accepts(article: Article, field: str, value: Any) -> None:
    changed = wire(article) | {field: value}
    # feeds that count U+0085 as a space are not told apart from those that do not
    assume(not (isinstance(value, str) and {"\x85", "\ufeff"} & set(value)))
    assert VALIDATORS["article"].is_valid(changed) == is_read("article", changed)


@pytest.mark.parametrize(
    "article",
    [
        {},
        {"text": None},
        {"text": 7},
        {"text": ["Сеул"]},
        {"text": ""},
        {"text": " \n\t\u00a0"},
        {"text": "null \x00 byte"},
        {"text": "escape \x1b[0m"},
        {"text": "я" * (MAX_TEXT + 1)},
        {"text": "ok", "id": ""},
        {"text": "ok", "id": 17},
        {"text": "ok", "id": "a" * 513},
        {"text": "ok", "url": "https://example.org/" + "a" * 2048},
        {"text": "ok", "language": "Ukrainian language"},
        {"text": "ok", "language": ""},
        {"text": "ok", "published_at": 1729503000},
        {"text": "ok", "published_at": ""},
        {"text": "ok", "published_at": "yesterday"},
        {"text": "ok", "published_at": "21.10.2024"},
        {"text": "ok", "published_at": "Mon, 21 Oct 2024 09:30:00 +0000"},
        ["text"],
        "text",
        None,
    ],
    ids=lambda article: json.dumps(article, ensure_ascii=False)[:40],
)
def test_bad_articles_are_refused_by_schema_and_model_alike(article: Any) -> None:
    assert not VALIDATORS["article"].is_valid(article)
    assert not is_read("article", article)


@pytest.mark.parametrize(
    "article",
    [
        {"text": "a"},
        {"text": "я" * MAX_TEXT},
        {"text": "\U0001f1f0\U0001f1f5" * 10, "title": "", "source": None},
        {"text": "ok", "published_at": "2024-10-21"},
        {"text": "ok", "language": "ko-KR", "url": "not a URL, but a name", "section": "world"},
    ],
    ids=lambda article: json.dumps(article, ensure_ascii=False)[:40],
)
def test_good_articles_are_accepted_by_schema_and_model_alike(article: Any) -> None:
    assert VALIDATORS["article"].is_valid(article)
    assert is_read("article", article)


@pytest.mark.parametrize(
    ("noun", "path", "value"),
    [
        ("claim", ["type"], "rumour"),
        ("claim", ["status"], "denied"),
        ("claim", ["actor"], "North Korea"),
        ("claim", ["confidence"], 1.5),
        ("claim", ["when"], "2024-13"),
        ("claim", ["when"], "２０２４"),
        ("claim", ["evidence", "start"], -1),
        ("claim", ["evidence", "end"], 0),
        ("claim", ["evidence"], None),
        ("fact", ["credibility"], 7),
        ("fact", ["sources"], None),
        ("alert", ["kind"], "repeated"),
        ("alert", ["grade"], "G1"),
        ("alert", ["claim", "negated"], "perhaps"),
        ("enriched", ["article", "text"], ""),
        ("enriched", ["entities"], {}),
        ("dead-letter", ["tumen.errors.stage"], "elsewhere"),
        ("dead-letter", ["tumen.errors.attempt"], 0),
    ],
)
@settings(max_examples=10)
@given(data=st.data())
def test_bad_records_are_refused_by_schema_and_model_alike(
    noun: str, path: list[str], value: Any, data: st.DataObject
) -> None:
    record = wire(data.draw(RECORDS[noun]))
    *parents, field = path
    part = record
    for parent in parents:
        part = part[parent]
    part[field] = value
    assert not VALIDATORS[noun].is_valid(record)
    assert not is_read(noun, record)


@given(RECORDS["dead-letter"])
def test_the_headers_of_a_dead_letter_are_text(letter: DeadLetter) -> None:
    headers = {name: str(value) for name, value in wire(letter).items()}
    VALIDATORS["dead-letter"].validate(headers)
    assert DeadLetter.model_validate(headers) == letter


@pytest.mark.parametrize(("header", "value"), [("offset", "-1"), ("partition", "zero"), ("attempt", "0")])
def test_headers_of_a_dead_letter_that_are_no_numbers_are_refused(header: str, value: str) -> None:
    letter = DeadLetter(topic="t", partition=0, offset=0, stage=Stage.DECODE, code="c", message="m", attempt=1)
    headers = {name: str(told) for name, told in wire(letter).items()} | {f"tumen.errors.{header}": value}
    assert not VALIDATORS["dead-letter"].is_valid(headers)
    with pytest.raises(ValidationError):
        DeadLetter.model_validate(headers)


@given(bodies, st.data())
def test_offsets_hold_after_the_wire_for_any_text(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    article = wire(Article(text=text))
    evidence = wire(Evidence(text=text[start:end], start=start, end=end))
    assert article["text"][evidence["start"] : evidence["end"]] == evidence["text"]
