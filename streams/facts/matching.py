"""Matching: whether claims of two profiles tell one fact. Symmetric, and a function of the two alone.

Hard rules come first; what they leave open is weighed: each attribute that agrees speaks for one fact, each that
differs against it, and one that is missing says little. The rules with examples stand in docs/facts.md.
"""

from datetime import date

from streams.facts import figures
from streams.facts.lexicon import Lexicon, folded
from streams.facts.nodes import Node
from streams.facts.profiles import Profile

SAME = 3.0
"""From this weight on, two nodes tell one fact."""

ECHO = 1.5
"""From this weight on, a claim says nothing that is worth an alert beside the other."""

DENIED = 1.5
"""From this weight on, a denial is a denial of the other."""

REFUSED = -100.0

DISTINCT = 2.5
"""Weight of a figure so particular that one other contradiction is forgiven."""

RECALL_DAYS = 380
"""Days after which a recollection without date no longer points to a piece of news."""


class Matcher:
    """Weighs pairs of nodes with a lexicon's help."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def weigh(self, one: Node, other: Node) -> float:
        """Return how much speaks for one fact; `REFUSED` where a hard rule forbids it."""
        if one.profile.negated != other.profile.negated or one.profile.status != other.profile.status:
            return REFUSED
        return self.likeness(one, other)

    def likeness(self, one: Node, other: Node) -> float:
        """Weigh like `weigh`, without regard to status and denial."""
        mine, theirs = one.profile, other.profile
        if mine.parties != theirs.parties:
            return REFUSED
        if articles(one) & articles(other):
            # one article tells a fact once: what it tells apart are different facts
            return REFUSED
        figure = _figure(mine, theirs)
        if figure <= REFUSED:
            return REFUSED
        strong = figure >= DISTINCT
        place, time = self.place(mine, theirs), _time(one, other)
        if place <= REFUSED or time <= REFUSED:
            if not strong or (place <= REFUSED and time <= REFUSED):
                return REFUSED
            place, time = max(place, -2.0), max(time, -2.0)
        return figure + place + time + _shared(mine.topics, theirs.topics, 1.2, -1.2) + _shared(
            mine.people, theirs.people, 1.5, -1.5
        ) + _origin(mine, theirs, strong)  # fmt: skip

    def series(self, mine: Profile, theirs: Profile) -> bool:
        """Whether two figures are one origin's estimates of one thing, at different times."""
        if mine.quantity is None or theirs.quantity is None or mine.quantity.unit != theirs.quantity.unit:
            return False
        if not mine.origins or not theirs.origins or not same_origin(mine.origins, theirs.origins):
            return False
        return (
            mine.status is theirs.status
            and mine.negated == theirs.negated
            and not figures.compatible(mine.quantity, theirs.quantity)
            and (bool(set(mine.topics) & set(theirs.topics)) or not mine.topics or not theirs.topics)
            and self.place(mine, theirs) > REFUSED
        )

    def place(self, mine: Profile, theirs: Profile) -> float:
        """Weigh the places: equal, one inside the other, or apart."""
        if mine.place is None or theirs.place is None:
            return 0.0
        here, there = self._lexicon.wholes(mine.place), self._lexicon.wholes(theirs.place)
        if here[0] == there[0]:
            return 1.0 if len(here) > 1 else 0.3
        if here[0] in there or there[0] in here:
            return 0.2
        return REFUSED


def articles(node: Node) -> set[str]:
    """Return the articles that report a node, as far as they are kept."""
    return {each.article_id for each in node.reports}


def _figure(mine: Profile, theirs: Profile) -> float:
    if mine.quantity is None and theirs.quantity is None:
        return 0.0
    if mine.quantity is None or theirs.quantity is None:
        return -1.5
    if not figures.compatible(mine.quantity, theirs.quantity):
        return REFUSED
    if not figures.exact(mine.quantity, theirs.quantity):
        return 1.0
    return DISTINCT if max(figures.bounds(mine.quantity)) >= 100 else 1.5


def _time(one: Node, other: Node) -> float:
    mine, theirs = one.profile, other.profile
    if mine.when is not None and theirs.when is not None:
        return _dates(mine.when, theirs.when)
    gap = _gap(one, other)
    if gap is None:
        return 0.0
    if gap < 0:
        return REFUSED
    if gap <= 3:
        return 1.5
    if gap <= 10:
        return 0.7
    if gap <= 31:
        return -0.3
    return -1.5


def _dates(mine: str, theirs: str) -> float:
    short = min(len(mine), len(theirs))
    if mine[:short] != theirs[:short]:
        if short == len("2024-10-21") and abs((date.fromisoformat(mine) - date.fromisoformat(theirs)).days) <= 1:
            return 1.0
        return REFUSED
    return {len("2024-10-21"): 2.5, len("2024-10"): 1.5}.get(short, 0.5)


def _gap(one: Node, other: Node) -> int | None:
    """Return the days between two reports as news; None where a recollection leaves it open; -1 where impossible."""
    if one.fresh is None and other.fresh is None:
        return None
    if one.fresh is None:
        return _recall(other.fresh, one) if other.fresh else None
    if other.fresh is None:
        return _recall(one.fresh, other)
    return max(0, one.fresh[0] - other.fresh[1], other.fresh[0] - one.fresh[1])


def _recall(news: tuple[int, int], recalled: Node) -> int | None:
    # what is recalled has been reported before, and not years ago
    possible = recalled.last - news[0] >= -2 and recalled.first - news[1] <= RECALL_DAYS
    return None if possible else -1


def _shared(mine: tuple[str, ...], theirs: tuple[str, ...], agree: float, differ: float) -> float:
    if not mine or not theirs:
        return 0.0
    common = len(set(mine) & set(theirs))
    if not common:
        return differ
    return agree * (0.5 + common / len(set(mine) | set(theirs)))


def _origin(mine: Profile, theirs: Profile, strong: bool) -> float:
    if not mine.origins or not theirs.origins:
        return 0.0
    if same_origin(mine.origins, theirs.origins):
        return 1.2
    return 0.0 if strong else -1.5


def same_origin(mine: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Whether what one set of speakers knows can come from the first speaker of the other."""
    return folded(mine[0]) in {folded(name) for name in theirs} or folded(theirs[0]) in {folded(name) for name in mine}


def filed_under(profile: Profile) -> list[str]:
    """Return the index keys under which a node is filed."""
    found = [f"id:{profile.identity()}"]
    if profile.quantity is not None:
        found += [f"q:{profile.quantity.unit}:{each}" for each in figures.bins(profile.quantity)]
        if profile.origin is not None:
            found.append(series_key(profile))
    when = f"m:{profile.period}" if profile.period else "r"
    return found + [f"{when}:{aspect}" for aspect in _aspects(profile)]


def series_key(profile: Profile) -> str:
    """Return the index key of all figures that one origin has given of one thing."""
    unit = profile.quantity.unit if profile.quantity else None
    return f"s:{unit}:{folded(profile.origin or '')}"


def looked_for_under(node: Node) -> list[str]:
    """Return the index keys under which nodes that may tell the same fact are filed.

    Symmetric: where a node finds another, that one finds it.
    """
    profile = node.profile
    found = [f"id:{profile.identity()}"]
    if profile.quantity is not None:
        found += [f"q:{profile.quantity.unit}:{each}" for each in figures.bins(profile.quantity)]
    if profile.period:
        months = [f"m:{month}" for month in _months(profile.period, profile.period, 1)]
    else:
        first, last = date.fromordinal(node.first).isoformat()[:7], date.fromordinal(node.last).isoformat()[:7]
        months = [f"m:{month}" for month in _months(first, last, MONTHS_BACK)]
    return found + [f"{when}:{aspect}" for when in [*months, "r"] for aspect in _aspects(profile)]


MONTHS_BACK = 13
"""How long after its news a fact is still recognised by what is recalled of it without a date or a figure."""


def _months(first: str, last: str, margin: int) -> list[str]:
    start, end = (int(month[:4]) * 12 + int(month[5:7]) - 1 for month in (first, last))
    return [f"{at // 12:04d}-{at % 12 + 1:02d}" for at in range(start - margin, end + margin + 1)]


def _aspects(profile: Profile) -> list[str]:
    aspects = [f"t:{topic}" for topic in profile.topics] + [f"p:{person}" for person in profile.people]
    if profile.origin is not None:
        aspects.append(f"o:{folded(profile.origin)}")
    if profile.place is not None:
        aspects.append(f"l:{folded(profile.place)}")
    return aspects or ["-"]
