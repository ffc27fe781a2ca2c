"""Bytes to articles and back: what is taken, what is refused, and what the feeder is told."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import Article
from schemas.article import MAX_TEXT
from streams.codec import MAX_DEPTH, decode, decode_article, encode
from streams.errors import BadInputError

NOW = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)

# plain text: no control characters besides white space, no lone surrogates
texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\n\r"), min_size=1, max_size=200
).filter(str.strip)
lines = st.none() | texts.filter(lambda line: len(line) < 2048)


def outcome(value: bytes) -> Article | BadInputError:
    try:
        return decode_article(value, NOW)
    except BadInputError as error:
        return error


@given(
    text=texts,
    title=lines,
    source=lines,
    identifier=st.none() | texts.filter(lambda line: len(line) < 512),
    language=st.none() | st.sampled_from(["uk", "ru", "en", "ko", "en-GB"]),
    published_at=st.none() | st.datetimes(timezones=st.just(UTC)),
)
def test_an_article_survives_the_round_trip(
    text: str,
    title: str | None,
    source: str | None,
    identifier: str | None,
    language: str | None,
    published_at: datetime | None,
) -> None:
    article = Article(
        id=identifier, text=text, title=title, source=source, language=language, published_at=published_at
    ).completed(NOW)
    assert decode(Article, encode(article)) == article
    assert decode_article(encode(article), NOW) == article


@given(st.binary() | st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists).map(json.dumps))
def test_whatever_comes_in_is_an_article_or_bad_input(value: bytes | str) -> None:
    found = outcome(value.encode(errors="surrogatepass") if isinstance(value, str) else value)
    assert found.text if isinstance(found, Article) else found.code and found.message


@given(
    st.fixed_dictionaries(
        {"text": texts | st.none() | st.integers()},
        optional={
            name: st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text())
            for name in ("id", "url", "title", "source", "language", "published_at", "unknown")
        },
    )
)
def test_whatever_fields_come_in_are_an_article_or_bad_input(fields: dict[str, object]) -> None:
    found = outcome(json.dumps(fields).encode())
    if isinstance(found, Article):
        assert found.text == fields["text"]
        assert found.id
        assert found.published_at is not None
    else:
        assert found.code


def test_what_is_missing_is_derived() -> None:
    article = decode_article(b'{"text": "Seoul said", "from": "a newer feeder"}', NOW)
    assert article.published_at == NOW
    assert article.id == decode_article(b'{"text": "Seoul said"}', datetime(2020, 1, 1, tzinfo=UTC)).id


def test_a_byte_order_mark_is_no_fault() -> None:
    assert decode_article(b'\xef\xbb\xbf{"text": "a"}', NOW).text == "a"


@pytest.mark.parametrize(
    ("value", "code", "told"),
    [
        (None, "null_value", "no value"),
        (b"", "invalid_json", "JSON"),
        (b"{", "invalid_json", "line 1"),
        (b'{"text": "a"} {"text": "b"}', "invalid_json", "one JSON object"),
        (b'{"text": "a", "n": NaN}', "invalid_json", "JSON"),
        (b'{"text": "a", "n": 01}', "invalid_json", "number"),
        (b'{"text": "a", "n": ' + b"9" * 5000 + b"}", "invalid_json", "number"),
        (b"\xff\xfe{\x00", "not_utf8", "0xff at position 0"),
        ('{"text": "текст"}'.encode("cp1251"), "not_utf8", "UTF-8"),
        (b"[]", "not_an_object", "array"),
        (b'"text"', "not_an_object", "string"),
        (b"12", "not_an_object", "number"),
        (b"null", "not_an_object", "null"),
        (b"{}", "missing_text", '"text"'),
        (b'{"text": null}', "wrong_type", "null"),
        (b'{"text": ["a"]}', "wrong_type", "array"),
        (b'{"text": "a", "title": 5}', "wrong_type", "title"),
        (b'{"text": ""}', "empty_text", "empty"),
        (b'{"text": " \\n\\t "}', "empty_text", "empty"),
        (b'{"text": "a", "id": ""}', "empty_field", "id"),
        (b'{"text": "a", "id": "' + b"x" * 513 + b'"}', "field_too_long", "512"),
        (b'{"text": "a", "x": ' + b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1) + b"}", "too_deep", str(MAX_DEPTH)),
        (b"[" * 100_000, "too_deep", str(MAX_DEPTH)),
        (b'{"text": "a\\ud83d"}', "lone_surrogate", "surrogate"),
        (b'{"text": "a\\ude00b"}', "lone_surrogate", "surrogate"),
        (b'{"text": "a\xed\xa0\x80"}', "not_utf8", "UTF-8"),
        (b'{"text": "a\nb"}', "control_characters", "escape"),
        (b'{"text": "a\\u0000"}', "control_characters", "text"),
        (b'{"text": "a", "source": "\\u001b[31m"}', "control_characters", "source"),
        (b'{"text": "a", "published_at": "2024-13-01"}', "invalid_date", "2024-13-01"),
        (b'{"text": "a", "published_at": "yesterday"}', "invalid_date", "ISO 8601"),
        (b'{"text": "a", "published_at": 1e999}', "invalid_date", "number"),
        (b'{"text": "a", "published_at": true}', "invalid_date", "boolean"),
        (b'{"text": "a", "published_at": "9999-12-31T23:59:59-14:00"}', "invalid_date", "9999"),
        (b'{"text": "a", "language": "klingon!"}', "invalid_language", "ISO 639"),
        (json.dumps({"text": "x" * (MAX_TEXT + 1)}).encode(), "text_too_long", "1,000,001"),
    ],
)
def test_a_fault_has_a_code_and_tells_the_feeder(value: bytes | None, code: str, told: str) -> None:
    with pytest.raises(BadInputError) as caught:
        decode_article(value, NOW)
    assert caught.value.code == code
    assert told in caught.value.message
    assert len(caught.value.message) < 400


def test_the_longest_text_is_taken() -> None:
    assert len(decode_article(json.dumps({"text": "я" * MAX_TEXT}).encode(), NOW).text) == MAX_TEXT
