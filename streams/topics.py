"""The topics: their names and settings, how they are made and checked."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from streams.connecting import explained
from streams.errors import BrokerError
from streams.settings import MAX_DEAD_LETTER_BYTES, MAX_MESSAGE_BYTES, Settings

ARTICLES = "tumen.articles.v1"
ENRICHED = "tumen.enriched.v1"
CLAIMS = "tumen.claims.v1"
FACTS = "tumen.facts.v1"
FACTS_ARCHIVE = "tumen.facts-archive.v1"
ALERTS = "tumen.alerts.v1"
DEAD_LETTERS = "tumen.dead-letters.v1"

FACTS_CHANGELOG = "tumen.assess.changelog.v1"
REVISIONS_CHANGELOG = "tumen.revise.changelog.v1"

CHANGELOGS = frozenset({FACTS_CHANGELOG, REVISIONS_CHANGELOG})
"""Changelogs of the workers' tables: internal. Partition n belongs to partition n of the topic that the table's agent
reads: claims for the table of facts, enriched articles for that of revisions."""


@dataclass(frozen=True)
class Topic:
    """What Tumen asks of a topic. Partition and replica counts come from the settings."""

    name: str
    about: str
    cleanup: str = "delete"
    configs: Mapping[str, str] = field(default_factory=dict)

    @property
    def all_configs(self) -> dict[str, str]:
        """The topic-level configuration that the topic is made with."""
        return {
            "cleanup.policy": self.cleanup,
            "max.message.bytes": str(MAX_MESSAGE_BYTES),
            # without a date of its own an article is dated by its record: the feeder's clock, or none
            "message.timestamp.type": "CreateTime",
            **self.configs,
        }


TOPICS: Mapping[str, Topic] = {
    topic.name: topic
    for topic in (
        Topic(
            ARTICLES,
            "articles as feeders publish them; key: anything, best the article's id or URL",
            # Kafka unpacks what feeders compress, and refuses what is too large then: a worker would have to unpack it
            # whole, and 16 MiB can hold gigabytes
            configs={"compression.type": "uncompressed"},
        ),
        Topic(ENRICHED, "articles with their entities and claims; key: article id"),
        Topic(CLAIMS, "claims, made and withdrawn; key: the slot of the fact, so that claims of one fact meet"),
        Topic(FACTS, "what is known now, one record a fact; key: fact id", cleanup="compact"),
        Topic(FACTS_ARCHIVE, "facts that nobody has mentioned for long; key: fact id", cleanup="compact"),
        Topic(ALERTS, "what is new; key: fact id"),
        Topic(
            DEAD_LETTERS,
            "what could not be read or handled; key and value as they came, reason in the headers",
            configs={"max.message.bytes": str(MAX_DEAD_LETTER_BYTES)},
        ),
        Topic(FACTS_CHANGELOG, "the workers' table of facts; internal", cleanup="compact"),
        Topic(REVISIONS_CHANGELOG, "the workers' table of revisions of articles; internal", cleanup="compact"),
    )
}


@dataclass(frozen=True)
class TopicState:
    """A topic as the broker has it. `partitions` is 0 where the topic does not exist."""

    name: str
    partitions: int
    replication: int
    configs: Mapping[str, str]

    @property
    def exists(self) -> bool:
        return self.partitions > 0


def faults(settings: Settings, states: Mapping[str, TopicState]) -> list[str]:
    """Say what is wrong with existing topics, one line each with its remedy. A missing topic is not among them."""
    found = []
    for name, topic in TOPICS.items():
        state = states[name]
        if not state.exists:
            continue
        if state.partitions != settings.partitions:
            found.append(
                f"topic {name} has {state.partitions} partitions and TUMEN_PARTITIONS is {settings.partitions}: set "
                f"TUMEN_PARTITIONS={state.partitions} if all topics have so many, else delete it and make it again"
            )
        policy = state.configs.get("cleanup.policy")
        if policy is not None and policy != topic.cleanup:
            found.append(
                f"topic {name} has cleanup.policy={policy} and needs {topic.cleanup}: run kafka-configs.sh --alter "
                f"--topic {name} --add-config cleanup.policy={topic.cleanup}"
            )
        size, least = state.configs.get("max.message.bytes"), topic.all_configs["max.message.bytes"]
        if size is not None and int(size) < int(least):
            found.append(
                f"topic {name} has max.message.bytes={size} and needs {least} for the longest article: run "
                f"kafka-configs.sh --alter --topic {name} --add-config max.message.bytes={least}"
            )
        packing, asked = state.configs.get("compression.type"), topic.configs.get("compression.type")
        if packing is not None and asked is not None and packing != asked:
            found.append(
                f"topic {name} has compression.type={packing} and needs {asked}, so that no record fills the memory "
                f"when unpacked: run kafka-configs.sh --alter --topic {name} --add-config compression.type={asked}"
            )
    return found


async def create_topics(settings: Settings) -> list[str]:
    """Make the topics that are missing and return their names.

    Raises:
        BrokerError: the broker cannot be reached or refuses, or an existing topic does not fit.
    """
    async with _Admin(settings) as admin:
        states = await admin.states()
        wrong = faults(settings, states)
        if wrong:
            raise BrokerError("\n".join(wrong), code="topic_mismatch")
        missing = [name for name, state in states.items() if not state.exists]
        if missing:
            await admin.create(missing, settings)
            # another may have made some of them in the meantime, and otherwise
            wrong = faults(settings, await admin.states())
            if wrong:
                raise BrokerError("\n".join(wrong), code="topic_mismatch")
        return missing


async def describe_topics(settings: Settings) -> dict[str, TopicState]:
    """Return the topics as the broker has them.

    Raises:
        BrokerError: the broker cannot be reached or refuses.
    """
    async with _Admin(settings) as admin:
        return await admin.states()


async def check_topics(settings: Settings) -> None:
    """See that every topic is there and fits.

    Raises:
        BrokerError: the broker cannot be reached or refuses, or a topic is missing or does not fit.
    """
    states = await describe_topics(settings)
    missing = [name for name, state in states.items() if not state.exists]
    if missing:
        raise BrokerError(
            f"missing at {settings.kafka_bootstrap_servers}, or not to be seen with this user's rights: "
            f"{', '.join(missing)}. Run `tumen topics create`",
            code="topics_missing",
        )
    wrong = faults(settings, states)
    if wrong:
        raise BrokerError("\n".join(wrong), code="topic_mismatch")


async def cluster_id(settings: Settings) -> str | None:
    """Return the id that the Kafka cluster gave itself when its storage was made; None where it tells none.

    Raises:
        BrokerError: the broker cannot be reached or refuses.
    """
    async with _Admin(settings) as admin:
        return await admin.cluster_id()


class _Admin:
    """An admin client whose errors tell the remedy."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client = AIOKafkaAdminClient(**settings.aiokafka_options(), client_id="tumen-admin")

    async def __aenter__(self) -> "_Admin":
        try:
            await self._client.start()
        except (KafkaError, OSError) as error:
            await self._client.close()
            raise await explained(self._settings) from error
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._client.close()

    async def cluster_id(self) -> str | None:
        try:
            described: str | None = (await self._client.describe_cluster()).get("cluster_id")
        except KafkaError as error:
            raise self._refused("describe the cluster", error) from error
        return described

    async def states(self) -> dict[str, TopicState]:
        try:
            # asked for by name, a missing topic would be made by brokers with auto.create.topics.enable
            described = {found["topic"]: found for found in await self._client.describe_topics()}
        except KafkaError as error:
            raise self._refused("describe the topics", error) from error
        sizes = {
            name: len(described[name]["partitions"]) if name in described and not described[name]["error_code"] else 0
            for name in TOPICS
        }
        configs = await self._configs([name for name, size in sizes.items() if size])
        return {
            name: TopicState(
                name=name,
                partitions=size,
                replication=len(described[name]["partitions"][0]["replicas"]) if size else 0,
                configs=configs.get(name, {}),
            )
            for name, size in sizes.items()
        }

    async def _configs(self, names: list[str]) -> dict[str, dict[str, str]]:
        """Read the topics' configuration; empty where the broker does not tell it, as the embedded one does not."""
        if not names:
            return {}
        try:
            responses = await self._client.describe_configs(
                [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
            )
        except KafkaError as error:
            if type(error).__name__ in ("IncompatibleBrokerVersion", "UnsupportedVersionError"):
                return {}
            raise self._refused("read the topics' configuration", error) from error
        found: dict[str, dict[str, str]] = {}
        for response in responses:
            for code, message, _type, name, entries in response.resources:
                if code and for_code(code) is UnknownTopicOrPartitionError:
                    # a topic is new, and this broker has not heard of it as the one has that was asked before
                    continue
                if code:
                    raise self._refused(f"read the configuration of {name}", for_code(code)(message))
                found[name] = {entry[0]: entry[1] for entry in entries}
        return found

    async def create(self, names: list[str], settings: Settings) -> None:
        topics = [
            NewTopic(name, settings.partitions, settings.replication, topic_configs=TOPICS[name].all_configs)
            for name in names
        ]
        try:
            response = await self._client.create_topics(topics)
        except KafkaError as error:
            raise self._refused("make topics", error) from error
        for name, code, *message in response.topic_errors:
            # another worker may have made it in the meantime
            if code and for_code(code) is not TopicAlreadyExistsError:
                raise self._refused(f"make topic {name}", for_code(code)(*message))
        async with asyncio.timeout(30):
            # the answer comes before all brokers have heard of the topics, and there is nothing to be woken by
            while not all(state.exists for state in (await self.states()).values()):  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    def _refused(self, what: str, error: KafkaError) -> BrokerError:
        return BrokerError(
            f"Kafka at {self._settings.kafka_bootstrap_servers} refused to {what}: {type(error).__name__}: {error}. "
            "Check the ACLs of the user, and TUMEN_REPLICATION against the number of brokers",
            code="refused",
        )
