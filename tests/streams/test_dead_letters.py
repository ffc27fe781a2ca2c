"""Dead letters: the record as it came, with the reason in its headers."""

from dataclasses import dataclass
from datetime import UTC, datetime

from schemas.dead_letter import Stage
from streams.agents.dead_letters import dead_letter, received_at
from streams.pool import Failure
from streams.topics import ARTICLES, DEAD_LETTERS


@dataclass
class Message:
    key: bytes | None = b"\x00\xff"
    value: bytes | None = b"\xff not JSON"
    headers: list[tuple[str, bytes]] | None = None
    topic: str = ARTICLES
    partition: int = 3
    offset: int = 41
    timestamp: float = 1_700_000_000.5


FAILURE = Failure(Stage.DECODE, "not_utf8", "encode the JSON as UTF-8")


def test_key_value_and_headers_are_untouched() -> None:
    letter = dead_letter(Message(headers=[("traceparent", b"00-1"), ("binary", b"\x80")]), FAILURE)
    assert (letter.topic, letter.key, letter.value) == (DEAD_LETTERS, b"\x00\xff", b"\xff not JSON")
    assert letter.headers == [
        ("traceparent", b"00-1"),
        ("binary", b"\x80"),
        ("tumen.errors.topic", ARTICLES.encode()),
        ("tumen.errors.partition", b"3"),
        ("tumen.errors.offset", b"41"),
        ("tumen.errors.stage", b"decode"),
        ("tumen.errors.code", b"not_utf8"),
        ("tumen.errors.message", b"encode the JSON as UTF-8"),
        ("tumen.errors.attempt", b"1"),
        ("tumen.errors.timestamp", b"1700000000500"),
    ]


def test_a_record_without_key_and_value_stays_so() -> None:
    letter = dead_letter(Message(key=None, value=None), FAILURE)
    assert letter.key is None
    assert letter.value is None


def test_one_that_was_replayed_and_failed_again_tells_the_last_reason_only() -> None:
    once = dead_letter(Message(), Failure(Stage.EXTRACT, "extract_timeout", "too long", attempt=2))
    again = dict(dead_letter(Message(headers=once.headers), FAILURE).headers)
    assert again["tumen.errors.code"] == b"not_utf8"
    assert again["tumen.errors.attempt"] == b"1"
    assert len(again) == len(once.headers)


def test_a_record_is_dated_by_its_timestamp() -> None:
    assert received_at(Message()) == datetime(2023, 11, 14, 22, 13, 20, 500_000, tzinfo=UTC)


def test_a_record_without_a_timestamp_is_dated_now() -> None:
    before = datetime.now(UTC)
    assert received_at(Message(timestamp=-0.001)) >= before
