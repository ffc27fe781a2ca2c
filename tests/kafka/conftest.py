"""Fixtures of the tests on a real Kafka: settings, topics, and `tumen` as a process."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from streams.progress import Progress, wait_until_handled
from streams.settings import Settings, variables

TUMEN = str(Path(sys.executable).with_name("tumen"))

Start = Callable[..., "subprocess.Popen[bytes]"]
Handled = Callable[[], Awaitable[None]]
Tumen = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def environment(kafka: str) -> dict[str, str]:
    """Environment of `tumen`: this machine's, with the broker, few partitions, and a consumer group of its own."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("TUMEN_")}
    return ours | {
        "TUMEN_KAFKA_BOOTSTRAP_SERVERS": kafka,
        "TUMEN_PARTITIONS": "4",
        "TUMEN_PROCESSES": "1",
        # a worker of an earlier test that was killed may still count as a member of its group
        "TUMEN_GROUP_ID": f"tumen-test-{uuid4().hex[:8]}",
    }


@pytest.fixture
def settings(environment: dict[str, str]) -> Settings:
    """The same settings, for what the test does in process."""
    names = {variable: name for variable, name in variables().items() if variable in environment}
    return Settings.load(**{name: environment[variable] for variable, name in names.items()})


@pytest.fixture
def tumen(environment: dict[str, str]) -> Tumen:
    """Runs a command of `tumen` to its end and returns it; an unexpected exit status fails the test."""

    def run(
        *arguments: str, status: int = 0, stdin: str = "", timeout: float = 60
    ) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            [TUMEN, *arguments],
            env=environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert done.returncode == status, f"{arguments}: exit status {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    return run


@pytest.fixture
def started() -> "list[subprocess.Popen[bytes]]":
    """The processes that `start` has started, in order."""
    return []


@pytest.fixture
def start(environment: dict[str, str], started: "list[subprocess.Popen[bytes]]", tmp_path: Path) -> Iterator[Start]:
    """Starts a command of `tumen` that goes on, with a data directory and a log of its own. All end with the test."""
    logs: list[Path] = []

    def run(*arguments: str, **variables: str) -> "subprocess.Popen[bytes]":
        log = tmp_path / f"{len(started)}-{arguments[0]}.log"
        logs.append(log)
        with log.open("wb") as out:
            process = subprocess.Popen(
                [TUMEN, *arguments],
                env=environment | {"TUMEN_DATA_DIR": str(tmp_path / f"data-{len(started)}")} | variables,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    for process, log in zip(started, logs, strict=True):
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        # pytest shows it where the test has failed
        print(f"--- {log.name}\n{log.read_text(errors='replace')[-4000:]}")  # noqa: T201


@pytest.fixture
def handled(settings: Settings, started: "list[subprocess.Popen[bytes]]") -> Handled:
    """Waits until the workers have handled all that was published; fails at once where one of them ends meanwhile."""

    async def wait() -> None:
        seen: list[Progress] = []
        waiting = asyncio.create_task(wait_until_handled(settings, seen.append))
        deadline = time.monotonic() + 90
        try:
            while not waiting.done():
                await asyncio.wait([waiting], timeout=0.2)
                ended = [process.args for process in started if process.poll() is not None]
                assert not ended, "a worker has ended: its log is below"
                assert time.monotonic() < deadline, f"the workers have come no further than {seen[-1:]}"
        finally:
            waiting.cancel()
        waiting.result()

    return wait
