"""The extractor: an article in, an enriched article out."""

from datetime import UTC, datetime
from typing import Self

from schemas import Article, Claim, ClaimType, EnrichedArticle, Evidence, Plover, Status
from schemas import Extractor as ExtractorInfo
from schemas.claim import claim_id


class Extractor:
    """Reads articles. Loading takes about a second; one instance a process."""

    @classmethod
    def load(cls) -> Self:
        return cls()

    def extract(self, article: Article) -> EnrichedArticle:
        """Read a completed article (its `id` and `published_at` set)."""
        claims = []
        at = article.text.find("troops")
        if at >= 0 and article.id and article.published_at:
            evidence = Evidence(text="troops", start=at, end=at + 6)
            claims.append(Claim(
                id=claim_id(article.id, ClaimType.TROOPS, "KP", "RU", Status.HAPPENED, False, None, "troops"),
                article_id=article.id, url=article.url, source=article.source, published_at=article.published_at,
                language="en", type=ClaimType.TROOPS, plover=Plover.MOBILIZE, actor="KP", recipient="RU",
                status=Status.HAPPENED, negated=False, background=False, confidence=0.5, evidence=evidence))
        return EnrichedArticle(article=article, language=article.language or "en", relevant=bool(claims), entities=[],
                               claims=claims, extractor=ExtractorInfo(version="0.1.0", knowledge="none"), processed_at=datetime.now(UTC))
