"""What the topics of a real Kafka hold, and what should come of the claims on them."""

import asyncio
from datetime import UTC, datetime
from typing import NamedTuple

from confluent_kafka import Consumer, ConsumerGroupState, KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient

from schemas import Claim
from streams.codec import AnyRecord, decode
from streams.facts import Assessor
from streams.settings import Settings
from streams.topics import ARTICLES


class Told(NamedTuple):
    """Ids of the facts that stand, and of the alerts raised, in their order."""

    facts: set[str]
    alerts: list[str]


def records(settings: Settings, topic: str) -> list[Message]:
    """All records of a topic, each partition's in its order."""
    consumer = Consumer(settings.confluent_options() | {"group.id": "reader", "enable.partition.eof": True})
    try:
        partitions = consumer.list_topics(topic, timeout=15).topics[topic].partitions
        consumer.assign([TopicPartition(topic, number, 0) for number in partitions])
        found: list[Message] = []
        ended: set[int | None] = set()
        while len(ended) < len(partitions):
            message = consumer.poll(30)
            assert message is not None, f"{topic} cannot be read"
            error = message.error()
            if error is None:
                found.append(message)
            elif error.code() == KafkaError._PARTITION_EOF:
                ended.add(message.partition())  # which is told again where a record came later
            else:
                raise KafkaException(error)
    finally:
        consumer.close()
    return found


def decoded(model: type[AnyRecord], messages: list[Message]) -> list[AnyRecord]:
    return [decode(model, message.value()) for message in messages]


def told_by(claims: list[Message]) -> Told:
    """What the claims on their topic tell: each partition's are assessed in their order, with what it alone knows."""
    facts: set[str] = set()
    alerts: list[str] = []
    assessors: dict[int | None, Assessor] = {}
    for message, claim in zip(claims, decoded(Claim, claims), strict=True):
        assessor = assessors.setdefault(message.partition(), Assessor({}))
        assessment = assessor.assess(claim, raised_at=datetime.now(UTC))
        facts |= {fact.id for fact in assessment.facts}
        facts -= set(assessment.removed)
        if not assessment.repeated:
            alerts += [alert.id for alert in assessment.alerts]
    return Told(facts, alerts)


def shares(settings: Settings) -> list[set[str]] | None:
    """The topics of which each member of the group has partitions; None while the group is not settled."""
    admin = AdminClient(settings.confluent_options() | {"log_level": 0})
    try:
        asked = admin.describe_consumer_groups([settings.group_id], request_timeout=10)
        group = asked[settings.group_id].result()
    except KafkaException as error:
        # a new broker makes the topic of the groups when the first one asks for it, and may not answer meanwhile
        passing = (KafkaError.NOT_COORDINATOR, KafkaError.COORDINATOR_LOAD_IN_PROGRESS, KafkaError._TIMED_OUT)
        if error.args[0].code() in passing:
            return None
        raise
    if group.state is not ConsumerGroupState.STABLE:
        return None
    return [{part.topic for part in member.assignment.topic_partitions} for member in group.members]


async def until_shared(settings: Settings, workers: int) -> None:
    """Wait until so many workers have their part of the articles topic each, and nobody else has."""
    async with asyncio.timeout(90):
        while True:
            found = await asyncio.to_thread(shares, settings)
            if found is not None and len(found) == workers and all(ARTICLES in share for share in found):
                return
            await asyncio.sleep(0.2)
