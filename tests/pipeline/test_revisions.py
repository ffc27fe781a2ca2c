"""An article that comes again, changed: what is new in it is told, and what it has dropped is taken back."""

from collections.abc import Callable

import pytest
from driving import alerts, article, claims, facts, play, publish, run_through, withdrawals
from extractors import load_figures

from streams.agents.state import Overlay, Table
from streams.errors import BrokerError
from streams.sender import Sender
from streams.settings import Settings

FIRST = article("10 troops and 2000 troops", id="a")
SECOND = article("10 troops and 50000 troops", id="a")


async def figures(settings: Settings) -> list[float | None]:
    return sorted(fact.quantity.low or 0 for fact in await facts(settings) if fact.quantity)


async def told(settings: Settings) -> list[float | None]:
    """The figures of all alerts, and that none came twice."""
    raised = await alerts(settings)
    assert len({alert.id for alert in raised}) == len(raised)
    return sorted(alert.claim.quantity.low or 0 for alert in raised if alert.claim.quantity)


async def test_a_revision_tells_what_is_new_in_it_and_takes_back_what_it_drops(settings: Settings) -> None:
    await play(settings, load_figures, [[FIRST], [SECOND]])
    assert await figures(settings) == [10, 50000]
    assert await told(settings) == [10, 2000, 50000]
    (withdrawal,) = await withdrawals(settings)
    (dropped,) = {claim.id for claim in await claims(settings) if claim.quantity and claim.quantity.low == 2000}
    assert (withdrawal.id, withdrawal.article_id) == (dropped, "a")


async def test_an_older_revision_that_comes_late_changes_nothing(settings: Settings) -> None:
    later = article("10 troops and 50000 troops", id="a", published_at="2024-10-22")
    await play(settings, load_figures, [[later], [FIRST]])
    assert await told(settings) == await figures(settings) == [10, 50000]


async def test_what_comes_back_and_what_is_only_reworded_raises_nothing(settings: Settings) -> None:
    reworded = article("10 soldiers, or troops", id="a")
    await play(settings, load_figures, [[FIRST], [SECOND], [FIRST], [reworded]])
    assert await told(settings) == [10, 2000, 50000]
    assert await figures(settings) == [10]


@pytest.mark.parametrize("at", ["revisions", "facts"])
async def test_a_crash_in_the_middle_of_a_revision_loses_and_doubles_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    await play(settings, load_figures, [[FIRST]])
    await publish(settings, [SECOND])
    write = Table.write

    async def die(self: Table, partition: int, state: Overlay, sender: Sender, still_ours: Callable[[], bool]) -> None:
        if self.name == at and state.changes:
            raise BrokerError("the lights went out")
        await write(self, partition, state, sender, still_ours)

    monkeypatch.setattr(Table, "write", die)
    with pytest.raises(BrokerError, match="lights"):
        await run_through(settings, load_figures)
    monkeypatch.setattr(Table, "write", write)
    await run_through(settings, load_figures)
    assert await figures(settings) == [10, 50000]
    assert await told(settings) == [10, 2000, 50000]
    assert len({withdrawal.revision for withdrawal in await withdrawals(settings)}) == 1


async def test_what_is_published_again_with_the_header_of_history_is_learnt_in_silence(settings: Settings) -> None:
    await publish(settings, [FIRST], headers=[("tumen.history", b"true")])
    await run_through(settings, load_figures)
    assert await figures(settings) == [10, 2000]
    assert await told(settings) == []
    await play(settings, load_figures, [[FIRST], [SECOND]])
    assert await told(settings) == [50000]
