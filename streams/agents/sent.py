"""Which alerts the broker already has, so that none is sent again after a crash."""

import asyncio
import time

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError, KafkaTimeoutError
from pydantic_core import from_json

from streams.consumer import Consumer
from streams.errors import BrokerError
from streams.settings import Settings
from streams.topics import ALERTS

log = structlog.get_logger(__name__)

PATIENCE = 300.0
"""Seconds for which Kafka may be out of reach before a worker gives up reading them; a supervisor starts it again."""

TAIL = 1024
"""How many alerts are read back: many times what one batch of claims can raise."""


class SentAlerts:
    """The ids of the last alerts on a partition of the alerts topic.

    A worker sends alerts before it stores that it did. If it dies in between, the one that takes the partition over
    raises the same alerts again; it looks here first. Alerts lie in the partition of their claims for this.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def ids(self, partition: int) -> frozenset[str]:
        """Read the last ids, and wait for Kafka while it cannot be reached: nothing may be sent before they are known.

        The partition has been taken over: of its former owner nothing more arrives (streams/fence.py).

        Raises:
            BrokerError: Kafka refuses, or could not be reached for five minutes.
        """
        began, pause = time.monotonic(), 0.5
        while True:
            try:
                async with asyncio.timeout(60):
                    return await self._last(TopicPartition(ALERTS, partition))
            except (KafkaError, TimeoutError) as error:
                # aiokafka does not count its own time-outs among what may pass
                passing = isinstance(error, TimeoutError | KafkaTimeoutError) or error.retriable
                if not passing or time.monotonic() - began > PATIENCE:
                    raise BrokerError(
                        f"the last alerts cannot be read from {ALERTS}: {type(error).__name__}: {error}. Check that "
                        "Kafka is up and that the worker's user may read there",
                        code="read_failed",
                    ) from error
                log.warning("the last alerts cannot be read yet", partition=partition, reason=type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(2 * pause, 10.0)

    async def _last(self, topic: TopicPartition) -> frozenset[str]:
        consumer = Consumer(**self._settings.aiokafka_options(), client_id="tumen-worker", enable_auto_commit=False)
        found = set()
        try:
            await consumer.start()
            consumer.assign([topic])
            end = (await consumer.end_offsets([topic]))[topic]
            begin = (await consumer.beginning_offsets([topic]))[topic]
            consumer.seek(topic, max(begin, end - TAIL))
            while await consumer.position(topic) < end:
                for records in (await consumer.getmany(topic, timeout_ms=1000)).values():
                    found |= {from_json(record.value)["id"] for record in records}
        finally:
            await consumer.stop()
        return frozenset(found)
