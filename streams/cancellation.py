"""Telling who has cancelled a task: whoever may, or a library that lets out a cancellation of its own."""

import asyncio


def told_to_end() -> bool:
    """Whether somebody has asked the current task to end: asked for where `asyncio.CancelledError` is caught."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
