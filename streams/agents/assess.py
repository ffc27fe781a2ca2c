"""assess: claims in; facts and alerts out.

Order of things, for a batch: facts and alerts are sent and acknowledged by the broker; then the table's changelog;
then the table itself; then the claims' offsets. A crash at any point in between repeats the batch from the same state,
which yields the same facts and alerts with the same ids: none is lost. `raised_at` is the timestamp of the claim's
record, so that a repeated alert is the same to the byte.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import structlog

from schemas import Alert, Claim, Fact
from schemas.dead_letter import Stage
from streams.agents.dead_letters import dead_letter, headers_of, received_at
from streams.agents.state import FactTable, Overlay
from streams.cloudevents import headers_of as cloudevents
from streams.cloudevents import traceparent_of
from streams.codec import decode, encode
from streams.errors import BadInputError
from streams.facts import Assessor
from streams.metrics import Metrics
from streams.pool import Failure
from streams.sender import Outgoing, RefusedError, Sender
from streams.topics import ALERTS, FACTS

log = structlog.get_logger(__name__)

BATCH = 64
"""The most claims that are assessed between two waits for the broker."""


class Judge:
    """The agent's engine. Claims of a partition are assessed one after another, in their order."""

    def __init__(self, sender: Sender, table: FactTable, metrics: Metrics) -> None:
        self._sender = sender
        self._table = table
        self._metrics = metrics

    async def run(self, events: AsyncIterator[Any]) -> None:
        """Handle events until cancelled. An error ends the worker: nothing is acknowledged that was not handled."""
        arrived: asyncio.Queue[Any] = asyncio.Queue(BATCH)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._receive(events, arrived))
            tasks.create_task(self._assess(arrived))

    async def _receive(self, events: AsyncIterator[Any], arrived: asyncio.Queue[Any]) -> None:
        async for event in events:
            await arrived.put(event)

    async def _assess(self, arrived: asyncio.Queue[Any]) -> None:
        while True:
            batch = [await arrived.get()]
            while len(batch) < BATCH and not arrived.empty():
                batch.append(arrived.get_nowait())
            with self._metrics.duration("assess"):
                await self._handle(batch)
            for event in batch:
                event.ack()
            self._metrics.assessed.inc(len(batch))
            self._metrics.progress()

    async def _handle(self, batch: list[Any]) -> None:
        states: dict[int, tuple[Any, Overlay]] = {}
        for event in batch:
            if event.message.partition not in states:
                states[event.message.partition] = event, self._table.state(event)
        records: list[Outgoing] = []
        alerts: list[Alert] = []
        for event in batch:
            _, state = states[event.message.partition]
            try:
                made, raised = self._judge(event.message, state)
            except BadInputError as error:
                await self._bury(event, Failure(Stage.ASSESS, error.code, error.message))
            else:
                records += made
                alerts += raised
        await self._sender.send(records)
        for event, state in states.values():
            await self._table.write(event, state.changes)
        for alert in alerts:
            self._metrics.alert(alert)

    def _judge(self, message: Any, state: Overlay) -> tuple[list[Outgoing], list[Alert]]:
        claim = decode(Claim, message.value)
        trace = traceparent_of(headers_of(message))
        # a claim of its own overlay: if it fails, it has changed nothing
        changed = Overlay(state.look_up)
        assessment = Assessor(changed).assess(claim, raised_at=received_at(message))
        state.changes.update(changed.changes)
        told: list[Fact | Alert] = [*assessment.facts, *assessment.alerts]
        return [_outgoing(record, trace) for record in told], assessment.alerts

    async def _bury(self, event: Any, failure: Failure) -> None:
        message = event.message
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


def _outgoing(record: Fact | Alert, trace: str | None) -> Outgoing:
    if isinstance(record, Fact):
        return Outgoing(FACTS, record.id.encode(), encode(record), cloudevents(record, trace))
    return Outgoing(ALERTS, record.fact_id.encode(), encode(record), cloudevents(record, trace))
