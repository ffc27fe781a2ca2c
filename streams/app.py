"""The worker: a Faust app with the agents of the stream, and how it is run and watched.

In process, as `tumen run` does it:

    with EmbeddedCluster() as cluster:
        settings = cluster.settings()
        stop = asyncio.Event()
        worker = asyncio.create_task(run_worker(settings, stop=stop))
        ...                                   # publish articles with any client
        await wait_until_handled(settings)    # everything published so far is assessed, or a dead letter
        stop.set()
        await worker                          # raises what ended the worker early

Alerts are read from their topic as any subscriber does. `wait_until_handled` should be raced with `worker`, which ends
with an error if the worker dies.
"""

import asyncio
import contextlib
import functools
import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from importlib.metadata import version
from typing import Any, cast

import faust
import structlog
from aiokafka.errors import KafkaError
from faust.exceptions import ConsistencyError
from faust.types import TP
from mode.supervisors import CrashingSupervisor

from streams.agents.assess import AnyAssessor, Judge
from streams.agents.enrich import Enricher
from streams.agents.holdings import Holdings
from streams.agents.keeper import Keeper, Work
from streams.agents.revise import Reviser
from streams.agents.state import Overlay, Table
from streams.data_directory import data_directory
from streams.errors import BrokerError, TumenError
from streams.extract import Extractor
from streams.extract.knowledge import hash_of
from streams.facts import Assessor, SourceTable
from streams.facts.lexicon import default_lexicon
from streams.fence import Fencing
from streams.header_names import tolerate_any_header_name
from streams.history import Archive, learn
from streams.metrics import Metrics
from streams.progress import INPUTS, wait_until_assessed
from streams.recovery import ByTime, Consumer, TableManager, Transport, require_known_faust
from streams.rights import check_rights
from streams.sender import Sender
from streams.settings import Settings, TableStore
from streams.topics import (
    ALERTS,
    ARTICLES,
    CLAIMS,
    ENRICHED,
    FACTS_CHANGELOG,
    REVISIONS_CHANGELOG,
    check_topics,
    cluster_id,
)
from streams.web import Readiness, serving

log = structlog.get_logger(__name__)

_FENCING_SECONDS = 10.0
"""Seconds that a Kafka may take to make its log of transactions, which it does when somebody first wants it."""

STOP_SECONDS = 9.5
"""Seconds that a worker has for stopping when it is told to, before its process is ended: docker gives it ten."""


class App(faust.App):
    """A Faust app that owns the agents' engines."""

    def __init__(self, settings: Settings, load: Callable[[], Any], assessor: Callable[[Overlay], AnyAssessor]) -> None:
        require_known_faust()
        tolerate_any_header_name()
        # what a rebalance waits for: all that is in flight may run into its limits
        patience = 60 + settings.extraction_time_limit * (settings.max_tries + 1)
        super().__init__(
            settings.group_id,
            broker=";".join(f"kafka://{server}" for server in settings.kafka_bootstrap_servers.split(",")),
            broker_credentials=_credentials(settings),
            broker_commit_interval=0.5,
            broker_session_timeout=settings.session_timeout,
            broker_heartbeat_interval=settings.session_timeout / 6,
            broker_request_timeout=40.0,
            broker_rebalance_timeout=patience,
            consumer_auto_offset_reset="earliest",
            consumer_max_fetch_size=1024 * 1024,
            # Faust's own producer sends nothing: see streams/sender.py
            cython_optimizations=False,
            datadir=settings.data_dir,
            # Faust also speaks pickle: nothing here is anything but bytes to it
            key_serializer="raw",
            value_serializer="raw",
            store="rocksdb://" if settings.table_store is TableStore.ROCKSDB else "memory://",
            stream_buffer_maxsize=256,
            stream_wait_empty=True,
            stream_recovery_delay=0.0,
            table_standby_replicas=0,
            topic_allow_declare=False,
            topic_disable_leader=True,
            topic_partitions=settings.partitions,
            web_enabled=False,
            worker_redirect_stdouts=False,
            ConsumerScheduler=ByTime,
            TableManager=TableManager,
        )
        self._keeps_files = settings.table_store is TableStore.ROCKSDB
        self.held: set[str] = set()
        """Topics from which nothing is taken until `release`."""
        self.released_at = 0.0
        self.ready = asyncio.Event()
        """Set when the worker has joined its group and recovered its table."""
        self.on_startup_finished = self._note_ready
        self.metrics = Metrics()
        self.metrics.build(version=version("tumen"), knowledge=hash_of())
        self.sender = Sender(settings)
        self.enricher = Enricher(settings, self.sender, self.metrics, load)
        self.fencing = Fencing(settings)
        self.reviser = Reviser(self._work(settings, "revise", "revisions", REVISIONS_CHANGELOG, silenced=[]))
        # it reads the last alerts too, before it sends any
        self.judge = Judge(
            settings, self._work(settings, "assess", "facts", FACTS_CHANGELOG, silenced=[ALERTS]), assessor
        )
        self.keepers: list[Keeper[Any]] = [self.reviser, self.judge]

        @self.agent(_raw(self, ARTICLES), name="enrich", supervisor_strategy=CrashingSupervisor)
        async def enrich(stream: Any) -> None:
            await self.enricher.run(stream.noack().events())

        @self.agent(_raw(self, ENRICHED), name="revise", supervisor_strategy=CrashingSupervisor)
        async def revise(stream: Any) -> None:
            await self.reviser.run(stream.noack().events())

        @self.agent(_raw(self, CLAIMS), name="assess", supervisor_strategy=CrashingSupervisor)
        async def assess(stream: Any) -> None:
            await self.judge.run(stream.noack().events())

    def _work(self, settings: Settings, stage: str, table: str, changelog: str, silenced: list[str]) -> Work:
        return Work(
            holdings=Holdings(
                settings,
                self.fencing,
                stage=stage,
                changelog=changelog,
                silenced=silenced,
                member_id=lambda: self._faust_consumer.member_id,
            ),
            table=Table(self, table, changelog, partitions=settings.partitions),
            letters=self.sender,
            metrics=self.metrics,
            current_generation=lambda: self.consumer_generation_id,
            drop=lambda message: self._faust_consumer.drop(message),
        )

    @property
    def _faust_consumer(self) -> Consumer:
        consumer: Any = self.consumer
        return cast(Consumer, consumer)

    async def take_over(self, changelogs: set[TP], generation: int) -> None:
        """Take over the partitions of keepers whose changelogs these are, before their state is read.

        Raises:
            OvertakenError: the group has a new generation already.
            BrokerError: Kafka refuses, or could not be reached for five minutes.
        """
        began = time.monotonic()
        await asyncio.gather(
            *(
                keeper.holdings.take(
                    {each.partition for each in changelogs if each.topic == keeper.holdings.changelog}, generation
                )
                for keeper in self.keepers
            )
        )
        log.info(
            "partitions taken over",
            partitions=len({each.partition for each in changelogs}),
            seconds=round(time.monotonic() - began, 3),
        )

    async def _note_ready(self) -> None:
        self.ready.set()

    def release(self) -> None:
        """Take articles, if they were held back."""
        self.held.clear()
        self.released_at = time.time()
        # while partitions move nothing flows; recovery resumes all when it is done
        if self.ready.is_set() and not self.rebalancing and not self.in_recovery:
            self.consumer.resume_partitions({tp for tp in self.consumer.assignment() if tp.topic == ARTICLES})

    def readiness(self) -> Readiness:
        """Say whether the worker takes records now."""
        joined = self.ready.is_set() and not self.rebalancing
        return Readiness(joined=joined, recovered=joined and not self.in_recovery)

    def lag(self) -> dict[TP, int]:
        """Return how many records wait on each partition that the worker has: those that are not committed."""
        consumer: Any = self.consumer
        waiting = {}
        for partition in consumer.assignment():
            end = consumer.highwater(partition)
            if partition.topic in INPUTS and end is not None:
                waiting[partition] = max(0, end - (consumer._committed_offset[partition] or 0))
        return waiting

    def check(self) -> None:
        """Raise what has silently ended the worker's membership in its group: Faust does not ask for it."""
        faust_consumer: Any = self.consumer
        consumer = faust_consumer._thread._consumer
        if consumer is not None:
            consumer._coordinator.check_errors()

    def _new_transport(self) -> Transport:
        return Transport(self.conf.broker_consumer, self)

    def _create_directories(self) -> None:
        if self._keeps_files:
            self.conf.datadir.mkdir(parents=True, exist_ok=True)
            super()._create_directories()


# mode gives each subclass a logger of its module's name; these messages are Faust's
App.logger = faust.App.logger


def create_app(
    settings: Settings,
    load: Callable[[], Any] | None = None,
    assessor: Callable[[Overlay], AnyAssessor] | None = None,
) -> App:
    """Return the worker's Faust app.

    Args:
        settings: which Kafka, and how.
        load: makes an extractor in each child process; a module-level callable. By default Tumen's.
        assessor: makes an assessor on a state; by default Tumen's.
    """
    if assessor is None:
        assessor = functools.partial(
            Assessor,
            sources=SourceTable.load(),
            lexicon=default_lexicon(),
            min_confidence=settings.alerts_min_confidence,
            keep_days=settings.facts_keep_days,
        )
    if load is None:
        load = functools.partial(Extractor.load, pipelines=settings.pipelines)
    return App(settings, load, assessor)


async def run_worker(
    settings: Settings,
    *,
    load: Callable[[], Any] | None = None,
    assessor: Callable[[Overlay], AnyAssessor] | None = None,
    stop: asyncio.Event | None = None,
    on_ready: Callable[[], None] | None = None,
    archive: Archive | None = None,
) -> None:
    """Run a worker until `stop` is set; then finish what was taken, commit and return, within ten seconds.

    Args:
        settings: which Kafka, and how.
        load, assessor: as for `create_app`.
        stop: ends the worker. Without it, SIGTERM and SIGINT do.
        on_ready: called when the worker has joined its group and recovered its table.
        archive: articles to learn from before any is taken from the stream.

    Raises:
        BrokerError: Kafka cannot be reached, or its topics do not fit.
        TumenError: the worker cannot go on; another may take over from the last commit.
    """
    if stop is None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, _stop_in_time, stop)
    if not await _reached(settings, stop):
        return
    with await _housed(settings) as housed:
        await _run(housed, load, assessor, stop, on_ready, archive)


def _stop_in_time(stop: asyncio.Event) -> None:
    """Let the worker stop, and end its process if that takes too long: what is not committed is handled again.

    Leaving the group can take minutes when no broker coordinates it, as after a rebalance that went wrong.
    """
    stop.set()
    late = threading.Timer(STOP_SECONDS, _end)
    late.daemon = True
    late.start()


def _end() -> None:
    log.warning("the worker could not leave its group in time and ends at once; what it had begun is handled again")
    os._exit(0)


async def _housed(settings: Settings) -> contextlib.AbstractContextManager[Settings]:
    """Give the worker a directory of its own, held until it ends."""
    if settings.table_store is not TableStore.ROCKSDB:
        return contextlib.nullcontext(settings)
    cluster = await cluster_id(settings)

    @contextlib.contextmanager
    def housed() -> Iterator[Settings]:
        with data_directory(settings.data_dir, cluster) as directory:
            yield settings.model_copy(update={"data_dir": directory})

    return housed()


async def _run(
    settings: Settings,
    load: Callable[[], Any] | None,
    assessor: Callable[[Overlay], AnyAssessor] | None,
    stop: asyncio.Event,
    on_ready: Callable[[], None] | None,
    archive: Archive | None,
) -> None:
    app = create_app(settings, load, assessor)
    if archive is not None:
        app.held.add(ARTICLES)
    async with serving(settings, app.metrics, app.readiness), _running(app):
        waits = {
            "stopped": asyncio.create_task(stop.wait()),
            "crashed": asyncio.create_task(app.wait_until_stopped()),
            "loaded": asyncio.create_task(app.enricher.start()),
            "ready": asyncio.create_task(app.ready.wait()),
            "watchdog": asyncio.create_task(_guard(app, settings)),
        }
        if archive is not None:
            waits["history"] = asyncio.create_task(_learn(app, settings, archive))
        try:
            await _watch(app, waits, on_ready)
        finally:
            for task in waits.values():
                task.cancel()
    if app.crash_reason is not None:
        raise _reason(app.crash_reason)


async def _learn(app: App, settings: Settings, archive: Archive) -> None:
    """Learn an archive; then let articles come. What it tells is known to the whole group by then."""
    await app.ready.wait()
    try:
        await learn(archive, app.enricher, settings)
    except ExceptionGroup as errors:
        raise _reason(errors) from errors
    await wait_until_assessed(settings)
    log.info("history loaded: now the stream")
    app.release()


async def _reached(settings: Settings, stop: asyncio.Event) -> bool:
    """Wait, for a while, until Kafka and the topics are there; return False if `stop` was set first."""
    began = time.monotonic()
    delay = 0.5
    while not stop.is_set():
        try:
            await _check(settings)
        except BrokerError as error:
            left = settings.kafka_wait - (time.monotonic() - began)
            if error.code not in ("unreachable", "topics_missing", "no_fencing") or left <= 0:
                raise
            log.warning("waiting for Kafka", reason=error.message, seconds_left=round(left))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), min(delay, left))
            delay = min(delay * 2, 10.0)
        else:
            return True
    return False


async def _check(settings: Settings) -> None:
    """See that Kafka is there, lets this worker in, allows what it does, and has topics that fit.

    Raises:
        BrokerError: one of these is not so.
    """
    await cluster_id(settings)
    await check_rights(settings)
    await check_topics(settings)
    async with Fencing(settings) as fencing:
        await fencing.identity(f"{settings.group_id}-start", patience=_FENCING_SECONDS)


async def _watch(app: App, waits: dict[str, asyncio.Task[Any]], on_ready: Callable[[], None] | None) -> None:
    pending = set(waits.values())
    while True:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
        if waits["stopped"] in done or waits["crashed"] in done:
            return
        if waits["ready"] in done:
            log.info("worker ready", partitions=len(app.consumer.assignment()))
            if on_ready is not None:
                on_ready()


async def _guard(app: App, settings: Settings) -> None:
    """End a worker that goes on without doing anything.

    Raises:
        TumenError: records wait and none has been handled for too long, or the worker has dropped out of its group.
    """
    await app.ready.wait()
    ready_at = time.time()
    while True:
        await asyncio.sleep(1.0)
        try:
            app.check()
        except KafkaError as error:
            raise BrokerError(
                f"the worker has dropped out of its group ({type(error).__name__}: {error}); start it again",
                code="left_group",
            ) from error
        waiting = app.lag()
        app.metrics.lags({(partition.topic, partition.partition): count for partition, count in waiting.items()})
        idle = time.time() - max(app.metrics.last_progress, ready_at, app.released_at)
        stuck = sum(count for partition, count in waiting.items() if partition.topic not in app.held)
        if stuck and idle > settings.stall_limit:
            raise TumenError(
                f"no record has been handled for {idle:.0f} s while {stuck} wait; start the worker "
                "again, and report it if that does not help",
                code="stalled",
            )


@contextlib.asynccontextmanager
async def _running(app: App) -> AsyncIterator[None]:
    await app.sender.start()
    await app.fencing.start()
    starting = asyncio.create_task(app.start())
    try:
        yield
    finally:
        log.info("worker stopping")
        starting.cancel()
        await app.stop()
        await app.enricher.stop()
        for keeper in app.keepers:
            await keeper.holdings.stop()
        await app.fencing.stop()
        await app.sender.stop()


def _reason(error: BaseException) -> TumenError:
    while isinstance(error, ExceptionGroup):
        # several batches can fail for one reason
        error = error.exceptions[0]
    if isinstance(error, TumenError):
        return error
    if isinstance(error, ConsistencyError):
        return TumenError(
            f"the tables in TUMEN_DATA_DIR are of topics that are no more ({error}): delete that directory; the "
            "changelog topic holds all that is in it",
            code="tables_do_not_fit",
        )
    return TumenError(f"the worker ended: {type(error).__name__}: {error}", code="worker_crashed")


def _raw(app: App, topic: str) -> Any:
    """Return a topic whose keys and values stay bytes: the pure code decodes them."""
    return app.topic(
        topic, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw", allow_empty=True
    )


def _credentials(settings: Settings) -> Any:
    context = settings.ssl_context()
    if settings.sasl and settings.kafka_sasl_password:
        return faust.SASLCredentials(
            username=settings.kafka_sasl_username,
            password=settings.kafka_sasl_password.get_secret_value(),
            mechanism=settings.kafka_sasl_mechanism.value,
            ssl_context=context,
        )
    return faust.SSLCredentials(context) if context else None
