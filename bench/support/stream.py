"""The stream as a process of its own beside what measures it: brokers, workers, articles in, records out."""

import asyncio
import contextlib
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from bench.support.workers import environment
from schemas import Article
from streams.cli.clients import Publisher, Records
from streams.codec import encode
from streams.embedded import EmbeddedCluster
from streams.errors import BrokerError, TumenError
from streams.progress import wait_until_handled
from streams.settings import LogLevel, Settings
from streams.topics import ALERTS, ARTICLES, ENRICHED, create_topics
from tools.kafka.launch import Cluster, LaunchError

PATIENCE = 300.0
"""Seconds after which a measurement gives up."""


@contextmanager
def embedded(processes: int = 1) -> Iterator[Settings]:
    """Start the embedded broker, with the topics; yield settings of a worker on it."""
    settings = Settings.load(processes=processes)
    with EmbeddedCluster(partitions=settings.partitions) as cluster:
        yield cluster.settings(processes=processes)


@contextmanager
def kafka(processes: int = 1) -> Iterator[Settings | None]:
    """Start a real Kafka, with the topics; yield settings of a worker on it, or None, with the reason printed."""
    cluster = Cluster()
    try:
        cluster.start()
    except LaunchError as error:
        cluster.stop()
        print(f"left out: no real Kafka: {error}")
        yield None
        return
    try:
        settings = Settings.load(kafka_bootstrap_servers=cluster.bootstrap_servers, processes=processes)
        asyncio.run(create_topics(settings))
        _wait_for_leaders(settings)
        yield settings
    finally:
        cluster.stop()


def _wait_for_leaders(settings: Settings) -> None:
    """Wait until new topics can be read: a broker lists them a moment before it leads their partitions."""
    deadline = time.monotonic() + 15
    while True:
        try:
            with Records(settings, ARTICLES, ENRICHED, ALERTS, from_beginning=False):
                return
        except BrokerError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.2)


@contextmanager
def worker(
    settings: Settings, command: Sequence[str], cache: Path | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """Start a worker by a Python command line, with a directory of its own; it is ended on leaving.

    Args:
        settings: the broker and the sizes.
        command: arguments of the Python interpreter.
        cache: where what is derived from the knowledge files is kept; the user's cache if None.
    """
    with tempfile.TemporaryDirectory() as folder:
        variables = environment(settings.model_copy(update={"data_dir": Path(folder), "log_level": LogLevel.WARNING}))
        if cache is not None:
            variables["XDG_CACHE_HOME"] = str(cache)
        process = subprocess.Popen([sys.executable, *command], env=variables, stdin=subprocess.DEVNULL)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            if process.returncode is None:
                process.kill()
                process.wait()


def alone(settings: Settings) -> Settings:
    """Return the settings for a consumer group of its own, which begins at the oldest article."""
    return settings.model_copy(update={"group_id": f"tumen-bench-{uuid4().hex[:8]}"})


def alive(process: "subprocess.Popen[bytes]") -> None:
    """Raise where a worker has ended."""
    if process.poll() is not None:
        raise TumenError(f"the worker ended with status {process.returncode}; what it said is above")


def publish(settings: Settings, articles: Iterable[Article]) -> None:
    """Publish articles and return when the broker has them."""
    with Publisher(settings, ARTICLES, _refused) as publisher:
        for article in articles:
            publisher.send(ARTICLES, str(article.id).encode(), encode(article), [], str(article.id))


def handled(settings: Settings, process: "subprocess.Popen[bytes]") -> None:
    """Wait until a worker has handled all articles, and all claims that come of them."""

    async def wait() -> None:
        waiting = asyncio.create_task(wait_until_handled(settings))
        deadline = time.monotonic() + PATIENCE
        try:
            while not waiting.done():
                await asyncio.wait([waiting], timeout=0.5)
                alive(process)
                if time.monotonic() > deadline:
                    raise TumenError(f"the worker has not handled all articles after {PATIENCE:g} s")
        finally:
            waiting.cancel()
        waiting.result()

    asyncio.run(wait())


def _refused(origin: str, code: str, message: str) -> None:
    raise TumenError(f"{origin}: {message}", code=code)
