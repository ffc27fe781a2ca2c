"""A Kafka, a feeder, workers and an onlooker: what a fault test is played with.

async with Stage(settings) as stage:
    stage.publish(range(1000))
    stage.workers.start("a")
    await stage.until(lambda progress: progress.articles_handled > 300)
    stage.workers.kill("a")
    stage.workers.start("a")
    await stage.handled(1000)
    stage.check(1000)
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

from confluent_kafka import Producer
from reports import key, report, undisturbed
from support.topics import decoded, records

from bench.support.workers import Workers
from schemas import Alert, Claim, EnrichedArticle, Fact
from schemas.dead_letter import PREFIX
from streams.errors import BrokerError
from streams.progress import Progress, wait_until_handled
from streams.settings import Settings
from streams.topics import ALERTS, ARTICLES, CLAIMS, DEAD_LETTERS, ENRICHED, FACTS, create_topics

WORKER = Path(__file__).with_name("worker_process.py")

STILL = 60.0
"""Seconds after which a test gives up on workers that come no further: many times what any fault should cost."""

SILENT = 10.0
"""Seconds after which Kafka is asked anew how far the workers are."""


SESSION_SECONDS = 3.0

QUICK = {
    "group.min.session.timeout.ms": "1000",
    # a killed node is missed soon
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
}
"""Properties of the brokers."""


def settings_on(servers: str, **values: object) -> Settings:
    """Settings of a group of workers of its own, with quick takeovers."""
    given: dict[str, object] = {
        "kafka_bootstrap_servers": servers,
        "group_id": f"tumen-{uuid4().hex[:8]}",
        "partitions": 4,
        "processes": 1,
        "session_timeout": SESSION_SECONDS,
    }
    return Settings.load(**given | values)


class Stage:
    """Topics on a Kafka, made anew, and workers on them. A context manager: leaving it ends the workers.

    Args:
        settings: of the feeder and the onlooker.
        workers: settings of the workers, where they are others.
    """

    def __init__(self, settings: Settings, workers: Settings | None = None) -> None:
        self.settings = settings
        self.workers = Workers(workers or settings, [str(WORKER)])
        self.progress = Progress()

    async def __aenter__(self) -> Self:
        await create_topics(self.settings)
        self.workers.__enter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for name, said in self.workers.logs().items():
            # pytest shows it where the test has failed
            print(f"--- {name}\n{said[-4000:]}")  # noqa: T201
        self.workers.__exit__(kind, error, traceback)

    def publish(self, numbers: Iterable[int], poison: Mapping[int, str] | None = None, padding: int = 0) -> None:
        """Publish reports, and return when Kafka has them.

        Those in `poison` have a word for the extraction in them; all have so many characters more.
        """
        poison = poison or {}
        failed: list[str] = []
        producer = Producer(
            self.settings.confluent_options()
            | {"acks": "all", "enable.idempotence": True, "message.timeout.ms": 120_000, "log_level": 0}
        )
        for number in numbers:
            producer.produce(
                ARTICLES,
                key=key(number),
                value=report(number, poison.get(number, "") + "." * padding),
                on_delivery=lambda error, _: failed.append(str(error)) if error else None,
            )
            producer.poll(0)
        assert producer.flush(150) == 0
        assert not failed, failed[:3]

    async def until(self, reached: Callable[[Progress], bool], still: float = STILL, mortal: bool = False) -> None:
        """Wait until the workers have come so far; fail where one of them ends, or where nothing moves for too long.

        With `mortal`, workers that end are started again, as a supervisor would.
        """
        heard = time.monotonic()
        deadline = heard + still

        def note(progress: Progress) -> None:
            nonlocal heard, deadline
            heard = time.monotonic()
            if progress != self.progress:
                deadline = heard + still
            self.progress = progress

        while not reached(self.progress):
            looking = asyncio.create_task(wait_until_handled(self.settings, note))
            heard = time.monotonic()
            try:
                # the onlooker's connection may be one of those that were broken: then another one looks
                while not looking.done() and time.monotonic() < heard + SILENT:
                    await asyncio.wait([looking], timeout=0.05)
                    if reached(self.progress):
                        return
                    ended = self.workers.ended()
                    assert mortal or not ended, f"workers have ended: {ended}"
                    self.workers.start(*ended)
                    if time.monotonic() > deadline and self.workers.starting():
                        deadline = time.monotonic() + still
                    assert time.monotonic() < deadline, f"the workers come no further than {self.progress}"
                if looking.done():
                    looking.result()
                    assert reached(self.progress), f"all is done: {self.progress}"
            except BrokerError:
                assert time.monotonic() < deadline, f"Kafka does not tell how far the workers are: {self.progress}"
            finally:
                looking.cancel()

    async def handled(self, articles: int, mortal: bool = False) -> None:
        """Wait until the workers have handled so many articles, and all that came of them."""
        await self.until(lambda progress: progress.articles >= articles and progress.done, mortal=mortal)

    async def said(self, name: str, words: str, times: int = 1) -> None:
        """Wait until a worker has logged some words so many times, in all its lives."""
        async with asyncio.timeout(STILL):
            # a log is a file: there is nothing to be woken by
            while self.workers.log(name).count(words) < times:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def ended(self, name: str) -> int:
        """Wait until a worker has ended by itself, and return its exit status."""
        async with asyncio.timeout(STILL):
            while True:
                if (status := self.workers.ended().get(name)) is not None:
                    return status
                await asyncio.sleep(0.1)

    def enriched_twice(self) -> list[str]:
        """Ids of articles that were handled more than once."""
        handled = Counter(each.article.id for each in decoded(EnrichedArticle, records(self.settings, ENRICHED)))
        return [str(identifier) for identifier, times in handled.items() if times > 1]

    def letters(self) -> dict[int, tuple[str, int]]:
        """Numbers of the reports that are dead letters, each with the code and the tries that it tells."""
        found = {}
        for message in records(self.settings, DEAD_LETTERS):
            told = {name: value.decode() for name, value in message.headers() if name.startswith(PREFIX)}
            assert message.key().startswith(b"report-"), f"a dead letter of {message.key()}: {told}"
            number = int(message.key().rpartition(b"-")[2])
            assert number not in found, f"two dead letters of report {number}"
            found[number] = told[f"{PREFIX}code"], int(told[f"{PREFIX}attempt"])
        return found

    def articles(self) -> set[str]:
        """Ids of the articles that were enriched."""
        return {str(each.article.id) for each in decoded(EnrichedArticle, records(self.settings, ENRICHED))}

    def check(self, count: int, letters: Collection[int] = ()) -> None:
        """See that the first `count` reports gave what an undisturbed run gives: nothing missing, no alert twice.

        `letters` are the numbers of those that are dead letters, and have come through since then.
        """
        expected = undisturbed(count)
        assert self.letters().keys() == set(letters)
        _same(self.articles(), expected.articles)
        _same({claim.id for claim in decoded(Claim, records(self.settings, CLAIMS))}, expected.claims)

        latest = {message.key(): message for message in records(self.settings, FACTS)}
        standing = decoded(Fact, [message for message in latest.values() if message.value() is not None])
        assert {fact.id: fact for fact in standing} == expected.facts

        alerts = Counter(alert.id for alert in decoded(Alert, records(self.settings, ALERTS)))
        assert [identifier for identifier, times in alerts.items() if times > 1] == []
        _same(alerts.keys(), expected.alerts)


def _same(found: AbstractSet[str], expected: AbstractSet[str]) -> None:
    assert found == expected, f"missing: {sorted(expected - found)}; too many: {sorted(found - expected)}"
