"""Who gets in and may do what: TLS, passwords and access rights, for every client that Tumen opens."""

import json
from pathlib import Path

import pytest
from confluent_kafka import KafkaError, Producer
from confluent_kafka.admin import AclOperation, ResourcePatternType, ResourceType

from streams import rights as needed
from streams.topics import ARTICLES, TOPICS
from tests.security.conftest import Run, SecureKafka, Working, rights

# it starts many workers and commands, a minute of them
pytestmark = pytest.mark.faults

REPORT = "North Korea has sent {} soldiers to Russia, South Korea's National Intelligence Service said on Monday."


def article(number: str) -> str:
    return json.dumps({"id": number, "text": REPORT.format(number), "published_at": "2024-10-21"})


def alerts(tumen: Run) -> list[str]:
    told = tumen("subscriber", "tail", "alerts", "--until-end", "--json").stdout
    return sorted(json.loads(line)["id"] for line in told.splitlines())


async def test_every_client_gets_in_with_tls_and_a_password(
    secure_kafka: SecureKafka, working: Working, tumen: Run, tmp_path: Path
) -> None:
    tumen("feeder", "publish", "-", stdin=article("3,000"))
    produced = produce(secure_kafka, "feeder", ARTICLES, b"not json")
    assert produced is None
    async with working(tmp_path / "data") as handled:
        await handled()
        first = alerts(tumen)
        assert first
        # the dead letter goes round once more, and is one again
        assert "published 1 dead letters again" in tumen("operator", "dead-letters", "replay").stdout
        await handled()
    # a worker on another machine reads the table from its changelog, and the last alerts from their topic
    async with working(tmp_path / "another machine") as handled:
        tumen("feeder", "publish", "-", stdin=article("3,000"))
        await handled()
        assert alerts(tumen) == first


def test_the_operator_and_the_worker_may_see_the_topics_settings(tumen: Run) -> None:
    for user in ("operator", "worker"):
        assert len(tumen(user, "topics", "show", "--json").stdout.splitlines()) == len(TOPICS)


@pytest.mark.parametrize(
    ("user", "command"),
    [
        ("worker", ["worker"]),
        ("operator", ["topics", "show"]),
        ("operator", ["dead-letters", "replay"]),
        ("feeder", ["publish", "-"]),
        ("subscriber", ["tail", "alerts"]),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_nobody_goes_on_without_the_password_or_trust_in_the_broker(
    secure_kafka: SecureKafka, tumen: Run, user: str, command: list[str]
) -> None:
    refused = tumen(user, *command, status=1, stdin=article("1"), TUMEN_KAFKA_SASL_PASSWORD="a wrong one")  # noqa: S106
    assert f"does not let the user {user} in" in refused.stderr
    assert "TUMEN_KAFKA_SASL_PASSWORD" in refused.stderr
    assert "a wrong one" not in refused.stderr + refused.stdout

    deceived = tumen(user, *command, status=1, stdin=article("1"), TUMEN_KAFKA_CA_FILE=str(secure_kafka.other_ca_file))
    assert "no trusted connection" in deceived.stderr
    assert "certificate verify failed" in deceived.stderr
    assert "TUMEN_KAFKA_CA_FILE" in deceived.stderr


def test_a_broker_that_speaks_otherwise_is_told_apart(secure_kafka: SecureKafka, tumen: Run) -> None:
    plain = tumen("operator", "topics", "show", status=1, TUMEN_KAFKA_BOOTSTRAP_SERVERS=secure_kafka.inner_servers)
    assert "that speaks SASL_SSL" in plain.stderr


@pytest.mark.parametrize(
    ("user", "command", "told"),
    [
        # what it asks for, and the topic or group
        ("feeder", ["tail", "articles"], ["does not let", "be read", "the right to READ"]),
        ("worker", ["tail", "articles"], ["does not let", "be read", "READ the group tumen-tail"]),
        ("feeder", ["tail", "alerts"], ["no topic tumen.alerts.v1", "no right to DESCRIBE it"]),
        ("feeder", ["topics", "show"], ["read the configuration of tumen.articles.v1"]),
        ("feeder", ["dead-letters", "replay"], ["no topic tumen.dead-letters.v1", "no right to DESCRIBE it"]),
        ("subscriber", ["tail", "enriched"], ["no topic tumen.enriched.v1", "no right to DESCRIBE it"]),
        ("subscriber", ["publish", "-"], ["no topic tumen.articles.v1", "no right to DESCRIBE it"]),
        ("operator", ["tail", "articles"], ["does not let tumen.articles.v1 be read", "right to READ it"]),
        ("worker", ["publish", "-"], ["did not take it", "TOPIC_AUTHORIZATION_FAILED", "WRITE tumen.articles.v1"]),
        (
            "subscriber",
            ["worker"],
            ["WRITE on topic tumen.facts.v1", "READ on group tumen.", "docs/operators.md#access-rights"],
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, list) and " " not in value[0] else None,
)
def test_what_is_not_allowed_is_refused_and_named(tumen: Run, user: str, command: list[str], told: list[str]) -> None:
    refused = tumen(user, *command, status=1, stdin=article("1"))
    for part in told:
        assert part in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("topic", sorted(set(TOPICS) - {ARTICLES}))
def test_a_feeder_may_write_articles_and_nothing_else(secure_kafka: SecureKafka, topic: str) -> None:
    assert produce(secure_kafka, "feeder", topic, b"{}") == KafkaError.TOPIC_AUTHORIZATION_FAILED


def test_a_feeder_is_given_one_right() -> None:
    given = [(each.name, each.operation) for each in rights() if each.principal == "User:feeder"]
    assert given == [(ARTICLES, AclOperation.WRITE)]


def test_a_worker_checks_for_the_rights_that_the_page_gives_it() -> None:
    given = [each for each in rights() if each.principal == "User:worker"]
    worker = [each for each in given if each.resource_pattern_type is ResourcePatternType.LITERAL]
    assert [(each.restype, each.name, each.operation) for each in given if each not in worker] == [
        (ResourceType.TRANSACTIONAL_ID, "tumen-", AclOperation.WRITE),
        # only one that loads an archive keeps how far that is
        (ResourceType.GROUP, "tumen-history-", AclOperation.READ),
    ]
    topics = {(each.name, each.operation) for each in worker if each.restype is ResourceType.TOPIC}
    assert topics == {(name, operation) for name in TOPICS for operation in (*needed.EVERYWHERE, *needed.WORKER[name])}
    assert [(each.name, each.operation) for each in worker if each.restype is ResourceType.GROUP] == [
        ("tumen", operation) for operation in needed.GROUP
    ]


def produce(kafka: SecureKafka, user: str, topic: str, value: bytes) -> int | None:
    """Sends a record with a client of the user's own; returns the code of what Kafka says against it."""
    producer = Producer(
        {
            "bootstrap.servers": kafka.bootstrap_servers,
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": user,
            "sasl.password": kafka.passwords[user],
            "ssl.ca.location": str(kafka.ca_file),
            "log_level": 0,
        }
    )
    codes: list[int | None] = []
    producer.produce(topic, value, on_delivery=lambda error, _: codes.append(error.code() if error else None))
    assert producer.flush(30) == 0
    [code] = codes
    return code
