"""What all records of the contract share: the base model, constrained types and content-derived ids."""

import hashlib
import re
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlsplit, urlunsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, StringConstraints, WithJsonSchema


class Record(BaseModel):
    """A value on a topic, or a part of one.

    Readers ignore fields they do not know, so that within v1 fields can be added.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


def content_id(*parts: object) -> str:
    """Return 24 hexadecimal digits that are a function of `parts` alone, in their order.

    `None` differs from the empty string, and no concatenation of parts can imitate another.
    """
    digest = hashlib.blake2b(digest_size=12)
    for part in parts:
        encoded = b"\x00" if part is None else b"\x01" + str(part).encode()
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()


def schema_id(noun: str) -> str:
    """Return the URI of a record's JSON Schema, for instance `urn:tumen:schema:claim:v1` for `claim`.

    It is a name and not an address: it stays true wherever the schemas are kept, and needs no host of ours.
    """
    return f"urn:tumen:schema:{noun}:v1"


_TRACKING = re.compile(r"(?:^|&)(?:utm_\w+|fbclid|gclid|yclid)=[^&]*")


def article_id(url: str | None, text: str) -> str:
    """Derive the id of an article that came without one: from its URL, else from its content.

    Scheme, `www.`, a trailing slash, the fragment and tracking parameters do not make another article.
    """
    if not url:
        return content_id("article", "text", text)
    try:
        parts = urlsplit(url)
    except ValueError:  # not a URL, such as "http://[": still the feeder's name for the article
        return content_id("article", "url", url)
    host = parts.netloc.lower().removeprefix("www.")
    query = _TRACKING.sub("", parts.query).lstrip("&")
    address = urlunsplit(("", host, parts.path.rstrip("/"), query, ""))
    return content_id("article", "url", address or url)


# One grammar for what is read and for what the JSON Schema promises: year, month, day, or date-time of RFC 3339,
# with seconds and zone optional.
_DATE = r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01])"
_TIME = r"[Tt ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?"
_ZONE = r"[Zz]|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?"
MOMENT = rf"^{_DATE}({_TIME}({_ZONE})?)?)?)?$"
_MOMENT = re.compile(MOMENT)


def _moment(value: Any) -> Any:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if not isinstance(value, str):
        raise ValueError("a date is an ISO 8601 string such as 2024-10-21T09:30:00Z or 2024-10-21")
    if not _MOMENT.fullmatch(value):
        raise ValueError("not an ISO 8601 date: write 2024-10-21T09:30:00Z or 2024-10-21")
    text = value.upper() + {4: "-01-01", 7: "-01"}.get(len(value), "")
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"no such date: {error}; write 2024-10-21T09:30:00Z or 2024-10-21") from None


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    PlainSerializer(_written, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": MOMENT,
            "description": "ISO 8601 date-time, date, month or year; UTC where no zone is given.",
        },
        mode="validation",
    ),
]
"""A point in time. Read from an ISO 8601 date-time or date (UTC where no zone is given); written in UTC."""

PartialDate = Annotated[str, StringConstraints(pattern=rf"^{_DATE})?)?$")]
"""An ISO 8601 date, month or year, as precise as it was told: `2024-10-21`, `2024-10`, `2024`."""

WikidataId = Annotated[str, StringConstraints(pattern=r"^Q[1-9][0-9]*$")]
"""A Wikidata item id such as `Q56226`."""

CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""An ISO 3166-1 alpha-2 code; `EU` and `UN`, which the standard reserves, are used for the two organisations."""

LanguageCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*$")]
"""An ISO 639 code, optionally with BCP 47 subtags: `uk`, `en-GB`."""
