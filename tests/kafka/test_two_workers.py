"""The stream on a real Kafka, with two workers that share it."""

import json
import subprocess
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from confluent_kafka import Producer
from support.topics import decoded, records, told_by, until_shared

from schemas import Alert, Article, Claim, EnrichedArticle, Fact
from streams.codec import decode_article
from streams.extract import Extractor
from streams.settings import Settings
from streams.topics import ALERTS, ARTICLES, CLAIMS, DEAD_LETTERS, ENRICHED, FACTS

SEEDS = Path(__file__).parents[2] / "seeds"
COPIES = 2


def articles() -> list[Article]:
    """The seeds, several times over: each copy is an article of its own, from an outlet of its own."""
    published = datetime(2025, 1, 1, tzinfo=UTC)
    found = []
    for path in sorted(SEEDS.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            seed = json.loads(line)
            for copy in range(COPIES):
                article = {"id": f"{seed['id']}-{copy}", "text": seed["text"], "published_at": seed["published"]}
                found.append(decode_article(json.dumps(article).encode(), published))
    return found


async def test_two_workers_handle_each_article_once_with_the_ids_of_a_replay(
    settings: Settings,
    tumen: Callable[..., "subprocess.CompletedProcess[str]"],
    start: Callable[..., "subprocess.Popen[bytes]"],
    handled: Callable[[], Awaitable[None]],
) -> None:
    tumen("topics", "create")
    workers = [start("worker"), start("worker")]
    await until_shared(settings, len(workers))

    given = articles()
    producer = Producer(settings.confluent_options())
    for article in given:
        producer.produce(ARTICLES, value=article.model_dump_json().encode(), key=str(article.id))
    assert producer.flush(30) == 0
    await handled()
    for worker in workers:
        worker.terminate()
    assert [worker.wait(20) for worker in workers] == [0, 0]

    assert records(settings, DEAD_LETTERS) == []
    extractor = Extractor.load()
    in_process = [extractor.extract(article) for article in given]
    enriched = decoded(EnrichedArticle, records(settings, ENRICHED))
    assert Counter(each.article.id for each in enriched) == Counter(article.id for article in given)

    on_topic = records(settings, CLAIMS)
    claims = decoded(Claim, on_topic)
    assert claims
    assert Counter(claim.id for claim in claims) == Counter(claim.id for each in in_process for claim in each.claims)

    told = told_by(on_topic)
    assert told.alerts
    assert Counter(alert.id for alert in decoded(Alert, records(settings, ALERTS))) == Counter(told.alerts)

    latest = {message.key(): message for message in records(settings, FACTS)}
    known = decoded(Fact, [message for message in latest.values() if message.value() is not None])
    assert {fact.id for fact in known} == told.facts
