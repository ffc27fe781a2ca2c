"""The commands that speak to a Kafka, on a real one, as an operator would use them."""

import asyncio
import json
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from streams.settings import MAX_MESSAGE_BYTES, Settings
from streams.topics import ARTICLES, ENRICHED, TOPICS

Tumen = Callable[..., "subprocess.CompletedProcess[str]"]

TEXT = "North Korea has sent 3,000 troops to Russia, South Korea's intelligence service said on Wednesday."


def lines(done: "subprocess.CompletedProcess[str]") -> list[dict[str, object]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def set_max_message_bytes(settings: Settings, topic: str, size: int) -> None:
    entry = ConfigEntry("max.message.bytes", str(size), incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    admin = AdminClient(settings.confluent_options())
    for altered in admin.incremental_alter_configs([resource]).values():
        altered.result()


def test_topics_are_shown_as_they_are(tumen: Tumen) -> None:
    before = tumen("topics", "show", "--json", status=1)
    assert {row["name"]: row["exists"] for row in lines(before)} == dict.fromkeys(TOPICS, False)
    assert "tumen topics create" in before.stderr

    made = tumen("topics", "create")
    assert all(f"made {name} with 4 partitions" in made.stdout for name in TOPICS)
    assert "all topics are there" in tumen("topics", "create").stdout
    assert {row["name"]: row["partitions"] for row in lines(tumen("topics", "show", "--json"))} == dict.fromkeys(
        TOPICS, 4
    )


async def test_a_worker_that_is_started_first_says_what_it_waits_for_and_then_works(
    settings: Settings,
    tumen: Tumen,
    start: Callable[..., "subprocess.Popen[bytes]"],
    handled: Callable[[], Awaitable[None]],
    tmp_path: Path,
) -> None:
    start("worker")
    async with asyncio.timeout(60):
        # the log is a file: there is nothing to be woken by
        while "Run `tumen topics create`" not in (tmp_path / "0-worker.log").read_text():  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    tumen("topics", "create")
    tumen("publish", "-", stdin=json.dumps({"id": "a", "text": TEXT, "published_at": "2024-10-23"}))
    await handled()


async def test_what_is_published_is_read_with_tail_and_bad_input_is_told_its_fault(
    settings: Settings,
    tumen: Tumen,
    start: Callable[..., "subprocess.Popen[bytes]"],
    handled: Callable[[], Awaitable[None]],
    tmp_path: Path,
) -> None:
    tumen("topics", "create")
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "good.json").write_text(json.dumps({"id": "good", "text": TEXT, "published_at": "2024-10-23"}))
    (folder / "bad.json").write_text("{")
    published = tumen("publish", str(folder), status=1)
    assert "published 1 articles" in published.stdout
    assert "bad.json" in published.stderr

    producer = Producer(settings.confluent_options())
    producer.produce(ARTICLES, key=b"their key", value=b"not json")
    assert producer.flush(30) == 0
    start("worker")
    await handled()

    to_the_end = ("--from-beginning", "--until-end", "--json")
    [enriched] = lines(tumen("tail", "enriched", *to_the_end))
    assert isinstance(enriched["article"], dict)
    assert enriched["article"]["id"] == "good"
    assert lines(tumen("tail", "claims", *to_the_end))
    facts = {fact["id"] for fact in lines(tumen("tail", "facts", *to_the_end))}
    assert {alert["fact_id"] for alert in lines(tumen("tail", "alerts", *to_the_end))} == facts
    [letter] = lines(tumen("tail", "dead-letters", *to_the_end))
    assert letter["key"] == "their key"
    assert letter["value"] == "not json"
    assert "invalid_json" in json.dumps(letter)


async def test_dead_letters_are_handled_after_the_fix_and_only_once(
    settings: Settings,
    tumen: Tumen,
    start: Callable[..., "subprocess.Popen[bytes]"],
    handled: Callable[[], Awaitable[None]],
) -> None:
    tumen("topics", "create")
    start("worker")
    # somebody lowers the limit while the worker runs: it refuses to start on such a topic
    tumen("publish", "-", stdin=json.dumps({"id": "first", "text": TEXT, "published_at": "2024-10-23"}))
    await handled()
    set_max_message_bytes(settings, ENRICHED, 300)
    tumen("publish", "-", stdin=json.dumps({"id": "second", "text": TEXT, "published_at": "2024-10-24"}))
    await handled()
    to_the_end = ("--from-beginning", "--until-end", "--json")
    [letter] = lines(tumen("tail", "dead-letters", *to_the_end))
    assert "result_too_large" in json.dumps(letter)
    assert ENRICHED in tumen("topics", "show", status=1).stderr

    set_max_message_bytes(settings, ENRICHED, MAX_MESSAGE_BYTES)
    assert "published 1 dead letters again" in tumen("dead-letters", "replay").stdout
    await handled()
    enriched = [line["article"] for line in lines(tumen("tail", "enriched", *to_the_end))]
    assert sorted(article["id"] for article in enriched if isinstance(article, dict)) == ["first", "second"]
    assert len(lines(tumen("tail", "dead-letters", *to_the_end))) == 1
    assert "published 0 dead letters again" in tumen("dead-letters", "replay").stdout
