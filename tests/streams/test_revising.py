"""Which revision of an article is the newest, and which claims it has dropped."""

from datetime import UTC, datetime
from itertools import permutations

from schemas import Claim
from streams.revisions import Change, Revision, Stamp, revise
from tests.streams.records import claim

MONDAY, TUESDAY = datetime(2024, 10, 21, tzinfo=UTC), datetime(2024, 10, 22, tzinfo=UTC)


def follow(*revisions: tuple[Stamp, str]) -> list[tuple[list[str], list[str]]]:
    """What each revision, told by the names of its claims, withdraws and reports, through what is stored."""
    stored: str | None = None
    changes = []
    for stamp, names in revisions:
        claims: list[Claim] = [claim(id=name) for name in names]
        change, revision = revise(None if stored is None else Revision.decoded(stored), "a", claims, stamp)
        stored = None if revision is None else revision.encoded()
        changes.append(([each.id for each in change.withdrawn], [each.id for each in change.reported]))
    return changes


def test_what_a_revision_drops_is_withdrawn_and_what_it_says_is_reported() -> None:
    assert follow((Stamp(MONDAY, 1, 1), "ab"), (Stamp(MONDAY, 2, 2), "ac"), (Stamp(MONDAY, 3, 3), "b")) == [
        ([], ["a", "b"]),
        (["b"], ["a", "c"]),
        (["a", "c"], ["b"]),
    ]


def test_a_withdrawal_tells_whose_claim_it_is_and_which_revision_dropped_it() -> None:
    _, first = revise(None, "article", [claim(id="c", type="arms")], Stamp(MONDAY, 1, 1))
    made = [revise(first, "article", [], Stamp(TUESDAY, 2, number))[0].withdrawn[0] for number in (2, 2, 3)]
    assert (made[0].id, made[0].article_id, made[0].type, made[0].withdrawn_at) == ("c", "article", "arms", TUESDAY)
    assert made[0].revision == made[1].revision != made[2].revision


def test_the_newest_is_the_one_of_the_latest_date_then_the_one_published_last() -> None:
    for order in permutations(((Stamp(MONDAY, 9, 9), "a"), (Stamp(TUESDAY, 5, 7), "b"), (Stamp(TUESDAY, 5, 8), "c"))):
        standing: set[str] = set()
        for withdrawn, reported in follow(*order):
            standing = standing - set(withdrawn) | set(reported)
        assert standing == {"c"}


def test_the_same_record_again_changes_nothing() -> None:
    again = Stamp(MONDAY, 1, 1), "a"
    assert follow(again, again)[1] == ([], [])


def test_an_article_without_claims_is_not_remembered_until_it_has_had_some() -> None:
    assert revise(None, "a", [], Stamp(MONDAY, 1, 1)) == (Change(), None)
    assert follow((Stamp(MONDAY, 1, 1), "a"), (Stamp(MONDAY, 2, 2), ""), (Stamp(MONDAY, 1, 2), "a")) == [
        ([], ["a"]),
        (["a"], []),
        ([], []),
    ]
