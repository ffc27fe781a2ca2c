"""The stream in one process, on the embedded broker: a fresh cluster for each test."""

from collections.abc import Iterator

import pytest

from streams.embedded import EmbeddedCluster
from streams.settings import Settings


@pytest.fixture
def cluster() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster(partitions=2) as running:
        yield running


@pytest.fixture
def settings(cluster: EmbeddedCluster) -> Settings:
    return cluster.settings(processes=1, session_timeout=1)
