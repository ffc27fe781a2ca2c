"""The assessor: takes claims one by one, keeps facts, and says what is new."""

from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from schemas.alert import Alert
from schemas.claim import Claim
from schemas.fact import Fact
from streams.facts import consensus, matching
from streams.facts.cache import Cache
from streams.facts.lexicon import Lexicon, default_lexicon
from streams.facts.matching import Matcher
from streams.facts.news import News
from streams.facts.nodes import Node, Report
from streams.facts.profiles import Profile
from streams.facts.records import Records
from streams.facts.slots import slot
from streams.facts.sources import SourceTable
from streams.facts.weights import Weights, default_weights

MIN_CONFIDENCE = 0.65
"""Confidence from which on a claim may raise an alert: that it is right, and for a new fact that nobody has told it.
By cross-validation: of what is raised between 0.5 and this, one alert in six is right and first."""


MAX_WAYS = 64
"""Nodes that a fact may have, or facts that a new node would make one: what tells it in yet another way is counted
with the node it resembles most. For what a new origin tells it is twice as many, and no facts are joined to more than
that. So a claim takes no longer however often its fact is told."""

SWEEP_DAYS = 7
"""Days between two looks for facts that are not told any more: a look reads all nodes of a slot."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What became of a claim.

    `facts` are the facts as they stand now, to be published under their ids; `removed` are ids under which facts
    were published that have since become part of others, to be published as tombstones. `repeated` is true where the
    claim had been assessed before: `alerts` are then those that it raised at that time, under their very ids, so
    that an agent that died before the broker acknowledged them can send them again.

    `archived` are facts that nobody has mentioned for long, as they were known last: to be published to the archive
    topic under their ids, with tombstones on the topic of facts, before `facts`. One that is mentioned again is among
    the `facts` again, under its id.
    """

    facts: list[Fact] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    repeated: bool = False
    archived: list[Fact] = field(default_factory=list)


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
    set of claims assessed, whatever their order, up to `MAX_WAYS` ways in which a fact is told.

    A claim whose confidence is under `min_confidence` (0 to 1) is kept and counts for its fact, but raises nothing;
    the first claim that is sure enough does. So much must its confidence be, too, times the probability that it is
    none of the facts known, for it to be raised as new.

    With `keep_days`, facts that nothing has told for so many days go to the archive: what it takes to recognise them
    stays, which is little more than a profile, and the rest is given back once. Days are those that the slot's claims
    show: of publication, or of receipt (`raised_at`) where that is earlier. So the same claims archive the same facts.
    """

    def __init__(
        self,
        state: MutableMapping[str, str],
        sources: SourceTable | None = None,
        lexicon: Lexicon | None = None,
        weights: Weights | None = None,
        *,
        min_confidence: float = MIN_CONFIDENCE,
        keep_days: int | None = None,
    ) -> None:
        self._keep_days = keep_days
        self._cache = Cache(state)
        self._sources = sources or SourceTable.load()
        self._lexicon = lexicon or default_lexicon()
        self._matcher = Matcher(self._lexicon, weights or default_weights())
        self._min_confidence = min_confidence

    def assess(self, claim: Claim, *, raised_at: datetime, history: bool = False) -> Assessment:
        """Take in a claim; return the facts that it changed and the alerts that it raises.

        `raised_at` is the time that alerts bear; it enters no id. With `history` the claim is learnt without alerts.
        """
        with self._cache:
            assessment = self._assess(claim, raised_at, history)
        if self._keep_days is None or assessment.repeated:
            return assessment
        with self._cache:
            day = min(claim.published_at, raised_at).astimezone(UTC).toordinal()
            return replace(assessment, archived=self._archive(Records(self._cache, slot(claim)), day, self._keep_days))

    def withdraw(self, slot_: str, claim_id: str) -> Assessment:
        """Take a claim out of its facts, because a revision of its article dropped it. Raises no alert.

        `slot_` is the claim's slot. A claim that is not known changes nothing. Withdraw what a revision dropped
        before what it newly claims is assessed: then the same claim in other words is known for what it is, and
        raises nothing. Dropped is a claim of the revision before whose id the new one has not: ids leave out where a
        passage stands.
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
            raised = self._news(records).raised(node, claim) if told else []
            if history:
                raised = []  # their ids are taken: what comes later has those that it would have had
            records.put_claim(claim.id, node.signature, raised, profile.signature())
            if told:
                records.know(node)
            return Assessment(list(facts.values()), self._alerts(claim, raised, raised_at), removed)
        change = _Change(roots=records.roots(known["node"]))
        if records.read_as(known) != profile.signature():
            # read anew by better rules: it moves to another node, and is no news
            change = self._take_out(records, known["node"], claim.id)
            node, later = self._take_in(records, profile, claim, told)
            change.add(later)
            records.put_claim(claim.id, node.signature, known["alerts"], profile.signature())
        facts, removed = self._settled(records, change)
        return Assessment(list(facts.values()), self._alerts(claim, known["alerts"], raised_at), removed, repeated=True)

    def _archive(self, records: Records, day: int, keep_days: int) -> list[Fact]:
        """Put facts to sleep that are not told any more; return them as they were known last."""
        if not records.advance(day, min(SWEEP_DAYS, keep_days)):
            return []
        limit = day - keep_days
        unmentioned = records.unmentioned(date.fromordinal(max(1, limit)).isoformat())
        facts = [self._fact(records, members[0].root) for members in unmentioned]
        if facts:
            records.put_to_sleep([node for members in unmentioned for node in members], limit)
        return facts

    def _withdraw(self, slot_: str, claim_id: str) -> Assessment:
        records = Records(self._cache, slot_)
        known = records.claim(claim_id)
        if known is None:
            return Assessment(repeated=True)
        node = records.node(known["node"])
        if node is not None:
            article = next((each.article_id for each in node.reports if each.claim_id == claim_id), None)
            records.drop_claim(claim_id, article, node.profile)
        facts, removed = self._settled(records, self._take_out(records, known["node"], claim_id))
        return Assessment(list(facts.values()), removed=removed)

    def _take_in(self, records: Records, profile: Profile, claim: Claim, told: bool) -> tuple[Node, _Change]:
        """Add a claim to the node of its profile, or to that which stands for it, and bring its links up to date."""
        report = Report.of(claim, told)
        node = records.node(profile.signature()) or self._standing_for(records, profile, report)
        change = _Change()
        before: list[str] = []
        if node is None:
            node = Node.new(profile)
        else:
            change.before.add(consensus.fact_id(records.members(node.root)))
            before = matching.filed_under(node)
        node.add(report)
        after = matching.filed_under(node)
        records.file(node, before, after)
        records.put_node(node)
        shrunk = not set(before) <= set(after)
        self._relink(records, node, change, shrunk=shrunk, retold=shrunk or node.reports[0] == report)
        return node, change

    def _standing_for(self, records: Records, profile: Profile, report: Report) -> Node | None:
        """Return the node with which a new profile is counted: where its fact is told in many ways, the most alike."""
        node = Node.new(profile)
        node.add(report)
        near = records.found(matching.looked_for_under(node), node.signature)
        same = [other for other in near if self._matcher.same(node, other)]
        if sum(records.ways(root) for root in {other.root for other in same}) < MAX_WAYS:
            return None
        found = max(same, key=lambda other: (self._matcher.weigh(node, other), other.signature))
        if not profile.origins or records.ways(found.root) >= 2 * MAX_WAYS:
            return found
        told_by = (each.profile.origins for each in records.members(found.root))
        return found if any(self._lexicon.same_origin(profile.origins, each) for each in told_by) else None

    def _take_out(self, records: Records, signature: str, claim_id: str) -> _Change:
        """Take a claim out of its node; a node without claims goes."""
        change = _Change()
        node = records.node(signature)
        if node is None:
            return change
        change.before.add(consensus.fact_id(records.members(node.root)))
        keys = matching.filed_under(node)
        node.remove(claim_id)
        records.file(node, keys, matching.filed_under(node) if node.reports else [])
        if node.reports:
            records.put_node(node)
            self._relink(records, node, change, shrunk=True, retold=True)
            return change
        touched = {other.root for each in node.rivals if (other := records.node(each)) is not None}
        change.roots = records.cut(node) | touched
        return change

    def _relink(self, records: Records, node: Node, change: _Change, *, shrunk: bool, retold: bool) -> None:
        """Make the node's links and rivals what matching says of it as it now is, and its fact what they make of it.

        `shrunk` where it may be filed under fewer keys than before, `retold` where another report of it is the first
        now: what it denies may have to be told anew.
        """
        near = {each.signature: each for each in records.found(matching.looked_for_under(node), node.signature)}
        filed, found = frozenset(matching.filed_under(node)), frozenset(near)
        for signature in node.links | node.rivals:
            if signature not in near and (other := records.node(signature)) is not None:
                near[signature] = other
        # a node that has grown is found by all that found it before
        met = frozenset() if shrunk else node.links | node.rivals
        joined, parted = {node.root}, False
        for signature, other in sorted(near.items()):
            same, opposed = self._matcher.same(node, other), self._matcher.opposed(node, other)
            # each must find the other, so that it makes no difference which of them comes later
            if (same or opposed) and not (
                signature in met or (signature in found and not filed.isdisjoint(matching.looked_for_under(other)))
            ):
                same = opposed = False
            if same and other.root not in joined and sum(map(records.ways, {*joined, other.root})) > 2 * MAX_WAYS:
                same = False
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
        if retold:
            change.roots |= {near[each].root for each in node.rivals}

    def _settled(self, records: Records, change: _Change) -> tuple[dict[str, Fact], list[str]]:
        """Return the facts that a change touched, by their roots, and the ids that are no more."""
        facts = {root: self._fact(records, root) for root in sorted(change.roots)}
        return facts, sorted(change.before - {fact.id for fact in facts.values()})

    def _fact(self, records: Records, root: str) -> Fact:
        members = records.members(root)
        denials = [each for signature in consensus.rivals(members) if (each := records.node(signature)) is not None]
        return consensus.fact(members, denials, self._lexicon)

    def _news(self, records: Records) -> News:
        def fact_of(node: Node) -> Fact:
            return self._fact(records, node.root)

        return News(records, self._matcher, self._lexicon, self._sources, fact_of, self._min_confidence)

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
