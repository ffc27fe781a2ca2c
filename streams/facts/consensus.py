"""The consensus: one fact made from what its claims tell. A function of the set of claims, whatever their order."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from schemas.claim import Attribution, Place
from schemas.fact import Fact, Source
from streams.facts import grading
from streams.facts.lexicon import Lexicon
from streams.facts.nodes import Node, Report, in_order

MAX_SOURCES = 64
"""Sources and claims that a fact lists: the oldest; `mentions` counts all."""

T = TypeVar("T")


def fact_id(members: Sequence[Node]) -> str:
    """Return the id of a fact: that of its first reports."""
    return members[0].identity


def rivals(members: Iterable[Node]) -> list[str]:
    """Return the nodes that deny a fact, or that it denies."""
    return sorted({each for member in members for each in member.rivals})


def fact(members: Sequence[Node], denials: Iterable[Node], lexicon: Lexicon) -> Fact:
    """Return the fact that nodes tell, in the order of their first reports."""
    profile = members[0].profile
    reports = in_order(report for member in members for report in member.reports)
    actor, recipient = _most((report.direction, 1) for report in reports) or reports[0].direction
    place = _most((report.place, 1) for report in reports)
    origins = _origins(reports, lexicon)
    deniers = _origins(in_order(report for each in denials for report in each.reports), lexicon)
    return Fact(
        id=fact_id(members),
        type=profile.type,
        actor=actor,
        recipient=recipient,
        object=_most((report.object or None, 1) for report in reports),
        quantity=_most((member.profile.quantity, member.count) for member in members),
        status=profile.status,
        negated=profile.negated,
        place=Place(name=place[0], wikidata=place[1]) if place else None,
        when=_most((member.profile.when, member.count) for member in members),
        first_reported=reports[0].moment,
        last_reported=datetime.fromisoformat(max(member.latest for member in members)),
        origins=origins,
        sources=_sources(reports),
        claims=[report.claim_id for report in reports[:MAX_SOURCES]],
        mentions=sum(member.count for member in members),
        aliases=sorted({member.identity for member in members} - {fact_id(members)})[:MAX_SOURCES],
        credibility=grading.credibility(
            (each.name for each in origins),
            (report.source for report in reports),
            (each.name for each in deniers),
            profile.status,
        ),
    )


def _most(told: Iterable[tuple[T | None, int]]) -> T | None:
    """Return the value that is told most often, of values with how often each is; of equals the one told first."""
    times: Counter[T] = Counter()
    for value, count in told:
        if value is not None:
            times[value] += count
    return max(times, key=times.__getitem__, default=None)


def _origins(reports: Iterable[Report], lexicon: Lexicon) -> list[Attribution]:
    """Return who is said to know first-hand, each origin once: a service and its chief are one."""
    found: list[tuple[tuple[str, ...], Attribution]] = []
    seen: set[tuple[tuple[str, str | None, str], ...]] = set()
    for report in reports:
        if report.attributed_to and report.attributed_to not in seen:
            seen.add(report.attributed_to)
            chain = tuple(lexicon.canonical(name) for name, _, _ in report.attributed_to)
            if not any(lexicon.same_origin(chain, other) for other, _ in found):
                name, wikidata, text = report.attributed_to[0]
                found.append((chain, Attribution(name=name, wikidata=wikidata, text=text)))
    return [attribution for _, attribution in found]


def _sources(reports: Iterable[Report]) -> list[Source]:
    found: dict[str, Source] = {}
    for report in reports:
        if report.article_id not in found:
            found[report.article_id] = Source(
                article_id=report.article_id, source=report.source, url=report.url, published_at=report.moment
            )
            if len(found) == MAX_SOURCES:
                break
    return list(found.values())
