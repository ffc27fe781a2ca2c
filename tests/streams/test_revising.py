"""Which claims are new in a revision, and which it has dropped."""

from datetime import UTC, datetime
from itertools import permutations

from schemas import Claim
from streams.revisions import Change, Revision, Stamp, revise
from tests.streams.records import claim

MONDAY, TUESDAY = datetime(2024, 10, 21, tzinfo=UTC), datetime(2024, 10, 22, tzinfo=UTC)


def made(name: str, **values: object) -> Claim:
    return claim(id=name, object=values.pop("object", name), **values)


def ids(change: Change) -> tuple[list[str], list[str], list[str]]:
    return (
        [each.id for each in change.reported],
        [each.id for each in change.known],
        [each.id for each in change.withdrawn],
    )


def follow(*revisions: tuple[Stamp, list[Claim]]) -> list[tuple[list[str], list[str], list[str]]]:
    """What each revision changes, one after another, through what is stored."""
    stored: str | None = None
    changes = []
    for stamp, claims in revisions:
        change, revision = revise(None if stored is None else Revision.decoded(stored), "a", claims, stamp)
        stored = None if revision is None else revision.encoded()
        changes.append(ids(change))
    return changes


def test_claims_are_reported_withdrawn_and_known_when_they_come_back() -> None:
    one, two, three = ([made(name) for name in names] for names in ("ab", "ac", "b"))
    assert follow((Stamp(MONDAY, 1, 1), one), (Stamp(MONDAY, 2, 2), two), (Stamp(MONDAY, 3, 3), three)) == [
        (["a", "b"], [], []),
        (["a", "c"], [], ["b"]),
        ([], ["b"], ["a", "c"]),
    ]


def test_other_words_for_the_same_are_known_and_another_figure_is_not() -> None:
    first = [made("a", object="shells")]
    reworded = [made("b", object="shells", evidence={"text": "munitions", "start": 0, "end": 9})]
    figure = [made("c", object="shells", quantity={"low": 5, "high": 5, "unit": "shell"})]
    assert follow((Stamp(MONDAY, 1, 1), first), (Stamp(MONDAY, 2, 2), reworded), (Stamp(MONDAY, 3, 3), figure)) == [
        (["a"], [], []),
        ([], ["b"], ["a"]),
        (["c"], [], ["b"]),
    ]


def test_the_newest_is_the_one_of_the_latest_date_then_the_one_published_last() -> None:
    old = Stamp(MONDAY, 9, 9), [made("a")]
    sent_first = Stamp(TUESDAY, 5, 7), [made("b")]
    sent_last = Stamp(TUESDAY, 5, 8), [made("c")]
    for order in permutations((old, sent_first, sent_last)):
        standing: set[str] = set()
        for reported, known, withdrawn in follow(*order):
            standing = standing - set(withdrawn) | set(reported) | set(known)
        assert standing == {"c"}


def test_the_same_record_again_changes_nothing() -> None:
    again = Stamp(MONDAY, 1, 1), [made("a")]
    assert follow(again, again)[1] == ([], [], [])


def test_an_article_without_claims_is_not_remembered_until_it_has_had_some() -> None:
    assert revise(None, "a", [], Stamp(MONDAY, 1, 1)) == (Change(), None)
    _, first = revise(None, "a", [made("a")], Stamp(MONDAY, 1, 1))
    change, second = revise(first, "a", [], Stamp(MONDAY, 2, 2))
    assert ids(change) == ([], [], ["a"])
    assert second is not None
    assert ids(revise(second, "a", [made("a")], Stamp(MONDAY, 1, 1))[0]) == ([], [], [])
