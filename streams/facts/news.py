"""The news: what a claim raises when it comes, beside what is known."""

import math
from collections.abc import Callable, Iterable
from typing import Any

from schemas.alert import AlertKind, Previous
from schemas.base import content_id
from schemas.claim import Claim, Status
from schemas.fact import Fact
from streams.facts import agreement, grading, matching
from streams.facts.headlines import headline
from streams.facts.lexicon import Lexicon
from streams.facts.matching import Matcher
from streams.facts.nodes import Node
from streams.facts.records import Records
from streams.facts.slots import slot
from streams.facts.sources import SourceTable

Raised = dict[str, Any]
"""What of an alert is not in its claim."""


class News:
    """Decides what a new claim raises in one slot.

    `fact_of` makes the fact that a node is part of. `least` is the probability, 0 to 1, that a claim is right and
    nobody has told it, from which on it is raised as new.
    """

    def __init__(
        self,
        records: Records,
        matcher: Matcher,
        lexicon: Lexicon,
        sources: SourceTable,
        fact_of: Callable[[Node], Fact],
        least: float,
    ) -> None:
        self._records = records
        self._matcher = matcher
        self._lexicon = lexicon
        self._sources = sources
        self._fact_of = fact_of
        self._least = least

    def raised(self, node: Node, claim: Claim) -> list[Raised]:
        """Return what a claim raises that was taken into a node."""
        if any(self._matcher.reworded(node.profile, each) for each in self._records.dropped(claim.article_id)):
            return []  # the article told it before it was revised
        others = [each for each in self._records.members(node.root) if each.told_but(claim.id)]
        if claim.negated:
            return self._denial(node, claim, others)
        if others:
            return self._corroboration(node, claim, others)
        return self._first(node, claim)

    def _corroboration(self, node: Node, claim: Claim, others: Iterable[Node]) -> list[Raised]:
        origins = node.profile.origins
        if not origins or claim.background or not any(each.profile.origins for each in others):
            return []
        if any(self._lexicon.same_origin(origins, each.profile.origins) for each in others):
            return []
        return [self._alert(AlertKind.CORROBORATED, self._fact_of(node), node, claim)]

    def _first(self, node: Node, claim: Claim) -> list[Raised]:
        """Return what is raised by the first claim that tells a fact."""
        if node.profile.vague and (claim.background or (node.profile.standing and node.profile.origin is None)):
            since = self._records.known_since(node.profile)
            if since is not None and since <= node.last:
                return []
        prior: Node | None = None
        alike = 0.0
        for other in self._related(node):
            weight = self._matcher.likeness(node, other)
            if self._may_echo(node, other):
                alike = max(alike, math.exp(weight))
            if self._is_prior(node, other, weight):
                if other.first > node.last:
                    return []  # late: what has followed it is known already
                if prior is None or other.anchor > prior.anchor:
                    prior = other
        # odds with what is most alike: on a day of many facts, the small odds with each would add up to a refusal
        if claim.confidence / (1 + alike) < self._least:
            return []
        fact = self._fact_of(node)
        if prior is None:
            first = self._alert(AlertKind.NEW, fact, node, claim)
        else:
            before = Previous(
                quantity=prior.profile.quantity, status=prior.profile.status, reported_at=prior.reports[0].moment
            )
            first = self._alert(AlertKind.UPDATE, fact, node, claim, previous=before)
        return [first, *self._contradiction(node, claim)]

    def _contradiction(self, node: Node, claim: Claim) -> list[Raised]:
        """Return the dispute that another figure raises: of the newest fact that it contradicts, once an origin."""
        if claim.background:
            return []
        older = [each for each in self._affirmed(node) if each.first <= node.last]
        if not older:
            return []
        latest = max(older, key=lambda each: each.anchor)
        known = [other for member in self._records.members(latest.root) for other in self._affirmed(member)]
        if any(
            self._lexicon.same_origin(node.profile.origins, each.profile.origins)
            for each in known
            if each.signature != node.signature
        ):
            return []
        return [self._alert(AlertKind.DISPUTED, self._fact_of(latest), node, claim)]

    def _denial(self, node: Node, claim: Claim, others: Iterable[Node]) -> list[Raised]:
        origin = node.profile.origin
        if claim.background and others:
            return []
        known = [
            *others,
            *(
                each
                for each in self._related(node)
                if self._may_echo(node, each) and self._matcher.likeness(node, each) >= matching.DENIED
            ),
        ]
        if any(
            origin is None or self._lexicon.same_origin(node.profile.origins, each.profile.origins) for each in known
        ):
            return []
        since = self._records.known_since(node.profile)
        if node.profile.vague and claim.background and since is not None and since <= node.last:
            return []
        denied = max(self._affirmed(node), key=lambda each: each.anchor, default=node)
        return [self._alert(AlertKind.DISPUTED, self._fact_of(denied), node, claim)]

    def _affirmed(self, node: Node) -> list[Node]:
        """Return what a node denies or contradicts and readers know of."""
        rivals = [other for each in sorted(node.rivals) if (other := self._records.node(each)) is not None]
        return [each for each in rivals if each.told_but("") and not each.profile.negated]

    def _related(self, node: Node) -> list[Node]:
        wanted = matching.looked_for_under(node) + matching.series_keys(node)
        return [each for each in self._records.found(wanted, node.signature) if each.told_but("")]

    def _may_echo(self, node: Node, other: Node) -> bool:
        """Whether a claim could be no news beside another."""
        mine, theirs = node.profile, other.profile
        if mine.negated != theirs.negated:
            return False
        if mine.status is theirs.status or mine.status is not Status.HAPPENED:
            return True  # that a thing may be, or is to be, is no news once it is known to be so
        # what is told as planned and as done on one day is one thing that reporters, or Tumen, put differently
        return agreement.gap((node.first, node.last), (other.first, other.last)) == 0

    def _is_prior(self, node: Node, other: Node, weight: float) -> bool:
        mine, theirs = node.profile, other.profile
        if theirs.negated or matching.told_together(node, other):
            return False
        if mine.status is not theirs.status:
            steps = {(Status.PLANNED, Status.HAPPENED), (Status.POSSIBLE, Status.HAPPENED)}
            return (theirs.status, mine.status) in steps and weight >= matching.SAME
        return self._matcher.series(mine, theirs)

    def _alert(self, kind: AlertKind, fact: Fact, node: Node, claim: Claim, previous: Previous | None = None) -> Raised:
        # an update is the first alert of its fact, as a new one is: they share ids, so that it does not matter for
        # consumers which of the two a replay in another order makes of it
        group = "first" if kind in (AlertKind.NEW, AlertKind.UPDATE) else str(kind)
        matter = content_id(*_matter(claim, figure=kind is not AlertKind.DISPUTED), group)
        return {
            "id": content_id("alert", matter, self._records.turn(matter)),
            "fact_id": fact.id,
            "kind": kind,
            "headline": headline(fact, kind, claim, node.profile.topics, previous, node.profile.people),
            "previous": previous and previous.model_dump(mode="json"),
            "grade": f"{grading.reliability(claim, self._sources)}{fact.credibility}",
        }


def _matter(claim: Claim, *, figure: bool) -> list[object]:
    """Return what is told, as far as outlets that tell the same fact agree in it.

    That is the figure's first bound, which "10,000", "more than 10,000" and "10 to 12 thousand" share, or else the
    year; of a dispute, in which figures oppose each other, always the year. Which of several such matters an alert is
    about is told by its turn.
    """
    quantity = claim.quantity
    told: list[object] = [slot(claim), claim.status, claim.negated]
    if figure and quantity is not None and (quantity.low is not None or quantity.high is not None):
        return [*told, quantity.low if quantity.low is not None else quantity.high, quantity.unit]
    return [*told, (claim.when or claim.published_at.isoformat())[:4]]
