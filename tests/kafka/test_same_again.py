"""Articles that come one after another tell what a replay tells: with two workers, of which one is killed."""

import asyncio
import json
import subprocess
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from confluent_kafka import Producer
from support.topics import decoded, records, until_shared

from schemas import Alert, Fact
from streams.cli.extraction import Report, assessed
from streams.codec import decode_article
from streams.extract import Extractor
from streams.progress import wait_until_handled
from streams.settings import Settings
from streams.topics import ALERTS, ARTICLES, FACTS

SERVICE = "South Korea's National Intelligence Service"
ROUNDS = [
    [
        f"North Korea has sent about 1,500 soldiers to Russia, {SERVICE} said.",
        "Kim Jong Un met Vladimir Putin in Moscow.",
    ],
    [f"Russia has received 13,000 containers of shells from North Korea, {SERVICE} said."],
    ["North Korea has sent about 1,500 soldiers to Russia, Ukraine's Main Directorate of Intelligence said."],
    [f"North Korea has sent about 9,000 soldiers to Russia, {SERVICE} said.", "The Kremlin denied it."],
]


def rounds() -> list[list[tuple[str, bytes]]]:
    found = []
    for day, texts in enumerate(ROUNDS, start=1):
        articles = []
        for number, text in enumerate(texts):
            name = f"{day}-{number}"
            fields = {"id": name, "text": text, "source": f"Outlet {number}", "published_at": f"2024-10-{day:02d}"}
            articles.append((name, json.dumps(fields).encode()))
        found.append(articles)
    return found


def replayed() -> tuple[dict[str, Fact], Counter[str]]:
    extractor = Extractor.load()
    read = [
        extractor.extract(decode_article(value, datetime.now(UTC))) for articles in rounds() for _, value in articles
    ]
    facts: dict[str, Fact] = {}
    alerts: Counter[str] = Counter()
    for assessment in assessed(
        Report(each.article.published_at or each.processed_at, each.article.id or "", each.claims) for each in read
    ):
        facts.update({fact.id: fact for fact in assessment.facts})
        for gone in assessment.removed:
            facts.pop(gone, None)
        alerts.update(alert.id for alert in assessment.alerts)
    return facts, alerts


def told(settings: Settings) -> tuple[dict[str, Fact], Counter[str]]:
    latest = {message.key(): message for message in records(settings, FACTS)}
    standing = decoded(Fact, [message for message in latest.values() if message.value() is not None])
    return {fact.id: fact for fact in standing}, Counter(
        alert.id for alert in decoded(Alert, records(settings, ALERTS))
    )


@pytest.mark.faults
async def test_two_workers_one_of_them_killed_tell_what_a_replay_tells_and_nothing_twice(
    settings: Settings,
    tumen: Callable[..., "subprocess.CompletedProcess[str]"],
    start: Callable[..., "subprocess.Popen[bytes]"],
) -> None:
    async def publish(*parts: list[tuple[str, bytes]]) -> None:
        for articles in parts:
            producer = Producer(settings.confluent_options())
            for name, value in articles:
                producer.produce(ARTICLES, key=name, value=value)
            assert producer.flush(30) == 0
            async with asyncio.timeout(90):
                await wait_until_handled(settings)

    tumen("topics", "create")
    first, _ = start("worker"), start("worker")
    await until_shared(settings, 2)
    await publish(*rounds()[:2])
    first.kill()
    first.wait()
    start("worker")
    await publish(*rounds()[2:])
    facts, alerts = replayed()
    assert len(alerts) > 3
    assert told(settings) == (facts, alerts)

    await publish(*rounds())
    assert told(settings) == (facts, alerts)
