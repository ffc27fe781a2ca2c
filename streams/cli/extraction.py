"""Extraction of many articles in child processes, in the order of the input, and what a replay makes of it."""

import asyncio
import itertools
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import NamedTuple

from schemas import Article, Claim, EnrichedArticle
from streams.cli.intake import Intake
from streams.extract import Extractor
from streams.facts import Assessment, Assessor, slot
from streams.facts.assessor import MIN_CONFIDENCE
from streams.facts.weights import Weights
from streams.pool import Failure, Limits, Pool
from streams.reading import Found
from streams.revisions import Revision, Stamp, revise
from streams.settings import Settings

_Outcome = bytes | Failure

_FEW = 48
"""So many articles are read by one process before a second one would have loaded."""


def extracted(intake: Intake, settings: Settings) -> Iterator[tuple[Found, EnrichedArticle]]:
    """Yield each article with what was extracted from it; one that fails is left out of the intake."""
    items = iter(intake)
    first = list(itertools.islice(items, _FEW + 1))
    if not first:
        return
    processes = 1 if len(first) <= _FEW else settings.processes
    limits = Limits(settings.extraction_time_limit, settings.extraction_memory_limit, settings.max_tries)
    pool: Pool[bytes, bytes] = Pool(
        partial(Extractor.load, pipelines=settings.pipelines), _extract, processes=processes, limits=limits
    )
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
                    if isinstance(outcome, Failure):
                        intake.leave_out(str(found.origin), outcome.code, outcome.message)
                    else:
                        yield found, EnrichedArticle.model_validate_json(outcome)
        finally:
            runner.run(_stop(pool, [task for _, task in begun]))


class Report(NamedTuple):
    """What is kept of an article until all are in order: its claims, not its text."""

    published_at: datetime
    article_id: str
    claims: list[Claim]


def assessed(
    reports: Iterable[Report],
    history: Iterable[Report] = (),
    *,
    weights: Weights | None = None,
    min_confidence: float = MIN_CONFIDENCE,
) -> Iterator[Assessment]:
    """Assess the claims of articles in order of the dates, from nothing known but `history`, as a replay does.

    Alerts are raised at the dates of the articles, so that the records are the same whenever they are made. An article
    that stands there twice is revised, as in the stream. `weights` are those that come with Tumen, unless given;
    `min_confidence` is what `Assessor` takes.
    """
    assessor = Assessor({}, weights=weights, min_confidence=min_confidence)
    revisions: dict[str, Revision | None] = {}
    for live, part in enumerate((history, reports)):
        for number, report in enumerate(sorted(part, key=lambda report: report.published_at)):
            known = revisions.get(report.article_id)
            stamp = Stamp(report.published_at, live, number)
            change, revisions[report.article_id] = revise(known, report.article_id, report.claims, stamp)
            found = [
                *(assessor.withdraw(slot(each), each.id) for each in change.withdrawn),
                *(assessor.assess(each, raised_at=report.published_at, history=not live) for each in change.reported),
            ]
            if live:
                # what was raised is not raised again
                yield from (replace(each, alerts=[]) if each.repeated else each for each in found)


async def _stop(pool: Pool[bytes, bytes], tasks: list[asyncio.Task[list[_Outcome]]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await pool.stop()


async def _done(task: asyncio.Task[list[_Outcome]]) -> list[_Outcome]:
    return await task


def _extract(extractor: Extractor, value: bytes) -> bytes:
    return extractor.extract(Article.model_validate_json(value)).model_dump_json().encode()
