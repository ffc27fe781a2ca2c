"""Fixtures that any folder of tests may use: a real Kafka.

`kafka_broker` is one broker for all tests of a process: that of `TUMEN_TEST_KAFKA` (host:port), else one that is
started. Where neither can be had its tests are skipped, or fail if `TUMEN_REQUIRE_KAFKA` is 1, as in CI. `kafka` is the
same broker without any of Tumen's topics, whose names are fixed: each test finds it so. Tests that kill nodes, or need
TLS, start a `tools.kafka.launch.Cluster` of their own.
"""

import os
import time
from collections.abc import Callable, Iterator
from typing import NoReturn

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from streams.topics import TOPICS
from tools.kafka.launch import Cluster, LaunchError

REQUIRE_KAFKA = os.environ.get("TUMEN_REQUIRE_KAFKA") == "1"

Missing = Callable[[str], NoReturn]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark whatever uses the broker, so that `-m kafka` and `-m "not kafka"` leave nothing to remember."""
    for item in items:
        if "kafka_broker" in getattr(item, "fixturenames", ()):
            item.add_marker("kafka")


@pytest.fixture(scope="session")
def missing() -> Missing:
    """Skips the test for the reason given, or fails it where `TUMEN_REQUIRE_KAFKA` is 1."""

    def tell(reason: str) -> NoReturn:
        if REQUIRE_KAFKA:
            pytest.fail(reason)
        pytest.skip(reason)

    return tell


@pytest.fixture(scope="session")
def kafka_broker(missing: Missing) -> Iterator[str]:
    """Bootstrap servers of a real Kafka, the same for all tests of a process."""
    servers = os.environ.get("TUMEN_TEST_KAFKA")
    if servers:
        held = topics_at(servers)
        if held:
            pytest.fail(
                f"TUMEN_TEST_KAFKA={servers} holds {', '.join(sorted(held))}, which the tests would delete: give them "
                "a broker of their own, or delete these topics"
            )
        yield servers
        delete_topics(servers)
        return
    cluster = Cluster()
    try:
        cluster.start()
    except LaunchError as error:
        cluster.stop()
        missing(f"no real Kafka: {error}")
    yield cluster.bootstrap_servers
    cluster.stop()


@pytest.fixture
def kafka(kafka_broker: str) -> str:
    """Bootstrap servers of a real Kafka that has none of Tumen's topics yet."""
    delete_topics(kafka_broker)
    return kafka_broker


def topics_at(servers: str) -> set[str]:
    """Tumen's topics that a Kafka holds."""
    admin = AdminClient({"bootstrap.servers": servers, "log_level": 0})
    try:
        return set(admin.list_topics(timeout=15).topics) & set(TOPICS)
    except KafkaException as error:
        pytest.fail(f"no Kafka answers at {servers}: {error}")


def delete_topics(servers: str) -> None:
    """Delete Tumen's topics, and with them what groups have committed, and wait until they are gone."""
    held = topics_at(servers)
    if not held:
        return
    admin = AdminClient({"bootstrap.servers": servers})
    for deleted in admin.delete_topics(sorted(held)).values():
        deleted.result()
    deadline = time.monotonic() + 30
    while topics_at(servers):
        assert time.monotonic() < deadline, f"{servers} still holds {topics_at(servers)}"
        time.sleep(0.05)
