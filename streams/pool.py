"""The pool of processes that read articles, which outlives whatever an article does to them.

A child that dies (killed, out of memory, past its time) takes the batches in flight with it. Their articles are then
tried one at a time in a process of their own, so that only the one that kills is blamed.
"""

import asyncio
import faulthandler
import multiprocessing
import os
import resource
import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog

from schemas.dead_letter import Stage
from streams.errors import TumenError

log = structlog.get_logger(__name__)

Task = TypeVar("Task")
Result = TypeVar("Result")

_MEBIBYTE = 1024 * 1024

_LOADS = 3
"""How often a process that dies before it has loaded is replaced: no article is to blame for that."""


@dataclass(frozen=True)
class Failure:
    """Why an article could not be handled: what its dead letter tells."""

    stage: Stage
    code: str
    message: str
    attempt: int = 1


@dataclass(frozen=True)
class Limits:
    """What a child may take for one article.

    Attributes:
        seconds: time, after which the child is killed.
        mebibytes: memory on top of what it has after loading.
        tries: how often an article that kills its child is tried.
    """

    seconds: float
    mebibytes: int
    tries: int


class Pool(Generic[Task, Result]):
    """Runs `work(tool, task)` in child processes, each of which has called `load()` once for its `tool`.

    `load` and `work` are module-level functions: children are spawned, not forked, and import them.
    """

    def __init__(
        self,
        load: Callable[[], Any],
        work: Callable[[Any, Task], Result | Failure],
        *,
        processes: int,
        limits: Limits,
    ) -> None:
        self._load = load
        self._work = work
        self._processes = processes
        self._limits = limits
        self._executor = self._new(processes)
        self._isolated: ProcessPoolExecutor | None = None
        self._isolation = asyncio.Lock()
        self._stopped = False

    def _new(self, processes: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            processes,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_initialize,
            initargs=(self._load, self._work, self._limits),
        )

    async def start(self) -> None:
        """Start the children and wait until they have loaded.

        Raises:
            TumenError: a child died while it loaded; or whatever `load` raises.
        """
        try:
            await asyncio.gather(*(self._submit(self._executor, []) for _ in range(self._processes)))
        except BrokenProcessPool as error:
            if self._stopped:
                raise
            raise _not_loaded() from error

    async def stop(self) -> None:
        """End the children at once: wait for the results that are wanted before."""
        self._stopped = True
        for executor in (self._executor, self._isolated):
            if executor is not None:
                # kill_workers() does this from Python 3.14 on
                for process in list((executor._processes or {}).values()):
                    process.kill()
                await asyncio.to_thread(executor.shutdown, wait=True, cancel_futures=True)

    async def run(self, tasks: Sequence[Task]) -> list[Result | Failure]:
        """Work on a batch and return what came of each task, in their order."""
        executor = self._executor
        try:
            return await self._submit(executor, tasks)
        except BrokenProcessPool:
            if self._stopped:
                raise
            if self._executor is executor:
                log.warning("a process of the pool died; its articles are tried one at a time", articles=len(tasks))
                self._executor = self._new(self._processes)
                executor.shutdown(wait=False)
        return [await self._run_alone(task) for task in tasks]

    async def _run_alone(self, task: Task) -> Result | Failure:
        """Work on one task in a process that does nothing else, as often as the limits allow."""
        async with self._isolation:
            took = 0.0
            for attempt in range(1, self._limits.tries + 1):
                isolated = await self._loaded_alone()
                began = time.monotonic()
                try:
                    return (await self._submit(isolated, [task]))[0]
                except BrokenProcessPool:
                    if self._stopped:
                        raise
                    took = time.monotonic() - began
                    log.warning("an article killed its process", attempt=attempt, seconds=round(took, 1))
                    self._give_up(isolated)
        if took >= self._limits.seconds:
            return Failure(
                Stage.EXTRACT,
                "extract_timeout",
                f"reading the article took longer than {self._limits.seconds:g} s, {attempt} times: split it, or raise "
                "TUMEN_EXTRACTION_TIME_LIMIT and run `tumen dead-letters replay`; please report it",
                attempt,
            )
        return Failure(
            Stage.EXTRACT,
            "extract_crash",
            f"reading the article ended its process, {attempt} times: please report it, and run `tumen dead-letters "
            "replay` once it is mended",
            attempt,
        )

    async def _loaded_alone(self) -> ProcessPoolExecutor:
        """Return the process for one task at a time when it is there and has loaded: that is not the article's time."""
        for _ in range(_LOADS):
            if self._isolated is None:
                self._isolated = self._new(1)
            isolated = self._isolated
            try:
                await self._submit(isolated, [])
            except BrokenProcessPool:
                if self._stopped:
                    raise
                self._give_up(isolated)
            else:
                return isolated
        raise _not_loaded()

    def _give_up(self, isolated: ProcessPoolExecutor) -> None:
        isolated.shutdown(wait=False)
        self._isolated = None

    def _submit(self, executor: ProcessPoolExecutor, tasks: Sequence[Task]) -> "asyncio.Future[list[Result | Failure]]":
        """Let a child work on tasks. Without tasks it only loads."""
        return asyncio.wrap_future(executor.submit(_run, tasks))


class _Child:
    """What a child process has: the tool is loaded at the first call, so that the caller learns why it cannot be."""

    def __init__(self, load: Callable[[], Any], work: Callable[[Any, Any], Any], limits: Limits) -> None:
        self.work = work
        self.limits = limits
        self._load = load
        self._tool: Any = None

    @property
    def tool(self) -> Any:
        if self._tool is None:
            self._tool = self._load()
            _, hard = resource.getrlimit(resource.RLIMIT_DATA)
            limit = _data_bytes() + self.limits.mebibytes * _MEBIBYTE
            resource.setrlimit(resource.RLIMIT_DATA, (limit if hard < 0 else min(limit, hard), hard))
        return self._tool


_child: _Child | None = None


def _not_loaded() -> TumenError:
    return TumenError(
        "a process that reads articles was ended from outside while it loaded: see whether the machine has memory left "
        "for TUMEN_PROCESSES of them (`dmesg` tells of processes that the kernel has killed)",
        code="process_killed",
    )


def _initialize(load: Callable[[], Any], work: Callable[[Any, Any], Any], limits: Limits) -> None:
    global _child
    # an interrupt on the terminal goes to all processes; the parent decides what becomes of its children
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    _child = _Child(load, work, limits)


def _die_with_parent() -> None:
    """End the child when its parent was killed: the queue between them would keep it waiting for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _data_bytes() -> int:
    """Return what counts towards RLIMIT_DATA now: private, writable memory."""
    with open("/proc/self/statm") as file:  # noqa: PTH123
        return int(file.read().split()[5]) * resource.getpagesize()


def _run(tasks: Sequence[Any]) -> list[Any]:
    if _child is None:
        raise RuntimeError("the process was not initialized")
    tool, work, limits = _child.tool, _child.work, _child.limits
    results = []
    for task in tasks:
        # a thread without need of the interpreter's lock: it ends this process even in the midst of C code
        with open(os.devnull, "w") as nowhere:  # noqa: PTH123
            faulthandler.dump_traceback_later(limits.seconds, exit=True, file=nowhere)
            try:
                results.append(work(tool, task))
            except MemoryError:
                results.append(
                    Failure(
                        Stage.EXTRACT,
                        "extract_memory",
                        f"reading the article took more than {limits.mebibytes} MiB: split it, or raise "
                        "TUMEN_EXTRACTION_MEMORY_LIMIT and run `tumen dead-letters replay`; please report it",
                    )
                )
            except Exception as error:  # noqa: BLE001 one article must not stop the others; its dead letter tells
                results.append(
                    Failure(
                        Stage.EXTRACT,
                        "extract_failed",
                        f"reading the article {described(error)}: please report it, and run `tumen dead-letters "
                        "replay` once it is mended",
                    )
                )
            finally:
                faulthandler.cancel_dump_traceback_later()
    return results


def described(error: Exception) -> str:
    """Tell where an error came from without its message, which may hold the article's text."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else "?"  # noqa: PTH119
    return f"raised {type(error).__name__} at {place}"
