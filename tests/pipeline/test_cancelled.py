"""Cancellations that a library lets out: nobody asked for them, and nothing may silently end by them."""

import asyncio

import pytest

from streams.agents.lasting import lasting
from streams.consumer import Consumer
from streams.errors import TumenError
from streams.settings import Settings


async def test_work_that_a_cancelled_task_of_a_library_ends_is_an_error_and_not_an_end() -> None:
    async def work() -> None:
        of_library = asyncio.create_task(asyncio.sleep(60))
        of_library.cancel()
        await of_library

    async def forever() -> None:
        await asyncio.Event().wait()

    async def agent() -> None:
        async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
            tasks.create_task(lasting(work()))
            tasks.create_task(lasting(forever()))

    with pytest.raises(ExceptionGroup) as raised:
        await agent()
    assert [type(error) for error in raised.value.exceptions] == [TumenError]


async def test_work_is_cancelled_with_its_group() -> None:
    async def forever() -> None:
        await asyncio.Event().wait()

    async def group() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(lasting(forever()))

    running = asyncio.create_task(group())
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_consumer_that_is_stopped_while_a_fetch_waits_does_not_cancel_the_caller(settings: Settings) -> None:
    consumer = Consumer(**settings.aiokafka_options(), enable_auto_commit=False)
    await consumer.start()
    # as aiokafka has one where a broker does not answer
    waiting = asyncio.create_task(asyncio.sleep(60))
    consumer._fetcher._pending_tasks.add(waiting)
    await consumer.stop()
    assert waiting.cancelled()
