"""What all records of the contract share: the base model, constrained types and content-derived ids."""

import hashlib
import re
from datetime import UTC, date, datetime
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


_TRACKING = re.compile(r"(?:^|&)(?:utm_\w+|fbclid|gclid|yclid)=[^&]*")


def article_id(url: str | None, text: str) -> str:
    """Derive the id of an article that came without one: from its URL, else from its content.

    Scheme, `www.`, a trailing slash, the fragment and tracking parameters do not make another article.
    """
    if not url:
        return content_id("article", "text", text)
    parts = urlsplit(url)
    host = parts.netloc.lower().removeprefix("www.")
    query = _TRACKING.sub("", parts.query).lstrip("&")
    address = urlunsplit(("", host, parts.path.rstrip("/"), query, ""))
    return content_id("article", "url", address)


_PARTIAL_DATE = re.compile(r"\d{4}(-\d\d)?")


def _moment(value: Any) -> Any:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if not isinstance(value, str):
        raise ValueError("a date is an ISO 8601 string such as 2024-10-21T09:30:00Z or 2024-10-21")
    text = value.strip()
    if _PARTIAL_DATE.fullmatch(text):
        text += "-01-01" if len(text) == 4 else "-01"
    try:
        if len(text) == 10:
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, tzinfo=UTC)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"not an ISO 8601 date: {error}; write 2024-10-21T09:30:00Z or 2024-10-21") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    PlainSerializer(_written, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A point in time. Read from an ISO 8601 date-time or date (UTC where no zone is given); written in UTC."""

PartialDate = Annotated[str, StringConstraints(pattern=r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")]
"""An ISO 8601 date, month or year, as precise as it was told: `2024-10-21`, `2024-10`, `2024`."""

WikidataId = Annotated[str, StringConstraints(pattern=r"^Q[1-9]\d*$")]
"""A Wikidata item id such as `Q56226`."""

CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""An ISO 3166-1 alpha-2 code; `EU` and `UN`, which the standard reserves, are used for the two organisations."""

LanguageCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*$")]
"""An ISO 639 code, optionally with BCP 47 subtags: `uk`, `en-GB`."""
