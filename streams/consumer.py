"""The consumer with which Tumen looks at topics and groups itself, beside the workers' that Faust drives."""

import asyncio

from aiokafka import AIOKafkaConsumer

from streams.cancellation import told_to_end


class Consumer(AIOKafkaConsumer):  # type: ignore[misc]  # aiokafka has no types
    """aiokafka's consumer, whose end is not taken for the caller's.

    Where it is stopped while a fetch waits for a broker that does not answer, aiokafka cancels the fetch and lets that
    cancellation out: the task that has called `stop` ends as if it had been cancelled itself.
    """

    async def stop(self) -> None:
        """Stop fetching and disconnect."""
        try:
            await super().stop()
        except asyncio.CancelledError:
            if told_to_end():
                raise
            # where aiokafka has left off
            await self._client.close()
