"""Sending: an idempotent producer, whose results say that the broker has the record."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    InvalidMessageError,
    InvalidProducerEpoch,
    KafkaError,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumber,
    ProducerFenced,
    RecordListTooLargeError,
    RecordTooLargeError,
)
from aiokafka.structs import RecordMetadata

from streams.cloudevents import Headers
from streams.errors import BrokerError
from streams.fence import FencedError, Identity
from streams.settings import MAX_MESSAGE_BYTES, Settings

_REFUSED = (MessageSizeTooLargeError, RecordListTooLargeError, RecordTooLargeError, InvalidMessageError)

_REJECTED = (*_REFUSED, OutOfOrderSequenceNumber)
"""What a producer may say of a record though nothing is wrong with it: another one of its batch was refused,
or one before it, after which the broker waits for that one's sequence number in vain."""


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
    """Sends records and waits until the broker has them (`acks=all`, idempotent).

    Args:
        settings: which Kafka, and how.
        identify: asks for the identity to send under, each time that a producer is made. Without it each producer has
            one of its own, which nobody takes over. What it raises, `start` and `send` raise.
    """

    def __init__(self, settings: Settings, identify: Callable[[], Awaitable[Identity]] | None = None) -> None:
        self._settings = settings
        self._identify = identify
        self._producer = self._new_producer()
        self._line = asyncio.Lock()
        self._under_way: set[asyncio.Future[RecordMetadata]] = set()

    async def start(self) -> None:
        """Connect."""
        if self._identify is not None:
            # aiokafka asks for an identity unless it has one, and has no other way to be given it
            self._producer._txn_manager.set_pid_and_epoch(*await self._identify())
        await self._producer.start()

    async def stop(self) -> None:
        """Send what is left and disconnect."""
        await self._producer.stop()

    async def send(self, records: Sequence[Outgoing]) -> list[RecordMetadata]:
        """Send records, in their order for each partition, and return when the broker has all of them.

        Raises:
            RefusedError: a record is too large or otherwise refused for good.
            FencedError: somebody else has the identity now. Of the records, some may have been taken.
            BrokerError: the broker could not be reached for too long, or refuses this client.
        """
        with _explained():
            # callers wait in line, so that records of articles go out in the order in which they were handed in
            async with self._line:
                sent = [await self._hand_in(record) for record in records]
            outcomes = await asyncio.gather(*sent, return_exceptions=True)
            rejected = [number for number, outcome in enumerate(outcomes) if isinstance(outcome, _REJECTED)]
            delivered = {number: _delivered(outcomes[number]) for number in range(len(sent)) if number not in rejected}
            if rejected:
                delivered |= await self._send_alone({number: records[number] for number in rejected})
        return [delivered[number] for number in range(len(records))]

    async def send_as_one(self, topic: str, partition: int, records: Mapping[bytes, bytes | None]) -> int:
        """Send keys and their values so that the broker takes all of them or none; return the last one's offset.

        They are one batch of Kafka's log, which is written, replicated and read as one.

        Raises:
            RefusedError: together they are larger than the topic takes.
            FencedError: somebody else has the identity now.
            BrokerError: the broker could not be reached for too long, or refuses this client.
        """
        with _explained():
            async with self._line:
                batch = self._producer.create_batch()
                for key, value in records.items():
                    if batch.append(timestamp=None, key=key, value=value) is None:
                        raise RefusedError(f"{len(records)} records of {topic} are too large together")
                batch.close()
                future = await self._producer.send_batch(batch, topic, partition=partition)
                self._note(future)
                try:
                    written: RecordMetadata = await future
                except _REJECTED as error:
                    await self._renew()
                    raise RefusedError(
                        f"the broker refused records of {topic} together: {type(error).__name__}"
                    ) from error
        return int(written.offset) + len(records) - 1

    async def _hand_in(self, record: Outgoing) -> asyncio.Future[RecordMetadata]:
        try:
            future: asyncio.Future[RecordMetadata] = await self._producer.send(
                record.topic, record.value, record.key, record.partition, headers=record.headers
            )
        except _REFUSED as error:
            # larger than any topic takes: the producer says so at once
            future = asyncio.get_running_loop().create_future()
            future.set_exception(error)
            return future
        self._note(future)
        return future

    def _note(self, future: asyncio.Future[RecordMetadata]) -> None:
        self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)

    async def _send_alone(self, records: Mapping[int, Outgoing]) -> dict[int, RecordMetadata]:
        """Send records one by one, with a producer that has not been refused anything, while nobody else sends."""
        delivered = {}
        async with self._line:
            await self._renew()
            for number, record in records.items():
                try:
                    delivered[number] = await (await self._hand_in(record))
                except _REFUSED as error:
                    await self._renew()
                    raise RefusedError(
                        f"the broker refused a record of {record.topic}: {type(error).__name__}"
                    ) from error
        return delivered

    async def _renew(self) -> None:
        """Replace the producer. An idempotent one is of no use for a partition that has refused one of its records."""
        if self._under_way:
            await asyncio.wait(self._under_way)
        used, self._producer = self._producer, self._new_producer()
        await used.stop()
        await self.start()

    def _new_producer(self) -> AIOKafkaProducer:
        # many callers share a sender without an identity; whoever has one hands in at once what goes together
        linger = 2 if self._identify is None else 0
        return AIOKafkaProducer(
            **self._settings.aiokafka_producer_options(),
            client_id="tumen-worker",
            linger_ms=linger,
            # what a topic takes as one; with aiokafka's own 16 KiB the claims of a moment would be dozens of requests
            max_batch_size=MAX_MESSAGE_BYTES,
        )


@contextmanager
def _explained() -> Iterator[None]:
    """Make of what aiokafka raises what a sender raises."""
    try:
        yield
    except (InvalidProducerEpoch, ProducerFenced) as error:
        raise FencedError from error
    except KafkaError as error:
        raise BrokerError(
            f"records could not be sent: {type(error).__name__}: {error}. Check that Kafka is "
            "up and that the user may write there",
            code="send_failed",
        ) from error


def _delivered(outcome: RecordMetadata | BaseException) -> RecordMetadata:
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome
