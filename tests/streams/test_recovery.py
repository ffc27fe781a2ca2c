"""The recovery that is written against one version of Faust: any other is refused, and what it overrides is there."""

import asyncio
import inspect
from pathlib import Path
from types import SimpleNamespace

import pytest
from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery
from faust.transport.consumer import Consumer
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from faust.types import TP

from streams import recovery
from streams.app import create_app
from streams.errors import TumenError
from streams.settings import Settings


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


@pytest.mark.parametrize(
    ("ours", "theirs", "methods"),
    [
        (recovery.Recovery, Recovery, ["on_recovery_completed", "_build_highwaters", "_wait"]),
        (recovery.TableManager, TableManager, ["on_start", "recovery"]),
        (recovery.ConsumerThread, AIOKafkaConsumerThread, ["_create_worker_consumer", "getmany"]),
        (recovery.Consumer, Consumer, ["wait_empty", "ack", "resume_partitions"]),
    ],
)
def test_each_override_overrides_something(ours: type, theirs: type, methods: list[str]) -> None:
    for name in methods:
        assert name in vars(ours)
        mine, original = inspect.getattr_static(ours, name), inspect.getattr_static(theirs, name)
        assert mine is not original
        if inspect.isfunction(original):
            assert list(inspect.signature(mine).parameters) == list(inspect.signature(original).parameters)
