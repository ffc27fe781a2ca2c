"""A user's own spaCy pipelines."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import spacy

from schemas import Article
from streams.errors import SettingsError
from streams.extract import Extractor

TEXT = "Сьогодні Квіткополь приймав гостей, а Росія й КНДР мовчали."


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A tiny pipeline that knows one town, and takes Russia for a person."""
    nlp = spacy.blank("uk")
    nlp.add_pipe("entity_ruler").add_patterns(
        [{"label": "LOC", "pattern": "Квіткополь"}, {"label": "PER", "pattern": "Росія"}]
    )
    folder = tmp_path_factory.mktemp("pipeline") / "uk_tiny"
    nlp.to_disk(folder)
    return str(folder)


def test_names_of_a_users_pipeline_are_added_and_those_that_are_known_stay(pipeline: str) -> None:
    extractor = Extractor.load(["uk"], pipelines={"uk": pipeline})
    article = Article(text=TEXT, language="uk").completed(datetime(2025, 5, 1, tzinfo=UTC))
    found = {entity.text: entity for entity in extractor.extract(article).entities}
    town = found["Квіткополь"]
    assert (town.label, town.name, TEXT[town.start : town.end]) == ("LOC", "Kvitkopol", "Квіткополь")
    assert (found["Росія"].label, found["Росія"].country) == ("GPE", "RU")


@pytest.mark.parametrize(
    ("pipelines", "said"),
    [
        ({"uk": "uk_core_news_none"}, r"uk_core_news_none.*install it, or take it out of TUMEN_SPACY_PIPELINES"),
        ({"fr": "fr_core_news_sm"}, r"'fr' is not a language that Tumen reads"),
    ],
)
def test_a_pipeline_that_cannot_be_used_is_a_clear_error(pipelines: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        Extractor.load(["uk"], pipelines=pipelines)


def test_a_pipeline_that_finds_no_names_is_a_clear_error(tmp_path: Path) -> None:
    spacy.blank("en").to_disk(tmp_path / "en_empty")
    with pytest.raises(SettingsError, match="finds no names"):
        Extractor.load(["en"], pipelines={"en": str(tmp_path / "en_empty")})
