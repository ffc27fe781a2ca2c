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
from streams.facts.cache import Cache
from streams.facts.headlines import headline
from streams.facts.lexicon import Lexicon, default_lexicon
from streams.facts.matching import Matcher
from streams.facts.nodes import Node, Report
from streams.facts.profiles import Profile
from streams.facts.records import Records
from streams.facts.slots import slot
from streams.facts.sources import SourceTable

MIN_CONFIDENCE = 0.5
"""Confidence from which on a claim may raise an alert."""


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


@dataclass(slots=True)
class _Change:
    """What taking a claim in or out touched: ids of facts as they were, roots of facts as they are."""

    before: set[str] = field(default_factory=set)
    roots: set[str] = field(default_factory=set)

    def add(self, later: "_Change") -> None:
        """Add a change that followed this one."""
        self.before |= later.before
        self.roots |= later.roots


class Assessor:
    """Turns claims into facts and alerts.

    All memory is in `state`: JSON texts, under keys that start with the claim's slot. Facts are a function of the
    set of claims assessed, whatever their order.

    A claim whose confidence is under `min_confidence` (0 to 1) is kept and counts for its fact, but raises nothing;
    the first claim that is sure enough does.
    """

    def __init__(
        self,
        state: MutableMapping[str, str],
        sources: SourceTable | None = None,
        lexicon: Lexicon | None = None,
        *,
        min_confidence: float = MIN_CONFIDENCE,
    ) -> None:
        self._cache = Cache(state)
        self._sources = sources or SourceTable.load()
        self._lexicon = lexicon or default_lexicon()
        self._matcher = Matcher(self._lexicon)
        self._min_confidence = min_confidence

    def assess(self, claim: Claim, *, raised_at: datetime, history: bool = False) -> Assessment:
        """Take in a claim; return the facts that it changed and the alerts that it raises.

        `raised_at` is the time that alerts bear; it enters no id. With `history` the claim is learnt without alerts.
        """
        with self._cache:
            return self._assess(claim, raised_at, history)

    def withdraw(self, slot_: str, claim_id: str) -> Assessment:
        """Take a claim out of its facts, because a revision of its article dropped it. Raises no alert.

        `slot_` is the claim's slot. A claim that is not known changes nothing.
        """
        with self._cache:
            return self._withdraw(slot_, claim_id)

    def _assess(self, claim: Claim, raised_at: datetime, history: bool) -> Assessment:
        records = Records(self._cache, slot(claim))
        profile = Profile.of(claim, self._lexicon)
        known = records.claim(claim.id)
        # what an archive tells is known, however sure
        told = history or claim.confidence >= self._min_confidence
        if known is None:
            node, change = self._take_in(records, profile, claim, told)
            facts, removed = self._settled(records, change)
            raised = [] if history or not told else self._news(records, node, facts[node.root], claim)
            raised = [each for each in raised if not records.raised_by_other(each["id"], claim.id)]
            records.put_claim(claim.id, node.signature, raised)
            if told:
                records.know(node)
            return Assessment(list(facts.values()), self._alerts(claim, raised, raised_at), removed)
        change = _Change(roots=records.roots(known["node"]))
        if known["node"] != profile.signature():
            # read anew by better rules: it moves to another node, and is no news
            change = self._take_out(records, known["node"], claim.id)
            change.add(self._take_in(records, profile, claim, told)[1])
            records.put_claim(claim.id, profile.signature(), known["alerts"])
        facts, removed = self._settled(records, change)
        return Assessment(list(facts.values()), self._alerts(claim, known["alerts"], raised_at), removed, repeated=True)

    def _withdraw(self, slot_: str, claim_id: str) -> Assessment:
        records = Records(self._cache, slot_)
        known = records.claim(claim_id)
        if known is None:
            return Assessment(repeated=True)
        facts, removed = self._settled(records, self._take_out(records, known["node"], claim_id))
        records.drop_claim(claim_id)
        return Assessment(list(facts.values()), removed=removed)

    def _take_in(self, records: Records, profile: Profile, claim: Claim, told: bool) -> tuple[Node, _Change]:
        """Add a claim to the node of its profile and bring the node's links up to date."""
        signature = profile.signature()
        node = records.node(signature)
        change = _Change()
        if node is None:
            node = Node.new(profile)
        else:
            change.before.add(consensus.fact_id(records.members(node.root)))
        node.add(Report.of(claim, told))
        records.file(node, matching.filed_under(node))
        records.put_node(node)
        self._relink(records, node, change)
        return node, change

    def _take_out(self, records: Records, signature: str, claim_id: str) -> _Change:
        """Take a claim out of its node; a node without claims goes."""
        change = _Change()
        node = records.node(signature)
        if node is None:
            return change
        change.before.add(consensus.fact_id(records.members(node.root)))
        node.remove(claim_id)
        if node.count > 0:
            records.put_node(node)
            self._relink(records, node, change)
            return change
        touched = {other.root for each in node.rivals if (other := records.node(each)) is not None}
        change.roots = records.cut(node) | touched
        return change

    def _relink(self, records: Records, node: Node, change: _Change) -> None:
        """Make the node's links and rivals what matching says of it as it now is, and its fact what they make of it."""
        near = {each.signature: each for each in records.found(matching.looked_for_under(node), node.signature)}
        for signature in node.links | node.rivals:
            if signature not in near and (other := records.node(signature)) is not None:
                near[signature] = other
        joined, parted = {node.root}, False
        for signature, other in sorted(near.items()):
            same, opposed = self._matcher.same(node, other), self._matcher.opposed(node, other)
            if same == (signature in node.links) and opposed == (signature in node.rivals):
                continue
            if same and other.root not in joined:
                change.before.add(consensus.fact_id(records.members(other.root)))
                joined.add(other.root)
            parted = parted or (signature in node.links and not same)
            for one, another in ((node, other), (other, node)):
                one.relate(another.signature, same, opposed)
                records.put_node(one)
            change.roots.add(other.root)
        if len(joined) > 1 or parted:
            change.roots = (change.roots - joined) | records.regroup(joined)
        change.roots.add(node.root)
        change.roots |= {near[each].root for each in node.rivals}

    def _settled(self, records: Records, change: _Change) -> tuple[dict[str, Fact], list[str]]:
        """Return the facts that a change touched, by their roots, and the ids that are no more."""
        facts = {root: self._fact(records, root) for root in sorted(change.roots)}
        return facts, sorted(change.before - {fact.id for fact in facts.values()})

    def _fact(self, records: Records, root: str) -> Fact:
        members = records.members(root)
        denials = [each for signature in consensus.rivals(members) if (each := records.node(signature)) is not None]
        return consensus.fact(members, denials, self._lexicon)

    def _news(self, records: Records, node: Node, fact: Fact, claim: Claim) -> list[dict[str, Any]]:
        """Return what a new claim raises: nothing, or one alert."""
        others = [each for each in records.members(node.root) if each.told_but(claim.id)]
        if claim.negated:
            return self._denial(records, node, fact, claim, others)
        if others:
            origin = node.profile.origin
            if origin is None or claim.background:
                return []
            if any(self._lexicon.same_origin(node.profile.origins, each.profile.origins) for each in others):
                return []
            if not any(each.profile.origins for each in others):
                return []
            return [self._raised(AlertKind.CORROBORATED, fact, claim, origin)]
        if node.profile.vague and (claim.background or (node.profile.standing and node.profile.origin is None)):
            since = records.known_since(node.profile)
            if since is not None and since <= node.last:
                return []
        prior: Node | None = None
        for other in self._related(records, node):
            if self._is_echo(node, other, claim.background):
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
        if claim.background and others:
            return []
        known = [*others, *(each for each in self._related(records, node) if self._is_echo(node, each, True))]
        if any(
            origin is None or self._lexicon.same_origin(node.profile.origins, each.profile.origins) for each in known
        ):
            return []
        since = records.known_since(node.profile)
        if node.profile.vague and claim.background and since is not None and since <= node.last:
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
        return [each for each in records.found(wanted, node.signature) if each.told_but("")]

    def _is_echo(self, node: Node, other: Node, background: bool) -> bool:
        mine, theirs = node.profile, other.profile
        if mine.negated != theirs.negated:
            return False
        if mine.status is not theirs.status:
            # that a thing may be, or is to be, is no news once it is known to be so
            return mine.status is not Status.HAPPENED and self._matcher.likeness(node, other) >= matching.SAME
        return self._matcher.likeness(node, other) >= (matching.RECALLED if background else matching.ECHO)

    def _is_prior(self, node: Node, other: Node) -> bool:
        mine, theirs = node.profile, other.profile
        if theirs.negated or matching.articles(node) & matching.articles(other):
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
            "headline": headline(fact, kind, claim, Profile.of(claim, self._lexicon).topics, previous),
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
