"""A worker's life: what it waits for, what ends it, and what the next one finds."""

import asyncio
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from driving import alerts, article, claims, dead_letters, enriched, first, publish, run_through, worker
from extractors import load_wicked, load_word
from support.topics import records

from streams import recovery
from streams.agents.state import Overlay, Table
from streams.app import create_app, run_worker
from streams.embedded import EmbeddedCluster
from streams.errors import BrokerError, TumenError
from streams.extract.knowledge import Knowledge
from streams.fence import FencedError
from streams.progress import wait_until_handled
from streams.sender import Sender
from streams.settings import Settings, TableStore
from streams.topics import ARTICLES, FACTS_CHANGELOG, TOPICS

PRODUCE = 0
"""Kafka's API key of the requests that send records."""
NOT_LEADER, NOT_AUTHORIZED, TOO_LARGE, FENCED = 6, 29, 10, 47


def reports(count: int) -> list[bytes | None]:
    return [article(f"{number} troops", id=f"a-{number}") for number in range(count)]


async def test_an_unreachable_broker_ends_the_worker_with_the_remedy() -> None:
    settings = Settings.load(kafka_bootstrap_servers="127.0.0.1:1", kafka_wait=0)
    with pytest.raises(BrokerError, match="TUMEN_KAFKA_BOOTSTRAP_SERVERS") as caught:
        await run_worker(settings, load=load_word)
    assert caught.value.code == "unreachable"


async def test_a_worker_that_waits_for_kafka_can_be_stopped() -> None:
    stop = asyncio.Event()
    waiting = asyncio.create_task(
        run_worker(Settings.load(kafka_bootstrap_servers="127.0.0.1:1", kafka_wait=600), load=load_word, stop=stop)
    )
    await asyncio.sleep(0)
    stop.set()
    await asyncio.wait_for(waiting, 30)


async def test_topics_that_are_made_late_are_waited_for() -> None:
    with EmbeddedCluster(partitions=2, topics={ARTICLES: 2}) as cluster:
        settings = cluster.settings(processes=1, session_timeout=1)
        starting = asyncio.create_task(run_through(settings, load_word))
        await asyncio.sleep(0)
        for name in TOPICS:
            if name != ARTICLES:
                cluster.create_topic(name, 2)
        await asyncio.wait_for(starting, 30)


async def test_a_worker_tells_which_version_and_knowledge_it_runs(settings: Settings) -> None:
    metrics = create_app(settings).metrics
    expected = {"version": version("tumen"), "knowledge": Knowledge.load().hash}
    assert metrics.registry.get_sample_value("tumen_build_info", expected) == 1.0


async def test_an_outage_of_the_broker_loses_and_doubles_nothing(cluster: EmbeddedCluster) -> None:
    settings = cluster.settings(processes=1, session_timeout=1)
    async with worker(settings, load_word) as running:
        await publish(settings, reports(20))
        cluster.set_down()
        await asyncio.sleep(1.0)
        cluster.set_up()
        await publish(settings, reports(40)[20:])
        await first(running, wait_until_handled(settings))
    assert {each.article.id for each in await enriched(settings)} == {f"a-{number}" for number in range(40)}
    raised = [each.id for each in await alerts(settings)]
    assert len(raised) == len(set(raised))


async def test_what_the_broker_asks_to_be_sent_again_is_sent_again(cluster: EmbeddedCluster) -> None:
    settings = cluster.settings(processes=1, session_timeout=1)
    await publish(settings, reports(10))
    async with worker(settings, load_word) as running:
        cluster.push_errors(PRODUCE, NOT_LEADER, NOT_LEADER)
        await publish(settings, reports(20)[10:])
        await first(running, wait_until_handled(settings))
    assert len({claim.id for claim in await claims(settings)}) == 20
    assert await dead_letters(settings) == []


async def test_a_result_that_the_broker_refuses_for_its_size_is_a_dead_letter(cluster: EmbeddedCluster) -> None:
    settings = cluster.settings(processes=1, session_timeout=1)
    async with worker(settings, load_word) as running:
        # the publisher's record, the result, and the result once more without others beside it
        cluster.push_errors(PRODUCE, 0, TOO_LARGE, TOO_LARGE)
        await publish(settings, [article("quiet")])
        await first(running, wait_until_handled(settings))
    ((reason, record),) = await dead_letters(settings)
    assert (reason.stage, reason.code) == ("send", "result_too_large")
    assert record.value == article("quiet")


async def test_what_was_only_beside_a_refused_record_is_sent_again(cluster: EmbeddedCluster) -> None:
    settings = cluster.settings(processes=1, session_timeout=1)
    async with worker(settings, load_word) as running:
        cluster.push_errors(PRODUCE, 0, TOO_LARGE)
        await publish(settings, [article("1 troops")])
        await first(running, wait_until_handled(settings))
    assert await dead_letters(settings) == []
    assert [each.article.text for each in await enriched(settings)] == ["1 troops"]
    assert len(await claims(settings)) == 1


async def test_what_changes_together_is_in_the_changelog_as_a_whole_or_not_at_all(cluster: EmbeddedCluster) -> None:
    settings = cluster.settings()
    changes: dict[bytes, bytes | None] = {b"%d" % number: b"x" * 1000 for number in range(200)}
    sender = Sender(settings)
    await sender.start()
    try:
        # far more than goes into one request otherwise, and after the first one the partition is another worker's
        cluster.push_errors(PRODUCE, 0, FENCED)
        assert await sender.send_as_one(FACTS_CHANGELOG, 0, changes) == 199
        with pytest.raises(FencedError):
            await sender.send_as_one(FACTS_CHANGELOG, 0, {b"late": b""})
    finally:
        await sender.stop()
    assert {message.key(): message.value() for message in records(settings, FACTS_CHANGELOG)} == changes


async def test_what_is_fetched_while_partitions_move_is_fetched_again(
    cluster: EmbeddedCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fetch that began before a rebalance can take records after it, when nobody is ready for them."""
    settings = cluster.settings(processes=1, session_timeout=1)
    await publish(settings, reports(10))
    finish = recovery.Recovery.on_recovery_completed
    taken: list[Any] = []

    async def fetch_and_drop(self: recovery.Recovery, generation_id: int = 0) -> None:
        consumer: Any = self.app.consumer
        async with asyncio.timeout(20):
            while sum(map(len, taken)) < 10:
                found = await consumer._thread.getmany(consumer.assignment(), timeout=1.0)
                taken.extend(found.values())
        await finish(self, generation_id)

    monkeypatch.setattr(recovery.Recovery, "on_recovery_completed", fetch_and_drop)
    await run_through(settings, load_word)
    assert {each.article.id for each in await enriched(settings)} == {f"a-{number}" for number in range(10)}


async def test_a_worker_that_may_not_write_ends_and_the_next_one_handles_all(cluster: EmbeddedCluster) -> None:
    settings = cluster.settings(processes=1, session_timeout=1)
    await publish(settings, reports(5))
    cluster.push_errors(PRODUCE, NOT_AUTHORIZED)
    with pytest.raises(BrokerError) as caught:
        await run_through(settings, load_word)
    assert caught.value.code == "send_failed"
    await run_through(settings, load_word)
    assert {each.article.id for each in await enriched(settings)} == {f"a-{number}" for number in range(5)}
    assert len({claim.id for claim in await claims(settings)}) == 5


async def test_a_crash_between_alert_and_state_sends_no_alert_twice(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(settings, reports(5))
    write = Table.write

    async def die(self: Table, partition: int, state: Overlay, sender: Sender, still_ours: Callable[[], bool]) -> None:
        # the table of revisions comes first; what is meant is that of facts
        if any(key.startswith("troops:") for key in state.changes):
            raise BrokerError("the lights went out")
        await write(self, partition, state, sender, still_ours)

    monkeypatch.setattr(Table, "write", die)
    with pytest.raises(BrokerError, match="lights"):
        await run_through(settings, load_word)
    before = [each.id for each in await alerts(settings)]
    assert before

    monkeypatch.setattr(Table, "write", write)
    await run_through(settings, load_word)
    after = [each.id for each in await alerts(settings)]
    assert after[: len(before)] == before
    assert len(after) == len(set(after))


@pytest.mark.parametrize("kept", [True, False], ids=["disk kept", "disk lost"])
async def test_the_next_worker_knows_what_the_last_one_knew(
    cluster: EmbeddedCluster, tmp_path: Path, kept: bool
) -> None:
    def settings(directory: str) -> Settings:
        return cluster.settings(
            processes=1, session_timeout=1, table_store=TableStore.ROCKSDB, data_dir=tmp_path / directory
        )

    await publish(settings("one"), reports(5))
    await run_through(settings("one"), load_word)
    raised = [each.id for each in await alerts(settings("one"))]
    assert raised

    await publish(settings("one"), reports(5))
    await run_through(settings("one" if kept else "two"), load_word)
    assert [each.id for each in await alerts(settings("one"))] == raised


async def test_a_worker_takes_nothing_from_the_tables_of_another_kafka(tmp_path: Path) -> None:
    raised = []
    # both at once: the embedded cluster's id is its address in memory, which may be given again
    with EmbeddedCluster(partitions=2) as one, EmbeddedCluster(partitions=2) as other:
        for cluster in (one, other):
            settings = cluster.settings(
                processes=1, session_timeout=1, table_store=TableStore.ROCKSDB, data_dir=tmp_path
            )
            await publish(settings, reports(3))
            await run_through(settings, load_word)
            raised.append(sorted(each.id for each in await alerts(settings)))
    assert raised[0]
    assert raised[0] == raised[1]


async def test_a_worker_that_does_nothing_while_records_wait_ends(
    cluster: EmbeddedCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "STOP_SECONDS", 0.5)
    settings = cluster.settings(processes=1, session_timeout=1, stall_limit=1)
    await publish(settings, [article("HANG")])
    with pytest.raises(TumenError, match="1 wait") as caught:
        await run_worker(settings, load=load_wicked)
    assert caught.value.code == "stalled"
