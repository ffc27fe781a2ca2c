"""Sending: one idempotent producer a worker, whose results say that the broker has the record."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    InvalidMessageError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    RecordTooLargeError,
)
from aiokafka.structs import RecordMetadata

from streams.cloudevents import Headers
from streams.errors import BrokerError
from streams.settings import Settings

_REFUSED = (MessageSizeTooLargeError, RecordListTooLargeError, RecordTooLargeError, InvalidMessageError)


class Outgoing(NamedTuple):
    """A record to send. Plain bytes: it comes out of a child process."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    partition: int | None = None


class RefusedError(BrokerError):
    """The broker will never take this record, whatever is done."""

    code = "record_refused"


class Sender:
    """Sends records and waits until the broker has them (`acks=all`, idempotent)."""

    def __init__(self, settings: Settings) -> None:
        self._producer = AIOKafkaProducer(**settings.aiokafka_producer_options(), client_id="tumen-worker", linger_ms=2)
        self._line = asyncio.Lock()

    async def start(self) -> None:
        """Connect."""
        await self._producer.start()

    async def stop(self) -> None:
        """Send what is left and disconnect."""
        await self._producer.stop()

    async def send(self, records: Sequence[Outgoing]) -> list[RecordMetadata]:
        """Send records, in their order for each partition, and return when the broker has all of them.

        Raises:
            RefusedError: a record is too large or otherwise refused for good.
            BrokerError: the broker could not be reached for too long, or refuses this client.
        """
        futures: list[asyncio.Future[RecordMetadata]] = []
        try:
            # callers wait in line, so that records of articles go out in the order in which they were handed in
            async with self._line:
                for record in records:
                    futures.append(
                        await self._producer.send(
                            record.topic, record.value, record.key, record.partition, headers=record.headers
                        )
                    )
            return list(await asyncio.gather(*futures))
        except _REFUSED as error:
            await asyncio.gather(*futures, return_exceptions=True)
            raise RefusedError(f"the broker refused a record of {record.topic}: {type(error).__name__}") from error
        except KafkaError as error:
            raise BrokerError(
                f"records could not be sent: {type(error).__name__}: {error}. Check that Kafka is "
                "up and that the user may write there",
                code="send_failed",
            ) from error
