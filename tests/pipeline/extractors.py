"""Extractors for tests of the stream: quick, predictable, and wicked where an article asks for it.

Child processes import this module, so everything here is at module level.
"""

import os
import re
import signal
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from schemas import Article, Claim, ClaimType, EnrichedArticle, Evidence, Plover, Quantity, Status, Unit
from schemas import Extractor as ExtractorInfo
from schemas.claim import claim_id
from streams.errors import KnowledgeError

WORD = "troops"


class WordExtractor:
    """Finds one claim where an article has the word "troops"."""

    def extract(self, article: Article) -> EnrichedArticle:
        assert article.id is not None
        assert article.published_at is not None
        found = []
        at = article.text.find(WORD)
        if at >= 0:
            found.append(
                Claim(
                    id=claim_id(article.id, ClaimType.TROOPS, "KP", "RU", Status.HAPPENED, False, None, WORD),
                    article_id=article.id,
                    source=article.source,
                    published_at=article.published_at,
                    language="en",
                    type=ClaimType.TROOPS,
                    plover=Plover.MOBILIZE,
                    actor="KP",
                    recipient="RU",
                    # an object for each number in the text: facts of their own
                    object=next((word for word in article.text.split() if word.isdigit()), None),
                    status=Status.HAPPENED,
                    negated=False,
                    background=False,
                    confidence=0.9,
                    evidence=Evidence(text=WORD, start=at, end=at + len(WORD)),
                )
            )
        return EnrichedArticle(
            article=article,
            language=article.language or "en",
            relevant=bool(found),
            entities=[],
            claims=found,
            extractor=ExtractorInfo(version="test", knowledge="test"),
            processed_at=datetime.now(UTC),
        )


class FigureExtractor(WordExtractor):
    """Finds a claim for each number in an article, in these words: "5,000" in "5,000 troops"."""

    def extract(self, article: Article) -> EnrichedArticle:
        found = super().extract(article)
        if not found.claims:
            return found
        (pattern,) = found.claims
        claims = []
        for word in re.findall(r"\d+ [a-z]+", article.text):
            at, number = article.text.index(word), float(word.split()[0])
            quantity = Quantity(low=number, high=number, unit=Unit.PERSON)
            values = {
                "id": claim_id(pattern.article_id, pattern.type, "KP", "RU", pattern.status, False, quantity, word),
                "object": None,
                "quantity": quantity,
                "confidence": 0.9,
                "evidence": Evidence(text=word, start=at, end=at + len(word)),
            }
            claims.append(pattern.model_copy(update=values))
        return found.model_copy(update={"claims": claims})


class WickedExtractor(WordExtractor):
    """Does what an article's text says: raises, hangs, eats memory, or kills its process."""

    def extract(self, article: Article) -> EnrichedArticle:
        if "RAISE" in article.text:
            raise ValueError(f"cannot read {article.text}")
        if "HANG" in article.text:
            time.sleep(600)
        if "KILL" in article.text:
            os.kill(os.getpid(), signal.SIGKILL)
        if "MEMORY" in article.text:
            bytearray(1 << 40)
        return super().extract(article)


def load_word() -> WordExtractor:
    return WordExtractor()


def load_word_with(pipelines: Mapping[str, str]) -> WordExtractor:
    """Load as `Extractor.load` does, with no pipelines."""
    assert not pipelines
    return load_word()


def load_figures() -> FigureExtractor:
    return FigureExtractor()


def load_wicked() -> WickedExtractor:
    return WickedExtractor()


def load_wicked_with(pipelines: Mapping[str, str]) -> WickedExtractor:
    """Load as `Extractor.load` does, with no pipelines."""
    assert not pipelines
    return load_wicked()


def load_broken() -> WordExtractor:
    raise KnowledgeError("entities.yaml:3: no such label")
