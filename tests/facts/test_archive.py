"""Facts that nobody mentions any more: they leave, and are known when they come back."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.claim import Claim
from streams.facts import Assessment, Assessor
from streams.facts.sources import SourceTable
from tests.facts.claims import NIS, NOW, claim

SOURCES = SourceTable({})

TEN = {"low": 10000, "high": 10000, "unit": "person"}

FIRST = claim("a", day="2024-10-18", quantity=TEN)
AGAIN = claim("b", day="2024-10-20", quantity=TEN, by=("White House",))
ANOTHER = claim("c", day="2025-03-01", text="sappers", by=("Kremlin",))


def run(*claims: Claim, keep_days: int | None = 30) -> tuple[list[Assessment], dict[str, str]]:
    state: dict[str, str] = {}
    assessor = Assessor(state, SOURCES, keep_days=keep_days)
    return [assessor.assess(each, raised_at=NOW) for each in claims], state


def test_fact_that_nobody_mentions_goes_to_the_archive_as_it_was_known_last() -> None:
    (_, before, later), _ = run(FIRST, AGAIN, ANOTHER)
    assert later.archived == before.facts
    assert before.archived == []
    assert later.archived[0].mentions == 2


def test_what_is_mentioned_in_time_stays() -> None:
    steps, _ = run(FIRST, claim("c", day="2024-11-15", text="sappers", by=("Kremlin",)))
    assert steps[-1].archived == []


def test_nothing_goes_where_no_time_is_set() -> None:
    steps, _ = run(FIRST, AGAIN, ANOTHER, keep_days=None)
    assert [each.archived for each in steps] == [[], [], []]


def test_archived_fact_is_known_when_it_comes_back_and_goes_again() -> None:
    recalled = claim("d", day="2025-04-01", quantity=TEN, background=True)
    much_later = claim("e", day="2025-09-01", text="pilots", by=("Kremlin",))
    steps, _ = run(FIRST, AGAIN, ANOTHER, recalled, much_later)
    assert steps[3].alerts == []
    [fact] = steps[3].facts
    assert fact.id == steps[1].facts[0].id
    assert fact.first_reported == FIRST.published_at
    assert (fact.mentions, {each.name for each in fact.origins}) == (3, {NIS, "White House"})
    assert fact.id in {each.id for each in steps[4].archived}


def test_fact_is_archived_once() -> None:
    later = [claim(str(week), day=f"2025-03-{week:02d}", text="sappers", by=("Kremlin",)) for week in (9, 17, 25)]
    steps, _ = run(FIRST, ANOTHER, *later)
    assert [len(each.archived) for each in steps] == [0, 1, 0, 0, 0]


def test_claim_that_is_sent_again_is_no_news_after_the_archive() -> None:
    steps, _ = run(FIRST, AGAIN, ANOTHER, FIRST, AGAIN)
    assert [each.alerts for each in steps[3:]] == [[], []]


def test_archive_makes_the_state_small() -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    claims = [
        claim(str(number), day=(start + timedelta(days=number // 8)).date().isoformat(), quantity=TEN)
        for number in range(64)
    ]
    sizes = [
        sum(len(key) + len(value) for key, value in run(*claims, ANOTHER, keep_days=days)[1].items())
        for days in (30, None)
    ]
    assert sizes[0] < sizes[1] / 4


def test_a_date_in_the_future_does_not_archive_what_is_news() -> None:
    future = claim("z", day="2099-01-01", text="sappers", by=("Kremlin",))
    state: dict[str, str] = {}
    assessor = Assessor(state, SOURCES, keep_days=30)
    assessor.assess(FIRST, raised_at=FIRST.published_at)
    assert assessor.assess(future, raised_at=FIRST.published_at).archived == []


dated = st.builds(
    claim,
    article=st.uuids().map(str),
    day=st.dates(date(2024, 1, 1), date(2025, 12, 31)).map(str),
    quantity=st.sampled_from([None, TEN, {"low": 3000, "high": None, "unit": "person"}]),
    by=st.sampled_from([(NIS,), ("Kremlin",)]),
    background=st.booleans(),
    text=st.sampled_from(["soldiers", "sappers", "pilots"]),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(dated, max_size=14))
def test_archive_makes_no_difference_to_alerts(stream: list[Claim]) -> None:
    ordered = sorted(stream, key=lambda each: each.published_at)
    archived, whole = (run(*ordered, keep_days=days)[0] for days in (60, None))
    assert [each.alerts for each in archived] == [each.alerts for each in whole]
    assert [[fact.id for fact in each.facts] for each in archived] == [
        [fact.id for fact in each.facts] for each in whole
    ]
