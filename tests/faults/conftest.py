"""Fixtures of the fault tests: a real Kafka of their own, where workers that die are soon missed.

They take minutes, and are left out of `make test`: `make faults` runs them.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from stage import QUICK, Stage, settings_on

from streams.settings import Settings
from tools.kafka.launch import Cluster, LaunchError

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all that is here."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("faults")


@pytest.fixture(scope="session")
def started(missing: Callable[[str], None]) -> Callable[[Cluster], Cluster]:
    """Starts a cluster; where none can be started the test is skipped, or fails, as all tests on a real Kafka."""

    def start(cluster: Cluster) -> Cluster:
        try:
            cluster.start()
        except LaunchError as error:
            cluster.stop()
            missing(f"no real Kafka: {error}")
        return cluster

    return start


@pytest.fixture(scope="session")
def kafka_broker(started: Callable[[Cluster], Cluster]) -> Iterator[str]:
    """Bootstrap servers of one broker, the same for all fault tests that do not harm it; `kafka` empties it."""
    cluster = started(Cluster(properties=QUICK))
    yield cluster.bootstrap_servers
    cluster.stop()


@pytest.fixture
def settings(kafka: str) -> Settings:
    """Settings of workers on the common broker."""
    return settings_on(kafka)


@pytest.fixture
async def stage(settings: Settings) -> AsyncIterator[Stage]:
    """A stage on the common broker, with topics made anew."""
    async with Stage(settings) as built:
        yield built
