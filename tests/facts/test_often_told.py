"""Facts that are told again and again, for years and in ever other words: they cost no more than others."""

from collections.abc import Iterator, Mapping

from schemas import Claim
from streams.facts import Assessor
from streams.facts.assessor import MAX_WAYS
from tests.facts.claims import NOW, claim

WAYS = 3 * MAX_WAYS


def tellings(count: int = WAYS) -> Iterator[Claim]:
    """Yield reports of one estimate, each of which names another place."""
    for number in range(count):
        yield telling(number)


def telling(number: int, **told: object) -> Claim:
    figure = {"low": 10000, "high": 10000, "unit": "person"}
    return claim(f"article {number}", quantity=figure, place=f"Village {number}", day="2024-10-18", **told)


def nodes(state: Mapping[str, str]) -> int:
    return sum(" n " in key for key in state)


def test_what_is_told_in_many_ways_is_one_fact_that_counts_them_all() -> None:
    state: dict[str, str] = {}
    assessor = Assessor(state)
    assessed = [assessor.assess(each, raised_at=NOW) for each in tellings()]
    assert [len(each.alerts) for each in assessed] == [1] + [0] * (WAYS - 1)
    (fact,) = assessed[-1].facts
    assert fact.mentions == WAYS
    assert nodes(state) == MAX_WAYS


def test_a_new_origin_is_heard_however_often_a_fact_was_told() -> None:
    assessor = Assessor({})
    for each in tellings():
        assessor.assess(each, raised_at=NOW)
    (alert,) = assessor.assess(telling(WAYS, by=("White House",)), raised_at=NOW).alerts
    assert alert.kind == "corroborated"
    later = assessor.assess(telling(WAYS + 1, by=("White House",)), raised_at=NOW)
    assert later.alerts == []
    assert later.facts[0].mentions == WAYS + 2


def test_claims_that_are_counted_with_others_are_known_again_and_can_be_withdrawn() -> None:
    state: dict[str, str] = {}
    assessor = Assessor(state)
    for each in tellings():
        before = assessor.assess(each, raised_at=NOW)
    last = telling(WAYS - 1)
    again = assessor.assess(last, raised_at=NOW)
    assert again.repeated
    assert again.facts == before.facts
    slot = next(iter(state)).split(" ")[0]
    (fact,) = assessor.withdraw(slot, last.id).facts
    assert fact.mentions == WAYS - 1
    assert assessor.withdraw(slot, last.id).facts == []


def test_what_is_told_for_decades_is_filed_for_no_longer_than_it_can_be_met() -> None:
    def entries(years: int) -> int:
        state: dict[str, str] = {}
        assessor = Assessor(state)
        for year in range(2000, 2000 + years):
            each = claim(f"article {year}", day=f"{year}-06-01", when="1999-05-05", text="soldiers came")
            assessor.assess(each, raised_at=NOW)
        return sum(" i " in key for key in state)

    assert entries(20) == entries(5)
