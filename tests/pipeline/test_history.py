"""An archive is learnt in silence, before anything else, and once."""

import asyncio
import json
import time
from pathlib import Path

import pytest
from driving import PATIENCE, alerts, article, enriched, facts, first, publish
from extractors import load_figures

from streams.agents.enrich import Enricher
from streams.app import run_worker
from streams.embedded import EmbeddedCluster
from streams.errors import BrokerError
from streams.history import Archive
from streams.progress import wait_until_handled
from streams.settings import Settings


@pytest.fixture
def settings(cluster: EmbeddedCluster) -> Settings:
    return cluster.settings(processes=1, session_timeout=1, batch_size=4)


class Told(list[tuple[str, str, str]]):
    """What was left out."""

    def __call__(self, origin: str, code: str, message: str) -> None:
        self.append((origin, code, message))


def archive(folder: Path, told: Told, count: int = 20) -> Archive:
    """Reports of as many figures as far apart as makes them facts of their own, and a line that is no article."""
    reports = [
        {"id": f"old-{number}", "text": f"{10 * 2**number} troops", "published_at": "2024-10-01"}
        for number in range(count)
    ]
    path = folder / "archive.jsonl"
    path.write_text("\n".join(["{}", *map(json.dumps, reports)]))
    return Archive((path,), told)


async def run(settings: Settings, archive: Archive) -> None:
    """Run a worker that learns an archive, until it has handled all that is published."""
    stop = asyncio.Event()
    running = asyncio.create_task(run_worker(settings, load=load_figures, stop=stop, archive=archive))
    try:
        await first(running, wait_until_handled(settings))
    finally:
        stop.set()
        await asyncio.wait_for(running, PATIENCE)


async def test_what_an_archive_tells_is_known_to_the_articles_that_waited(settings: Settings, tmp_path: Path) -> None:
    told = Told()
    # the first is told by the last article of the archive; nobody knows the other
    await publish(settings, [article(f"{10 * 2**19} troops", id="known"), article("3 troops", id="new")])
    await run(settings, archive(tmp_path, told))
    assert [alert.article_id for alert in await alerts(settings)] == ["new"]
    assert len(await facts(settings)) == 21
    order = [each.article.id or "" for each in await enriched(settings)]
    assert len(order) == 22
    assert {"known", "new"} == set(order) - {f"old-{number}" for number in range(20)}
    assert [(origin.partition(":")[2], code) for origin, code, _ in told] == [("1", "missing_text")]


async def test_articles_that_wait_for_a_long_archive_do_not_end_the_worker(
    cluster: EmbeddedCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = cluster.settings(processes=1, session_timeout=1, stall_limit=0.5)
    fingerprint = Archive.fingerprint

    def slow(self: Archive) -> tuple[str, int]:
        time.sleep(2.5)
        return fingerprint(self)

    monkeypatch.setattr(Archive, "fingerprint", slow)
    await publish(settings, [article("3 troops", id="new")])
    await run(settings, archive(tmp_path, Told(), count=1))
    assert [alert.article_id for alert in await alerts(settings)] == ["new"]


async def test_a_crash_in_the_middle_is_made_good_and_what_is_loaded_is_not_loaded_again(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn, handed_in = Enricher.learn, []

    async def fails_on_the_third_batch(self: Enricher, articles: list[tuple[int, object]]) -> object:
        handed_in.append([number for number, _ in articles])
        if len(handed_in) == 3:
            raise BrokerError("the lights went out")
        return await learn(self, articles)  # type: ignore[arg-type]

    monkeypatch.setattr(Enricher, "learn", fails_on_the_third_batch)
    with pytest.raises(BrokerError, match="lights"):
        await run_worker(settings, load=load_figures, archive=archive(tmp_path, Told()), stop=asyncio.Event())
    await publish(settings, [article(f"{10 * 2**19} troops", id="known")])
    await run(settings, archive(tmp_path, Told()))
    assert handed_in[3][0] > 1
    assert await alerts(settings) == []
    assert len(await facts(settings)) == 20

    before = len(handed_in)
    await publish(settings, [article("3 troops", id="new")])
    await run(settings, archive(tmp_path, Told()))
    assert len(handed_in) == before
    assert [alert.article_id for alert in await alerts(settings)] == ["new"]
