"""Matching: whether claims of two profiles tell one fact. Symmetric, and a function of the two alone.

Hard rules come first; what they leave open is weighed: each attribute that agrees speaks for one fact, each that
differs against it, and one that is missing says little. The rules with examples stand in docs/facts.md.
"""

from datetime import date

from schemas.claim import ClaimType
from streams.facts import figures
from streams.facts.lexicon import Lexicon, folded
from streams.facts.nodes import DAY, Days, Node
from streams.facts.profiles import Profile

SAME = 2.5
"""From this weight on, two nodes tell one fact."""

ECHO = 1.5
"""From this weight on, a claim says nothing that is worth an alert beside the other."""

DENIED = 1.5
"""From this weight on, a denial is a denial of the other."""

RECALLED = 1.0
"""From this weight on, what is only recalled is taken for the other, though it may not be linked with it."""

REFUSED = -100.0

DISTINCT = 2.5
"""Weight of a figure so particular that one other contradiction is forgiven."""


NEWS = ((3, 1.5), (10, 0.7), (31, -0.3), (99999, -1.5))
"""Days between two reports as news, and what they weigh."""

RECALL_DAYS = 380
"""How long after it an event is still recognised by what is recalled of it without a date."""

SPAN_DAYS = 182
"""Days by which figures are filed."""

SERIES_DAYS = 2 * 365
"""How far back an origin's earlier estimate is looked for."""

MONTHS_BACK = RECALL_DAYS // 30 + 1

RECALL = ((31, 1.0), (120, 0.3), (RECALL_DAYS, -0.3))
"""Days between an event and a recollection of it, and what they weigh; beyond, it is another."""

ESTIMATED = frozenset(
    {ClaimType.TROOPS, ClaimType.CASUALTIES, ClaimType.ARMS, ClaimType.ARMS_USE, ClaimType.LABOUR, ClaimType.TRAINING}
)
"""Types whose figures are running estimates: another figure by the same origin brings the earlier one up to date."""

SAME_DAYS = 0.7
"""From this weight of time on, two figures are of one time and cannot both be right."""

OUTCOMES = frozenset({"killed", "wounded", "captured"})
"""Topics that part estimates: the killed are not an update of the killed and wounded."""


class Matcher:
    """Weighs pairs of nodes with a lexicon's help."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

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
        mine, theirs = one.profile, other.profile
        return (
            mine.quantity is not None
            and theirs.quantity is not None
            and rival_kind(mine) is not None
            and rival_kind(mine) == rival_kind(theirs)
            and not figures.compatible(mine.quantity, theirs.quantity)
            and not self._lexicon.same_origin(mine.origins, theirs.origins)
            and not articles(one) & articles(other)
            and _meets(mine.people, theirs.people)
            and self._one_place(mine, theirs)
            and _time(one, other) >= SAME_DAYS
        )

    def reworded(self, mine: Profile, theirs: Profile) -> bool:
        """Whether one article can have told the same in other words, before and after it was revised."""
        return (
            (mine.parties, mine.negated, mine.status, mine.quantity)
            == (theirs.parties, theirs.negated, theirs.status, theirs.quantity)
            and _meets(mine.topics, theirs.topics)
            and _meets(mine.people, theirs.people)
            and (mine.when is None or theirs.when is None or _dates(mine.when, theirs.when) > REFUSED)
            and self.place(mine, theirs) > REFUSED
        )

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
        figure = _figure(mine, theirs)
        if figure <= REFUSED:
            return REFUSED
        if articles(one) & articles(other):
            # one article tells a fact once: what it tells apart are different facts
            return REFUSED
        strong = figure >= DISTINCT
        place, time = self.place(mine, theirs), _time(one, other)
        if place <= REFUSED or time <= REFUSED:
            if not strong or (place <= REFUSED and time <= REFUSED):
                return REFUSED
            place, time = max(place, -2.0), max(time, -2.0)
        return figure + place + time + _shared(mine.topics, theirs.topics, 1.2, -1.2) + _shared(
            mine.people, theirs.people, 1.5, -1.5
        ) + self._origin(mine, theirs, strong)  # fmt: skip

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
            and self.place(mine, theirs) > REFUSED
        )

    def _origin(self, mine: Profile, theirs: Profile, strong: bool) -> float:
        if not mine.origins or not theirs.origins:
            return 0.0
        if self._lexicon.same_origin(mine.origins, theirs.origins):
            return 1.2
        # another origin may well tell the same particular figure: that is corroboration
        return 0.0 if strong else -1.5

    def _one_place(self, mine: Profile, theirs: Profile) -> bool:
        if mine.place is None or theirs.place is None:
            return mine.place is theirs.place
        return self._lexicon.wholes(mine.place)[0] == self._lexicon.wholes(theirs.place)[0]

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
    return DISTINCT if figures.particular(mine.quantity) else 1.5


def _time(one: Node, other: Node) -> float:
    mine, theirs = one.profile, other.profile
    if mine.when is not None and theirs.when is not None:
        return _dates(mine.when, theirs.when)
    here, there = one.event(), other.event()
    if here is None and there is None:
        return 0.0 if _gap((one.first, one.last), (other.first, other.last)) <= RECALL_DAYS else REFUSED
    if here is None or there is None:
        recalled, event = (one, there) if here is None else (other, here)
        return _recall(recalled, event)
    if one.fresh is not None and other.fresh is not None:
        return _step(_gap(one.fresh, other.fresh), NEWS)
    return _step(_gap(here, there), RECALL)


def _gap(one: Days, other: Days) -> int:
    return max(0, one[0] - other[1], other[0] - one[1])


def _dates(mine: str, theirs: str) -> float:
    short = min(len(mine), len(theirs))
    if mine[:short] != theirs[:short]:
        if short == DAY and abs((date.fromisoformat(mine) - date.fromisoformat(theirs)).days) <= 1:
            return 1.0
        return REFUSED
    return {DAY: 2.5, len("2024-10"): 1.5}.get(short, 0.5)


def _step(days: int, weights: tuple[tuple[int, float], ...]) -> float:
    return next((weight for limit, weight in weights if days <= limit), REFUSED)


def _recall(recalled: Node, event: Days | None) -> float:
    if event is None or recalled.last + 2 < event[0]:
        return REFUSED  # what is recalled has happened before
    return _step(max(0, recalled.first - event[1]), RECALL)


def _shared(mine: tuple[str, ...], theirs: tuple[str, ...], agree: float, differ: float) -> float:
    if not mine or not theirs:
        return 0.0
    common = len(set(mine) & set(theirs))
    if not common:
        return differ
    return agree * (0.5 + common / len(set(mine) | set(theirs)))


def _meets(mine: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Whether two lists have something in common, or one of them is empty."""
    return not mine or not theirs or bool(set(mine) & set(theirs))


def rival_kind(profile: Profile) -> str | None:
    """Return what figures must have in common to contradict each other; None for one that cannot be contradicted."""
    if profile.quantity is None or profile.type not in ESTIMATED or profile.negated or profile.origin is None:
        return None
    return f"{profile.parties}:{profile.status}:{profile.quantity.unit}:{','.join(profile.topics)}"


def filed_under(node: Node) -> list[str]:
    """Return the index keys under which a node is filed. Later reports can only add keys."""
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
    event = node.event()
    if event is not None:
        whens = [month for each in _when(node) for month in _months(each, 1, 1)]
        whens += _quarters(event[0] - 31, event[1] + RECALL_DAYS)
    else:
        whens = [month for each in _reported(node) for month in _months(each, MONTHS_BACK, 1)]
        whens += _quarters(node.first - RECALL_DAYS, node.last + RECALL_DAYS)
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
    """Return the keys of a figure: particular ones are found by their bounds for ever, others near in time."""
    parties, quantity = node.profile.parties, node.profile.quantity
    if quantity is None:
        return []
    bounds = {value for value in (quantity.low, quantity.high) if value is not None}
    spans = _spans(node, margin)
    found = [f"q:{parties}:{quantity.unit}:{each}:{span}" for each in figures.bins(quantity) for span in spans]
    if figures.particular(quantity):
        return found + [f"e:{parties}:{bound:g}" for bound in sorted(bounds)]
    return found + [f"e:{parties}:{bound:g}:{span}" for bound in sorted(bounds) for span in spans]


def _spans(node: Node, margin: int) -> range:
    """Return the half-years in which a node was reported or lies, and those so many days around."""
    first, last = node.event() or (node.first, node.last)
    return range((min(first, node.first) - margin) // SPAN_DAYS, (max(last, node.last) + margin) // SPAN_DAYS + 1)


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
    if node.fresh is None:
        return []
    return list(range(node.fresh[0] // 7 - margin, node.fresh[1] // 7 + margin + 1))


def _when(node: Node) -> list[str]:
    """Return when a node lies: in months of the fact and of its news, or in quarters in which it was recalled."""
    if node.event() is None:
        year = [] if node.profile.when is None else [f"y:{node.profile.when}"]
        return year + _quarters(node.first, node.last)
    months = set() if node.profile.period is None else {f"m:{node.profile.period}"}
    return sorted(months | set(_reported(node) if node.fresh is not None else ()))


def _reported(node: Node) -> list[str]:
    """Return the months in which a node was news, or was recalled if it never was."""
    first, last = node.fresh or (node.first, node.last)
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
