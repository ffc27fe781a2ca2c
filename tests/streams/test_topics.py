"""Topics: what is asked of them, and what is told where they do not fit."""

import pytest

from streams.embedded import EmbeddedCluster
from streams.errors import BrokerError
from streams.settings import MAX_MESSAGE_BYTES, Settings
from streams.topics import (
    ARTICLES,
    CHANGELOGS,
    FACTS,
    FACTS_ARCHIVE,
    TOPICS,
    TopicState,
    check_topics,
    create_topics,
    describe_topics,
    faults,
)


def states(partitions: int = 8, **configs: str) -> dict[str, TopicState]:
    return {name: TopicState(name, partitions, 1, topic.all_configs | configs) for name, topic in TOPICS.items()}


def test_what_is_known_now_is_compacted_and_what_happened_is_not() -> None:
    assert {name for name, topic in TOPICS.items() if topic.cleanup == "compact"} == {FACTS, FACTS_ARCHIVE, *CHANGELOGS}


def test_topics_that_fit_have_no_faults() -> None:
    assert faults(Settings.load(), states()) == []


def test_a_missing_topic_is_no_fault() -> None:
    assert faults(Settings.load(), states(partitions=0)) == []


def test_another_number_of_partitions_is_told_with_the_remedy() -> None:
    found = faults(Settings.load(), states(partitions=3))
    assert len(found) == len(TOPICS)
    assert f"{ARTICLES} has 3 partitions" in found[0]
    assert "TUMEN_PARTITIONS=3" in found[0]


def test_another_cleanup_policy_and_a_small_limit_are_told_with_the_remedy() -> None:
    found = faults(Settings.load(), states(**{"cleanup.policy": "compact,delete", "max.message.bytes": "1048588"}))
    assert len(found) == 2 * len(TOPICS)
    assert "cleanup.policy=delete" in found[0]
    assert f"max.message.bytes={MAX_MESSAGE_BYTES}" in found[1]


async def test_topics_that_are_there_are_left_alone() -> None:
    with EmbeddedCluster(partitions=3) as cluster:
        settings = cluster.settings()
        assert await create_topics(settings) == []
        await check_topics(settings)
        described = await describe_topics(settings)
        assert {name: state.partitions for name, state in described.items()} == dict.fromkeys(TOPICS, 3)


async def test_topics_that_do_not_fit_are_not_touched() -> None:
    with EmbeddedCluster(partitions=3) as cluster:
        with pytest.raises(BrokerError, match="TUMEN_PARTITIONS=3") as caught:
            await create_topics(cluster.settings(partitions=4))
        assert caught.value.code == "topic_mismatch"


async def test_missing_topics_are_named_with_the_command_that_makes_them() -> None:
    with EmbeddedCluster(topics={ARTICLES: 8}) as cluster:
        with pytest.raises(BrokerError, match=rf"{FACTS}.*tumen topics create") as caught:
            await check_topics(cluster.settings())
        assert caught.value.code == "topics_missing"


async def test_an_unreachable_broker_is_told_with_the_remedy() -> None:
    settings = Settings.load(kafka_bootstrap_servers="127.0.0.1:1")
    with pytest.raises(BrokerError, match=r"127\.0\.0\.1:1.*TUMEN_KAFKA_BOOTSTRAP_SERVERS") as caught:
        await describe_topics(settings)
    assert caught.value.code == "unreachable"
