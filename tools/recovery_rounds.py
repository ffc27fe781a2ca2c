"""Kills workers and counts the records that are lost: with Faust's own recovery of tables, and with Tumen's.

    python tools/recovery_rounds.py [--rounds 20] [--recovery stock|tumen|both]

On a real Kafka, with 8 partitions, two workers share articles of one claim each. Their table is in memory, and its
changelog holds 20,000 records besides, so that each start is a recovery. In each round articles are published, one of
the workers, drawn by lot, is killed (SIGKILL) somewhere in the midst of them and started again, and everything else is
left to the workers. Both kinds run the same agents: `stock` takes streams/recovery.py out of them.

Counted are records that were on a topic and of which nothing came: articles without an enriched article, claims that no
fact has. `left` are those that had not been handled, and were not being handled any more, when the round was over;
some of them come with the next start, as their offsets are not committed. `lost` are those of which nothing had come
at the end, after all workers were started once more.
"""

import argparse
import asyncio
import contextlib
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import uuid4

import faust.tables.manager
from confluent_kafka import Producer
from faust.transport.drivers.aiokafka import Transport as StockTransport
from pydantic_core import from_json

from bench.support.extractors import load_one_claim
from bench.support.tables import table, title
from bench.support.workers import Workers
from schemas import Article
from streams import app as worker
from streams import logging
from streams.cli.clients import Records
from streams.codec import encode
from streams.progress import Progress, wait_until_handled
from streams.settings import Settings, TableStore
from streams.topics import ARTICLES, CLAIMS, ENRICHED, FACTS, FACTS_CHANGELOG, create_topics
from tools.kafka.launch import Cluster

NAMES = ("a", "b")
PARTITIONS = 8
CHANGELOG_RECORDS = 20_000
SESSION_SECONDS = 2.0
STILL_SECONDS = 20.0
"""How long nothing must have moved for a round to be over though records wait."""

START_SECONDS = 240.0
"""How long workers may take to start: long, on a machine that does other things."""

# so that a killed worker is missed soon
BROKER = {"group.min.session.timeout.ms": "1000"}


class Round(NamedTuple):
    """What a round has shown: counts of records, and how long it took."""

    records: int
    left: int
    lost: int
    seconds: float


def fill_changelog(settings: Settings, count: int) -> None:
    """Give the table records that no claim asks for, of about 115 bytes each."""
    producer = Producer(settings.confluent_options())
    for number in range(count):
        producer.produce(
            FACTS_CHANGELOG, key=f"filler:{number}", value=f"{number:0115d}", partition=number % settings.partitions
        )
        producer.poll(0)
    producer.flush()


def publish(settings: Settings, numbers: range) -> None:
    """Publish articles of one claim each."""
    producer = Producer(settings.confluent_options() | {"acks": "all", "enable.idempotence": True})
    for number in numbers:
        article = Article(
            id=f"article-{number}",
            text=f"Article {number}",
            language="en",
            published_at=datetime(2024, 10, 1, tzinfo=UTC),
        )
        producer.produce(ARTICLES, key=article.id, value=encode(article))
        producer.poll(0)
    producer.flush()


def lost(settings: Settings, count: int) -> list[int]:
    """Return the numbers of the articles, of so many, of which nothing came; and of those whose claim no fact has."""
    enriched: set[int] = set()
    claims: dict[str, int] = {}
    assessed: set[str] = set()
    with Records(settings, ENRICHED, CLAIMS, FACTS, from_beginning=True) as records:
        for record in records.rest():
            if record.value is None:
                continue
            value = from_json(record.value)
            if record.topic == ENRICHED:
                enriched.add(_number(value["article"]["id"]))
            elif record.topic == CLAIMS:
                claims[value["id"]] = _number(value["article_id"])
            else:
                assessed.update(value["claims"])
    return [*(set(range(count)) - enriched), *(number for claim, number in claims.items() if claim not in assessed)]


def _number(identifier: str) -> int:
    return int(identifier.rpartition("-")[2])


async def _watch(settings: Settings, workers: Workers, until: Callable[[Progress], bool]) -> bool:
    """Wait until the workers have come so far; False where they stand still before."""
    reached = asyncio.Event()
    last = Progress()
    began = time.monotonic()
    deadline = began + STILL_SECONDS

    def note(progress: Progress) -> None:
        nonlocal last, deadline
        if progress != last:
            last, deadline = progress, time.monotonic() + STILL_SECONDS
        if until(progress):
            reached.set()

    waiting = asyncio.create_task(wait_until_handled(settings, note))
    try:
        while not (reached.is_set() or waiting.done()):
            await asyncio.wait([waiting], timeout=0.1)
            # as a supervisor would
            workers.start(*workers.ended())
            if deadline < time.monotonic() < began + START_SECONDS and workers.starting():
                deadline = time.monotonic() + STILL_SECONDS
            if time.monotonic() > deadline:
                return False
        if waiting.done():
            waiting.result()
        return True
    finally:
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting


def play(
    settings: Settings,
    recovery: str,
    *,
    rounds: int,
    articles: int,
    told: Callable[[int, Round], None] = lambda number, shown: None,
    seed: int = 1,
) -> list[Round]:
    """Play rounds and return what each has shown.

    Args:
        settings: of workers on a Kafka that has no topics of Tumen yet.
        recovery: `stock` or `tumen`.
        rounds: how often a worker is killed.
        articles: how many are published in a round.
        told: is called with each round, by number, when it is over.
        seed: of the lots that are drawn.
    """
    rng = random.Random(seed)  # noqa: S311 -- which worker is killed, and when, is no secret
    asyncio.run(create_topics(settings))
    fill_changelog(settings, CHANGELOG_RECORDS)
    found: list[Round] = []
    with Workers(settings, [__file__, "--worker", recovery]) as workers:
        workers.start(*NAMES)
        for number in range(rounds):
            began = time.monotonic()
            first, end = number * articles, (number + 1) * articles
            publish(settings, range(first, end))
            at = first + int(articles * rng.uniform(0.1, 0.8))
            asyncio.run(_watch(settings, workers, lambda progress, at=at: progress.articles_handled >= at))
            victim = rng.choice(NAMES)
            workers.kill(victim)
            # at once, or when the other one has taken all over
            time.sleep(rng.choice([0.0, settings.session_timeout + 1]))
            workers.start(victim)
            asyncio.run(_watch(settings, workers, lambda progress: progress.done))
            left = sum(each >= first for each in lost(settings, end))
            found.append(Round(2 * articles, left, 0, time.monotonic() - began))
            told(number, found[-1])
        for name in NAMES:
            workers.kill(name)
        workers.start(*NAMES)
        asyncio.run(_watch(settings, workers, lambda progress: progress.done))
    at_last = Counter(number // articles for number in lost(settings, rounds * articles))
    return [each._replace(lost=at_last[number]) for number, each in enumerate(found)]


def settings_on(servers: str) -> Settings:
    """Return the settings of the workers."""
    return Settings.load(
        kafka_bootstrap_servers=servers,
        partitions=PARTITIONS,
        processes=1,
        session_timeout=SESSION_SECONDS,
        table_store=TableStore.MEMORY,
        group_id=f"tumen-{uuid4().hex[:8]}",
    )


def main(kinds: Sequence[str], rounds: int, articles: int) -> int:
    """Play rounds with each kind of recovery and print what was lost. Returns 1 where Tumen's lost anything."""
    title(f"{rounds} rounds of SIGKILL, {articles:,} articles in each, changelog of {CHANGELOG_RECORDS:,}")
    rows = []
    failed = False
    for kind in kinds:

        def told(number: int, shown: Round, kind: str = kind) -> None:
            print(f"  {kind}, round {number + 1}: left {shown.left}, {shown.seconds:.0f} s", flush=True)

        with Cluster(properties=BROKER) as cluster:
            settings = settings_on(cluster.bootstrap_servers)
            shown = play(settings, kind, rounds=rounds, articles=articles, told=told)
        left, gone = sum(each.left for each in shown), sum(each.lost for each in shown)
        losing = sum(each.lost > 0 for each in shown)
        rows.append([kind, str(rounds), f"{2 * rounds * articles:,}", f"{left:,}", f"{gone:,}", str(losing)])
        failed = failed or (kind == "tumen" and left + gone > 0)
    table(["recovery", "rounds", "records", "left", "lost", "rounds that lost"], rows)
    return int(failed)


def work(recovery: str) -> None:
    """Run a worker of a kind."""
    if recovery == "stock":
        worker.TableManager = faust.tables.manager.TableManager  # type: ignore[misc]
        worker.Transport = StockTransport  # type: ignore[misc]
    settings = Settings.load()
    logging.configure(settings)
    asyncio.run(worker.run_worker(settings, load=load_one_claim))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20, help="how often a worker is killed (20)")
    parser.add_argument("--articles", type=int, default=1500, help="articles in each round (1500)")
    parser.add_argument("--recovery", choices=("stock", "tumen", "both"), default="both", help="whose (both)")
    parser.add_argument("--worker", choices=("stock", "tumen"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        work(arguments.worker)
        sys.exit(0)
    sys.exit(
        main(
            ["stock", "tumen"] if arguments.recovery == "both" else [arguments.recovery],
            arguments.rounds,
            arguments.articles,
        )
    )
