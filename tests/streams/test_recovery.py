"""The recovery that is written against one version of Faust: any other is refused, and what it overrides is there."""

import asyncio
import contextlib
import inspect
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from faust.tables.manager import TableManager
from faust.tables.recovery import RebalanceAgain, Recovery
from faust.transport.consumer import Consumer
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from faust.types import TP, Message

from streams import recovery
from streams.app import create_app
from streams.errors import TumenError
from streams.settings import Settings
from streams.topics import ARTICLES

PARTITION = TP(ARTICLES, 0)


def test_the_installed_faust_is_the_one_it_was_written_against() -> None:
    recovery.require_known_faust()


def test_another_faust_is_refused_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "version", lambda _: "0.16.0")
    with pytest.raises(TumenError, match=r"0\.16\.0.*pip install faust-streaming==0\.15\.3"):
        recovery.require_known_faust()


def test_of_what_was_fetched_the_oldest_comes_first_and_no_topic_waits_for_another() -> None:
    def records(*dated: tuple[int, int]) -> list[SimpleNamespace]:
        return [SimpleNamespace(timestamp=timestamp, offset=offset) for timestamp, offset in dated]

    fetched = {
        TP("a", 0): records((10, 0), (40, 1), (20, 2)),
        TP("a", 1): records((15, 7), (30, 8)),
        TP("b", 0): records((99, 0)),
    }
    handed_on = list(recovery.ByTime().iterate(fetched))
    assert [record.offset for partition, record in handed_on if partition.topic == "a"] == [0, 7, 8, 1, 2]
    assert handed_on[1][0] == TP("b", 0)


async def test_a_step_of_recovery_that_lasts_is_waited_for(tmp_path: Path) -> None:
    app = create_app(Settings.load(data_dir=tmp_path))
    # Faust would take it for the end of the worker
    await app.tables.recovery._wait(asyncio.sleep(0.05), timeout=0.01)


@pytest.fixture
async def consumer(tmp_path: Path) -> recovery.Consumer:
    """A worker's consumer that has joined no group; its thread is this one."""
    app = create_app(Settings.load(data_dir=tmp_path))
    app.consumer_generation_id = 1
    made = app.consumer
    assert isinstance(made, recovery.Consumer)
    made._thread = InThread(made)
    return made


class InThread(recovery.ConsumerThread):
    """Does what it is asked for at once, on a log that is this object."""

    def __init__(self, consumer: recovery.Consumer) -> None:
        super().__init__(consumer)
        self.waits = asyncio.Event()
        self.waits.set()
        self.position = 0

    async def call_thread(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        return await function(*args, **kwargs)

    def _ensure_consumer(self) -> Any:
        return SimpleNamespace(
            _max_poll_records=None,
            _closed=False,
            _fetcher=SimpleNamespace(
                _closed=False,
                _subscriptions=SimpleNamespace(fetch_context=contextlib.nullcontext),
                fetched_records=self._fetched,
            ),
            seek_to_committed=self._back,
            assignment=lambda: {PARTITION},
        )

    async def _fetched(self, *_: object, **__: object) -> dict[TP, list[int]]:
        self.position += 1
        return {PARTITION: [self.position]}

    async def _back(self) -> dict[TP, int]:
        await self.waits.wait()
        self.position = 7
        return {PARTITION: 7}


async def test_what_was_fetched_before_a_seek_is_not_handed_on(consumer: recovery.Consumer) -> None:
    thread = consumer._thread

    async def late(function: Any, *args: Any, **kwargs: Any) -> Any:
        fetched = await function(*args, **kwargs)
        await thread._seek_to_committed()
        return fetched

    thread.call_thread = late
    assert await consumer._getmany({PARTITION}, timeout=1.0) == {}


async def test_what_is_fetched_after_a_seek_that_it_waited_for_is_handed_on(consumer: recovery.Consumer) -> None:
    consumer._thread.waits.clear()
    seek = asyncio.create_task(consumer.perform_seek())
    await asyncio.sleep(0)
    fetch = asyncio.create_task(consumer._getmany({PARTITION}, timeout=1.0))
    await asyncio.sleep(0)
    consumer._thread.waits.set()
    await seek
    assert await fetch == {PARTITION: [8]}


async def test_a_recovery_of_partitions_that_are_moving_again_takes_no_step_more(consumer: recovery.Consumer) -> None:
    running = consumer.app.tables.recovery
    await running._wait(asyncio.sleep(0))
    running.on_partitions_revoked({PARTITION})
    with pytest.raises(RebalanceAgain):
        await running._wait(asyncio.sleep(0))
    # the group has a third generation already when the second is told of
    consumer.app.consumer_generation_id = 3
    await running.on_rebalance({PARTITION}, set(), {PARTITION}, 2)
    with pytest.raises(RebalanceAgain):
        await running._wait(asyncio.sleep(0))
    await running.on_rebalance({PARTITION}, set(), {PARTITION}, 3)
    with pytest.raises(RebalanceAgain):
        # it is the next one's turn
        await running._wait(asyncio.sleep(0))
    running.signal_recovery_start.clear()
    await running._wait(asyncio.sleep(0))


async def test_partitions_that_are_assigned_are_not_read_before_their_recovery(consumer: recovery.Consumer) -> None:
    active = []

    async def agents_are_waited_for(*_: object) -> None:
        active.append(set(consumer._get_active_partitions()))

    consumer._on_partitions_assigned = agents_are_waited_for
    await consumer.on_partitions_assigned({PARTITION}, 1)
    assert active == [set()]


async def test_what_is_acknowledged_after_a_rebalance_comes_again(consumer: recovery.Consumer) -> None:
    def message(offset: int) -> Message:
        made = Message(ARTICLES, 0, offset, 0.0, 0, {}, b"", b"", None, generation_id=1)
        made.tracked = True
        return made

    consumer.app.topics.acks_enabled_for = lambda _: True
    assert consumer.ack(message(7))
    consumer.app.consumer_generation_id = 2
    assert not consumer.ack(message(8))
    assert consumer._new_offset(PARTITION) == 8


async def test_a_commit_that_returns_after_a_rebalance_does_not_hold_up_the_next_one(
    consumer: recovery.Consumer,
) -> None:
    async def slow(offsets: dict[TP, int]) -> bool:
        await consumer.on_partitions_revoked({PARTITION})
        # somebody else had the partition
        await consumer.perform_seek()
        return False

    async def nothing(*_: object) -> None: ...

    consumer._on_partitions_revoked = nothing
    consumer._commit = slow
    await consumer._commit_offsets({PARTITION: 3})
    consumer._acked[PARTITION] = [7]
    assert consumer._filter_committable_offsets([PARTITION]) == {PARTITION: 8}


@pytest.mark.parametrize(
    ("ours", "theirs", "methods"),
    [
        (
            recovery.Recovery,
            Recovery,
            ["on_partitions_revoked", "on_rebalance", "on_recovery_completed", "_build_highwaters", "_wait"],
        ),
        (recovery.TableManager, TableManager, ["on_start", "recovery"]),
        (recovery.ConsumerThread, AIOKafkaConsumerThread, ["_create_worker_consumer", "getmany", "_seek_wait"]),
        (
            recovery.Consumer,
            Consumer,
            ["wait_empty", "ack", "resume_partitions", "on_partitions_assigned", "_commit_offsets"],
        ),
    ],
)
def test_each_override_overrides_something(ours: type, theirs: type, methods: list[str]) -> None:
    for name in methods:
        assert name in vars(ours)
        mine, original = inspect.getattr_static(ours, name), inspect.getattr_static(theirs, name)
        assert mine is not original
        if inspect.isfunction(original):
            assert list(inspect.signature(mine).parameters) == list(inspect.signature(original).parameters)
