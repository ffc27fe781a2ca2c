"""Headers follow the binary mode of CloudEvents 1.0: what a foreign client reads without knowing Tumen."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from schemas import (
    Alert,
    AlertKind,
    Article,
    Claim,
    ClaimType,
    EnrichedArticle,
    Evidence,
    Extractor,
    Fact,
    Plover,
    Source,
    Status,
)
from streams import cloudevents

REPORTED = datetime(2024, 10, 21, 9, 30, tzinfo=UTC)
HANDLED = datetime(2026, 2, 13, 8, 0, 0, 250_000, tzinfo=UTC)
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

ARTICLE = Article(id="a1", title="Title", text="Troops were sent.", published_at=REPORTED)
CLAIM = Claim(
    id="c1",
    article_id="a1",
    published_at=REPORTED,
    language="en",
    type=ClaimType.TROOPS,
    plover=Plover.AID,
    actor="KP",
    recipient="RU",
    status=Status.HAPPENED,
    negated=False,
    background=False,
    confidence=0.5,
    evidence=Evidence(text="Troops were sent", start=0, end=16),
)
FACT = Fact(
    id="f1",
    type=ClaimType.TROOPS,
    actor="KP",
    recipient="RU",
    status=Status.HAPPENED,
    first_reported=REPORTED,
    last_reported=REPORTED,
    origins=[],
    sources=[Source(article_id="a1", published_at=REPORTED)],
    claims=["c1"],
    credibility=6,
)
ALERT = Alert(
    id="n1",
    fact_id="f1",
    kind=AlertKind.NEW,
    headline="North Korea has sent troops to Russia",
    article_id="a1",
    claim=CLAIM,
    grade="F6",
    raised_at=HANDLED,
)
ENRICHED = EnrichedArticle(
    article=ARTICLE,
    language="en",
    relevant=True,
    entities=[],
    claims=[CLAIM],
    extractor=Extractor(version="1", knowledge="k1"),
    processed_at=HANDLED,
)


def test_headers_of_the_binary_mode() -> None:
    assert cloudevents.headers_of(ALERT, TRACE) == [
        ("ce_specversion", b"1.0"),
        ("ce_id", b"n1"),
        ("ce_source", b"urn:tumen:assess"),
        ("ce_type", b"tumen.alert.raised.v1"),
        ("ce_time", b"2026-02-13T08:00:00.250000Z"),
        ("ce_dataschema", b"urn:tumen:schema:alert:v1"),
        ("content-type", b"application/json"),
        ("traceparent", TRACE.encode()),
    ]


@pytest.mark.parametrize(
    ("record", "type_", "source", "schema", "time"),
    [
        (ENRICHED, "tumen.article.enriched.v1", "urn:tumen:enrich", "urn:tumen:schema:enriched:v1", HANDLED),
        (CLAIM, "tumen.claim.reported.v1", "urn:tumen:enrich", "urn:tumen:schema:claim:v1", REPORTED),
        (FACT, "tumen.fact.changed.v1", "urn:tumen:assess", "urn:tumen:schema:fact:v1", REPORTED),
        (ALERT, "tumen.alert.raised.v1", "urn:tumen:assess", "urn:tumen:schema:alert:v1", HANDLED),
    ],
    ids=["enriched", "claim", "fact", "alert"],
)
def test_each_record_says_what_it_is(
    record: EnrichedArticle | Claim | Fact | Alert, type_: str, source: str, schema: str, time: datetime
) -> None:
    sent = {name: value.decode() for name, value in cloudevents.headers_of(record)}
    assert (sent["ce_type"], sent["ce_source"], sent["ce_dataschema"]) == (type_, source, schema)
    assert datetime.fromisoformat(sent["ce_time"]) == time
    assert "traceparent" not in sent


def event_id(record: EnrichedArticle | Claim | Fact | Alert) -> bytes:
    return dict(cloudevents.headers_of(record))["ce_id"]


def test_what_is_sent_again_has_the_same_id() -> None:
    later = HANDLED + timedelta(hours=1)
    assert event_id(ENRICHED.model_copy(update={"processed_at": later})) == event_id(ENRICHED)
    assert event_id(ALERT.model_copy(update={"raised_at": later})) == event_id(ALERT)
    assert event_id(FACT.model_copy()) == event_id(FACT)


def test_what_has_changed_has_another_id() -> None:
    revision = ENRICHED.model_copy(update={"article": ARTICLE.model_copy(update={"text": "No troops were sent."})})
    assert event_id(revision) != event_id(ENRICHED)
    assert event_id(FACT.model_copy(update={"claims": ["c1", "c2"]})) != event_id(FACT)


def test_time_is_told_in_utc() -> None:
    seoul = datetime(2024, 10, 21, 18, 30, tzinfo=timezone(timedelta(hours=9)))
    sent = cloudevents.headers(cloudevents.ARTICLE_PUBLISHED, "a1", cloudevents.PUBLISH, seoul, "urn:x")
    assert dict(sent)["ce_time"] == b"2024-10-21T09:30:00Z"


@pytest.mark.parametrize(
    ("type_", "id_", "source", "time", "fault"),
    [
        ("", "a1", "urn:x", REPORTED, "not empty"),
        ("t", "", "urn:x", REPORTED, "not empty"),
        ("t", "a1", "", REPORTED, "not empty"),
        ("t", "a1", "urn:x", datetime(2024, 10, 21), "needs a zone"),
    ],
)
def test_headers_that_break_the_specification_are_not_made(
    type_: str, id_: str, source: str, time: datetime, fault: str
) -> None:
    with pytest.raises(ValueError, match=fault):
        cloudevents.headers(type_, id_, source, time, "urn:x")


def test_a_valid_trace_context_is_read_whatever_the_case_of_its_name() -> None:
    assert cloudevents.traceparent_of([("x", b"1"), ("Traceparent", TRACE.encode())]) == TRACE


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\xff\xfe",
        TRACE.upper().encode(),
        TRACE.encode() + b"\n",
        b"ff" + TRACE[2:].encode(),
        b"00-00000000000000000000000000000000-b7ad6b7169203331-01",
        b"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
    ],
)
def test_a_trace_context_that_is_not_valid_is_not_passed_on(value: bytes) -> None:
    assert cloudevents.traceparent_of([("traceparent", value)]) is None


def test_no_headers_no_trace_context() -> None:
    assert cloudevents.traceparent_of([]) is None
