"""What is said once, what is said again, and what is not said at all."""

from typing import Any

import pytest

from schemas.alert import Alert
from schemas.claim import Claim
from streams.facts import Assessment, Assessor
from tests.facts.claims import NIS, NOW, claim

HUR = "Main Directorate of Intelligence of the Ministry of Defence of Ukraine"


def people(low: float | None, high: float | None = None) -> dict[str, Any]:
    return {"low": low, "high": high, "unit": "person"}


def told(*claims: Claim, history: int = 0) -> list[list[Alert]]:
    """Return the alerts that each claim raises; the first `history` claims are an archive."""
    assessor = Assessor({})
    return [assessor.assess(each, raised_at=NOW, history=number < history).alerts for number, each in enumerate(claims)]


def kinds(*claims: Claim, history: int = 0) -> list[list[str]]:
    return [[str(alert.kind) for alert in alerts] for alerts in told(*claims, history=history)]


def last(*claims: Claim) -> Assessment:
    assessor = Assessor({})
    return [assessor.assess(each, raised_at=NOW) for each in claims][-1]


ESTIMATE = claim("a", quantity=people(10000, 10000), day="2024-10-18")


@pytest.mark.parametrize(
    "again",
    [
        claim("b", quantity=people(10000, 12000), text="10–12 тисяч військових КНДР"),
        claim("b", quantity=people(10000), text="понад 10 тис. військових", place="Kursk Oblast"),
        claim("b", quantity=people(10000), text="북한군 1만여 명", language="ko", by=("Government of South Korea",)),
        claim("b", quantity=people(10000, 10000), place=None, by=(NIS, "Yonhap")),
        claim("b", quantity=people(10000, 10000), day="2024-11-20", background=True),
    ],
    ids=["range", "more than", "Korean", "no place", "passed on weeks later"],
)
def test_one_estimate_in_other_words_is_told_once(again: Claim) -> None:
    assert kinds(ESTIMATE, again) == [["new"], []]
    assert last(ESTIMATE, again).facts[0].mentions == 2


@pytest.mark.parametrize(
    ("later", "raised"),
    [
        (claim("b", quantity=people(12000, 12000), day="2024-12-01"), ["update"]),
        (claim("b", quantity=people(3000, 3000), by=("White House",)), ["new", "disputed"]),
        (claim("b", quantity=people(10000, 10000), by=("White House",)), ["corroborated"]),
        (claim("b", quantity=people(10000, 10000), type="labour", text="workers"), ["new"]),
    ],
    ids=["fresh estimate", "another origin's number", "another origin", "another type"],
)
def test_what_is_more_than_a_repetition(later: Claim, raised: list[str]) -> None:
    assert kinds(ESTIMATE, later) == [["new"], raised]


def test_update_bears_what_was_known_before() -> None:
    [alert] = told(ESTIMATE, claim("b", quantity=people(12000, 12000), day="2024-12-01"))[1]
    assert alert.previous is not None
    assert alert.previous.quantity is not None
    assert alert.previous.quantity.low == 10000
    assert alert.previous.reported_at == ESTIMATE.published_at


def test_a_plan_that_happens_is_an_update() -> None:
    plan = claim("a", quantity=people(1000, 1000), status="planned", text="тисяча саперів")
    done = claim("b", quantity=people(1000, 1000), day="2024-10-28", text="a thousand sappers")
    raised = told(plan, done)
    assert [[str(alert.kind) for alert in alerts] for alerts in raised] == [["new"], ["update"]]
    assert raised[1][0].previous is not None
    assert raised[1][0].previous.status == "planned"
    assert raised[1][0].fact_id != raised[0][0].fact_id


def test_a_plan_is_no_news_once_it_has_happened() -> None:
    done = claim("a", quantity=people(1000, 1000))
    plan = claim("b", quantity=people(1000, 1000), status="planned", day="2024-10-20")
    assert kinds(done, plan) == [["new"], []]


def test_another_visit_is_another_fact() -> None:
    visit = {"type": "diplomacy", "actor": "RU", "recipient": "KP", "by": (), "place": "Pyongyang"}
    july = claim("a", day="2025-07-13", when="2025-07-12", text="Lavrov was received", **visit)
    june = claim("b", day="2025-06-18", when="2025-06-17", text="Шойгу прилетів", **visit)
    same = claim("c", day="2025-06-19", when="2025-06-17", text="쇼이구", actor="KP", recipient="RU", type="diplomacy",
                 by=(), place="Pyongyang")  # fmt: skip
    assert kinds(june, same, july) == [["new"], [], ["new"]]


def test_each_origin_corroborates_once() -> None:
    later = [
        claim("b", quantity=people(10000, 10000), by=(HUR,)),
        claim("c", quantity=people(10000, 10000), by=(HUR,), day="2024-10-20"),
        claim("d", quantity=people(10000, 10000), by=("Kyrylo Budanov",), day="2024-10-20"),
        claim("e", quantity=people(10000, 10000), by=("White House",), day="2024-10-20"),
    ]
    assert kinds(ESTIMATE, *later) == [["new"], ["corroborated"], [], [], ["corroborated"]]


def test_denial_disputes_the_fact_once_for_each_who_denies() -> None:
    affirmed = claim("a", type="arms", text="artillery shells")
    denial = claim("b", type="arms", text="shells", by=("Kremlin",), negated=True, day="2024-10-19")
    again = claim("c", type="arms", text="снаряди", by=("Dmitry Peskov",), negated=True, day="2024-10-20")
    assessor = Assessor({})
    fact_id = assessor.assess(affirmed, raised_at=NOW).facts[0].id
    disputed = assessor.assess(denial, raised_at=NOW)
    assert [(str(alert.kind), alert.fact_id) for alert in disputed.alerts] == [("disputed", fact_id)]
    assert {fact.id: fact.credibility for fact in disputed.facts}[fact_id] == 4
    assert assessor.assess(again, raised_at=NOW).alerts == []


def test_recalled_background_is_new_only_where_it_is_met_for_the_first_time() -> None:
    recalled = claim("b", quantity=people(10000, 10000), background=True, day="2025-06-01")
    assert kinds(ESTIMATE, recalled) == [["new"], []]
    [[alert]] = told(recalled)
    assert str(alert.kind) == "new"
    assert alert.claim.background
    assert alert.headline.endswith("(recalled)")


def test_a_bare_reminder_raises_nothing_once_such_a_thing_is_known() -> None:
    reminder = claim("b", text="its soldiers", background=True, by=(), place=None, day="2025-06-01")
    assert kinds(ESTIMATE, reminder) == [["new"], []]


def test_late_report_moves_the_first_report_back_and_raises_nothing() -> None:
    late = claim("b", quantity=people(10000, 10000), day="2024-10-17")
    result = last(ESTIMATE, late)
    assert result.alerts == []
    assert result.facts[0].first_reported == late.published_at
    assert result.facts[0].id == last(ESTIMATE).facts[0].id


def test_late_estimate_that_is_overtaken_raises_nothing() -> None:
    assert kinds(claim("b", quantity=people(12000, 12000), day="2024-12-01"), ESTIMATE) == [["new"], []]


def test_history_is_learnt_in_silence() -> None:
    later = claim("b", quantity=people(10000, 10000), day="2024-10-19")
    assert kinds(ESTIMATE, later, history=1) == [[], []]


def test_replayed_claim_gives_the_same_alerts_again() -> None:
    assessor = Assessor({})
    first = assessor.assess(ESTIMATE, raised_at=NOW)
    again = assessor.assess(ESTIMATE, raised_at=NOW.replace(year=2027))
    assert again.repeated
    assert not first.repeated
    assert again.facts == first.facts
    assert [alert.id for alert in again.alerts] == [alert.id for alert in first.alerts]
    assert [alert.model_copy(update={"raised_at": NOW}) for alert in again.alerts] == first.alerts


def test_withdrawn_claim_leaves_its_fact_and_the_last_one_takes_it_away() -> None:
    assessor = Assessor({})
    other = claim("b", quantity=people(10000, 10000), day="2024-10-19")
    slot_ = "troops:KP-RU"
    fact = assessor.assess(ESTIMATE, raised_at=NOW).facts[0]
    assessor.assess(other, raised_at=NOW)
    left = assessor.withdraw(slot_, ESTIMATE.id)
    assert left.facts[0].claims == [other.id]
    assert left.facts[0].first_reported == other.published_at
    gone = assessor.withdraw(slot_, other.id)
    assert gone.facts == []
    assert gone.removed == [fact.id]
    assert assessor.withdraw(slot_, other.id).repeated


def test_withdrawing_everything_leaves_nothing_behind_that_could_match() -> None:
    state: dict[str, str] = {}
    assessor = Assessor(state)
    assessor.assess(ESTIMATE, raised_at=NOW)
    assessor.withdraw("troops:KP-RU", ESTIMATE.id)
    # what stays: that such things are known, how many alerts were raised, and what the article told before
    assert {key.split(" ")[1] for key in state} == {"k", "t", "w"}


def test_claim_read_anew_moves_without_an_alert() -> None:
    assessor = Assessor({})
    assessor.assess(ESTIMATE, raised_at=NOW)
    reread = ESTIMATE.model_copy(update={"when": "2024-10"})
    result = assessor.assess(reread, raised_at=NOW)
    assert result.repeated
    assert [fact.when for fact in result.facts] == ["2024-10"]
    assert result.facts[0].claims == [ESTIMATE.id]


def test_one_article_tells_different_facts() -> None:
    killed = claim("a", type="casualties", quantity=people(600, 600), text="600 killed")
    wounded = claim("a", type="casualties", quantity=people(4100, 4100), text="4,100 wounded")
    assert kinds(killed, wounded) == [["new"], ["new"]]


def test_all_keys_belong_to_the_slot() -> None:
    state: dict[str, str] = {}
    assessor = Assessor(state)
    assessor.assess(ESTIMATE, raised_at=NOW)
    assessor.assess(claim("b", by=("Kremlin",), negated=True), raised_at=NOW)
    assert {key.split(" ")[0] for key in state} == {"troops:KP-RU"}


def test_unsure_claim_raises_nothing_and_the_first_sure_one_does() -> None:
    unsure = ESTIMATE.model_copy(update={"confidence": 0.3})
    sure = claim("b", quantity=people(10000, 10000), day="2024-10-19")
    third = claim("c", quantity=people(10000, 10000), day="2024-10-20")
    assert kinds(unsure, sure, third) == [[], ["new"], []]
    assert last(unsure, sure).facts[0].mentions == 2
    assert [str(alert.kind) for alert in Assessor({}, min_confidence=0.2).assess(unsure, raised_at=NOW).alerts] == [
        "new"
    ]


def test_revised_article_alerts_only_on_what_is_new_in_it() -> None:
    assessor = Assessor({})
    kept = claim("a", quantity=people(10000, 10000), text="10,000 soldiers")
    dropped = claim("a", type="casualties", quantity=people(600, 600), text="600 killed")
    changed = claim("a", type="casualties", quantity=people(800, 800), text="800 killed")
    for each in (kept, dropped):
        assessor.assess(each, raised_at=NOW)
    assert assessor.assess(kept, raised_at=NOW).repeated
    assert assessor.withdraw("casualties:KP-RU", dropped.id).alerts == []
    revised = assessor.assess(changed, raised_at=NOW)
    assert [str(alert.kind) for alert in revised.alerts] == ["new"]
    assert [fact.claims for fact in revised.facts] == [[changed.id]]


def test_revision_in_other_words_raises_nothing() -> None:
    assessor = Assessor({})
    before = claim("a", quantity=people(10000, 10000), text="10,000 soldiers were sent")
    after = claim("a", quantity=people(10000, 10000), text="10,000 soldiers and sappers were sent")
    assessor.assess(before, raised_at=NOW)
    assessor.withdraw("troops:KP-RU", before.id)
    revised = assessor.assess(after, raised_at=NOW)
    assert revised.alerts == []
    assert [fact.claims for fact in revised.facts] == [[after.id]]


def test_claim_keeps_its_id_where_its_passage_only_moves() -> None:
    moved = ESTIMATE.model_copy(update={"evidence": ESTIMATE.evidence.model_copy(update={"start": 90, "end": 110})})
    assessor = Assessor({})
    assessor.assess(ESTIMATE, raised_at=NOW)
    assert assessor.assess(moved, raised_at=NOW).repeated


def test_another_origin_s_figure_of_the_same_days_disputes_once_for_each_origin() -> None:
    told_first = claim("a", type="casualties", quantity=people(6000, 6000), text="losses")
    other = claim("b", type="casualties", quantity=people(3000, 3000), by=("White House",), text="losses")
    again = claim("c", type="casualties", quantity=people(3500, 3500), by=("White House",), text="losses",
                  day="2024-10-20")  # fmt: skip
    third = claim("d", type="casualties", quantity=people(900, 900), by=("Kremlin",), text="losses", day="2024-10-20")
    assessor = Assessor({})
    fact = assessor.assess(told_first, raised_at=NOW).facts[0]
    raised = assessor.assess(other, raised_at=NOW)
    assert [str(alert.kind) for alert in raised.alerts] == ["new", "disputed"]
    assert raised.alerts[1].fact_id == fact.id
    assert raised.alerts[1].headline == (
        "The White House puts North Korean casualties at about 3,000, against about 6,000 told by others"
    )
    assert {each.id: each.credibility for each in raised.facts}[fact.id] == 4
    assert [str(alert.kind) for alert in assessor.assess(again, raised_at=NOW).alerts] == ["update"]
    assert [str(alert.kind) for alert in assessor.assess(third, raised_at=NOW).alerts] == ["new", "disputed"]


def test_a_part_or_another_time_is_no_contradiction() -> None:
    whole = claim("a", type="casualties", quantity=people(6000, 6000), text="losses")
    part = claim("b", type="casualties", quantity=people(600, 600), by=("White House",), text="killed")
    later = claim("c", type="casualties", quantity=people(9000, 9000), by=("White House",), text="losses",
                  day="2025-03-01")  # fmt: skip
    assert kinds(whole, part, later) == [["new"], ["new"], ["new"]]


def test_origin_that_takes_back_what_it_said_disputes_it() -> None:
    denial = claim("b", quantity=people(10000, 10000), negated=True, day="2024-10-20")
    raised = told(ESTIMATE, denial)[1]
    assert [str(alert.kind) for alert in raised] == ["disputed"]
    assert raised[0].fact_id == last(ESTIMATE).facts[0].id


def test_late_report_of_a_fact_is_no_update_either() -> None:
    plan = claim("a", quantity=people(1000, 1000), status="planned", day="2024-10-01")
    done = claim("b", quantity=people(1000, 1000), day="2024-10-28")
    late = claim("c", quantity=people(1000, 1000), day="2024-10-27")
    assert kinds(plan, done, late) == [["new"], ["update"], []]
    assert kinds(done, late, plan) == [["new"], [], []]


def test_archive_takes_the_ids_that_its_alerts_would_have_had() -> None:
    later = claim("b", quantity=people(10000, 10000), day="2025-10-19", type="training", text="drill")
    before = claim("a", quantity=people(10000, 10000), type="training", text="school")
    assert [alert.id for alert in told(before, later)[1]] == [alert.id for alert in told(before, later, history=1)[1]]


def test_on_a_day_of_many_facts_each_is_told() -> None:
    towns = ("Kursk", "Belgorod", "Sudzha", "Donetsk", "Vostochny", "Rason", "Wonsan", "Khabarovsk", "Irkutsk", "Omsk")
    matters = (
        "a bridge",
        "shells",
        "sappers",
        "oil",
        "a satellite",
        "missiles",
        "coal",
        "a treaty",
        "soldiers",
        "flights",
    )
    hired = [
        claim(town, type="labour", place=town, text=matter, by=(f"Speaker in {town}",))
        for town, matter in zip(towns, matters, strict=True)
    ]
    assert kinds(*hired) == [["new"]] * len(towns)
