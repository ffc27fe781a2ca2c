"""Work that lasts as long as its agent."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from streams.cancellation import told_to_end
from streams.errors import TumenError


async def lasting(work: Coroutine[Any, Any, None]) -> None:
    """Do a part of an agent's work, in a task of the agent's `asyncio.TaskGroup`.

    A group takes a task that was cancelled for one that is done, and goes on without it, also where nobody has
    cancelled the task but a library let out a cancellation of its own. The agent would stand still; so it ends.

    Raises:
        TumenError: the work was cancelled from within.
    """
    try:
        await work
    except asyncio.CancelledError as error:
        if told_to_end():
            raise
        raise TumenError(
            f"a part of an agent ({getattr(work, '__qualname__', 'unnamed')}) was cancelled, and not by the worker, "
            "which ends rather than stand still: start it again, and please report it",
            code="cancelled",
        ) from error
