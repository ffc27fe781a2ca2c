"""Brokers that die and come back: three nodes, three replicas, two of which must have a record."""

import asyncio
from collections.abc import Callable, Iterator

import pytest
from confluent_kafka.admin import AdminClient
from stage import QUICK, Stage, settings_on

from streams.settings import Settings
from streams.topics import ARTICLES
from tools.kafka.launch import Cluster

OUTAGE_SECONDS = 30.0


@pytest.fixture
def cluster(started: Callable[[Cluster], Cluster]) -> Iterator[Cluster]:
    running = started(Cluster(3, properties=QUICK))
    yield running
    running.stop()


@pytest.fixture
def settings(cluster: Cluster) -> Settings:
    return settings_on(cluster.bootstrap_servers, replication=3)


def leader(settings: Settings) -> int:
    """Number of the node that leads the first partition of the articles topic."""
    topics = AdminClient(settings.confluent_options()).list_topics(timeout=30).topics
    return int(topics[ARTICLES].partitions[0].leader)


async def test_brokers_that_die_and_come_back_lose_and_double_nothing(cluster: Cluster, settings: Settings) -> None:
    async with Stage(settings) as stage:
        stage.workers.start("a", "b")
        stage.publish(range(600))
        await stage.until(lambda progress: progress.articles_handled >= 200)
        # the leader; and so each of the three, one of which coordinates the group
        for number in range(3):
            node = cluster.nodes[(leader(settings) - 1 + number) % 3]
            node.kill()
            published = 600 * (number + 2)
            stage.publish(range(published - 600, published))
            await stage.handled(published)
            node.start()
            cluster.wait()
        stage.check(2400)

        for node in cluster.nodes:
            node.kill()
        await asyncio.sleep(OUTAGE_SECONDS)
        for node in cluster.nodes:
            node.start()
        cluster.wait()
        stage.publish(range(2400, 3000))
        await stage.handled(3000, mortal=True)
        stage.check(3000)
