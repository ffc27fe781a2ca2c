"""The stream on a real Kafka, with two workers that share it."""

import asyncio
import json
import subprocess
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from confluent_kafka import Consumer, ConsumerGroupState, KafkaError, KafkaException, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from schemas import Alert, Article, Claim, EnrichedArticle, Fact
from streams.codec import AnyRecord, decode, decode_article
from streams.extract import Extractor
from streams.facts import Assessor
from streams.settings import Settings
from streams.topics import ALERTS, ARTICLES, CLAIMS, DEAD_LETTERS, ENRICHED, FACTS

SEEDS = Path(__file__).parents[2] / "seeds"
COPIES = 2


def articles() -> list[Article]:
    """The seeds, several times over: each copy is an article of its own, from an outlet of its own."""
    published = datetime(2025, 1, 1, tzinfo=UTC)
    found = []
    for path in sorted(SEEDS.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            seed = json.loads(line)
            for copy in range(COPIES):
                article = {"id": f"{seed['id']}-{copy}", "text": seed["text"], "published_at": seed["published"]}
                found.append(decode_article(json.dumps(article).encode(), published))
    return found


def records(settings: Settings, topic: str) -> list[Message]:
    """All records of a topic, each partition's in its order."""
    consumer = Consumer(settings.confluent_options() | {"group.id": "reader", "enable.partition.eof": True})
    try:
        partitions = consumer.list_topics(topic, timeout=15).topics[topic].partitions
        consumer.assign([TopicPartition(topic, number, 0) for number in partitions])
        found: list[Message] = []
        ends = 0
        while ends < len(partitions):
            message = consumer.poll(30)
            assert message is not None, f"{topic} cannot be read"
            if message.error():
                ends += 1
            else:
                found.append(message)
    finally:
        consumer.close()
    return found


async def until_shared(settings: Settings, workers: list["subprocess.Popen[bytes]"]) -> None:
    """Wait until every worker has its part of the articles topic, so that what follows is undisturbed."""
    admin = AdminClient(settings.confluent_options())
    async with asyncio.timeout(60):
        while True:
            assert all(worker.poll() is None for worker in workers), "a worker has ended"
            await asyncio.sleep(0.1)
            try:
                group = admin.describe_consumer_groups([settings.group_id])[settings.group_id].result()
            except KafkaException as error:
                # a new broker makes the topic of the groups when the first one asks for it
                if error.args[0].code() in (KafkaError.NOT_COORDINATOR, KafkaError.COORDINATOR_LOAD_IN_PROGRESS):
                    continue
                raise
            shares = [{part.topic for part in member.assignment.topic_partitions} for member in group.members]
            if group.state is ConsumerGroupState.STABLE and len(shares) == len(workers):
                assert all(ARTICLES in share for share in shares), shares
                return


def decoded(model: type[AnyRecord], messages: list[Message]) -> list[AnyRecord]:
    return [decode(model, message.value()) for message in messages]


async def test_two_workers_handle_each_article_once_with_the_ids_of_a_replay(
    settings: Settings,
    tumen: Callable[..., "subprocess.CompletedProcess[str]"],
    start: Callable[..., "subprocess.Popen[bytes]"],
    handled: Callable[[], Awaitable[None]],
) -> None:
    tumen("topics", "create")
    workers = [start("worker"), start("worker")]
    await until_shared(settings, workers)

    given = articles()
    producer = Producer(settings.confluent_options())
    for article in given:
        producer.produce(ARTICLES, value=article.model_dump_json().encode(), key=str(article.id))
    assert producer.flush(30) == 0
    await handled()
    for worker in workers:
        worker.terminate()
    assert [worker.wait(20) for worker in workers] == [0, 0]

    assert records(settings, DEAD_LETTERS) == []
    extractor = Extractor.load()
    in_process = [extractor.extract(article) for article in given]
    enriched = decoded(EnrichedArticle, records(settings, ENRICHED))
    assert Counter(each.article.id for each in enriched) == Counter(article.id for article in given)

    on_topic = records(settings, CLAIMS)
    claims = decoded(Claim, on_topic)
    assert claims
    assert Counter(claim.id for claim in claims) == Counter(claim.id for each in in_process for claim in each.claims)

    # a partition's claims are assessed in their order, with nothing but what that partition knows
    facts: set[str] = set()
    alerts: list[str] = []
    states: dict[int | None, dict[str, str]] = {}
    for message, claim in zip(on_topic, claims, strict=True):
        state = states.setdefault(message.partition(), {})
        assessment = Assessor(state).assess(claim, raised_at=datetime.now(UTC))
        facts |= {fact.id for fact in assessment.facts}
        facts -= set(assessment.removed)
        alerts += [alert.id for alert in assessment.alerts]
    assert alerts
    assert Counter(alert.id for alert in decoded(Alert, records(settings, ALERTS))) == Counter(alerts)

    latest = {message.key(): message for message in records(settings, FACTS)}
    known = decoded(Fact, [message for message in latest.values() if message.value() is not None])
    assert {fact.id for fact in known} == facts
