"""What is said once, and what is said again."""

from streams.facts import Assessor
from tests.facts.claims import NOW, claim


def test_first_report_is_new_and_repeats_raise_nothing() -> None:
    assessor = Assessor({})
    estimate = {"low": 10000, "high": 10000, "unit": "person"}
    first = assessor.assess(claim(quantity=estimate), raised_at=NOW)
    again = assessor.assess(claim(article="b", language="en", quantity=estimate, day="2024-10-19"), raised_at=NOW)
    assert [alert.kind for alert in first.alerts] == ["new"]
    assert again.alerts == []
    assert again.facts[0].id == first.facts[0].id
    assert len(again.facts[0].sources) == 2


def test_replayed_claim_gives_the_same_alerts_again() -> None:
    assessor = Assessor({})
    first = assessor.assess(claim(), raised_at=NOW)
    again = assessor.assess(claim(), raised_at=NOW)
    assert again.repeated
    assert not first.repeated
    assert again.alerts == first.alerts
    assert again.facts == first.facts
