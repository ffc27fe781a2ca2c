"""Kafka headers in the binary mode of CloudEvents 1.0: context in `ce_` headers, the record itself as the value."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from schemas.alert import Alert
from schemas.base import content_id, schema_id
from schemas.claim import Claim
from schemas.enriched import EnrichedArticle
from schemas.fact import Fact
from schemas.headers import HISTORY
from schemas.withdrawal import Withdrawal

Headers = list[tuple[str, bytes]]
"""Record headers in the form that aiokafka, Faust and confluent-kafka take."""

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/json"

ARTICLE_PUBLISHED = "tumen.article.published.v1"
ARTICLE_ENRICHED = "tumen.article.enriched.v1"
CLAIM_REPORTED = "tumen.claim.reported.v1"
CLAIM_WITHDRAWN = "tumen.claim.withdrawn.v1"
FACT_CHANGED = "tumen.fact.changed.v1"
ALERT_RAISED = "tumen.alert.raised.v1"

# ce_source: the step of the stream that made the event. With ce_id it is unique for each distinct event.
PUBLISH = "urn:tumen:publish"
ENRICH = "urn:tumen:enrich"
REVISE = "urn:tumen:revise"
ASSESS = "urn:tumen:assess"

# W3C Trace Context, level 1: version ff and all-zero ids are invalid.
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def headers(type_: str, id_: str, source: str, time: datetime, schema: str, traceparent: str | None = None) -> Headers:
    """Return the headers of one event.

    `source` is a URI reference, `schema` the URI of the value's JSON Schema (`schemas.base.schema_id`), `time` an
    aware datetime. `source` and `id_` together must be the same for the same event sent again, and differ otherwise.
    """
    if not (type_ and id_ and source):
        raise ValueError("a CloudEvent needs a type, an id and a source that are not empty")
    if time.tzinfo is None:
        raise ValueError(f"a CloudEvent's time needs a zone, not {time.isoformat()}")
    fields = [
        ("ce_specversion", SPEC_VERSION),
        ("ce_id", id_),
        ("ce_source", source),
        ("ce_type", type_),
        ("ce_time", time.astimezone(UTC).isoformat().replace("+00:00", "Z")),
        ("ce_dataschema", schema),
        ("content-type", CONTENT_TYPE),
    ]
    if traceparent is not None:
        fields.append(("traceparent", traceparent))
    return [(name, value.encode()) for name, value in fields]


def headers_of(record: EnrichedArticle | Claim | Withdrawal | Fact | Alert, traceparent: str | None = None) -> Headers:
    """Return the headers of a record that Tumen sends.

    `ce_id` is a function of the content without the time of processing: a record sent again after a crash carries
    the same one, and a fact that has changed, or an article read anew in a revision, another.
    """
    match record:
        case EnrichedArticle(article=article, extractor=extractor):
            revision = content_id("enriched", article.id, article.title, article.text, extractor.knowledge)
            return headers(ARTICLE_ENRICHED, revision, ENRICH, record.processed_at, schema_id("enriched"), traceparent)
        case Claim():
            return headers(CLAIM_REPORTED, record.id, ENRICH, record.published_at, schema_id("claim"), traceparent)
        case Withdrawal():
            # a claim that is made again can be dropped again: that is another event
            event = content_id("withdrawal", record.id, record.revision)
            return headers(CLAIM_WITHDRAWN, event, REVISE, record.withdrawn_at, schema_id("withdrawal"), traceparent)
        case Fact():
            state = content_id("fact", record.model_dump_json())
            return headers(FACT_CHANGED, state, ASSESS, record.last_reported, schema_id("fact"), traceparent)
        case Alert():
            return headers(ALERT_RAISED, record.id, ASSESS, record.raised_at, schema_id("alert"), traceparent)


def traceparent_of(headers: Iterable[tuple[str, bytes]]) -> str | None:
    """Return the W3C trace context of a record that came in, or None where it has none or one that is not valid."""
    for name, value in headers:
        if name.lower() == "traceparent":
            text = value.decode("ascii", errors="replace")
            return text if _TRACEPARENT.fullmatch(text) else None
    return None


def event_of(headers: Iterable[tuple[str, bytes]]) -> str | None:
    """Return the type of event of a record that came in, or None where it tells none."""
    for name, value in headers:
        if name == "ce_type":
            return value.decode(errors="replace")
    return None


def history_header() -> Headers:
    """Return the header of what is to be learnt without raising alerts."""
    return [(HISTORY, b"true")]


def is_history(headers: Iterable[tuple[str, bytes]]) -> bool:
    """Say whether a record that came in is to be learnt without raising alerts."""
    return any(name == HISTORY and value == b"true" for name, value in headers)
