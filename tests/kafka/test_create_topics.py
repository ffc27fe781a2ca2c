"""Topics on a real Kafka: made once, left alone, refused where they are of another make."""

import asyncio

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from streams.errors import BrokerError
from streams.settings import Settings
from streams.topics import ARTICLES, DEAD_LETTERS, FACTS, TOPICS, check_topics, create_topics, describe_topics
from tools.kafka.launch import free_port


@pytest.fixture
def settings(kafka: str) -> Settings:
    return Settings.load(kafka_bootstrap_servers=kafka, partitions=3)


async def test_topics_are_made_as_asked_and_once(settings: Settings) -> None:
    assert set(await create_topics(settings)) == set(TOPICS)
    states = await describe_topics(settings)
    assert {state.partitions for state in states.values()} == {3}
    assert {name: state.configs["cleanup.policy"] for name, state in states.items()} == {
        name: topic.cleanup for name, topic in TOPICS.items()
    }
    assert all(int(state.configs["max.message.bytes"]) >= 16 * 1024 * 1024 for state in states.values())

    assert await create_topics(settings) == []
    assert await describe_topics(settings) == states


async def test_only_what_is_missing_is_made(settings: Settings, kafka: str) -> None:
    await create_topics(settings)
    admin = AdminClient({"bootstrap.servers": kafka})
    admin.delete_topics([ARTICLES])[ARTICLES].result()
    while ARTICLES in admin.list_topics(timeout=15).topics:  # noqa: ASYNC110 -- nothing else tells when it is gone
        await asyncio.sleep(0.05)
    with pytest.raises(BrokerError, match="tumen topics create"):
        await check_topics(settings)
    assert await create_topics(settings) == [ARTICLES]
    await check_topics(settings)


@pytest.mark.parametrize(
    ("topic", "named"),
    [
        (NewTopic(ARTICLES, 2, config={"max.message.bytes": "16777216"}), ["2 partitions", "TUMEN_PARTITIONS"]),
        (NewTopic(FACTS, 3, config={"max.message.bytes": "16777216"}), ["cleanup.policy=delete", "needs compact"]),
        (NewTopic(ARTICLES, 3), ["max.message.bytes=", "needs 16777216"]),
        (NewTopic(ARTICLES, 3, config={"compression.type": "zstd"}), ["compression.type=zstd", "needs uncompressed"]),
        (NewTopic(DEAD_LETTERS, 3, config={"max.message.bytes": "16777216"}), ["needs 17825792"]),
    ],
)
async def test_a_topic_of_another_make_is_refused_and_nothing_is_made(
    settings: Settings, kafka: str, topic: NewTopic, named: list[str]
) -> None:
    admin = AdminClient({"bootstrap.servers": kafka})
    admin.create_topics([topic])[topic.topic].result()
    # the answer comes before the broker has heard of it, and nothing else tells when
    while topic.topic not in admin.list_topics(timeout=15).topics:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    with pytest.raises(BrokerError) as refused:
        await create_topics(settings)
    for part in [topic.topic, *named]:
        assert part in refused.value.message
    assert [name for name, state in (await describe_topics(settings)).items() if state.exists] == [topic.topic]


async def test_more_replicas_than_brokers_is_told_with_the_setting(kafka: str) -> None:
    with pytest.raises(BrokerError, match="TUMEN_REPLICATION"):
        await create_topics(Settings.load(kafka_bootstrap_servers=kafka, partitions=3, replication=3))


async def test_an_unreachable_broker_is_told_with_the_remedy() -> None:
    servers = f"127.0.0.1:{free_port()}"
    with pytest.raises(BrokerError, match=f"no Kafka at {servers}.*make kafka"):
        await create_topics(Settings.load(kafka_bootstrap_servers=servers))
