"""The agreement of two nodes: for each attribute, how far what they tell is the same. Symmetric; a function of the two.

Attribute and level are names: what each level is worth, `weights.json` beside this file says.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from streams.facts import figures
from streams.facts.lexicon import Lexicon
from streams.facts.nodes import DAY, MONTH, Days, Node
from streams.facts.profiles import Profile

Level = tuple[str, str]
"""An attribute, and how far two nodes agree in it."""

APART = "apart"
"""The level of attributes that are both told and have nothing in common."""

_STEPS = (
    (0, "of one day"),
    (1, "of two days"),
    (3, "within 3 days"),
    (10, "within 10 days"),
    (31, "within a month"),
    (120, "within 4 months"),
    (380, "within a year"),
)


def levels(one: Node, other: Node, lexicon: Lexicon) -> Iterator[Level]:
    """Yield how far two nodes agree in each attribute."""
    yield from of_profiles(one.profile, other.profile, lexicon)
    yield from of_reports(one, other)


def of_reports(one: Node, other: Node) -> Iterator[Level]:
    """Yield how far two nodes agree in when they lie and when they were reported."""
    yield "dates", _told(one, other)
    yield _reported(one, other)


def of_profiles(mine: Profile, theirs: Profile, lexicon: Lexicon) -> Iterator[Level]:
    """Yield how far two nodes agree in what later reports of them cannot change."""
    if mine.status is not theirs.status:
        yield "status", APART
    figure = figures_of(mine, theirs)
    yield "figure", figure
    yield "place", place(mine, theirs, lexicon)
    yield "topics", _shared(mine.topics, theirs.topics)
    for name, leading in (("leaders", True), ("people", False)):
        yield (
            name,
            _shared(
                *([each for each in of if (each in lexicon.leaders) is leading] for of in (mine.people, theirs.people))
            ),
        )
    yield "origin", _origin(mine, theirs, lexicon, figure)


def figures_of(mine: Profile, theirs: Profile) -> str:
    """Compare the figures."""
    here, there = mine.quantity, theirs.quantity
    if here is None or there is None:
        return "neither has one" if here is there else "only one has one"
    if not figures.exact(here, there):
        return "compatible" if figures.compatible(here, there) else APART
    particular = "particular" if figures.particular(here) else "small or round"
    if figures.compatible(here, there):
        return f"the same, {particular}"
    return f"the same of another unit, {particular}" if here.unit != there.unit else APART


def place(mine: Profile, theirs: Profile, lexicon: Lexicon) -> str:
    """Compare the places."""
    if mine.place is None or theirs.place is None:
        return "not told"
    here, there = lexicon.wholes(mine.place), lexicon.wholes(theirs.place)
    if here[0] == there[0]:
        return "the same, wide" if lexicon.wide(here[0]) else "the same"
    return "one within the other" if here[0] in there or there[0] in here else APART


def dates(mine: str, theirs: str) -> str:
    """Compare two dates, as precise as told."""
    short = min(len(mine), len(theirs))
    if mine[:short] == theirs[:short]:
        exact = "" if len(mine) == len(theirs) else ", one more precise"
        return {DAY: "the same day", MONTH: f"the same month{exact}"}.get(short, f"the same year{exact}")
    if short == DAY:
        days = abs((date.fromisoformat(mine) - date.fromisoformat(theirs)).days)
        return "days in a row" if days <= 1 else "days of a week" if days <= 7 else APART
    return APART


def gap(one: Days, other: Days) -> int:
    """Return the days between two spans of time, 0 where they meet."""
    return max(0, one[0] - other[1], other[0] - one[1])


def _told(one: Node, other: Node) -> str:
    mine, theirs = one.profile.when, other.profile.when
    if mine is not None and theirs is not None:
        return dates(mine, theirs)
    if mine is None and theirs is None:
        return "neither has one"
    dated, undated = (other, one) if mine is None else (one, other)
    event = dated.event() if len(dated.profile.when or "") >= MONTH else None
    if event is None:
        return "a year and none"
    if undated.last + 2 < event[0]:
        return "told of before it was"
    return f"one, and the other told {_step(max(0, undated.first - event[1]))}"


def _reported(one: Node, other: Node) -> Level:
    days = _step(gap((one.first, one.last), (other.first, other.last)))
    fresh = (one.fresh is not None) + (other.fresh is not None)
    return ("both recalled", "one news, one recalled", "both news")[fresh], days


def _step(days: int) -> str:
    return next((name for limit, name in _STEPS if days <= limit), "later")


def _shared(mine: Sequence[str], theirs: Sequence[str]) -> str:
    if not mine or not theirs:
        return "neither has one" if mine == theirs else "only one has one"
    common, together = len(set(mine) & set(theirs)), len(set(mine) | set(theirs))
    if not common:
        return APART
    return "the same" if common == together else "most" if 2 * common >= together else "some"


def _origin(mine: Profile, theirs: Profile, lexicon: Lexicon, figure: str) -> str:
    if not mine.origins or not theirs.origins:
        return "neither has one" if mine.origins == theirs.origins else "only one has one"
    if lexicon.same_origin(mine.origins, theirs.origins):
        return "the same"
    # another origin may well tell the same particular figure: that is corroboration
    return "apart, figure the same" if figure == "the same, particular" else APART
