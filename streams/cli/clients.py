"""Kafka clients of the commands: a producer that names what is refused, and a reader of whole topics.

They are confluent-kafka's, whose own thread sends and fetches while a command waits for its input.
"""

import operator
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, NamedTuple, Self

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from streams.cloudevents import Headers
from streams.connecting import not_let_in, not_trusted, unreachable
from streams.errors import BrokerError
from streams.settings import MAX_MESSAGE_BYTES, Settings

_CONNECT_SECONDS = 15.0
_ASK_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0)
"""How long is waited for the first answer, again and again: in between it is seen whether trying is of any use."""
_POLL_SECONDS = 0.2


class Received(NamedTuple):
    """A record as it was read."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers

    @property
    def place(self) -> str:
        """Where it is: topic/partition@offset."""
        return f"{self.topic}/{self.partition}@{self.offset}"


def _reason(error: KafkaException | KafkaError) -> str:
    fault = error.args[0] if isinstance(error, KafkaException) else error
    return f"{fault.name()}: {fault.str()}" if isinstance(fault, KafkaError) else str(fault)


class _Errors:
    """The last thing that went wrong with a connection: a time-out alone would not say why."""

    def __init__(self) -> None:
        self.last = ""
        self.final: KafkaError | None = None
        """What trying again does not mend: no login, or no trust in the broker's certificate."""

    def __call__(self, error: KafkaError) -> None:
        # "all brokers are down" follows every other error and says less
        if error.code() != KafkaError._ALL_BROKERS_DOWN or not self.last:
            self.last = _reason(error)
        if error.code() in (KafkaError._AUTHENTICATION, KafkaError._SSL):
            self.final = error


def _options(settings: Settings, errors: _Errors) -> dict[str, Any]:
    # what librdkafka logs of a failing connection is told once, by the error that the command ends with
    return settings.confluent_options() | {"client.id": "tumen", "log_level": 0, "error_cb": errors}


def _partitions(client: Producer | Consumer, topic: str, settings: Settings, errors: _Errors) -> list[int]:
    """Return the partitions of a topic; this is also the first contact with the broker."""
    for seconds in _ASK_SECONDS:
        try:
            # all topics are asked for, as asking for one by name could make it
            topics = client.list_topics(timeout=seconds).topics
            break
        except KafkaException as error:
            client.poll(0)
            if errors.final is not None:
                explained = not_trusted if errors.final.code() == KafkaError._SSL else not_let_in
                raise explained(settings, errors.last) from error
            failed = error
    else:
        raise unreachable(settings, errors.last or _reason(failed)) from failed
    if topic not in topics:
        raise BrokerError(
            f"no topic {topic} at {settings.kafka_bootstrap_servers}, or no right to DESCRIBE it (Kafka does not tell "
            "which). Run `tumen topics create`, or give the right: docs/operators.md#access-rights",
            code="topics_missing",
        )
    return sorted(topics[topic].partitions)


class Publisher:
    """Sends records and waits until the broker has them. A context manager: leaving it waits for what is under way.

    `refused(origin, code, message)` is told of every record that the broker does not take.
    """

    def __init__(self, settings: Settings, topic: str, refused: Callable[[str, str, str], None]) -> None:
        self._settings = settings
        self._errors = _Errors()
        self._refused = refused
        self.delivered = 0
        self._producer = Producer(
            _options(settings, self._errors)
            | {
                "enable.idempotence": True,
                "acks": "all",
                "linger.ms": 20,
                # what waits to be sent is in memory: a large file must not be
                "queue.buffering.max.kbytes": 65_536,
                # the same key goes to the same partition as with the clients of other languages
                "partitioner": "murmur2_random",
                "message.timeout.ms": 60_000,
            }
        )
        _partitions(self._producer, topic, settings, self._errors)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.flush()
        else:
            self._producer.purge()

    def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        headers: Headers,
        origin: str,
        timestamp: int | None = None,
    ) -> None:
        """Send a record; `origin` is what a refusal names, `timestamp` (ms) the record's if it is not now."""

        def answered(error: KafkaError | None, _: Message) -> None:
            if error is None:
                self.delivered += 1
            else:
                self._refuse(origin, topic, error)

        while True:
            try:
                self._producer.produce(
                    topic,
                    key=key,
                    value=value,
                    headers=[*headers],
                    on_delivery=answered,
                    timestamp=timestamp or 0,  # librdkafka takes 0 for now
                )
                break
            except BufferError:  # its queue is full: wait until some have gone out
                self._producer.poll(_POLL_SECONDS)
            except KafkaException as error:
                self._refuse(origin, topic, error.args[0])
                break
        self._producer.poll(0)

    def flush(self) -> None:
        """Wait until every record has been taken or refused."""
        while len(self._producer):
            self._producer.poll(_POLL_SECONDS)

    def _refuse(self, origin: str, topic: str, error: KafkaError) -> None:
        cause = f"{_reason(error)}; {self._errors.last}" if self._errors.last else _reason(error)
        told = f"Kafka at {self._settings.kafka_bootstrap_servers} did not take it ({cause})"
        if error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
            told += f". Check that the user has the right to WRITE {topic}: docs/operators.md#access-rights"
        self._refused(origin, "refused", told)


class _Closing(ABC):
    """A context manager that closes its connections at the end."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Close the connections."""


# What a broker answers while a partition finds its leader: just after a topic is made, or when a broker goes.
_PASSING = frozenset(
    {
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.REQUEST_TIMED_OUT,
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError._TRANSPORT,
    }
)


_GROUP_FORBIDDEN = KafkaError.GROUP_AUTHORIZATION_FAILED


class Records(_Closing):
    """The records of topics, read without the help of a consumer group. A context manager."""

    def __init__(self, settings: Settings, *topics: str, from_beginning: bool) -> None:
        self._errors = _Errors()
        self._settings = settings
        # librdkafka asks for a name; nothing is committed under it
        self._group = f"{settings.group_id}-tail"
        unnamed = {"group.id": self._group, "enable.auto.commit": False}
        options = _options(settings, self._errors) | unnamed
        self._consumer = Consumer(
            options
            | {
                "auto.offset.reset": "earliest",
                "fetch.wait.max.ms": 100,
                "fetch.message.max.bytes": MAX_MESSAGE_BYTES,
            }
        )
        # asks for offsets: on the reader's connection each question would wait for a fetch to end
        self._asker = Consumer(options)
        self.ends: dict[tuple[str, int], int] = {}
        """Behind the last record of each partition when the reading began."""
        self._unread: dict[tuple[str, int], int] = {}
        try:
            for topic in topics:
                for number in _partitions(self._asker, topic, settings, self._errors):
                    # told by number, not as "the end": what is sent from now on is not missed
                    low, high = self._watermarks(topic, number)
                    self.ends[topic, number] = high
                    if from_beginning and low < high:
                        self._unread[topic, number] = high
            starts = {place: OFFSET_BEGINNING if from_beginning else end for place, end in self.ends.items()}
            self._consumer.assign([TopicPartition(*place, start) for place, start in starts.items()])
        except KafkaException as error:
            self.close()
            raise self._refused(error.args[0], None) from error
        except BrokerError:
            self.close()
            raise

    def close(self) -> None:
        """Close the connections."""
        self._asker.close()
        self._consumer.close()

    def poll(self) -> Received | None:
        """Return the next record, or None where none came for a moment."""
        message = self._consumer.poll(_POLL_SECONDS)
        if message is None:
            return None
        error = message.error()
        if error is not None:
            if error.code() in _PASSING:
                return None  # librdkafka tries again by itself
            raise self._refused(error, message.topic())
        topic, partition, offset = message.topic(), message.partition(), message.offset()
        if topic is None or partition is None or offset is None:
            raise ValueError("a record that was read has a place")
        key, value = message.key(), message.value()
        headers = [(name, _bytes(content) or b"") for name, content in _headers(message)]
        return Received(topic, partition, offset, _bytes(key), _bytes(value), headers)

    def follow(self) -> Iterator[Received]:
        """Yield records for ever."""
        while True:
            record = self.poll()
            if record is not None:
                yield record

    def rest(self) -> Iterator[Received]:
        """Yield the records that were there when the reading began."""
        while self._unread:
            record = self.poll()
            if record is None:
                self._drop_finished()
                continue
            place = record.topic, record.partition
            end = self._unread.get(place)
            if end is None:
                continue
            if record.offset >= end - 1:
                del self._unread[place]
            if record.offset < end:
                yield record

    def at_end(self) -> bool:
        """Say whether all that is on the topics now has been read."""
        positions = self._consumer.position([TopicPartition(*place) for place in self.ends])
        read = {(found.topic, found.partition): found.offset for found in positions}
        # before the first record a position is not known: it is where the reading began
        return all(max(read[place], begun) >= self._watermarks(*place)[1] for place, begun in self.ends.items())

    def _watermarks(self, topic: str, partition: int) -> tuple[int, int]:
        until = time.monotonic() + _CONNECT_SECONDS
        while True:
            try:
                place = TopicPartition(topic, partition)
                low, high = self._asker.get_watermark_offsets(place, timeout=_CONNECT_SECONDS)
            except KafkaException as error:
                if error.args[0].code() not in _PASSING or time.monotonic() > until:
                    raise
                time.sleep(_POLL_SECONDS)
            else:
                return int(low), int(high)

    def _drop_finished(self) -> None:
        """See which partitions are read to the end: the last offsets may hold markers, or records compacted away."""
        for position in self._consumer.position([TopicPartition(*place) for place in self._unread]):
            place = position.topic, position.partition
            if position.offset >= self._unread[place]:
                del self._unread[place]

    def _refused(self, error: KafkaError, topic: str | None) -> BrokerError:
        # a group's right is asked of every client that consumes, though nothing is committed
        forbidden = f"to READ the group {self._group}" if error.code() == _GROUP_FORBIDDEN else "to READ it"
        return BrokerError(
            f"Kafka at {self._settings.kafka_bootstrap_servers} does not let {topic or 'the topic'} be read "
            f"({_reason(error)}). Check that the user has the right {forbidden}: docs/operators.md#access-rights",
            code="refused",
        )


class Group(_Closing):
    """The committed offsets of a consumer group, seen and set from outside of it. A context manager."""

    def __init__(self, settings: Settings, name: str) -> None:
        self._name = name
        options = _options(settings, _Errors()) | {"group.id": name, "enable.auto.commit": False}
        self._consumer = Consumer(options)

    def close(self) -> None:
        """Close the connection."""
        self._consumer.close()

    def committed(self, places: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """Return the offset behind the last handled record of each topic and partition; 0 where nothing was handled."""
        asked = [TopicPartition(*place) for place in places]
        try:
            answered = self._consumer.committed(asked, timeout=_CONNECT_SECONDS)
        except KafkaException as error:
            raise self._refused("read", error) from error
        return {(found.topic, found.partition): max(found.offset, 0) for found in answered}

    def commit(self, offsets: Mapping[tuple[str, int], int]) -> None:
        """Set the offsets; the group must have no members."""
        places = [TopicPartition(*place, offset) for place, offset in offsets.items()]
        try:
            self._consumer.commit(offsets=places, asynchronous=False)
        except KafkaException as error:
            raise self._refused("kept", error) from error

    def _refused(self, what: str, error: KafkaException) -> BrokerError:
        return BrokerError(
            f"the progress of the group {self._name} cannot be {what} ({_reason(error)}). Check that Kafka is up and "
            "that the user has the right to READ this group: docs/operators.md#access-rights",
            code="refused",
        )


# Where a name is not UTF-8, confluent-kafka returns headers with a hole in them, and an exception set beside. A plain
# call raises SystemError for that only while it is new to CPython 3.11; later the hole crashes the process. One from C
# always raises.
_read_headers = operator.methodcaller("headers")


def _headers(message: Message) -> list[tuple[str, Any]]:
    """Return headers as the list that librdkafka gives, though its types allow for more."""
    try:
        headers = _read_headers(message)
    except SystemError:
        # a name that is not UTF-8, which confluent-kafka cannot read; the value can be shown all the same
        return []
    return list(headers.items()) if isinstance(headers, dict) else list(headers or [])


def _bytes(value: str | bytes | None) -> bytes | None:
    return value.encode() if isinstance(value, str) else value
