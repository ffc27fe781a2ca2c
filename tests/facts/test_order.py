"""The same claims give the same facts, in whatever order, however often, with whatever interruptions."""

from collections.abc import Iterable, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.claim import Claim
from schemas.fact import Fact
from streams.facts import Assessor, slot
from streams.facts.sources import SourceTable
from tests.facts.claims import NIS, NOW, claim

SOURCES = SourceTable({})

DAYS = [f"2024-{month:02d}-{day:02d}" for month in (9, 10, 11) for day in (1, 2, 9, 28)]

claims = st.builds(
    claim,
    article=st.sampled_from("abcdefgh"),
    type=st.sampled_from(["troops", "arms"]),
    day=st.sampled_from(DAYS),
    status=st.sampled_from(["happened", "happened", "planned"]),
    negated=st.sampled_from([False, False, False, True]),
    quantity=st.none() | st.sampled_from([{"low": low, "high": high, "unit": "person"} for low, high in
                                          ((10000, 10000), (10000, None), (10000, 12000), (None, 12000), (3, 3))]),
    by=st.sampled_from([(), (NIS,), (NIS, "Yonhap"), ("Kremlin",), ("Government of South Korea",)]),
    place=st.sampled_from([None, "Russia", "Kursk Oblast", "Pyongyang"]),
    when=st.sampled_from([None, None, "2024", "2024-10", "2024-10-01", "2024-02-31"]),
    background=st.booleans(),
    text=st.sampled_from(["soldiers", "sappers", "shells", "снаряди", "Шойгу", "missile"]),
)  # fmt: skip

streams = st.lists(claims, max_size=14, unique_by=lambda each: each.id)


def played(stream: Iterable[Claim], state: dict[str, str] | None = None) -> tuple[dict[str, Fact], list[str]]:
    """Return the facts as a reader of the compacted topic has them in the end, and the ids of the alerts raised."""
    assessor = Assessor({} if state is None else state, SOURCES)
    facts: dict[str, Fact] = {}
    alerts: list[str] = []
    for each in stream:
        assessment = assessor.assess(each, raised_at=NOW)
        facts.update({fact.id: fact for fact in assessment.facts})
        for gone in assessment.removed:
            facts.pop(gone, None)
        if not assessment.repeated:
            alerts += [alert.id for alert in assessment.alerts]
    return facts, alerts


@settings(max_examples=80, deadline=None)
@given(streams.flatmap(lambda stream: st.tuples(st.just(stream), st.permutations(stream))))
def test_order_makes_no_difference_to_facts(streams: tuple[Sequence[Claim], Sequence[Claim]]) -> None:
    told, shuffled = streams
    assert played(told)[0] == played(shuffled)[0]


def test_what_is_recalled_late_finds_its_fact_and_is_found_by_it() -> None:
    treaty = {"type": "agreement", "text": "treaty with Putin", "by": (), "place": None}
    signed = claim("a", day="2024-10-08", when="2024-06-19", background=True, **treaty)
    recalled = claim("b", day="2025-10-20", when="2024", background=True, **treaty)
    facts = played([signed, recalled])[0]
    assert [fact.mentions for fact in facts.values()] == [2]
    assert played([recalled, signed])[0] == facts


# three matters, each with figures of its own, as several articles of a few days tell them
clear = st.builds(
    claim,
    article=st.sampled_from("abcdefgh"),
    type=st.just("arms"),
    day=st.sampled_from(["2024-10-29", "2024-10-31", "2024-11-01"]),
    quantity=st.sampled_from([{"low": low, "high": high, "unit": unit} for low, high, unit in
                              ((1500, 1500, "missile"), (1500, None, "missile"), (1500, 1600, "missile"),
                               (3000, 3000, "vehicle"), (3000, 3100, "vehicle"), (12000, None, "shell"))]),
    by=st.sampled_from([(NIS,), (NIS, "Yonhap"), ("Government of South Korea",)]),
    place=st.sampled_from([None, "Russia", "Kursk Oblast"]),
    background=st.sampled_from([False, False, True]),
    text=st.sampled_from(["what was sent", "передано", "보냈다", "supplies"]),
    source=st.sampled_from(["Outlet", "Another Outlet"]),
)  # fmt: skip


def matter(each: Claim) -> float | None:
    return each.quantity and each.quantity.low


@settings(max_examples=100, deadline=None)
@given(
    st.lists(clear, max_size=14, unique_by=lambda each: (each.article_id, matter(each))).flatmap(
        lambda stream: st.tuples(st.just(stream), st.permutations(stream + stream[:5]))
    )
)
def test_order_and_repetition_make_no_difference_to_what_is_told_once(
    streams: tuple[Sequence[Claim], Sequence[Claim]],
) -> None:
    told, shuffled = played(streams[0]), played(streams[1])
    assert told[0] == shuffled[0]
    assert sorted(told[1]) == sorted(shuffled[1])
    assert len(told[1]) == len({matter(each) for each in streams[0]})


@settings(max_examples=40, deadline=None)
@given(streams, st.data())
def test_repetition_makes_no_difference(stream: list[Claim], data: st.DataObject) -> None:
    repeated = stream + (data.draw(st.lists(st.sampled_from(stream), max_size=10)) if stream else [])
    assert played(repeated) == played(stream)


@settings(max_examples=40, deadline=None)
@given(streams, st.integers(0, 14), st.integers(0, 5))
def test_a_crash_between_makes_no_difference(stream: list[Claim], at: int, back: int) -> None:
    state: dict[str, str] = {}
    facts, alerts = played(stream[:at], state)
    later, more = played(stream[max(0, at - back) :], state)
    whole, told = played(stream)
    assert alerts + more == told
    assert all(later[fact_id] == whole[fact_id] for fact_id in later)
    assert {*facts, *later} >= whole.keys()


@settings(max_examples=40, deadline=None)
@given(streams)
def test_no_alert_is_raised_twice(stream: list[Claim]) -> None:
    alerts = played(stream)[1]
    assert len(alerts) == len(set(alerts))


@settings(max_examples=40, deadline=None)
@given(streams, st.data())
def test_what_is_withdrawn_is_as_if_it_had_never_been_told(stream: list[Claim], data: st.DataObject) -> None:
    dropped = data.draw(st.sets(st.sampled_from([each.id for each in stream]))) if stream else set()
    assessor = Assessor({}, SOURCES)
    facts: dict[str, Fact] = {}
    steps = [assessor.assess(each, raised_at=NOW) for each in stream]
    steps += [assessor.withdraw(slot(each), each.id) for each in stream if each.id in dropped]
    for assessment in steps:
        facts.update({fact.id: fact for fact in assessment.facts})
        for gone in assessment.removed:
            facts.pop(gone, None)
    assert facts == played([each for each in stream if each.id not in dropped])[0]


@settings(max_examples=30, deadline=None)
@given(streams)
def test_slots_do_not_know_of_each_other(stream: list[Claim]) -> None:
    together = played(stream)[0]
    apart: dict[str, Fact] = {}
    for type_ in ("troops", "arms"):
        apart |= played([each for each in stream if each.type == type_])[0]
    assert together == apart
