"""What a worker must be allowed to do on a Kafka with ACLs: asked at its start, so that all that lacks is told."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AclOperation, AdminClient  # type: ignore[attr-defined]  # it says so itself

from streams.errors import BrokerError
from streams.settings import Settings
from streams.topics import ALERTS, ARTICLES, CHANGELOGS, CLAIMS, DEAD_LETTERS, ENRICHED, FACTS, FACTS_ARCHIVE

_SECONDS = 15.0

WORKER: Mapping[str, tuple[AclOperation, ...]] = {
    ARTICLES: (AclOperation.READ,),
    ENRICHED: (AclOperation.READ, AclOperation.WRITE),
    CLAIMS: (AclOperation.READ, AclOperation.WRITE),
    FACTS: (AclOperation.WRITE,),
    FACTS_ARCHIVE: (AclOperation.WRITE,),
    ALERTS: (AclOperation.READ, AclOperation.WRITE),
    DEAD_LETTERS: (AclOperation.WRITE,),
    **dict.fromkeys(sorted(CHANGELOGS), (AclOperation.READ, AclOperation.WRITE)),
}
"""What a worker does with each topic, besides seeing that it is there and fits."""

EVERYWHERE = (AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS)
GROUP = (AclOperation.READ,)
_FORBIDDEN = (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED)


async def check_rights(settings: Settings) -> None:
    """See that the user may do what a worker does. Where nobody logs in, there is no user to have rights.

    Raises:
        BrokerError: rights are missing (all are named), or Kafka cannot be asked.
    """
    if not (settings.sasl or settings.kafka_client_cert_file):
        return
    missing = await asyncio.to_thread(_missing, settings)
    if missing:
        user = f"the user {settings.kafka_sasl_username}" if settings.sasl else "the user of this certificate"
        raise BrokerError(
            f"Kafka at {settings.kafka_bootstrap_servers} does not give {user} all the rights of a worker; missing are "
            f"{'; '.join(missing)}. docs/operators.md#access-rights has the commands that give them",
            code="rights_missing",
        )


def _missing(settings: Settings) -> list[str]:
    admin = AdminClient(settings.confluent_options() | {"client.id": "tumen-worker", "log_level": 0})
    options = {"include_authorized_operations": True, "request_timeout": _SECONDS}
    topics = admin.describe_topics(TopicCollection([*WORKER]), **options)
    [group] = admin.describe_consumer_groups([settings.group_id], **options).values()
    try:
        missing = [
            (_lacking((*EVERYWHERE, *operations), topics[name]), f"topic {name}") for name, operations in WORKER.items()
        ]
        missing.append((_lacking(GROUP, group), f"group {settings.group_id}"))
    except KafkaException as error:
        raise BrokerError(
            f"Kafka at {settings.kafka_bootstrap_servers} does not tell what the user may do ({error.args[0].str()})",
            # a cluster in the midst of a change: worth waiting for
            code="unreachable",
        ) from error
    return [f"{' and '.join(each.name for each in lacking)} on {resource}" for lacking, resource in missing if lacking]


def _lacking(wanted: tuple[AclOperation, ...], described: Future[Any]) -> list[AclOperation]:
    """Return the operations that are not allowed; none for a topic that is not there, which is told elsewhere."""
    try:
        allowed = described.result().authorized_operations
    except KafkaException as error:
        if error.args[0].code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            return []
        if error.args[0].code() not in _FORBIDDEN:
            raise
        allowed = []
    # None: the broker is too old to tell
    return [] if allowed is None else [each for each in wanted if each not in allowed]
