"""Kafkas that a worker cannot work with: it says what is wrong and what to do, and ends with status 1."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)
from stage import QUICK, Stage, settings_on

from bench.support.workers import environment
from streams.settings import SecurityProtocol, Settings
from streams.topics import ALERTS, ARTICLES, CLAIMS, FACTS_CHANGELOG, TOPICS, create_topics
from tools.kafka.launch import Cluster

TUMEN = str(Path(sys.executable).with_name("tumen"))
PASSWORD = "not-to-be-told"  # noqa: S105 -- of a user of a Kafka that lives for a test


def worker(settings: Settings) -> "subprocess.CompletedProcess[str]":
    """Run `tumen worker`, which is expected to end by itself."""
    return subprocess.run(
        [TUMEN, "worker"],
        env=environment(settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def test_an_unreachable_kafka_is_waited_for_and_then_told() -> None:
    done = worker(settings_on("127.0.0.1:1", kafka_wait=3))
    assert done.returncode == 1
    # again and again, with longer and longer pauses
    assert 2 <= done.stderr.count("waiting for Kafka") <= 5
    assert "set TUMEN_KAFKA_BOOTSTRAP_SERVERS" in done.stderr
    assert "Traceback" not in done.stderr


def test_topics_made_by_hand_are_told_with_the_remedy(settings: Settings) -> None:
    configs = {name: topic.all_configs for name, topic in TOPICS.items()}
    configs[FACTS_CHANGELOG] = {}
    topics = [NewTopic(name, 2 if name == CLAIMS else 4, 1, config=configs[name]) for name in TOPICS]
    admin = AdminClient(settings.confluent_options())
    for made in admin.create_topics(topics).values():
        made.result()
    done = worker(settings)
    assert done.returncode == 1
    assert f"topic {CLAIMS} has 2 partitions and TUMEN_PARTITIONS is 4" in done.stderr
    assert f"--topic {FACTS_CHANGELOG} --add-config cleanup.policy=compact" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_kafka_that_cannot_keep_its_log_of_transactions_is_told_with_the_remedy(
    started: Callable[[Cluster], Cluster],
) -> None:
    # Kafka's own defaults, which a single broker cannot meet
    cluster = started(Cluster(properties={"transaction.state.log.replication.factor": "3"}))
    try:
        settings = settings_on(cluster.bootstrap_servers, kafka_wait=1.0)
        asyncio.run(create_topics(settings))
        done = worker(settings)
    finally:
        cluster.stop()
    assert done.returncode == 1
    assert "transaction.state.log.replication.factor, 3 by default" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def guarded(started: Callable[[Cluster], Cluster]) -> Iterator[Cluster]:
    """A broker that lets nobody do anything without a right."""
    running = started(
        Cluster(
            protocol="SASL_PLAINTEXT",
            users={"worker": PASSWORD},
            properties=QUICK
            | {
                "listener.name.client.sasl.enabled.mechanisms": "SCRAM-SHA-512",
                "listener.name.client.scram-sha-512.sasl.jaas.config": (
                    "org.apache.kafka.common.security.scram.ScramLoginModule required;"
                ),
                "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "super.users": "User:ANONYMOUS",
            },
        )
    )
    yield running
    running.stop()


def right(topic: str, permission: AclPermissionType) -> AclBinding:
    """What the worker's user may, or may not, do with a topic or with all of them."""
    return AclBinding(
        ResourceType.TOPIC,
        topic,
        ResourcePatternType.LITERAL,
        "User:worker",
        "*",
        AclOperation.ALL if permission is AclPermissionType.ALLOW else AclOperation.WRITE,
        permission,
    )


async def test_a_worker_that_loses_a_right_says_so_and_with_it_again_loses_nothing(guarded: Cluster) -> None:
    # who publishes and looks on comes by the nodes' own listener, and may do all
    aside = settings_on(f"127.0.0.1:{guarded.nodes[0].broker_port}")
    refused = Settings.load(
        **aside.model_dump()
        | {
            "kafka_bootstrap_servers": guarded.bootstrap_servers,
            "kafka_security_protocol": SecurityProtocol.SASL_PLAINTEXT,
            "kafka_sasl_username": "worker",
            "kafka_sasl_password": PASSWORD,
            "kafka_wait": 1.0,
        }
    )
    admin = AdminClient(aside.confluent_options())
    group = AclBinding(
        ResourceType.GROUP,
        aside.group_id,
        ResourcePatternType.LITERAL,
        "User:worker",
        "*",
        AclOperation.ALL,
        AclPermissionType.ALLOW,
    )
    names = AclBinding(
        ResourceType.TRANSACTIONAL_ID,
        f"{aside.group_id}-",
        ResourcePatternType.PREFIXED,
        "User:worker",
        "*",
        AclOperation.WRITE,
        AclPermissionType.ALLOW,
    )
    async with Stage(aside, workers=refused) as stage:
        done = worker(refused)
        assert done.returncode == 1
        assert f"{ARTICLES}" in done.stderr
        assert "rights" in done.stderr
        assert PASSWORD not in done.stderr
        assert "Traceback" not in done.stderr

        for granted in admin.create_acls([right("*", AclPermissionType.ALLOW), group]).values():
            granted.result()
        done = worker(refused)
        assert done.returncode == 1
        assert "the right to WRITE transactional ids" in done.stderr
        for granted in admin.create_acls([names]).values():
            granted.result()
        stage.publish(range(1000))
        stage.workers.start("a")
        await stage.until(lambda progress: progress.articles_handled >= 200)
        denial = right(ALERTS, AclPermissionType.DENY)
        for denied in admin.create_acls([denial]).values():
            denied.result()
        assert await stage.ended("a") == 1
        assert "TopicAuthorizationFailed" in stage.workers.log("a")
        assert PASSWORD not in stage.workers.log("a")

        filters = AclBindingFilter(
            ResourceType.TOPIC,
            ALERTS,
            ResourcePatternType.LITERAL,
            "User:worker",
            "*",
            AclOperation.WRITE,
            AclPermissionType.DENY,
        )
        for lifted in admin.delete_acls([filters]).values():
            lifted.result()
        stage.workers.start("a")
        await stage.handled(1000)
        stage.check(1000)
