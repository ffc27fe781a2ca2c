"""What is read wrongly or not at all in one of two claims does not make two facts of them."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from schemas.claim import Claim
from streams.errors import KnowledgeError
from streams.facts import Assessor, agreement
from streams.facts.lexicon import default_lexicon
from streams.facts.nodes import Node, Report
from streams.facts.profiles import Profile
from streams.facts.weights import Weights
from tests.facts.claims import NOW, claim
from tests.facts.test_order import claims


def kinds(*told: Claim) -> list[list[str]]:
    assessor = Assessor({})
    return [[str(alert.kind) for alert in assessor.assess(each, raised_at=NOW).alerts] for each in told]


SHELLS: dict[str, Any] = {"type": "arms", "text": "artillery shells for the front", "by": ("White House",)}


@pytest.mark.parametrize(
    "misread",
    [
        {"place": "Pyongyang"},
        {"place": None, "by": ()},
        {"when": "2024-09"},
        {"text": "supplies"},
        {"status": "planned"},
        {"quantity": {"low": 9000, "high": 9000, "unit": "shell"}},
    ],
    ids=["place", "no place and speaker", "date", "no topic", "status", "a figure"],
)
def test_one_report_with_one_particular_misread_is_told_once(misread: dict[str, Any]) -> None:
    told = claim("a", place="Russia", when="2024-10-17", **SHELLS)
    again = claim("b", **({"place": "Russia", "when": "2024-10-17"} | SHELLS | misread))
    assert kinds(told, again) == [["new"], []]
    assert kinds(again, told) == [["new"], []]


def test_a_figure_that_is_rounded_in_passing_on_is_told_once() -> None:
    exact = claim("a", quantity={"low": 13221, "high": 13221, "unit": "person"})
    rounded = claim("b", quantity={"low": 13000, "high": None, "unit": "person"}, day="2024-10-19")
    assert kinds(exact, rounded) == [["new"], []]


def test_what_is_planned_one_day_and_done_on_another_is_an_update() -> None:
    plan = claim("a", status="planned", day="2024-10-18", **SHELLS)
    done = claim("b", day="2024-10-28", **SHELLS)
    assert kinds(plan, done) == [["new"], ["update"]]


def test_the_less_a_claim_is_sure_the_less_it_may_resemble_what_is_known() -> None:
    known = claim("a", type="diplomacy", text="talks of ministers", by=(), when="2024-10-17")
    like = claim("b", type="diplomacy", text="a letter from Kim Jong Un", by=(), day="2024-11-06")
    assert kinds(known, like.model_copy(update={"confidence": 0.95})) == [["new"], ["new"]]
    assert kinds(known, like.model_copy(update={"confidence": 0.67})) == [["new"], []]
    assert kinds(like.model_copy(update={"confidence": 0.67})) == [["new"]]


def node(told: Claim) -> Node:
    found = Node.new(Profile.of(told, default_lexicon()))
    found.add(Report.of(told))
    return found


@settings(max_examples=80, deadline=None)
@given(claims, claims)
def test_agreement_is_symmetric(one: Claim, other: Claim) -> None:
    mine, theirs = node(one), node(other.model_copy(update={"type": one.type}))
    assert list(agreement.levels(mine, theirs, default_lexicon())) == list(
        agreement.levels(theirs, mine, default_lexicon())
    )


@pytest.mark.parametrize("content", ["", "{}", '{"base": 0, "weights": {"place": 3}}'])
def test_damaged_weights_are_named_with_the_remedy(tmp_path: Path, content: str) -> None:
    path = tmp_path / "weights.json"
    path.write_text(content)
    with pytest.raises(KnowledgeError, match=r"(?s)weights\.json.*make train"):
        Weights.load(path)
