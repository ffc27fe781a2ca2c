"""The same articles give the same facts and alert ids: however many partitions, after a crash, and once more."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from driving import alerts, article, facts, play, publish, run_through
from extractors import load_figures

from schemas import Fact
from streams.agents.state import Overlay, Table
from streams.cli.extraction import Report, assessed
from streams.codec import decode_article
from streams.embedded import EmbeddedCluster
from streams.errors import BrokerError
from streams.sender import Sender
from streams.settings import Settings

# Matters that no two articles of a round share: in which order a round is handled makes no difference to what is news.
# Over the rounds they are told again by others, in other words, with figures that fit and with some that do not.
ROUNDS = [
    ["10 troops", "2000 troops", "50000 troops"],
    ["2040 soldiers or troops", "49900 troops", "700 troops"],
    ["10 troops and 300 more", "50500 troops", "2000 troops, then 5 more"],
    ["700 troops", "6000 troops", "90 troops"],
]


def rounds() -> list[list[bytes]]:
    return [
        [
            article(text, id=f"{day}-{number}", source=f"Outlet {number}", published_at=f"2024-10-{day:02d}")
            for number, text in enumerate(texts)
        ]
        for day, texts in enumerate(ROUNDS, start=1)
    ]


def expected() -> tuple[dict[str, Fact], list[str]]:
    """What comes of them in process, in their order."""
    extractor = load_figures()
    read = [extractor.extract(decode_article(value, datetime.now(UTC))) for values in rounds() for value in values]
    reports = [
        Report(each.article.published_at or datetime.now(UTC), each.article.id or "", each.claims) for each in read
    ]
    known: dict[str, Fact] = {}
    raised: list[str] = []
    for assessment in assessed(reports):
        known.update({fact.id: fact for fact in assessment.facts})
        for gone in assessment.removed:
            known.pop(gone, None)
        raised += [alert.id for alert in assessment.alerts]
    return known, sorted(raised)


async def told(settings: Settings) -> tuple[dict[str, Fact], list[str]]:
    return {fact.id: fact for fact in await facts(settings)}, sorted(alert.id for alert in await alerts(settings))


@pytest.mark.parametrize("partitions", [1, 2, 5])
async def test_partitions_crashes_and_repetitions_make_no_difference(
    partitions: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, raised = expected()
    assert len(raised) > 5
    write = Table.write

    async def die(self: Table, partition: int, state: Overlay, sender: Sender, still_ours: Callable[[], bool]) -> None:
        if self.name == "facts":
            raise BrokerError("the lights went out")
        await write(self, partition, state, sender, still_ours)

    with EmbeddedCluster(partitions=partitions) as cluster:
        settings = cluster.settings(processes=1, session_timeout=1)
        await play(settings, load_figures, rounds()[:2])
        monkeypatch.setattr(Table, "write", die)
        with pytest.raises(BrokerError, match="lights"):
            await play(settings, load_figures, rounds()[2:3])
        monkeypatch.setattr(Table, "write", write)
        # what was begun, the rest, and all of it once more
        await play(settings, load_figures, [*rounds()[3:], *rounds()])
        assert await told(settings) == (known, raised)


async def test_all_at_once_gives_the_same_facts_over_several_partitions() -> None:
    known, _ = expected()
    with EmbeddedCluster(partitions=5) as cluster:
        settings = cluster.settings(processes=2, session_timeout=1, batch_size=2)
        await publish(settings, [value for values in reversed(rounds()) for value in values])
        await asyncio.wait_for(run_through(settings, load_figures), 60)
        assert (await told(settings))[0] == known
