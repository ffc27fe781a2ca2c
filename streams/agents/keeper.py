"""An agent that keeps state: records of a partition one after another, in batches, each with what it changes.

Order of things, for a batch: its results are sent and acknowledged by the broker; then the table's changelog, all that
changes in a partition as one; then the table itself; then the offsets. A crash at any point in between repeats the
batch from the same state, which yields the same results, or from the state after it, to which it adds nothing. Results
and changelog go by the partition's own sender, so that the broker refuses them once the partition is another worker's
(streams/agents/holdings.py).
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

import structlog

from schemas.dead_letter import Stage
from streams.agents.dead_letters import Received, dead_letter
from streams.agents.holdings import Holdings
from streams.agents.lasting import lasting
from streams.agents.state import Overlay, Table
from streams.errors import BadInputError
from streams.fence import FencedError, OvertakenError
from streams.metrics import Metrics
from streams.pool import Failure
from streams.sender import Outgoing, RefusedError, Sender

log = structlog.get_logger(__name__)

BATCH = 64
"""The most records that are handled between two waits for the broker."""

LINGER = 0.01
"""Seconds that the first record of a batch waits for others."""

Part = TypeVar("Part")


class Taken(NamedTuple):
    """What came of a record: what to send, and what notes it when the broker and the table have it."""

    records: Sequence[Outgoing]
    note: Callable[[], None]


@dataclass(frozen=True)
class Work:
    """What a keeper works with.

    Attributes:
        holdings: the partitions, and what sends for each.
        table: the state.
        letters: sends dead letters.
        metrics: counts.
        current_generation: returns the generation of the group.
        drop: lets a message go that is not handled here and comes again: nothing waits for its acknowledgement.
    """

    holdings: Holdings
    table: Table
    letters: Sender
    metrics: Metrics
    current_generation: Callable[[], int]
    drop: Callable[[Any], None]


class Keeper(ABC, Generic[Part]):
    """The engine of such an agent. `Part` is what it has at hand for a partition, besides the state."""

    stage: Stage

    def __init__(self, work: Work) -> None:
        self.holdings = work.holdings
        self._table = work.table
        self._letters = work.letters
        self._metrics = work.metrics
        self._current_generation = work.current_generation
        self._drop = work.drop
        self._generation = -1
        self._begun: dict[int, tuple[Overlay, Part]] = {}

    @abstractmethod
    async def _part(self, partition: int, state: Overlay) -> Part:
        """Return what is wanted for a partition that was taken over, given its state."""

    @abstractmethod
    def _take(self, message: Received, part: Part) -> Taken:
        """Handle a record: change the partition's state, and return what to send.

        Raises:
            BadInputError: the record cannot be handled; it is set aside, and the state as it was before.
        """

    async def run(self, events: AsyncIterator[Any]) -> None:
        """Handle events until cancelled. An error ends the worker: nothing is acknowledged that was not handled."""
        arrived: asyncio.Queue[Any] = asyncio.Queue(BATCH)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(lasting(self._receive(events, arrived)))
            tasks.create_task(lasting(self._work(arrived)))

    async def _receive(self, events: AsyncIterator[Any], arrived: asyncio.Queue[Any]) -> None:
        async for event in events:
            await arrived.put(event)

    async def _work(self, arrived: asyncio.Queue[Any]) -> None:
        while True:
            batch = [await arrived.get()]
            if arrived.qsize() < BATCH - 1:
                # what is handled together is sent together: a request to the broker costs as much as a claim
                await asyncio.sleep(LINGER)
            while len(batch) < BATCH and not arrived.empty():
                batch.append(arrived.get_nowait())
            # the partition of an event from before a rebalance may be another worker's by now; if it is still
            # ours, the event comes again
            with self._metrics.duration(self.stage):
                handled = await self._handle(
                    [event for event in batch if event.message.generation_id == self._current_generation()]
                )
            done = {id(event) for event in handled}
            for event in batch:
                if id(event) in done:
                    event.ack()
                else:
                    self._drop(event.message)
            self._metrics.progress()

    async def _handle(self, batch: list[Any]) -> list[Any]:
        """Handle a batch, and return what of it was handled; records at fault become dead letters."""
        try:
            await self._handle_together(batch)
        except OvertakenError:
            self._begun.clear()
            return []
        except FencedError:
            self._begun.clear()
            # the partition is taken over anew, unless it has gone to another
            return await self._handle(batch)
        except (BadInputError, RefusedError) as error:
            self._begun.clear()
            if self._overtaken(batch):
                return []  # the fault may be that of a state which is being recovered
            if len(batch) > 1:
                # so that only the record at fault is set aside
                return [each for event in batch for each in await self._handle([event])]
            stage = Stage.SEND if isinstance(error, RefusedError) else self.stage
            await self._bury(batch[0].message, Failure(stage, error.code, error.message))
        except BaseException:
            # what was handled and not stored is handled anew
            self._begun.clear()
            raise
        return batch

    def _overtaken(self, batch: list[Any]) -> bool:
        """Tell whether the group has been rebalanced since a batch was taken: its partitions may be another's now."""
        return any(event.message.generation_id != self._current_generation() for event in batch)

    async def _handle_together(self, batch: list[Any]) -> None:
        senders: dict[int, Sender] = {}
        taken: dict[int, list[Taken]] = {}
        for event in batch:
            partition, generation = event.message.partition, event.message.generation_id
            if partition not in senders:
                senders[partition] = await self.holdings.sender(partition, generation)
                await self._begin(partition, generation)
            _, part = self._begun[partition]
            taken.setdefault(partition, []).append(self._take(event.message, part))

        async def send(partition: int) -> None:
            await senders[partition].send([record for each in taken[partition] for record in each.records])

        async def write(partition: int) -> None:
            state, _ = self._begun[partition]
            await self._table.write(partition, state, senders[partition], lambda: not self._overtaken(batch))

        for step in (send, write):
            # while the broker was waited for, another worker may have written, and the table been recovered
            if self._overtaken(batch):
                raise OvertakenError
            await self._each(senders, step)
        for partition_taken in taken.values():
            for each in partition_taken:
                each.note()

    async def _begin(self, partition: int, generation: int) -> None:
        """Have the state of a partition at hand, and what goes with it.

        Both hold for one generation of the group: afterwards another worker may have changed the partition.
        """
        if generation != self._generation:
            self._begun.clear()
            self._generation = generation
        if partition not in self._begun:
            state = self._table.state(partition)
            self._begun[partition] = state, await self._part(partition, state)

    async def _each(self, partitions: Collection[int], step: Callable[[int], Awaitable[None]]) -> None:
        """Do something for each partition, all at the same time; a failure waits for the others to end."""

        async def done(partition: int) -> None:
            try:
                await step(partition)
            except (FencedError, OvertakenError):
                log.info("fenced: somebody else asks for the partition", stage=str(self.stage), partition=partition)
                self.holdings.lose(partition)
                raise

        for outcome in await asyncio.gather(*map(done, partitions), return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    async def _bury(self, message: Received, failure: Failure) -> None:
        log.warning(
            "dead letter",
            stage=str(failure.stage),
            code=failure.code,
            topic=message.topic,
            partition=message.partition,
            offset=message.offset,
        )
        await self._letters.send([dead_letter(message, failure)])
        self._metrics.dead_letter(failure.stage, failure.code)
