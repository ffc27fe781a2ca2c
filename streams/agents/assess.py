"""assess: claims in; facts and alerts out.

Order of things, for a batch: facts and alerts are sent and acknowledged by the broker; then the table's changelog;
then the table itself; then the claims' offsets. A crash at any point in between repeats the batch from the same state,
which yields the same facts and alerts with the same ids: none is lost. Alerts that the broker already has are not sent
again (streams/agents/sent.py). `raised_at` is the timestamp of the claim's record, so that a repetition is the same to
the byte.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any, Protocol

import structlog

from schemas import Alert, Claim
from schemas.dead_letter import Stage
from streams.agents.dead_letters import Received, dead_letter, headers_of, received_at
from streams.agents.sent import SentAlerts
from streams.agents.state import FactTable, Overlay
from streams.cloudevents import headers_of as cloudevents
from streams.cloudevents import traceparent_of
from streams.codec import decode, encode
from streams.errors import BadInputError, TumenError
from streams.facts import Assessment
from streams.metrics import Metrics
from streams.pool import Failure, described
from streams.sender import Outgoing, RefusedError, Sender
from streams.settings import Settings
from streams.topics import ALERTS, FACTS

log = structlog.get_logger(__name__)

BATCH = 64
"""The most claims that are assessed between two waits for the broker."""


class AnyAssessor(Protocol):
    """What the agent asks of an assessor."""

    def assess(self, claim: Claim, *, raised_at: datetime) -> Assessment: ...


class Judge:
    """The agent's engine. Claims of a partition are assessed one after another, in their order."""

    def __init__(
        self,
        settings: Settings,
        sender: Sender,
        table: FactTable,
        metrics: Metrics,
        current_generation: Callable[[], int],
        assessor: Callable[[Overlay], AnyAssessor],
    ) -> None:
        self._sender = sender
        self._table = table
        self._metrics = metrics
        self._sent = SentAlerts(settings)
        self._current_generation = current_generation
        self._assessor = assessor
        self._generation = -1
        self._begun: dict[int, tuple[Overlay, AnyAssessor]] = {}

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
            # the partition of an event from before a rebalance may be another worker's by now; if it is still
            # ours, the event comes again
            batch = [event for event in batch if event.message.generation_id == self._current_generation()]
            with self._metrics.duration("assess"):
                await self._handle(batch)
            for event in batch:
                event.ack()
            self._metrics.assessed.inc(len(batch))
            self._metrics.progress()

    async def _handle_all(self, batch: list[Any]) -> None:
        """Assess claims, send what they tell and store what is known now."""
        try:
            await self._handle_together(batch)
        except BaseException:
            # what was assessed and not stored is assessed anew
            self._begun.clear()
            raise

    async def _handle(self, batch: list[Any]) -> None:
        """Assess claims; those at fault become dead letters."""
        try:
            await self._handle_all(batch)
        except (BadInputError, RefusedError) as error:
            if len(batch) > 1:
                # so that only the claim at fault is set aside
                for event in batch:
                    await self._handle([event])
            else:
                stage = Stage.SEND if isinstance(error, RefusedError) else Stage.ASSESS
                await self._bury(batch[0].message, Failure(stage, error.code, error.message))

    async def _handle_together(self, batch: list[Any]) -> None:
        touched: dict[int, Overlay] = {}
        records: list[Outgoing] = []
        alerts: list[Alert] = []
        for event in batch:
            partition = event.message.partition
            touched[partition], assessor = self._part(partition, event.message.generation_id)
            sent = await self._sent.ids(partition, event.message.generation_id)
            claim, assessment = self._judge(event.message, assessor)
            # what the state knows of was acknowledged before it got there
            raised = [] if assessment.repeated else [each for each in assessment.alerts if each.id not in sent]
            trace = traceparent_of(headers_of(event.message))
            records += [
                Outgoing(FACTS, fact.id.encode(), encode(fact), cloudevents(fact, trace)) for fact in assessment.facts
            ]
            records += [Outgoing(FACTS, fact_id.encode(), None, []) for fact_id in assessment.removed]
            records += [
                Outgoing(ALERTS, alert.fact_id.encode(), encode(alert), cloudevents(alert, trace), partition)
                for alert in raised
            ]
            alerts += raised
            log.debug("assessed", article=claim.article_id, claim=claim.id, alerts=len(raised), traceparent=trace)
        await self._sender.send(records)
        for partition, state in touched.items():
            await self._table.write(partition, state)
        for alert in alerts:
            self._metrics.alert(alert)

    def _part(self, partition: int, generation: int) -> tuple[Overlay, AnyAssessor]:
        """Return the state of a partition, and the assessor that remembers what it has read there.

        Both hold for one generation of the group: afterwards another worker may have changed the partition.
        """
        if generation != self._generation:
            self._begun.clear()
            self._generation = generation
        if partition not in self._begun:
            state = self._table.state(partition)
            self._begun[partition] = state, self._assessor(state)
        return self._begun[partition]

    def _judge(self, message: Received, assessor: AnyAssessor) -> tuple[Claim, Assessment]:
        claim = decode(Claim, message.value)
        try:
            return claim, assessor.assess(claim, raised_at=received_at(message))
        except TumenError:
            raise
        except Exception as error:
            raise BadInputError(
                f"assessing claim {claim.id} {described(error)}: please report it, and run `tumen dead-letters replay` "
                "once it is mended",
                code="assess_failed",
            ) from error

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
