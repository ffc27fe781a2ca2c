"""Extractors that read nothing, so that what the stream itself costs can be measured.

Child processes import this module, so everything here is at module level.
"""

from datetime import UTC, date, datetime, timedelta

from schemas import Article, Claim, ClaimType, EnrichedArticle, Evidence, Plover, Status
from schemas import Extractor as ExtractorInfo
from schemas.claim import claim_id


class PassThrough:
    """Passes articles on without claims."""

    def extract(self, article: Article) -> EnrichedArticle:
        """Return the article as it came."""
        found = self.claims(article)
        return EnrichedArticle(
            article=article,
            language=article.language or "en",
            relevant=bool(found),
            entities=[],
            claims=found,
            extractor=ExtractorInfo(version="bench", knowledge="bench"),
            processed_at=datetime.now(UTC),
        )

    def claims(self, article: Article) -> list[Claim]:
        """Return the claims of an article: none."""
        return []


class OneClaim(PassThrough):
    """Makes one claim of each article, of a fact of its own: type and day go by the article's number."""

    def claims(self, article: Article) -> list[Claim]:
        """Return one claim."""
        if article.id is None or article.published_at is None:
            raise ValueError("an article must be completed before it is enriched")
        days, type_number = divmod(int(article.id.rpartition("-")[2]), len(ClaimType))
        type_ = list(ClaimType)[type_number]
        passage = article.text[:40]
        return [
            Claim(
                id=claim_id(article.id, type_, "KP", "RU", Status.HAPPENED, False, None, passage),
                article_id=article.id,
                source=article.source,
                published_at=article.published_at,
                language=article.language or "en",
                type=type_,
                plover=Plover.AID,
                actor="KP",
                recipient="RU",
                status=Status.HAPPENED,
                negated=False,
                # far enough apart for facts of their own
                when=(date(1000, 1, 1) + timedelta(days=60 * days)).isoformat(),
                background=False,
                confidence=0.9,
                evidence=Evidence(text=passage, start=0, end=len(passage)),
            )
        ]


def load_pass_through() -> PassThrough:
    """Load what makes no claims."""
    return PassThrough()


def load_one_claim() -> OneClaim:
    """Load what makes one claim an article."""
    return OneClaim()
