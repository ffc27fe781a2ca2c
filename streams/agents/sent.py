"""Which alerts the broker already has, so that none is sent again after a crash."""

import asyncio
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from pydantic_core import from_json

from streams.errors import BrokerError
from streams.settings import Settings
from streams.topics import ALERTS

TAIL = 1024
"""How many alerts are read back: many times what one batch of claims can raise."""


class SentAlerts:
    """The ids of the last alerts on a partition of the alerts topic.

    A worker sends alerts before it stores that it did. If it dies in between, the one that takes the partition over
    raises the same alerts again; it looks here first. Alerts lie in the partition of their claims for this.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: dict[int, tuple[Any, frozenset[str]]] = {}

    async def ids(self, partition: int, generation: Any) -> frozenset[str]:
        """Return the ids on the partition when this worker took it over: once for each generation of the group."""
        known = self._known.get(partition)
        if known is None or known[0] != generation:
            known = self._known[partition] = generation, await self._read(partition)
        return known[1]

    async def _read(self, partition: int) -> frozenset[str]:
        topic = TopicPartition(ALERTS, partition)
        consumer = AIOKafkaConsumer(
            **self._settings.aiokafka_options(), client_id="tumen-worker", enable_auto_commit=False
        )
        found = set()
        try:
            async with asyncio.timeout(60):
                await consumer.start()
                consumer.assign([topic])
                end = (await consumer.end_offsets([topic]))[topic]
                begin = (await consumer.beginning_offsets([topic]))[topic]
                consumer.seek(topic, max(begin, end - TAIL))
                while await consumer.position(topic) < end:
                    for records in (await consumer.getmany(topic, timeout_ms=1000)).values():
                        found |= {from_json(record.value)["id"] for record in records}
        except (KafkaError, TimeoutError) as error:
            raise BrokerError(
                f"the last alerts cannot be read from {ALERTS}: {type(error).__name__}: {error}. Check that Kafka is "
                "up and that the worker's user may read there",
                code="read_failed",
            ) from error
        finally:
            await consumer.stop()
        return frozenset(found)
