"""What must be true of whatever comes in: the properties that `make fuzz` and the tests look for."""

from datetime import UTC, datetime

from schemas import Alert, Article, Claim, EnrichedArticle, Fact
from streams.codec import decode, decode_article, encode
from streams.errors import BadInputError
from streams.extract import Extractor

NOW = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)


def decoding(value: bytes) -> None:
    """An article or bad input, told in a message that is short and holds nothing of the terminal's language."""
    try:
        article = decode_article(value, NOW)
    except BadInputError as error:
        assert error.code
        assert 0 < len(error.message) < 600, error.message
        assert "\x1b" not in error.message
    else:
        assert article.id
        assert article.published_at
        # what is taken is taken again, and the same
        assert decode_article(encode(article), NOW) == article
    for model in (EnrichedArticle, Claim, Fact, Alert):
        try:
            record = decode(model, value)
        except BadInputError as error:
            assert 0 < len(error.message) < 600, error.message
        else:
            assert decode(model, encode(record)) == record


def extraction(extractor: Extractor, text: str, language: str | None) -> None:
    """Whatever is found stands where it says, and is a record of the contract."""
    try:
        article = Article(text=text, language=language).completed(NOW)
    except ValueError:
        return  # decoding refuses it: control characters, or nothing but white space
    enriched = extractor.extract(article)
    for entity in enriched.entities:
        assert text[entity.start : entity.end] == entity.text, entity
    for claim in enriched.claims:
        assert text[claim.evidence.start : claim.evidence.end] == claim.evidence.text, claim
    assert decode(EnrichedArticle, encode(enriched)) == enriched
