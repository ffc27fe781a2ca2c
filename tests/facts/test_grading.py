"""Each grade of the Admiralty scale, and what brings it about."""

from pathlib import Path

import pytest

from schemas.claim import Status
from streams.errors import KnowledgeError
from streams.facts import Assessor, SourceTable
from streams.facts.grading import credibility
from tests.facts.claims import NIS, NOW, claim


@pytest.mark.parametrize(
    ("expected", "origins", "outlets", "deniers", "status"),
    [
        (1, ["A", "B", "C"], ["o"], [], Status.HAPPENED),
        (2, ["A", "B"], ["o"], [], Status.HAPPENED),
        (2, ["A", "B"], ["o"], [], Status.PLANNED),
        (3, ["A"], ["o", "p", "q"], [], Status.HAPPENED),
        (3, ["A", "B", "C"], ["o"], [], Status.POSSIBLE),
        (3, ["A", "B", "C"], ["o"], ["D"], Status.HAPPENED),
        (3, [], ["o", "p"], [], Status.HAPPENED),
        (4, ["A"], ["o"], ["D"], Status.HAPPENED),
        (5, ["A"], ["o"], ["D", "E"], Status.HAPPENED),
        (5, [], ["o"], ["D"], Status.HAPPENED),
        (6, [], ["o"], [], Status.HAPPENED),
        (6, [], [None], [], Status.HAPPENED),
    ],
)
def test_credibility(
    expected: int, origins: list[str], outlets: list[str | None], deniers: list[str], status: Status
) -> None:
    assert credibility(origins, outlets, deniers, status) == expected


def test_credibility_of_a_fact_follows_its_claims() -> None:
    figure = {"low": 10000, "high": 10000, "unit": "person"}
    assessor = Assessor({})
    steps = [
        (claim("a", quantity=figure, by=()), 6),
        (claim("b", quantity=figure, by=(NIS,)), 3),
        (claim("c", quantity=figure, by=("Lee Seong-kweun",)), 3),
        (claim("d", quantity=figure, by=("White House",)), 2),
        (claim("e", quantity=figure, by=("Conflict Armament Research",)), 1),
        (claim("f", quantity=figure, by=("Kremlin",), negated=True), 3),
    ]
    fact_id = assessor.assess(steps[0][0], raised_at=NOW).facts[0].id
    for told, expected in steps:
        facts = {fact.id: fact for fact in assessor.assess(told, raised_at=NOW).facts}
        assert facts[fact_id].credibility == expected, told.article_id


def test_credibility_falls_with_each_who_denies_or_contradicts() -> None:
    figure, other = ({"low": number, "high": number, "unit": "person"} for number in (10000, 3000))
    assessor = Assessor({})
    steps = [
        (claim("a", quantity=figure, by=(NIS,)), 3),
        (claim("b", quantity=figure, by=("Kremlin",), negated=True), 4),
        (claim("c", quantity=other, by=("White House",)), 5),
        (claim("d", quantity=figure, by=("Conflict Armament Research",)), 3),
    ]
    fact_id = assessor.assess(steps[0][0], raised_at=NOW).facts[0].id
    for told, expected in steps:
        facts = {fact.id: fact for fact in assessor.assess(told, raised_at=NOW).facts}
        assert facts[fact_id].credibility == expected, told.article_id


@pytest.mark.parametrize(
    ("by", "source", "expected"),
    [
        (("Multilateral Sanctions Monitoring Team",), "Blog", "A"),
        ((NIS, "Yonhap"), "Blog", "B"),
        (("Somebody", "Reuters"), "Blog", "B"),
        (("Kyrylo Budanov",), None, "C"),
        (("Kremlin",), "Reuters", "D"),
        ((), "KCNA", "D"),
        (("A troll farm",), None, "E"),
        (("Somebody",), "Blog", "F"),
        ((), None, "F"),
    ],
)
def test_reliability_is_that_of_the_first_speaker_whom_the_table_knows(
    by: tuple[str, ...], source: str | None, expected: str, tmp_path: Path
) -> None:
    table = tmp_path / "sources.yaml"
    table.write_text(
        "A: [Multilateral Sanctions Monitoring Team]\n"
        f"B: [{NIS}, Reuters]\nC: [Kyrylo Budanov]\nD: [Kremlin, KCNA]\nE: [a troll farm]\n"
    )
    [alert] = Assessor({}, SourceTable.load(table)).assess(claim(by=by, source=source), raised_at=NOW).alerts
    assert alert.grade[0] == expected


def test_table_that_comes_with_tumen_is_read() -> None:
    assert SourceTable.load().reliability("national intelligence service of  South Korea") == "B"
    assert SourceTable.load().reliability("Nobody in particular") == "F"
    assert SourceTable.load().reliability(None) == "F"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("[A, B]", ":1: .*valid dictionary"),
        ("G: [Reuters]", ":1: .*'A', 'B'"),
        ("A: Reuters", ":1: A: .*valid list"),
        ("A: [Reuters]\nB: [reuters]", ":2: 'reuters' is listed twice"),
        ("A: [", ":2: not YAML"),
    ],
)
def test_faults_in_the_table_are_named(content: str, complaint: str, tmp_path: Path) -> None:
    table = tmp_path / "sources.yaml"
    table.write_text(content)
    with pytest.raises(KnowledgeError, match=complaint) as caught:
        SourceTable.load(table)
    assert str(table) in caught.value.message
