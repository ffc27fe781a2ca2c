"""The assessor: takes claims one by one, keeps facts, and says what is new."""

from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from schemas.alert import Alert, AlertKind, Previous
from schemas.base import content_id
from schemas.claim import Claim, Status
from schemas.fact import Fact
from streams.facts import consensus, grading, matching
from streams.facts.headlines import headline
from streams.facts.lexicon import Lexicon, default_lexicon
from streams.facts.matching import Matcher
from streams.facts.nodes import Node, Report
from streams.facts.profiles import Profile
from streams.facts.records import Records
from streams.facts.slots import slot
from streams.facts.sources import SourceTable


@dataclass(frozen=True, slots=True)
class Assessment:
    """What became of a claim.

    `facts` are the facts as they stand now, to be published under their ids; `removed` are ids under which facts
    were published that have since become part of others, to be published as tombstones. `repeated` is true where the
    claim had been assessed before: `alerts` are then those that it raised at that time, under their very ids, so
    that an agent that died before the broker acknowledged them can send them again.
    """

    facts: list[Fact] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    repeated: bool = False


class Assessor:
    """Turns claims into facts and alerts.

    All memory is in `state`: JSON texts, under keys that start with the claim's slot. Facts are a function of the
    set of claims assessed, whatever their order.
    """

    def __init__(
        self, state: MutableMapping[str, str], sources: SourceTable | None = None, lexicon: Lexicon | None = None
    ) -> None:
        self._state = state
        self._sources = sources or SourceTable.load()
        self._lexicon = lexicon or default_lexicon()
        self._matcher = Matcher(self._lexicon)

    def assess(self, claim: Claim, *, raised_at: datetime, history: bool = False) -> Assessment:
        """Take in a claim; return the facts that it changed and the alerts that it raises.

        `raised_at` is the time that alerts bear; it enters no id. With `history` the claim is learnt without alerts.
        """
        records = Records(self._state, slot(claim))
        profile = Profile.of(claim, self._lexicon)
        known = records.claim(claim.id)
        if known is not None:
            node = records.node(known["node"])
            if node is not None and node.profile == profile:
                facts = [self._fact(records, node.root)]
                return Assessment(facts, self._alerts(claim, known["alerts"], raised_at), repeated=True)
            # read anew by other rules: it moves to another node, and is no news
            moved = self._take_out(records, known["node"], claim.id)
            before, facts = self._take_in(records, profile, claim, counted=False)[1:]
            records.put_claim(claim.id, profile.signature(), known["alerts"])
            removed = {*moved.removed, *before}
            kept = {each.id: each for each in [*moved.facts, *facts]}
            alerts = self._alerts(claim, known["alerts"], raised_at)
            return Assessment(list(kept.values()), alerts, sorted(removed - kept.keys()), repeated=True)
        node, before, facts = self._take_in(records, profile, claim, counted=False)
        raised = [] if history else self._news(records, node, facts[0], claim)
        records.put_claim(claim.id, node.signature, raised)
        ids = {each.id for each in facts}
        return Assessment(facts, self._alerts(claim, raised, raised_at), sorted(before - ids))

    def withdraw(self, slot_: str, claim_id: str) -> Assessment:
        """Take a claim out of its facts, because a revision of its article dropped it. Raises no alert.

        A claim that was never assessed changes nothing.
        """
        records = Records(self._state, slot_)
        known = records.claim(claim_id)
        if known is None:
            return Assessment(repeated=True)
        result = self._take_out(records, known["node"], claim_id)
        records.drop_claim(claim_id)
        return result

    def _take_in(
        self, records: Records, profile: Profile, claim: Claim, *, counted: bool
    ) -> tuple[Node, set[str], list[Fact]]:
        """Add a claim to its node, link the node, and return it with the ids of the facts it was in and now is in."""
        signature = profile.signature()
        node = records.node(signature)
        before: set[str] = set()
        if node is None:
            node = Node.new(profile)
            records.file(node, matching.filed_under(profile))
        else:
            before.add(consensus.fact_id(records.members(node.root)))
        node.add(Report.of(claim), counted)
        records.put_node(node)
        rivals_of: set[str] = set()
        for other in records.found(matching.looked_for_under(node), node.signature):
            weight = self._matcher.weigh(node, other)
            if weight >= matching.SAME or other.profile.identity() == profile.identity():
                if other.signature not in node.links:
                    node.links.add(other.signature)
                    other.links.add(node.signature)
                    records.put_node(other)
                if other.root != node.root:
                    before.add(consensus.fact_id(records.members(other.root)))
                    records.merge(node, other.root)
            elif self._denies(node, other) and other.signature not in node.rivals:
                node.rivals.add(other.signature)
                other.rivals.add(node.signature)
                records.put_node(other)
                rivals_of.add(other.root)
        records.put_node(node)
        roots = [node.root, *sorted(rivals_of - {node.root})]
        return node, before, [self._fact(records, root) for root in roots]

    def _take_out(self, records: Records, signature: str, claim_id: str) -> Assessment:
        node = records.node(signature)
        if node is None:
            return Assessment()
        members = records.members(node.root)
        before = {consensus.fact_id(members)}
        node.remove(claim_id)
        if node.count > 0:
            records.put_node(node)
            roots = {node.root}
        else:
            roots = records.cut(node, matching.filed_under(node.profile))
        facts = [self._fact(records, root) for root in sorted(roots)]
        return Assessment(facts, removed=sorted(before - {each.id for each in facts}))

    def _fact(self, records: Records, root: str) -> Fact:
        members = records.members(root)
        denials = [each for signature in consensus.rivals(members) if (each := records.node(signature)) is not None]
        return consensus.fact(members, denials)

    def _news(self, records: Records, node: Node, fact: Fact, claim: Claim) -> list[dict[str, Any]]:
        """Return what a new claim raises: nothing, or one alert."""
        others = [each for each in records.members(node.root) if each.signature != node.signature or each.count > 1]
        if claim.negated:
            return self._denial(records, node, fact, claim, others)
        if others:
            origin = node.profile.origin
            if origin is None or claim.background:
                return []
            told = [
                report.attributed_to
                for each in others
                for report in each.reports
                if report.claim_id != claim.id and report.attributed_to
            ]
            names = tuple(name for speakers in told for name, _, _ in speakers)
            if not names or matching.same_origin(node.profile.origins, names):
                return []
            return [self._raised(AlertKind.CORROBORATED, fact, claim, origin)]
        prior: Node | None = None
        for other in self._related(records, node):
            if self._is_echo(node, other):
                return []
            if self._is_prior(node, other):
                if other.first > node.last:
                    return []  # late: what has followed it is known already
                if prior is None or other.anchor > prior.anchor:
                    prior = other
        if prior is None:
            return [self._raised(AlertKind.NEW, fact, claim)]
        before = Previous(
            quantity=prior.profile.quantity, status=prior.profile.status, reported_at=prior.reports[0].moment
        )
        return [self._raised(AlertKind.UPDATE, fact, claim, previous=before)]

    def _denial(
        self, records: Records, node: Node, fact: Fact, claim: Claim, others: Iterable[Node]
    ) -> list[dict[str, Any]]:
        origin = node.profile.origin
        for each in others:
            if origin is None or origin in each.profile.origins:
                return []
        affirmed = [other for each in sorted(node.rivals) if (other := records.node(each)) is not None]
        if affirmed:
            latest = max(affirmed, key=lambda each: each.anchor)
            fact = self._fact(records, latest.root)
        return [self._raised(AlertKind.DISPUTED, fact, claim, origin or "")]

    def _related(self, records: Records, node: Node) -> list[Node]:
        wanted = matching.looked_for_under(node)
        if node.profile.quantity is not None and node.profile.origin is not None:
            wanted.append(matching.series_key(node.profile))
        return records.found(wanted, node.signature)

    def _denies(self, node: Node, other: Node) -> bool:
        mine, theirs = node.profile, other.profile
        return (
            mine.negated != theirs.negated
            and mine.status is theirs.status
            and self._matcher.likeness(node, other) >= matching.DENIED
        )

    def _is_echo(self, node: Node, other: Node) -> bool:
        return matching.ECHO <= self._matcher.weigh(node, other) < matching.SAME

    def _is_prior(self, node: Node, other: Node) -> bool:
        mine, theirs = node.profile, other.profile
        if theirs.negated or mine.parties != theirs.parties or matching.articles(node) & matching.articles(other):
            return False
        if mine.status is not theirs.status:
            steps = {(Status.PLANNED, Status.HAPPENED), (Status.POSSIBLE, Status.HAPPENED)}
            return (theirs.status, mine.status) in steps and self._matcher.likeness(node, other) >= matching.SAME
        return self._matcher.series(mine, theirs)

    def _raised(
        self, kind: AlertKind, fact: Fact, claim: Claim, about: str = "", previous: Previous | None = None
    ) -> dict[str, Any]:
        # an update is the first alert of its fact, as a new one is: they share an id, so that it does not matter for
        # consumers which of the two a replay in another order makes of it
        first = kind in (AlertKind.NEW, AlertKind.UPDATE)
        return {
            "id": content_id("alert", fact.id, "first" if first else kind, about),
            "fact_id": fact.id,
            "kind": kind,
            "headline": headline(fact, kind, claim, previous),
            "previous": previous and previous.model_dump(mode="json"),
            "grade": f"{grading.reliability(claim, self._sources)}{fact.credibility}",
        }

    def _alerts(self, claim: Claim, raised: Iterable[dict[str, Any]], raised_at: datetime) -> list[Alert]:
        return [
            Alert(
                **each,
                article_id=claim.article_id,
                url=claim.url,
                source=claim.source,
                claim=claim,
                raised_at=raised_at,
            )
            for each in raised
        ]
