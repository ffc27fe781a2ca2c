"""An agent that keeps state: records of a partition one after another, in batches, each with what it changes.

Order of things, for a batch: its results are sent and acknowledged by the broker; then the table's changelog; then the
table itself; then the offsets. A crash at any point in between repeats the batch from the same state, which yields the
same results.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import structlog

from schemas.dead_letter import Stage
from streams.agents.dead_letters import Received, dead_letter
from streams.agents.state import Overlay, Table
from streams.errors import BadInputError
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


class OvertakenError(Exception):
    """The group was rebalanced while records were handled: they come again, to whoever has their partition now."""


class Keeper(ABC, Generic[Part]):
    """The engine of such an agent. `Part` is what it has at hand for a partition, besides the state."""

    stage: Stage

    def __init__(self, sender: Sender, table: Table, metrics: Metrics, current_generation: Callable[[], int]) -> None:
        self._sender = sender
        self._table = table
        self._metrics = metrics
        self._current_generation = current_generation
        self._generation = -1
        self._begun: dict[int, tuple[Overlay, Part]] = {}

    @abstractmethod
    def _part(self, state: Overlay) -> Part:
        """Return what is wanted for a partition that was taken over, given its state."""

    @abstractmethod
    async def _take(self, message: Received, generation: int, part: Part) -> Taken:
        """Handle a record: change the partition's state, and return what to send.

        Raises:
            BadInputError: the record cannot be handled; it is set aside, and the state as it was before.
        """

    async def run(self, events: AsyncIterator[Any]) -> None:
        """Handle events until cancelled. An error ends the worker: nothing is acknowledged that was not handled."""
        arrived: asyncio.Queue[Any] = asyncio.Queue(BATCH)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._receive(events, arrived))
            tasks.create_task(self._work(arrived))

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
            batch = [event for event in batch if event.message.generation_id == self._current_generation()]
            with self._metrics.duration(self.stage):
                handled = await self._handle(batch)
            for event in handled:
                event.ack()
            self._metrics.progress()

    async def _handle(self, batch: list[Any]) -> list[Any]:
        """Handle a batch, and return what of it was handled; records at fault become dead letters."""
        try:
            await self._handle_together(batch)
        except OvertakenError:
            self._begun.clear()
            return []
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
        touched: dict[int, Overlay] = {}
        taken = []
        for event in batch:
            partition, generation = event.message.partition, event.message.generation_id
            touched[partition], part = self._at_hand(partition, generation)
            taken.append(await self._take(event.message, generation, part))
        # while the broker was waited for, another worker may have written, and the table been recovered
        if self._overtaken(batch):
            raise OvertakenError
        await self._sender.send([record for each in taken for record in each.records])
        if self._overtaken(batch):
            raise OvertakenError
        for partition, state in touched.items():
            await self._table.write(partition, state)
        for each in taken:
            each.note()

    def _at_hand(self, partition: int, generation: int) -> tuple[Overlay, Part]:
        """Return the state of a partition, and what goes with it.

        Both hold for one generation of the group: afterwards another worker may have changed the partition.
        """
        if generation != self._generation:
            self._begun.clear()
            self._generation = generation
        if partition not in self._begun:
            state = self._table.state(partition)
            self._begun[partition] = state, self._part(state)
        return self._begun[partition]

    async def _bury(self, message: Received, failure: Failure) -> None:
        log.warning(
            "dead letter",
            stage=str(failure.stage),
            code=failure.code,
            topic=message.topic,
            partition=message.partition,
            offset=message.offset,
        )
        await self._sender.send([dead_letter(message, failure)])
        self._metrics.dead_letter(failure.stage, failure.code)
