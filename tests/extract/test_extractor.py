"""What a caller of the extractor can rely on, for any text."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import Article, EnrichedArticle
from streams.extract import Extractor

PUBLISHED = datetime(2024, 10, 21, tzinfo=UTC)

PIECES = """
    КНДР Росія північнокорейських солдатів відправила понад 10 тис. 18 жовтня Северная Корея North Korea sent 3,000
    troops to Russia said Kim Jong Un « » ( [ — . , ! KN-23 북한이 병력 1만여명 러시아에 파병 <b> &nbsp;
    \u00ad \u200b е\u0301 🇰🇵
"""
WORDS = st.sampled_from([*PIECES.split(), "\n"])


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return Extractor.load()


def extract(extractor: Extractor, text: str, **fields: str) -> EnrichedArticle:
    return extractor.extract(Article(text=text, **fields).completed(PUBLISHED))


@settings(max_examples=150, deadline=None)
@given(
    text=st.one_of(st.text(min_size=1, max_size=300), st.lists(WORDS, min_size=1, max_size=60).map(" ".join)),
    language=st.sampled_from(["uk", "ru", "en", "ko", None]),
)
def test_offsets_are_exact_for_any_text(extractor: Extractor, text: str, language: str | None) -> None:
    article = Article.model_construct(text=text, language=language)
    enriched = extractor.extract(article.completed(PUBLISHED))
    for entity in enriched.entities:
        assert text[entity.start : entity.end] == entity.text
    for claim in enriched.claims:
        assert text[claim.evidence.start : claim.evidence.end] == claim.evidence.text


def test_the_same_article_gives_the_same_claims(extractor: Extractor) -> None:
    text = "North Korea has sent 3,000 troops to Russia, South Korea's National Intelligence Service said."
    first, second = (extract(extractor, text, url="https://paper.example/1") for _ in range(2))
    assert first.claims
    assert first.claims == second.claims


def test_a_revision_that_moves_a_passage_keeps_the_claims_id(extractor: Extractor) -> None:
    passage = "North Korea has sent 3,000 troops to Russia."
    first = extract(extractor, passage, url="https://paper.example/1", language="en")
    second = extract(extractor, f"Updated at noon. {passage}", url="https://paper.example/1", language="en")
    assert [claim.id for claim in first.claims] == [claim.id for claim in second.claims]


@pytest.mark.parametrize(
    ("language", "text"), [("fr", "La Corée du Nord a envoyé des soldats en Russie."), ("de-AT", "…")]
)
def test_an_unsupported_language_gives_no_claims(extractor: Extractor, language: str, text: str) -> None:
    enriched = extract(extractor, text, language=language)
    assert enriched.language == language[:2]
    assert not enriched.relevant
    assert enriched.claims == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Північна Корея відправила солдатів до Росії.", "uk"),
        ("Северная Корея отправила солдат в Россию.", "ru"),
        ("North Korea sent soldiers to Russia.", "en"),
        ("북한이 러시아에 병력을 보냈다.", "ko"),
        ("La Corée du Nord a envoyé des soldats en Russie.", "fr"),
    ],
)
def test_a_missing_language_is_detected(extractor: Extractor, text: str, language: str) -> None:
    assert extract(extractor, text).language == language


@pytest.mark.parametrize(
    "text",
    [
        "(" * 1_000_000,
        "КНДР " * 200_000,
        "9" * 100_000,
        "North Korea sent 3,000 troops to Russia and " * 20_000,
        "북한이러시아에" * 100_000,
    ],
    ids=["brackets", "one word", "digits", "endless sentence", "no blanks"],
)
def test_a_megabyte_of_hostile_text_is_read(extractor: Extractor, text: str) -> None:
    language = "ko" if text.startswith("북") else "uk"
    assert extract(extractor, text[:1_000_000], language=language).article.text
