"""Faust 0.15.3 made to lose nothing when partitions move and tables are recovered.

Eleven faults of that very version are mended, each in a subclass that overrides private methods. Faust's code may
change under them, so any other version is refused: see `require_known_faust`. What Faust loses without them, and that
nothing is lost with them, `tools/recovery_rounds.py` shows on a real Kafka.

1. After recovery, the source partitions are resumed *before* the consumer seeks to the committed offsets and before
   the queues are cleared; what is fetched in between is dropped, and may be committed. Here: seek, clear, resume.
2. The fetcher is handed the live set of active partitions, which shrinks while a fetch is in flight; when it becomes
   empty aiokafka returns records of all partitions, and Faust throws those away. Here: a copy.
3. A stream that finds a message of an earlier generation in its queue skips it, and acknowledges it: an offset that
   nobody has handled can be committed. Here: what no stream has handed to an agent is never acknowledged.
4. An offset whose commit fails, as it can in a rebalance, is forgotten: until the next record arrives on its partition,
   the records count as not handled. Here: it is committed again.
5. The seek after a rebalance leaves out partitions on which nothing is committed. What was fetched of them and dropped
   while partitions moved is never seen again, until somebody commits past it. Here: they begin at their beginning.
6. A fetch that waits when partitions move goes on waiting through the rebalance; then it takes records of the new
   assignment, before or after the seek, which are dropped as nobody is ready for them, or handed on and followed by
   those that the seek goes back to, which are dropped for their lower offsets. Here: a seek and a fetch wait for each
   other, and what was fetched before a seek is not handed on.
7. Recovery takes a step that lasts too long for the worker's end: it stops, and the worker waits for ever. Here: it
   waits as long as the step does; the clients' own limits hold, and the watchdog's.
8. A recovery that is under way when partitions move again goes on until the next one begins, and lets records flow
   meanwhile: into queues that are cleared, before tables that are not recovered, from where nobody seeks back. Here: it
   takes no step more.
9. Partitions that are assigned can be fetched from until Faust has waited for its agents, and pauses them. Here: they
   are paused from the first.
10. What was handled before a rebalance and is acknowledged after it counts as handled by the new assignment. Here: it
   comes again, to whoever has the partition.
11. A commit that returns after a rebalance is noted for the new assignment, which waits in vain for the records after
   it, and commits nothing more. Here: what the seek has found holds.

Beside these, recovery begins with taking the partitions over from their former owners (streams/agents/holdings.py):
nothing of theirs may come into a changelog that has been read.
"""

import asyncio
import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from typing import Any, ClassVar

from aiokafka import AIOKafkaConsumer
from faust.tables.manager import TableManager as FaustTableManager
from faust.tables.recovery import RebalanceAgain
from faust.tables.recovery import Recovery as FaustRecovery
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from faust.transport.drivers.aiokafka import Consumer as FaustConsumer
from faust.transport.drivers.aiokafka import Transport as FaustTransport
from faust.types import TP, Message
from faust.types.transports import SchedulingStrategyT
from mode.utils.futures import notify

from streams.errors import TumenError
from streams.fence import OvertakenError

FAUST_VERSION = "0.15.3"

FETCH_MAX_WAIT_MS = 100
"""How long a broker waits for records of the partitions of a request."""

FETCH_SECONDS = 0.25
"""How long a fetch may wait, for records or for the end of a rebalance. A seek waits as long for a fetch; while both
wait, no offset can be committed: Faust's thread does two things at a time."""

STOP_SECONDS = 7.0
"""How long a worker that is told to stop may take to finish what it has begun. Another one handles the rest."""


def require_known_faust() -> None:
    """Refuse to run on a Faust that these classes were not written against.

    Raises:
        TumenError: another version is installed; tells the remedy.
    """
    found = version("faust-streaming")
    if found != FAUST_VERSION:
        raise TumenError(
            f"faust-streaming {found} is installed and Tumen's table recovery is written against {FAUST_VERSION} only: "
            "with another version articles could be lost. Run `pip install "
            f"faust-streaming=={FAUST_VERSION}`; to move to a newer one, compare streams/recovery.py with its sources "
            "and pass the kill tests first",
            code="faust_version",
        )


class Recovery(FaustRecovery):
    """Recovery of tables that takes the partitions over first, and hands the source partitions over without a gap."""

    _moving = False
    """Whether partitions have been revoked, and no others been assigned since."""

    def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Let no recovery go on: it is of partitions that may come to be another worker's."""
        self._moving = True
        super().on_partitions_revoked(revoked)

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        """Have a recovery begin, unless the group has been rebalanced again already."""
        await super().on_rebalance(assigned, revoked, newly_assigned, generation_id)
        self._moving = self._generation_id != generation_id

    async def _build_highwaters(self, consumer: Any, tps: set[TP], destination: Any, title: str) -> None:
        if title == "active":
            app: Any = self.app
            try:
                await app.take_over(set(tps), self._generation_id)
            except OvertakenError as error:
                # the group does not know this worker in this generation: there will be another
                raise RebalanceAgain from error
        await super()._build_highwaters(consumer, tps, destination, title)

    async def _wait(self, coro: Any, timeout: Any = None) -> None:  # noqa: ASYNC109
        await super()._wait(coro)
        # Faust looks only at what came first, the step's end or the next recovery's turn
        if self._moving or self.signal_recovery_start.is_set():
            raise RebalanceAgain

    async def on_recovery_completed(self, generation_id: int = 0) -> None:
        """Finish the recovery: position the source partitions first, then let records flow."""
        app: Any = self.app
        consumer = app.consumer
        await app.on_rebalance_complete.send()
        self._set_recovery_ended()
        await asyncio.gather(
            *(
                table.on_recovery_completed(self.actives_for_table[table], self.standbys_for_table[table])
                for table in self.tables.values()
            )
        )
        assignment = consumer.assignment()
        await self._wait(consumer.perform_seek() if assignment else asyncio.sleep(0))
        # whatever was fetched before the seek is fetched again
        app.flow_control.resume()
        consumer.resume_partitions({tp for tp in assignment if not self._is_changelog_tp(tp)})
        self.completed.set()
        consumer.resume_flow()
        await app._fetcher.maybe_start()
        self.tables.on_actives_ready()
        if not app.assignor.assigned_standbys():
            self.tables.on_standbys_ready()
        app.on_rebalance_end()


class TableManager(FaustTableManager):
    """The table manager with the recovery above."""

    async def on_start(self) -> None:
        """Start without Faust's pause of a second, which waits for tables that are declared late: ours are not."""
        await self._update_channels()
        await self.recovery.start()

    @property
    def recovery(self) -> FaustRecovery:
        if self._recovery is None:
            self._recovery = Recovery(self.app, self, beacon=self.beacon, loop=self.loop)
        return self._recovery


class ConsumerThread(AIOKafkaConsumerThread):
    """The thread that fetches, of partitions that were active when the fetch began, and seeks in between."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._positions = asyncio.Lock()
        """Held by who moves positions on, or sets them."""
        self._seeks = 0

    def _create_worker_consumer(self, transport: Any) -> AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        # Faust gives no setting for it. What arrives on a partition while a fetch waits for others can wait as long.
        consumer._fetch_max_wait_ms = FETCH_MAX_WAIT_MS
        return consumer

    async def getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:  # noqa: ASYNC109
        fetched: Any = await super().getmany(active_partitions and set(active_partitions), timeout)
        seeks, records = fetched
        # what was fetched before a seek is fetched again
        return records if seeks == self._seeks else {}

    async def _fetch_records(self, *args: Any, **kwargs: Any) -> Any:
        """Return records, and how many seeks there had been."""
        try:
            # nothing is lost by giving up: what has arrived stays with aiokafka until it is returned
            async with asyncio.timeout(FETCH_SECONDS), self._positions:
                return self._seeks, await super()._fetch_records(*args, **kwargs)
        except TimeoutError:
            return self._seeks, {}

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Position all partitions: where nothing is committed, at the beginning."""
        committed: Mapping[TP, int] = await self.call_thread(self._seek_to_committed)
        return committed

    async def _seek_to_committed(self) -> Mapping[TP, int]:
        consumer = self._ensure_consumer()
        async with self._positions:
            self._seeks += 1
            committed: Mapping[TP, int] = await consumer.seek_to_committed()
            # recovery itself positions the changelogs, where nothing ever is committed
            changelogs = self.app.tables.changelog_topics
            fresh = [partition for partition, offset in committed.items() if not offset]
            fresh = [partition for partition in fresh if partition.topic not in changelogs]
            if fresh:
                await consumer.seek_to_beginning(*fresh)
        return committed

    async def _seek_wait(self, consumer: AIOKafkaConsumer, partitions: Mapping[TP, int]) -> None:
        async with self._positions:
            self._seeks += 1
            await super()._seek_wait(consumer, partitions)


class Consumer(FaustConsumer):
    """The consumer that acknowledges only what an agent was given, and commits until the broker agrees."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._not_committed: dict[TP, int] = {}
        self._found: dict[TP, int | None] = {}
        """The offsets that were committed when the partitions were positioned."""
        self._revocations = 0

    async def perform_seek(self) -> None:
        """Position all partitions where they were committed, and note where that is."""
        await super().perform_seek()
        self._found = {partition: self._committed_offset[partition] for partition in self.assignment()}

    async def _wait_next_records(self, timeout: float) -> Any:  # noqa: ASYNC109
        # Faust would look again after a second
        while self.flow_active and not self.should_stop and not self._get_active_partitions():
            await self.sleep(0.05)
        return await super()._wait_next_records(timeout)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        self._revocations += 1
        for partition in revoked:
            self._not_committed.pop(partition, None)
            self._found.pop(partition, None)
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        self._paused_partitions.update(assigned)
        await super().on_partitions_assigned(assigned, generation_id)

    def _filter_committable_offsets(self, tps: Iterable[TP]) -> dict[TP, int]:
        return self._not_committed | super()._filter_committable_offsets(tps)

    async def _commit_offsets(self, offsets: Mapping[TP, int], start_new_transaction: bool = True) -> bool:
        revocations = self._revocations
        done = bool(await super()._commit_offsets(offsets, start_new_transaction))
        if revocations == self._revocations:
            self._not_committed = {} if done else dict(offsets)
        else:
            # Faust has noted them for partitions that may have been elsewhere in between
            self._committed_offset.update({partition: self._found.get(partition) for partition in offsets})
        return done

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def wait_empty(self) -> None:
        """Wait until agents have finished what they took; when the worker stops, not for ever."""
        waiting = asyncio.ensure_future(super().wait_empty())
        _, pending = await asyncio.wait({waiting}, timeout=STOP_SECONDS if self.app.should_stop else None)
        if pending:
            # Faust's loop swallows its cancellation: it ends when there is nothing left to wait for
            self.log.warning("The worker did not finish in time; what it had begun will be handled again.")
            self._unacked_messages.clear()
        await waiting

    def resume_partitions(self, tps: Iterable[TP]) -> None:
        """Resume fetching, but for topics that the app holds back."""
        app: Any = self.app
        super().resume_partitions({tp for tp in tps if tp.topic not in app.held})

    def drop(self, message: Message) -> None:
        """Let a message go that comes again after a rebalance: nothing waits for its acknowledgement."""
        self._unacked_messages.discard(message)
        notify(self._waiting_for_ack)

    @property
    def member_id(self) -> str:
        """The worker's id in its group; empty while it has none."""
        thread: Any = self._thread
        member_id: str = thread._ensure_consumer()._coordinator.member_id
        return member_id

    def ack(self, message: Message) -> bool:
        if not message.tracked:
            return False
        if message.generation_id != self.app.consumer_generation_id:
            self.drop(message)
            return False
        return bool(super().ack(message))


class ByTime(SchedulingStrategyT):
    """Hands on what was fetched: topics in turn, and of a topic's partitions the oldest record first.

    Faust takes one record of each partition in turn, so that an article of today could overtake one of last week that
    lies behind others in its partition.
    """

    def iterate(self, records: Mapping[TP, list[Any]]) -> Iterator[tuple[TP, Any]]:
        topics: dict[str, list[TP]] = {}
        for partition in records:
            topics.setdefault(partition.topic, []).append(partition)
        waiting = deque(
            heapq.merge(*(_dated(partition, records[partition]) for partition in partitions))
            for partitions in topics.values()
        )
        while waiting:
            topic = waiting.popleft()
            for _, partition, record in topic:
                yield partition, record
                waiting.append(topic)
                break


def _dated(partition: TP, records: list[Any]) -> Iterator[tuple[tuple[int, int, int], TP, Any]]:
    return (((record.timestamp, partition.partition, record.offset), partition, record) for record in records)


class Transport(FaustTransport):
    """Faust's Kafka transport with the consumer above."""

    Consumer: ClassVar[type[FaustConsumer]] = Consumer
