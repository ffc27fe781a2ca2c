"""The recovery that is written against one version of Faust: any other is refused, and what it overrides is there."""

import inspect

import pytest
from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery
from faust.transport.consumer import Consumer
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread

from streams import recovery
from streams.errors import TumenError


def test_the_installed_faust_is_the_one_it_was_written_against() -> None:
    recovery.require_known_faust()


def test_another_faust_is_refused_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "version", lambda _: "0.16.0")
    with pytest.raises(TumenError, match=r"0\.16\.0.*pip install faust-streaming==0\.15\.3"):
        recovery.require_known_faust()


@pytest.mark.parametrize(
    ("ours", "theirs", "methods"),
    [
        (recovery.Recovery, Recovery, ["on_recovery_completed"]),
        (recovery.TableManager, TableManager, ["on_start", "recovery"]),
        (recovery.ConsumerThread, AIOKafkaConsumerThread, ["_create_worker_consumer", "getmany"]),
        (recovery.Consumer, Consumer, ["wait_empty", "ack"]),
    ],
)
def test_each_override_overrides_something(ours: type, theirs: type, methods: list[str]) -> None:
    for name in methods:
        assert name in vars(ours)
        mine, original = inspect.getattr_static(ours, name), inspect.getattr_static(theirs, name)
        assert mine is not original
        if inspect.isfunction(original):
            assert list(inspect.signature(mine).parameters) == list(inspect.signature(original).parameters)
