"""Dead letters: the record as it came, with the reason in its headers."""

from datetime import UTC, datetime
from typing import Any, Protocol

from schemas import DeadLetter
from schemas.dead_letter import PREFIX
from streams.pool import Failure
from streams.sender import Outgoing
from streams.topics import DEAD_LETTERS

_MESSAGE = 1000

_LAST_SECOND = datetime.max.replace(microsecond=0, tzinfo=UTC).timestamp()


class Received(Protocol):
    """The part of Faust's message that the agents need."""

    topic: str
    partition: int
    offset: int
    timestamp: float
    key: bytes | None
    value: bytes | None
    headers: Any


def headers_of(message: Received) -> list[tuple[str, bytes]]:
    """Return a record's headers, of which Faust gives None where there are none; a null value is an empty one."""
    return [(name, value or b"") for name, value in (message.headers or ())]


def received_at(message: Received) -> datetime:
    """Return a record's timestamp; now, where the feeder's client gave none, or one past the year 9999."""
    if message.timestamp is None or not 0 <= message.timestamp < _LAST_SECOND:
        return datetime.now(UTC)
    return datetime.fromtimestamp(message.timestamp, UTC)


def dead_letter(message: Received, failure: Failure) -> Outgoing:
    """Return the dead letter of a record: key, value and headers untouched, the reason in further headers."""
    reason = DeadLetter(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        stage=failure.stage,
        code=failure.code,
        message=failure.message[:_MESSAGE],
        attempt=failure.attempt,
        timestamp=round(received_at(message).timestamp() * 1000),
    )
    # a dead letter that was replayed and failed again tells the last reason only
    kept = [(name, value) for name, value in headers_of(message) if not name.startswith(PREFIX)]
    told = [(name, str(value).encode()) for name, value in reason.model_dump(mode="json", by_alias=True).items()]
    return Outgoing(DEAD_LETTERS, message.key, message.value, kept + told)
