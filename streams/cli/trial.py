"""The whole stream on one machine, for trying it out: embedded broker, one worker, and the articles given.

The worker is the same process that `tumen worker` starts; broker and worker end with the trial.
"""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType, TracebackType
from typing import BinaryIO, NoReturn, Self

import click

import seeds
from schemas import Alert, Claim, Fact
from streams.cli.clients import Received, Records
from streams.cli.intake import Intake
from streams.cli.publish import publish_articles
from streams.cli.records import dead_letter
from streams.cloudevents import CLAIM_WITHDRAWN, event_of
from streams.codec import decode
from streams.embedded import EmbeddedCluster
from streams.errors import TumenError
from streams.progress import wait_until_handled
from streams.reading import Found
from streams.rendering import AlertTable, console, json_line, line
from streams.settings import PREFIX, Settings
from streams.topics import ALERTS, ARTICLES, CLAIMS, DEAD_LETTERS, ENRICHED, FACTS

_SHORT = 100
"""So many articles are fed one by one, each when the one before is enriched: alerts come in the order of the dates."""

_IN_FLIGHT = 256
"""Of more articles, so many are fed ahead of the worker: the embedded broker holds little."""

_SECONDS_TO_END = 20.0


def seed_paths() -> tuple[Path, ...]:
    """Return the sample articles that come with Tumen."""
    return tuple(sorted(Path(seeds.__file__).parent.glob("*.jsonl")))


class Trial:
    """One run of the stream. `paths` are published; with `once` it ends when all of them are handled."""

    def __init__(self, paths: tuple[Path | BinaryIO, ...], *, once: bool, as_json: bool) -> None:
        self._once = once
        self._as_json = as_json
        self._feed = _Feed(paths)
        self._table = AlertTable(console())
        self._claims: set[str] = set()
        self._facts: set[str] = set()
        self._articles = self._alerts = self._dead_letters = 0

    def run(self) -> None:
        """Run until all is handled, or until Ctrl-C."""
        for name in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, _ended)  # so that the worker is ended too
        began = time.monotonic()
        partitions = Settings.load().partitions
        with EmbeddedCluster(partitions=partitions) as cluster:
            settings = cluster.settings()
            self._say_address(settings)
            try:
                with (
                    Records(settings, ENRICHED, CLAIMS, FACTS, ALERTS, DEAD_LETTERS, from_beginning=False) as records,
                    _Worker(settings) as worker,
                ):
                    self._feed.start(settings)
                    self._follow(records, worker)
            except KeyboardInterrupt:
                if self._once:
                    raise
        self._summarize(time.monotonic() - began)
        self._feed.intake.close()

    def _follow(self, records: Records, worker: "_Worker") -> None:
        while True:
            record = records.poll()
            if record is not None:
                self._take(record)
                continue
            self._feed.check()
            worker.check()
            if self._once and self._feed.done and records.at_end():
                return

    def _take(self, record: Received) -> None:
        value = record.value
        match record.topic:
            case topic if topic == DEAD_LETTERS:
                self._dead_letters += 1
                letter = dead_letter(record)
                click.echo(f"dead letter from {letter.topic}: {line(letter.message)} [{letter.code}]", err=True)
                if letter.topic == ARTICLES:
                    self._feed.handled()
            case topic if value is None:
                pass  # a fact that was deleted
            case topic if topic == ENRICHED:
                self._articles += 1
                self._feed.handled()
            case topic if topic == CLAIMS:
                if event_of(record.headers) != CLAIM_WITHDRAWN:
                    self._claims.add(decode(Claim, value).id)
            case topic if topic == FACTS:
                self._facts.add(decode(Fact, value).id)
            case topic if topic == ALERTS:
                self._alerts += 1
                alert = decode(Alert, value)
                if self._as_json:
                    click.echo(json_line(alert))
                else:
                    self._table.add(alert)

    def _say_address(self, settings: Settings) -> None:
        address = settings.kafka_bootstrap_servers
        click.echo(f"embedded broker at {address}; the worker is starting", err=True)
        if not self._once:
            click.echo(
                "Publish to it from another terminal:\n"
                f"  {PREFIX}KAFKA_BOOTSTRAP_SERVERS={address} tumen publish PATH\n"
                f"  kcat -b {address} -t {ARTICLES} -P article.json\n"
                "Ctrl-C ends it.",
                err=True,
            )

    def _summarize(self, seconds: float) -> None:
        counts = (
            f"{self._articles:,} articles, {len(self._claims):,} claims, {len(self._facts):,} facts, "
            f"{self._alerts:,} alerts, {self._dead_letters:,} dead letters in {seconds:.1f} s"
        )
        click.echo(counts if self._as_json else f"\n{counts}", err=self._as_json)
        if not self._as_json:
            click.echo(_NEXT)


_NEXT = """
Where to go next:
  tumen extract PATH         every claim in articles of your own, with its passage
  tumen run PATH             the stream on articles of your own, until Ctrl-C
  make kafka                 a real Kafka on 127.0.0.1:9092; then, in other terminals:
                             tumen topics create; tumen worker; tumen publish PATH; tumen tail alerts
  README.md, docs/           how to feed, subscribe and operate"""


def _ended(number: int, _: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


class _Feed:
    """Publishes articles in a thread of its own, in order of date, and no faster than they are handled."""

    def __init__(self, paths: tuple[Path | BinaryIO, ...]) -> None:
        self.intake = _Paced(paths)
        self._thread: threading.Thread | None = None
        self._error: Exception | None = None

    def start(self, settings: Settings) -> None:
        self._thread = threading.Thread(target=self._publish, args=(settings,), daemon=True)
        self._thread.start()

    def handled(self) -> None:
        """Tell that an article is enriched, or dead."""
        self.intake.room.release()

    @property
    def done(self) -> bool:
        """Whether all articles are published and handled."""
        return self._thread is not None and not self._thread.is_alive()

    def check(self) -> None:
        """Raise what went wrong with publishing."""
        if self._error:
            raise self._error

    def _publish(self, settings: Settings) -> None:
        try:
            publish_articles(self.intake, settings)
            # then what comes of the articles is on the other topics
            asyncio.run(wait_until_handled(settings))
        except Exception as error:  # noqa: BLE001 raised again in the main thread
            self._error = error


class _Paced(Intake):
    """Articles in order of date, each when there is room for it. Those of a stream come as they come."""

    def __init__(self, paths: tuple[Path | BinaryIO, ...]) -> None:
        super().__init__(paths)
        self._live = not all(isinstance(path, Path) for path in paths)
        self.room = threading.Semaphore(_IN_FLIGHT)

    def leave_out(self, origin: str, code: str, message: str) -> None:
        super().leave_out(origin, code, message)
        # what the broker refused is never handled
        self.room.release()

    def __iter__(self) -> Iterator[Found]:
        items = super().__iter__()
        if not self._live:
            dated = sorted(items, key=lambda found: found.published_at)
            if len(dated) <= _SHORT:
                self.room = threading.Semaphore(1)
            items = iter(dated)
        for found in items:
            self.room.acquire()
            yield found


class _Worker:
    """`tumen worker` on the embedded broker. A context manager: leaving it ends the worker."""

    def __init__(self, settings: Settings) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(f"{PREFIX}KAFKA_")}
        environment |= {
            f"{PREFIX}KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
            f"{PREFIX}TABLE_STORE": settings.table_store.value,
            f"{PREFIX}PARTITIONS": str(settings.partitions),
        }
        # results are what this command is for; the worker speaks up when something is wrong
        environment.setdefault(f"{PREFIX}LOG_LEVEL", "warning")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "streams.cli", "worker"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            start_new_session=True,  # Ctrl-C is for this process, which then ends the worker in good order
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def check(self) -> None:
        """Raise an error if the worker has ended."""
        status = self._process.poll()
        if status is not None:
            raise TumenError(f"the worker ended with status {status}; what it said is above", code="worker_ended")
