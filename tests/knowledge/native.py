"""Reads sentences in one language, as the tests of the languages do."""

from datetime import datetime

from schemas import Article, Claim, ClaimType
from streams.extract import Extractor


class Native:
    """A reader of one language; articles are published on one day, under one title."""

    def __init__(self, language: str, published: datetime | str, title: str | None = None) -> None:
        self.extractor = Extractor.load((language,))
        self._article = Article(
            id="a", title=title, text="-", language=language, source="Test Wire", published_at=published
        )

    def read(self, text: str, title: str | None = None) -> list[Claim]:
        """Return the claims of an article of this text."""
        update = {"text": text, "title": title or self._article.title}
        return self.extractor.extract(self._article.model_copy(update=update)).claims

    def only(self, text: str, type_: ClaimType | str) -> Claim:
        """Return the one claim of a type that there must be."""
        claims = self.read(text)
        found = [claim for claim in claims if claim.type == type_]
        assert len(found) == 1, [(claim.type, claim.evidence.text) for claim in claims]
        return found[0]
