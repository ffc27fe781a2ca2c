"""Matching: whether claims of two profiles tell one fact. Symmetric, and a function of the two alone.

Hard rules come first; what they leave open is weighed: each attribute that agrees speaks for one fact, each that
differs against it, and one that is missing says little. The rules with examples stand in docs/facts.md.
"""

import math
from datetime import date
from typing import NamedTuple

from schemas.claim import ClaimType
from streams.facts import agreement, figures
from streams.facts.agreement import APART
from streams.facts.lexicon import Lexicon, folded
from streams.facts.nodes import DAY, MONTH, Days, Node
from streams.facts.profiles import Profile
from streams.facts.weights import Weights

SAME = 0.0
"""From these log-odds on, two nodes tell one fact."""

DENIED = -1.5
"""From these log-odds on, a denial is a denial of the other."""

REFUSED = -math.inf
"""The log-odds of what a hard rule forbids."""

RECALL_DAYS = 380
"""How long after it an event is still recognised by what is recalled of it without a date."""

SPAN_DAYS = 182
"""Days by which figures are filed."""

FILED_DAYS = 120
"""For how long from its first report on a node is filed by time; what recalls it finds it so for `RECALL_DAYS` more.
What it costs to look up a node that is told for years depends on it."""

SERIES_DAYS = 2 * 365
"""How far back an origin's earlier estimate is looked for."""

MONTHS_BACK = RECALL_DAYS // 30 + 1

ESTIMATED = frozenset(
    {ClaimType.TROOPS, ClaimType.CASUALTIES, ClaimType.ARMS, ClaimType.ARMS_USE, ClaimType.LABOUR, ClaimType.TRAINING}
)
"""Types whose figures are running estimates: another figure by the same origin brings the earlier one up to date."""

NEWS_DAYS = 10
"""Days within which figures without a date are of one time, so that two cannot both be right."""

OUTCOMES = frozenset({"killed", "wounded", "captured"})
"""Topics that part estimates: the killed are not an update of the killed and wounded."""


PAIRS = 32_768
"""Pairs of profiles of which a matcher remembers how they compare; a pair takes some 200 bytes."""


class _Compared(NamedTuple):
    """What two profiles say of their nodes, whatever is reported of them."""

    weight: float
    """Of the attributes that agree or differ; `REFUSED` where a hard rule forbids one fact."""
    rivals: bool
    """Whether the two are figures of one thing, by different origins, that cannot both be right."""


class Matcher:
    """Weighs pairs of nodes with a lexicon's help."""

    def __init__(self, lexicon: Lexicon, weights: Weights) -> None:
        self._lexicon = lexicon
        self._weights = weights
        self._compared: dict[tuple[str, str], _Compared] = {}

    def same(self, one: Node, other: Node) -> bool:
        """Whether two nodes tell one fact."""
        return one.identity == other.identity or self.weigh(one, other) >= SAME

    def opposed(self, one: Node, other: Node) -> bool:
        """Whether one of two nodes denies what the other tells, or gives another figure."""
        mine, theirs = one.profile, other.profile
        if mine.status is not theirs.status:
            return False
        if mine.negated == theirs.negated:
            return self.contradicts(one, other)
        return self.likeness(one, other) >= DENIED

    def contradicts(self, one: Node, other: Node) -> bool:
        """Whether two origins give figures of one thing that cannot both be right.

        They speak of the same days and of nothing that the other does not speak of: a part is no contradiction.
        """
        return self._compare(one, other).rivals and not told_together(one, other) and _one_time(one, other)

    def reworded(self, mine: Profile, theirs: Profile) -> bool:
        """Whether one article can have told the same in other words, before and after it was revised."""
        return (
            (mine.parties, mine.negated, mine.status, mine.quantity)
            == (theirs.parties, theirs.negated, theirs.status, theirs.quantity)
            and _meets(mine.topics, theirs.topics)
            and _meets(mine.people, theirs.people)
            and (mine.when is None or theirs.when is None or _one_date(mine.when, theirs.when))
            and self._meets_in_place(mine, theirs)
        )

    def weigh(self, one: Node, other: Node) -> float:
        """Return the log-odds that two nodes tell one fact; `REFUSED` where a hard rule forbids it."""
        if one.profile.negated != other.profile.negated or one.profile.status != other.profile.status:
            return REFUSED
        return self.likeness(one, other)

    def likeness(self, one: Node, other: Node) -> float:
        """Weigh like `weigh`, but with status as one attribute among others, and without regard to denial."""
        weight = self._compare(one, other).weight
        if weight == REFUSED or told_together(one, other):
            return REFUSED
        return weight + self._weights.sum(agreement.of_reports(one, other))

    def _compare(self, one: Node, other: Node) -> _Compared:
        """Compare two profiles; symmetric, so that each pair is compared once."""
        pair = (one.signature, other.signature) if one.signature < other.signature else (other.signature, one.signature)
        found = self._compared.get(pair)
        if found is None:
            if len(self._compared) >= PAIRS:
                # the nodes of long ago are in it; those of today are compared anew
                self._compared.clear()
            mine, theirs = one.profile, other.profile
            weight = REFUSED
            if may_be_one(mine, theirs):
                weight = self._weights.base + self._weights.sum(agreement.of_profiles(mine, theirs, self._lexicon))
            found = self._compared[pair] = _Compared(weight, self._rivals(mine, theirs))
        return found

    def _rivals(self, mine: Profile, theirs: Profile) -> bool:
        return (
            mine.quantity is not None
            and theirs.quantity is not None
            and rival_kind(mine) is not None
            and rival_kind(mine) == rival_kind(theirs)
            and not figures.compatible(mine.quantity, theirs.quantity)
            and not self._lexicon.same_origin(mine.origins, theirs.origins)
            and _meets(mine.people, theirs.people)
            and self._one_place(mine, theirs)
        )

    def series(self, mine: Profile, theirs: Profile) -> bool:
        """Whether two figures are one origin's estimates of one thing, at different times."""
        if mine.quantity is None or theirs.quantity is None or mine.quantity.unit != theirs.quantity.unit:
            return False
        return (
            mine.type in ESTIMATED
            and mine.parties == theirs.parties
            and mine.status is theirs.status
            and mine.negated == theirs.negated
            and self._lexicon.same_origin(mine.origins, theirs.origins)
            and not figures.compatible(mine.quantity, theirs.quantity)
            and set(mine.topics) & OUTCOMES == set(theirs.topics) & OUTCOMES
            and (mine.topics == theirs.topics or bool(set(mine.topics) & set(theirs.topics)))
            and self._meets_in_place(mine, theirs)
        )

    def _one_place(self, mine: Profile, theirs: Profile) -> bool:
        if mine.place is None or theirs.place is None:
            return mine.place is theirs.place
        return self._lexicon.wholes(mine.place)[0] == self._lexicon.wholes(theirs.place)[0]

    def _meets_in_place(self, mine: Profile, theirs: Profile) -> bool:
        return agreement.place(mine, theirs, self._lexicon) != APART


def comparable(one: Node, other: Node) -> bool:
    """Whether two nodes may tell one fact, were their status and denial the same: what the hard rules leave open."""
    return may_be_one(one.profile, other.profile) and not told_together(one, other)


def may_be_one(mine: Profile, theirs: Profile) -> bool:
    """Whether the same parties act in the same direction, and figures can be the same number."""
    return mine.parties == theirs.parties and agreement.figures_of(mine, theirs) != APART


def told_together(one: Node, other: Node) -> bool:
    """Whether an article tells both, as far as reports are kept: what one article tells apart are different facts."""
    return not one.articles.isdisjoint(other.articles)


def _one_date(mine: str, theirs: str) -> bool:
    return agreement.dates(mine, theirs) not in ("days of a week", APART)


def _one_time(one: Node, other: Node) -> bool:
    """Whether two nodes lie in the same days, as precise as told, or were news of the same days."""
    mine, theirs = one.profile.when, other.profile.when
    if mine is not None and theirs is not None:
        return min(len(mine), len(theirs)) >= MONTH and _one_date(mine, theirs)
    if one.fresh is not None and other.fresh is not None and one.event() and other.event():
        return agreement.gap(one.fresh, other.fresh) <= NEWS_DAYS
    here, there = one.event(), other.event()
    if here is None or there is None:
        recalled, event = (one, there) if here is None else (other, here)
        return event is not None and recalled.last + 2 >= event[0] and recalled.first - event[1] <= 31
    return agreement.gap(here, there) <= 31


def _meets(mine: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Whether two lists have something in common, or one of them is empty."""
    return not mine or not theirs or bool(set(mine) & set(theirs))


def rival_kind(profile: Profile) -> str | None:
    """Return what figures must have in common to contradict each other; None for one that cannot be contradicted."""
    if profile.quantity is None or profile.type not in ESTIMATED or profile.negated or profile.origin is None:
        return None
    return f"{profile.parties}:{profile.status}:{profile.quantity.unit}:{','.join(profile.topics)}"


def filed_under(node: Node) -> list[str]:
    """Return the index keys under which a node is filed. Later reports only add keys; earlier ones can take some."""
    profile = node.profile
    found = [f"id:{node.identity}", *_figures(node, 0), *series_keys(node, 0)]
    kind = rival_kind(profile)
    if kind is not None:
        found += [f"v:{kind}:{week}" for week in _weeks(node, 0)]
    days = [] if profile.when is None or len(profile.when) != DAY else [_day(profile)]
    return found + [f"{_kind(profile)}:{each}" for each in _spread(node, days, _weeks(node, 0), _when(node))]


def looked_for_under(node: Node) -> list[str]:
    """Return the index keys under which nodes that may tell the same fact are filed.

    Symmetric: where a node finds another, that one finds it. Figures find figures by themselves; whatever else two
    nodes share is looked for only where one of them has no figure.
    """
    profile = node.profile
    found = [f"id:{node.identity}", *_figures(node, RECALL_DAYS)]
    days = []
    if profile.when is not None and len(profile.when) == DAY:
        days = [_day(profile) + step for step in (-1, 0, 1)]
    kind = rival_kind(profile)
    if kind is not None:
        found += [f"v:{kind}:{week}" for week in _weeks(node, 2)]
    event = _event(node)
    if event is not None:
        whens = [month for each in _when(node) for month in _months(each, 1, 1)]
        whens += _quarters(event[0] - 31, event[1] + RECALL_DAYS)
    else:
        whens = [month for each in _reported(node) for month in _months(each, MONTHS_BACK, 1)]
        first, last = _told(node)
        whens += _quarters(first - RECALL_DAYS, last + RECALL_DAYS)
        if profile.when is not None:
            whens += _months(f"m:{profile.when}-06", 5, 6)
    if profile.when is not None:
        whens.append(f"y:{profile.when[:4]}")
    spread = _spread(node, days, _weeks(node, 1), list(dict.fromkeys(whens)))
    kinds = [_UNCOUNTED] if profile.quantity is not None else [_UNCOUNTED, _COUNTED]
    return found + [f"{kind}:{profile.parties}:{each}" for kind in kinds for each in spread]


def series_keys(node: Node, margin: int = SERIES_DAYS) -> list[str]:
    """Return the index keys of the figures that one origin has given of one thing in so many days around."""
    quantity, origin = node.profile.quantity, node.profile.origin
    if quantity is None or origin is None:
        return []
    return [f"s:{quantity.unit}:{folded(origin)}:{span}" for span in _spans(node, margin)]


_COUNTED, _UNCOUNTED = "+", "-"


def _kind(profile: Profile) -> str:
    return f"{_UNCOUNTED if profile.quantity is None else _COUNTED}:{profile.parties}"


def _figures(node: Node, margin: int) -> list[str]:
    """Return the keys of a figure; particular ones are found by their bounds from further away."""
    parties, quantity = node.profile.parties, node.profile.quantity
    if quantity is None:
        return []
    bounds = {value for value in (quantity.low, quantity.high) if value is not None}
    spans = _spans(node, margin)
    found = [f"q:{parties}:{quantity.unit}:{each}:{span}" for each in figures.bins(quantity) for span in spans]
    if margin and figures.particular(quantity):
        spans = _spans(node, SERIES_DAYS)
    return found + [f"e:{parties}:{bound:g}:{span}" for bound in sorted(bounds) for span in spans]


def _spans(node: Node, margin: int) -> range:
    """Return the half-years in which a node was reported or lies, and those so many days around."""
    told = _told(node)
    lies = _event(node) or told
    return range((min(lies[0], told[0]) - margin) // SPAN_DAYS, (max(lies[1], told[1]) + margin) // SPAN_DAYS + 1)


def _told(node: Node) -> Days:
    """Return the days of the reports by which a node is filed."""
    return node.first, min(node.last, node.first + FILED_DAYS)


def _fresh(node: Node) -> Days | None:
    """Return the days of the reports as news by which a node is filed."""
    return node.fresh and (node.fresh[0], min(node.fresh[1], node.fresh[0] + FILED_DAYS))


def _event(node: Node) -> Days | None:
    """Return the days on which a node lies by which it is filed."""
    event = node.event()
    return event and (event[0], min(event[1], event[0] + FILED_DAYS))


def _spread(node: Node, days: list[int], weeks: list[int], whens: list[str]) -> list[str]:
    aspects = _aspects(node.profile)
    return [
        *(f"d:{day}" for day in days),
        *(f"n:{week}" for week in weeks),
        *(f"{when}:{aspect}" for when in whens for aspect in aspects),
    ]


def _day(profile: Profile) -> int:
    return date.fromisoformat(profile.when or "").toordinal()


def _weeks(node: Node, margin: int) -> list[int]:
    fresh = _fresh(node)
    return [] if fresh is None else list(range(fresh[0] // 7 - margin, fresh[1] // 7 + margin + 1))


def _when(node: Node) -> list[str]:
    """Return when a node lies: in months of the fact and of its news, or in quarters in which it was recalled."""
    if node.event() is None:
        year = [] if node.profile.when is None else [f"y:{node.profile.when}"]
        return year + _quarters(*_told(node))
    months = set() if node.profile.period is None else {f"m:{node.profile.period}"}
    return sorted(months | set(_reported(node) if node.fresh is not None else ()))


def _reported(node: Node) -> list[str]:
    """Return the months in which a node was news, or was recalled if it never was."""
    first, last = _fresh(node) or _told(node)
    start, end = _month(first), _month(last)
    return [f"m:{_written(at)}" for at in range(start, end + 1)]


def _quarters(first: int, last: int) -> list[str]:
    return [f"r:{at}" for at in range(_month(first) // 3, _month(last) // 3 + 1)]


def _months(key: str, back: int, forth: int) -> list[str]:
    """Return the key of a month with those of the months before and after it."""
    at = int(key[2:6]) * 12 + int(key[7:9]) - 1
    return [f"m:{_written(each)}" for each in range(at - back, at + forth + 1)]


def _month(day: int) -> int:
    """Return the month of a day, counted from year 0."""
    on = date.fromordinal(max(1, min(day, date.max.toordinal())))
    return on.year * 12 + on.month - 1


def _written(month: int) -> str:
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def _aspects(profile: Profile) -> list[str]:
    aspects = [f"t:{topic}" for topic in profile.topics] + [f"p:{person}" for person in profile.people]
    if profile.origin is not None:
        aspects.append(f"o:{folded(profile.origin)}")
    if profile.place is not None:
        aspects.append(f"l:{folded(profile.place)}")
    return aspects or ["-"]
