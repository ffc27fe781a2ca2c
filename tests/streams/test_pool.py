"""The pool: batches in, results out in order, whatever one task does to its process."""

import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from streams.errors import KnowledgeError, TumenError
from streams.pool import Failure, Limits, Pool

LIMITS = Limits(seconds=1.0, mebibytes=256, tries=2)


def load() -> str:
    return "tool"


def load_nothing() -> str:
    raise KnowledgeError("entities.yaml:3: no such label")


def work(tool: str, task: str) -> str:
    match task.split(":")[0]:
        case "raise":
            raise ValueError(f"something private: {task}")
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "hang":
            time.sleep(600)
        case "eat":
            bytearray(1 << 32)
        case "die-once":
            marker = Path(task.split(":")[1])
            if not marker.exists():
                marker.touch()
                os.kill(os.getpid(), signal.SIGKILL)
        case "pid":
            return str(os.getpid())
    return f"{tool} {task}"


@asynccontextmanager
async def pool(loader: Callable[[], Any] = load, processes: int = 1) -> AsyncIterator[Pool[str, str]]:
    running: Pool[str, str] = Pool(loader, work, processes=processes, limits=LIMITS)
    try:
        await running.start()
        yield running
    finally:
        await running.stop()


async def test_results_come_in_the_order_of_the_tasks() -> None:
    async with pool(processes=2) as running:
        assert await running.run(["a", "b", "c"]) == ["tool a", "tool b", "tool c"]


async def test_a_task_that_raises_is_a_failure_without_its_text() -> None:
    async with pool() as running:
        before, failure, after = await running.run(["a", "raise", "b"])
    assert (before, after) == ("tool a", "tool b")
    assert isinstance(failure, Failure)
    assert failure.code == "extract_failed"
    assert "ValueError at test_pool.py:" in failure.message
    assert "private" not in failure.message


@pytest.mark.parametrize(("task", "code"), [("die", "extract_crash"), ("hang", "extract_timeout")])
async def test_only_the_task_that_ends_its_process_is_blamed(task: str, code: str) -> None:
    async with pool() as running:
        before, failure, after = await running.run(["a", task, "b"])
        assert (before, after) == ("tool a", "tool b")
        assert isinstance(failure, Failure)
        assert (failure.code, failure.attempt) == (code, LIMITS.tries)
        # and the pool goes on
        assert await running.run(["c"]) == ["tool c"]


async def test_a_task_that_takes_too_much_memory_is_a_failure_and_its_process_lives() -> None:
    async with pool() as running:
        (process,) = await running.run(["pid"])
        (failure,) = await running.run(["eat"])
        assert isinstance(failure, Failure)
        assert failure.code == "extract_memory"
        assert await running.run(["pid"]) == [process]


async def test_a_process_that_is_killed_from_outside_costs_nothing(tmp_path: Path) -> None:
    async with pool() as running:
        (process,) = await running.run(["pid"])
        assert isinstance(process, str)
        os.kill(int(process), signal.SIGKILL)
        assert await running.run(["a", f"die-once:{tmp_path / 'died'}"]) == [
            "tool a",
            f"tool die-once:{tmp_path / 'died'}",
        ]


def load_at_the_third_time() -> str:
    """The first one loads; the second is killed meanwhile, as by a machine that is short of memory."""
    loads = Path(os.environ["TEST_POOL_LOADS"])
    with loads.open("a") as file:
        file.write("x")
    if loads.stat().st_size == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return "tool"


async def test_a_process_that_is_killed_while_it_loads_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_POOL_LOADS", str(tmp_path / "loads"))
    async with pool(load_at_the_third_time) as running:
        # it takes the pool's process with it, and is tried in one that must be loaded first
        assert await running.run([f"die-once:{tmp_path / 'died'}"]) == [f"tool die-once:{tmp_path / 'died'}"]


def load_never() -> str:
    os.kill(os.getpid(), signal.SIGKILL)
    return "tool"


async def test_a_process_that_never_loads_is_told_with_the_remedy() -> None:
    with pytest.raises(TumenError, match="TUMEN_PROCESSES"):
        async with pool(load_never):
            pass


async def test_what_keeps_a_process_from_loading_is_told() -> None:
    with pytest.raises(KnowledgeError, match=r"entities\.yaml:3"):
        async with pool(load_nothing):
            pass
