"""How the tests drive the stream: publish, run workers, read topics to their end."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaProducer, ConsumerRecord, TopicPartition

from schemas import Alert, Claim, DeadLetter, EnrichedArticle, Fact, Withdrawal
from streams.app import run_worker
from streams.codec import decode
from streams.consumer import Consumer
from streams.progress import wait_until_handled
from streams.settings import Settings
from streams.topics import ALERTS, ARTICLES, CLAIMS, DEAD_LETTERS, ENRICHED, FACTS

PATIENCE = 60.0
"""Seconds after which a test gives up: far more than it takes."""


def article(text: str, **fields: Any) -> bytes:
    return json.dumps({"text": text, "published_at": "2024-10-21", **fields}).encode()


async def publish(
    settings: Settings, values: Iterable[bytes | None], key: bytes | None = None, headers: Any = None
) -> None:
    producer = AIOKafkaProducer(**settings.aiokafka_producer_options())
    await producer.start()
    try:
        for value in values:
            await producer.send(ARTICLES, value, key=key, headers=headers)
        await producer.flush()
    finally:
        await producer.stop()


@asynccontextmanager
async def worker(settings: Settings, load: Callable[[], Any]) -> AsyncIterator["asyncio.Task[None]"]:
    """A worker in this process; it is ready inside, stopped in good order afterwards, and must not have failed."""
    stop, ready = asyncio.Event(), asyncio.Event()
    running = asyncio.create_task(run_worker(settings, load=load, stop=stop, on_ready=ready.set))
    try:
        await first(running, ready.wait())
        yield running
    finally:
        stop.set()
        await asyncio.wait_for(running, PATIENCE)


async def first(running: "asyncio.Task[None]", awaited: Any) -> None:
    """Wait for something, but not longer than the worker lives."""
    waiting = asyncio.ensure_future(awaited)
    done, _ = await asyncio.wait({running, waiting}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
    if waiting not in done:
        waiting.cancel()
        if running in done:
            running.result()
        raise AssertionError("the worker ended, or did nothing, before all was handled")


async def play(settings: Settings, load: Callable[[], Any], rounds: Iterable[Iterable[bytes]]) -> None:
    """Let one worker handle all that waits, then rounds of articles, each published when the one before is handled.

    Their keys tell nothing of the articles.
    """
    async with worker(settings, load) as running:
        await first(running, wait_until_handled(settings))
        for number, values in enumerate(rounds):
            await publish(settings, values, key=f"round {number}".encode())
            await first(running, wait_until_handled(settings))


async def run_through(settings: Settings, load: Callable[[], Any]) -> None:
    """Run a worker until all that is published is handled."""
    async with worker(settings, load) as running:
        await first(running, wait_until_handled(settings))


async def read(settings: Settings, topic: str) -> list[ConsumerRecord]:
    """All records that a topic holds now."""
    consumer = Consumer(**settings.aiokafka_options(), enable_auto_commit=False)
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for number in range(settings.partitions)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        found: list[ConsumerRecord] = []
        while any([await consumer.position(partition) < ends[partition] for partition in partitions]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += records
        return found
    finally:
        await consumer.stop()


async def enriched(settings: Settings) -> list[EnrichedArticle]:
    return [decode(EnrichedArticle, record.value) for record in await read(settings, ENRICHED)]


async def claims(settings: Settings) -> list[Claim]:
    return [decode(Claim, record.value) for record in await read(settings, CLAIMS) if not is_withdrawal(record)]


async def withdrawals(settings: Settings) -> list[Withdrawal]:
    return [decode(Withdrawal, record.value) for record in await read(settings, CLAIMS) if is_withdrawal(record)]


def is_withdrawal(record: ConsumerRecord) -> bool:
    return dict(record.headers).get("ce_type") == b"tumen.claim.withdrawn.v1"


async def facts(settings: Settings) -> list[Fact]:
    """The facts as they stand: of each key the last record, if that is not a tombstone."""
    latest = {record.key: record.value for record in await read(settings, FACTS)}
    return [decode(Fact, value) for value in latest.values() if value is not None]


async def alerts(settings: Settings) -> list[Alert]:
    return [decode(Alert, record.value) for record in await read(settings, ALERTS)]


async def dead_letters(settings: Settings) -> list[tuple[DeadLetter, ConsumerRecord]]:
    letters = []
    for record in await read(settings, DEAD_LETTERS):
        headers = {name: value.decode() for name, value in record.headers if name.startswith("tumen.")}
        letters.append((DeadLetter.model_validate(headers), record))
    return letters
