"""The consumer with which Tumen looks at topics and groups itself, beside the workers' that Faust drives."""

import asyncio

from aiokafka import AIOKafkaConsumer


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
            caller = asyncio.current_task()
            if caller is not None and caller.cancelling():
                raise
            # where aiokafka has left off
            await self._client.close()
