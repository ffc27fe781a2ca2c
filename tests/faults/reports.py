"""Articles of the fault tests, and the extraction that reads them: quick, predictable, and wicked where asked to be.

An article tells of one matter or of two, by number. Matters differ in type, parties, day and figure, so that there are
many slots; each is told by several articles. Which facts and alerts they make does not depend on the order in which the
articles are handled.

The workers' child processes import this module.
"""

import json
import os
import re
import signal
import time
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from schemas import (
    Article,
    Attribution,
    Claim,
    ClaimType,
    EnrichedArticle,
    Evidence,
    Fact,
    Plover,
    Quantity,
    Status,
    Unit,
)
from schemas import Extractor as ExtractorInfo
from schemas.claim import claim_id
from streams.codec import decode_article
from streams.facts import Assessor

MENDED = "REPORTS_MENDED"
"""Set in the environment of a worker whose extraction bears every article."""

SLOW = "REPORTS_SLOW"
"""Seconds that each article takes, in the environment of a worker."""

POISON = {
    "RAISE": ("extract_failed", 1),
    "KILL": ("extract_crash", 2),
    "HANG": ("extract_timeout", 2),
    "MEMORY": ("extract_memory", 1),
}
"""Words that make an article poison; code and tries of the dead letter that it becomes, where two tries are allowed."""

_REPORTS_OF_A_MATTER = 3
_PARTIES = [
    ("KP", "RU"),
    ("RU", "KP"),
    ("KP", "CN"),
    ("US", "KP"),
    ("KR", "RU"),
    ("UA", "KP"),
    ("CN", "RU"),
    ("JP", "KP"),
]
_MATTER = re.compile(r"matter (\d+) by (\w+)")


def report(number: int, poison: str = "") -> bytes:
    """Return an article as it is published."""
    matter, teller = divmod(number // 2, _REPORTS_OF_A_MATTER)
    # two of three tell it alike, the third is a source of its own
    told = f"Report {number}: matter {matter} by {'Other' if teller == 2 else 'Service'}{matter}. {poison}"
    if number % 14 == 0:
        told += f" It recalls matter {matter // 2} by Service{matter // 2}."
    # most news is about something else
    if number % 2:
        told = f"Report {number}: nothing happened. {poison}"
    return json.dumps({"id": f"report-{number}", "text": told, "language": "en", "published_at": "2024-10-21"}).encode()


def key(number: int) -> bytes:
    """Return the key of an article's record."""
    return f"report-{number}".encode()


def _claim(article: Article, matter: int, origin: str, start: int, end: int) -> Claim:
    types = list(ClaimType)
    rest, type_number = divmod(matter, len(types))
    generation, parties = divmod(rest, len(_PARTIES))
    actor, recipient = _PARTIES[parties]
    # days and figures far enough apart for facts of their own
    figure = round(100 * 1.2**generation)
    quantity = Quantity(low=figure, high=figure, unit=Unit.PERSON)
    passage = article.text[start:end]
    assert article.id is not None
    assert article.published_at is not None
    return Claim(
        id=claim_id(article.id, types[type_number], actor, recipient, Status.HAPPENED, False, quantity, passage),
        article_id=article.id,
        published_at=article.published_at,
        language="en",
        type=types[type_number],
        plover=Plover.AID,
        actor=actor,
        recipient=recipient,
        quantity=quantity,
        status=Status.HAPPENED,
        negated=False,
        attributed_to=[Attribution(name=origin, text=origin)],
        when=(date(2000, 1, 1) + timedelta(days=40 * generation)).isoformat(),
        background=False,
        confidence=0.9,
        evidence=Evidence(text=passage, start=start, end=end),
    )


class Reader:
    """Reads reports."""

    def extract(self, article: Article) -> EnrichedArticle:
        """Return the claims of a report, or do what a wicked one says."""
        time.sleep(float(os.environ.get(SLOW, "0")))
        if MENDED not in os.environ:
            self._obey(article.text)
        claims = [
            _claim(article, int(found[1]), found[2], found.start(), found.end())
            for found in _MATTER.finditer(article.text)
        ]
        return EnrichedArticle(
            article=article,
            language="en",
            relevant=bool(claims),
            entities=[],
            claims=claims,
            extractor=ExtractorInfo(version="test", knowledge="test"),
            processed_at=datetime.now(UTC),
        )

    def _obey(self, text: str) -> None:
        if "RAISE" in text:
            raise ValueError("cannot read this")
        if "HANG" in text:
            time.sleep(600)
        if "KILL" in text:
            os.kill(os.getpid(), signal.SIGKILL)
        if "MEMORY" in text:
            bytearray(1 << 40)


def load() -> Reader:
    """Load the extraction."""
    return Reader()


class Undisturbed(NamedTuple):
    """What comes of reports that are handled once, in their order."""

    articles: frozenset[str]
    claims: frozenset[str]
    facts: dict[str, Fact]
    alerts: frozenset[str]


@lru_cache
def undisturbed(count: int) -> Undisturbed:
    """Return what comes of the first reports, without Kafka."""
    now = datetime.now(UTC)
    assessor = Assessor({})
    facts: dict[str, Fact] = {}
    articles, claims, alerts = set(), set(), set()
    for number in range(count):
        article = decode_article(report(number), now)
        articles.add(str(article.id))
        for claim in Reader().extract(article).claims:
            claims.add(claim.id)
            assessment = assessor.assess(claim, raised_at=now)
            facts |= {fact.id: fact for fact in assessment.facts}
            for identifier in assessment.removed:
                del facts[identifier]
            alerts |= {alert.id for alert in assessment.alerts}
    return Undisturbed(frozenset(articles), frozenset(claims), facts, frozenset(alerts))
