"""The node: all claims of one profile, with when they were reported."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from operator import attrgetter
from typing import Any, Self

from schemas.claim import Claim
from streams.facts.profiles import Profile

Days = tuple[int, int]
"""First and last day, as proleptic Gregorian ordinals."""

DAY, MONTH = len("2024-10-21"), len("2024-10")
"""Lengths that tell how precise a date is."""

MAX_REPORTS = 12
"""Reports that a node keeps: the oldest. Later ones are counted; they tell nothing that these do not."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a fact needs to know of a claim."""

    published_at: str
    claim_id: str
    article_id: str
    source: str | None = None
    url: str | None = None
    background: bool = False
    object: str | None = None
    attributed_to: tuple[tuple[str, str | None, str], ...] = ()
    place: tuple[str, str | None] | None = None
    direction: tuple[str, str] = ("", "")
    told: bool = True

    @classmethod
    def of(cls, claim: Claim, told: bool = True) -> Self:
        """Return the report that a claim makes; `told` where it is sure enough for readers to be told of it."""
        return cls(
            published_at=claim.published_at.astimezone(UTC).isoformat(),
            claim_id=claim.id,
            article_id=claim.article_id,
            source=claim.source,
            url=claim.url,
            background=claim.background,
            object=claim.object,
            attributed_to=tuple((each.name, each.wikidata, each.text) for each in claim.attributed_to),
            place=None if claim.place is None else (claim.place.name, claim.place.wikidata),
            direction=(claim.actor, claim.recipient),
            told=told,
        )

    @property
    def moment(self) -> datetime:
        """When the article was published."""
        return datetime.fromisoformat(self.published_at)

    @property
    def day(self) -> int:
        """The day of publication, as a proleptic Gregorian ordinal."""
        return date.fromisoformat(self.published_at[:10]).toordinal()

    def dump(self) -> list[Any]:
        """Return the report as a JSON array."""
        return [
            self.published_at, self.claim_id, self.article_id, self.source, self.url, self.background, self.object,
            self.attributed_to, self.place, self.direction, self.told,
        ]  # fmt: skip

    @classmethod
    def load(cls, content: Sequence[Any]) -> Self:
        """Return the report from what `dump` gave."""
        published_at, claim_id, article_id, source, url, background, object_, speakers, place, direction, told = content
        return cls(
            published_at=published_at,
            claim_id=claim_id,
            article_id=article_id,
            source=source,
            url=url,
            background=background,
            object=object_,
            attributed_to=tuple((name, wikidata, text) for name, wikidata, text in speakers),
            place=None if place is None else (place[0], place[1]),
            direction=(direction[0], direction[1]),
            told=told,
        )


_ORDER = attrgetter("published_at", "claim_id")


def in_order(reports: Iterable[Report]) -> list[Report]:
    """Return reports by date of publication, then by id."""
    return sorted(reports, key=_ORDER)


@dataclass(slots=True)
class Node:
    """A profile with its reports. `first` … `last` are days of publication, `fresh` those of reports as news.

    `asleep` is true while its fact is in the archive: only the first report is kept then. `told` is true where readers
    know of it by a report that is no longer kept.
    """

    profile: Profile
    signature: str
    identity: str
    root: str
    reports: list[Report] = field(default_factory=list)
    count: int = 0
    first: int = 0
    last: int = 0
    fresh: Days | None = None
    latest: str = ""
    links: set[str] = field(default_factory=set)
    rivals: set[str] = field(default_factory=set)
    asleep: bool = False
    told: bool = False
    _articles: frozenset[str] | None = field(default=None, init=False, repr=False, compare=False)

    @classmethod
    def new(cls, profile: Profile) -> Self:
        """Return a node without reports, a fact of its own."""
        signature = profile.signature()
        return cls(profile=profile, signature=signature, identity=profile.identity(), root=signature)

    def add(self, report: Report) -> None:
        """Take in the report of a claim that is not yet counted here, unless a crash has left it."""
        left = any(report.claim_id == each.claim_id for each in self.reports)
        if not left:
            self.reports = in_order([*self.reports, report])[:MAX_REPORTS]
            self._articles = None
        day = report.day
        self.first = min(self.first, day) if self.count else day
        self.last = max(self.last, day) if self.count else day
        if not report.background:
            self.fresh = (min(self.fresh[0], day), max(self.fresh[1], day)) if self.fresh else (day, day)
        self.latest = max(self.latest, report.published_at)
        self.count += not left
        self.asleep = False

    def remove(self, claim_id: str) -> None:
        """Forget a report; the days are those of the reports that are left, as far as all of them are kept."""
        self.reports = [each for each in self.reports if each.claim_id != claim_id]
        self._articles = None
        self.count = max(self.count - 1, len(self.reports))
        if self.reports and self.count == len(self.reports):
            self.first, self.last = self.reports[0].day, max(each.day for each in self.reports)
            self.latest = self.reports[-1].published_at
            fresh = [each.day for each in self.reports if not each.background]
            self.fresh = (min(fresh), max(fresh)) if fresh else None

    def told_but(self, claim_id: str) -> bool:
        """Whether readers know of the node by another claim than this."""
        return self.told or any(each.told and each.claim_id != claim_id for each in self.reports)

    def sleep(self) -> None:
        """Keep what it takes to recognise the node: its profile, its days and its first report."""
        self.told = any(each.told for each in self.reports[1:]) or self.told
        self.reports = self.reports[:1]
        self._articles = None
        self.asleep = True

    @property
    def articles(self) -> frozenset[str]:
        """The articles that report the node, as far as reports are kept."""
        if self._articles is None:
            self._articles = frozenset(each.article_id for each in self.reports)
        return self._articles

    def relate(self, signature: str, same: bool, opposed: bool) -> None:
        """Set whether another node tells the same fact, or denies it."""
        for others, related in ((self.links, same), (self.rivals, opposed)):
            if related:
                others.add(signature)
            else:
                others.discard(signature)

    def event(self) -> Days | None:
        """Return the days on which the fact lies: told to the month, or else those on which it was news.

        None for what is only recalled, with no date or no more than a year.
        """
        when = self.profile.when
        if when is None or len(when) < MONTH:
            return self.fresh
        if len(when) == DAY:
            day = date.fromisoformat(when).toordinal()
            return day, day
        year, month = int(when[:4]), int(when[5:7])
        return date(year, month, 1).toordinal(), date(year + month // 12, month % 12 + 1, 1).toordinal() - 1

    @property
    def anchor(self) -> tuple[int, str]:
        """What nodes of one fact are ordered by: first report, then signature."""
        return self.first, self.signature

    def dump(self) -> list[Any]:
        """Return the node as a JSON array."""
        return [
            self.profile.dump(), self.identity, self.root, [each.dump() for each in self.reports], self.count,
            self.first, self.last, self.fresh, self.latest, sorted(self.links), sorted(self.rivals), self.asleep,
            self.told,
        ]  # fmt: skip

    @classmethod
    def load(cls, signature: str, content: Sequence[Any]) -> Self:
        """Return the node from what `dump` gave."""
        profile, identity, root, reports, count, first, last, fresh, latest, links, rivals, asleep, told = content
        return cls(
            profile=Profile.load(profile),
            signature=signature,
            identity=identity,
            root=root,
            reports=[Report.load(each) for each in reports],
            count=count,
            first=first,
            last=last,
            fresh=fresh and (fresh[0], fresh[1]),
            latest=latest,
            links=set(links),
            rivals=set(rivals),
            asleep=asleep,
            told=told,
        )
