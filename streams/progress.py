"""How far the workers of a group have come, as Kafka knows it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from streams.consumer import Consumer
from streams.errors import BrokerError
from streams.settings import Settings
from streams.topics import ARTICLES, CLAIMS, ENRICHED

INPUTS = (ARTICLES, ENRICHED, CLAIMS)
"""The topics that the agents read, in the order of the stream."""


@dataclass(frozen=True)
class Progress:
    """How far the workers of a group have come, in records."""

    articles_handled: int = 0
    articles: int = 0
    enriched_handled: int = 0
    enriched: int = 0
    claims_handled: int = 0
    claims: int = 0

    @property
    def done(self) -> bool:
        """Whether all articles, and all that comes of them, are handled."""
        return (
            self.articles_handled >= self.articles
            and self.enriched_handled >= self.enriched
            and self.claims_handled >= self.claims
        )


async def wait_until_handled(settings: Settings, on_progress: Callable[[Progress], None] | None = None) -> Progress:
    """Wait until the group of workers has handled all that is on the articles topic and all that comes of it.

    An offset is committed only after what comes of the record is on its topic: read in the order of the stream, equal
    ends mean the end.
    """
    async with _reader(settings) as consumer:
        while True:
            counts = [await _offsets(consumer, settings, topic) for topic in INPUTS]
            progress = Progress(*(number for pair in counts for number in pair))
            if on_progress is not None:
                on_progress(progress)
            if progress.done:
                return progress
            await asyncio.sleep(0.2)


async def wait_until_assessed(settings: Settings) -> None:
    """Wait until the group of workers has assessed all that is on the enriched topic now; articles may be waiting."""
    async with _reader(settings) as consumer:
        for topic in (ENRICHED, CLAIMS):
            partitions = [TopicPartition(topic, number) for number in range(settings.partitions)]
            ends = await consumer.end_offsets(partitions)
            for partition in partitions:
                # Kafka tells nobody of a commit
                while (await consumer.committed(partition) or 0) < ends[partition]:  # noqa: ASYNC110
                    await asyncio.sleep(0.2)


async def _offsets(consumer: Consumer, settings: Settings, topic: str) -> tuple[int, int]:
    """Return how many records of a topic are committed, and how many there are."""
    partitions = [TopicPartition(topic, number) for number in range(settings.partitions)]
    ends = await consumer.end_offsets(partitions)
    begins = await consumer.beginning_offsets(partitions)
    handled = 0
    for partition in partitions:
        committed = await consumer.committed(partition)
        handled += max(0, (committed or 0) - begins[partition])
    return handled, sum(ends[partition] - begins[partition] for partition in partitions)


@asynccontextmanager
async def _reader(settings: Settings) -> AsyncIterator[Consumer]:
    """Yield a client that asks about the group and is no member of it."""
    consumer = Consumer(**settings.aiokafka_options(), group_id=settings.group_id, enable_auto_commit=False)
    try:
        await consumer.start()
        yield consumer
    except (KafkaError, OSError) as error:
        raise BrokerError(
            f"the workers' progress cannot be read at {settings.kafka_bootstrap_servers}: {type(error).__name__}: "
            f"{error}. Check that Kafka is up and that the user may describe the group {settings.group_id}",
            code="unreachable",
        ) from error
    finally:
        await consumer.stop()
