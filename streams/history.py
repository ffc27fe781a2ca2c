"""History: an archive that a worker learns before it takes articles from the stream.

Its articles go to the worker's own pool and from there, marked as history, to the topic of enriched articles: so they
are revised and assessed like all others, by whichever workers have the partitions. How far that has come is kept in
Kafka, as the offset of a group that bears the archive's fingerprint: a worker that is started again goes on where the
last one was, and one that finds its archive loaded begins at once.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from schemas.base import content_id
from streams.agents.enrich import Enricher
from streams.consumer import Consumer
from streams.errors import BrokerError
from streams.pool import Failure
from streams.reading import Fault, Found, Item, read
from streams.settings import Settings
from streams.topics import ENRICHED

log = structlog.get_logger(__name__)

_PLACE = TopicPartition(ENRICHED, 0)
"""Where progress is committed; its offsets are counts of articles."""


@dataclass(frozen=True)
class Archive:
    """Articles to learn from.

    Attributes:
        paths: files and folders, as `streams.reading.read` takes them. They are read twice.
        left_out: called with origin, code and message of whatever is no article, or cannot be handled.
    """

    paths: tuple[Path, ...]
    left_out: Callable[[str, str, str], None]

    def items(self) -> Iterator[Item]:
        """Read what is there: the same in the same order each time."""
        return read(self.paths, datetime.now(UTC))

    def fingerprint(self) -> tuple[str, int]:
        """Return what tells this archive from others, wherever it lies, and how many articles it has."""
        found = [
            content_id(article.id, article.title, article.text)
            for article in (item.article for item in self.items() if isinstance(item, Found))
        ]
        return content_id(*found)[:16], len(found)


async def learn(archive: Archive, enricher: Enricher, settings: Settings) -> None:
    """Have an archive read and sent to be learnt. Returns when the broker has what came of it.

    Raises:
        BrokerError: Kafka cannot be reached, or refuses.
    """
    name, count = await asyncio.to_thread(archive.fingerprint)
    async with _Progress(settings, f"{settings.group_id}-history-{name}") as progress:
        begun = await progress.done()
        log.info("loading history", articles=count, loaded=begun)
        if begun >= count:
            return
        numbered = enumerate(_articles(archive), start=1)
        under_way: deque[tuple[list[tuple[int, Found]], asyncio.Task[list[Failure | None]]]] = deque()
        async with asyncio.TaskGroup() as tasks:
            while True:
                # one batch more than there are processes: none waits for the next one to be read
                while len(under_way) <= settings.processes:
                    batch = await asyncio.to_thread(_next, numbered, begun, settings.batch_size)
                    if not batch:
                        break
                    articles = [(number, found.article) for number, found in batch]
                    under_way.append((batch, tasks.create_task(enricher.learn(articles))))
                if not under_way:
                    return
                batch, task = under_way.popleft()
                for (_, found), failure in zip(batch, await task, strict=True):
                    if failure is not None:
                        archive.left_out(str(found.origin), failure.code, failure.message)
                await progress.note(batch[-1][0])


def _articles(archive: Archive) -> Iterator[Found]:
    for item in archive.items():
        if isinstance(item, Found):
            yield item
        elif isinstance(item, Fault):
            archive.left_out(str(item.origin), item.code, item.message)


def _next(numbered: Iterator[tuple[int, Found]], begun: int, size: int) -> list[tuple[int, Found]]:
    return list(islice((each for each in numbered if each[0] > begun), size))


class _Progress:
    """How many articles of an archive are loaded, as the offset of a group of its own."""

    def __init__(self, settings: Settings, group: str) -> None:
        self._group = group
        self._servers = settings.kafka_bootstrap_servers
        self._consumer = Consumer(
            **settings.aiokafka_options(), client_id="tumen-worker", group_id=group, enable_auto_commit=False
        )

    async def __aenter__(self) -> "_Progress":
        try:
            await self._consumer.start()
        except (KafkaError, OSError) as error:
            await self._consumer.stop()
            raise self._refused(error) from error
        self._consumer.assign([_PLACE])
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._consumer.stop()

    async def done(self) -> int:
        try:
            return await self._consumer.committed(_PLACE) or 0
        except KafkaError as error:
            raise self._refused(error) from error

    async def note(self, count: int) -> None:
        try:
            await self._consumer.commit({_PLACE: count})
        except KafkaError as error:
            raise self._refused(error) from error

    def _refused(self, error: Exception) -> BrokerError:
        return BrokerError(
            f"how far the history is loaded cannot be kept at {self._servers}: {type(error).__name__}: {error}. Check "
            f"that Kafka is up and that the user may read as group {self._group}",
            code="refused",
        )
