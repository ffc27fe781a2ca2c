"""Extraction of many articles in child processes, in the order of the input and with a bounded number in memory."""

import asyncio
import itertools
import signal
from collections import deque
from collections.abc import Iterator

from schemas import Article, EnrichedArticle
from streams.cli.intake import Intake
from streams.errors import TumenError
from streams.extract import Extractor
from streams.pool import Failure, Limits, Pool
from streams.reading import Found
from streams.settings import Settings

_Outcome = bytes | TumenError | Failure

_FEW = 48
"""So many articles are read by one process before a second one would have loaded."""


def extracted(intake: Intake) -> Iterator[tuple[Found, EnrichedArticle]]:
    """Yield each article with what was extracted from it; one that fails is left out of the intake."""
    settings = Settings.load()
    items = iter(intake)
    first = list(itertools.islice(items, _FEW + 1))
    if not first:
        return
    processes = 1 if len(first) <= _FEW else settings.processes
    limits = Limits(settings.extraction_time_limit, settings.extraction_memory_limit, settings.max_tries)
    pool: Pool[bytes, bytes | TumenError] = Pool(_load, _extract, processes=processes, limits=limits)
    rest = itertools.chain(first, items)
    begun: deque[tuple[list[Found], asyncio.Task[list[_Outcome]]]] = deque()
    with asyncio.Runner() as runner:
        try:
            while True:
                # one batch more than there are processes: none waits for the next one to be read
                while len(begun) <= processes and (batch := list(itertools.islice(rest, settings.batch_size))):
                    values = [found.article.model_dump_json().encode() for found in batch]
                    begun.append((batch, runner.get_loop().create_task(pool.run(values))))
                if not begun:
                    return
                batch, task = begun.popleft()
                for found, outcome in zip(batch, runner.run(_done(task)), strict=True):
                    if isinstance(outcome, TumenError):
                        raise outcome
                    if isinstance(outcome, Failure):
                        intake.leave_out(str(found.origin), outcome.code, outcome.message)
                    else:
                        yield found, EnrichedArticle.model_validate_json(outcome)
        finally:
            runner.run(pool.stop())


async def _done(task: asyncio.Task[list[_Outcome]]) -> list[_Outcome]:
    return await task


def _load() -> Extractor | TumenError:
    # Ctrl-C is the parent's business
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return Extractor.load()
    except TumenError as error:
        return error  # raised here, it would only break the pool


def _extract(extractor: Extractor | TumenError, value: bytes) -> bytes | TumenError:
    if isinstance(extractor, TumenError):
        return extractor
    return extractor.extract(Article.model_validate_json(value)).model_dump_json().encode()
