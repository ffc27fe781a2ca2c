"""Names that no list holds are found, with exact offsets, and written in Latin letters."""

from datetime import UTC, datetime

import pytest

from schemas import Article, Entity, Label
from streams.extract import Extractor
from streams.extract.knowledge import Knowledge
from streams.extract.romanisation import romanise


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return Extractor.load()


def entities(extractor: Extractor, text: str, language: str) -> list[Entity]:
    article = Article(text=text, language=language).completed(datetime(2025, 5, 1, tzinfo=UTC))
    return extractor.extract(article).entities


@pytest.mark.parametrize(
    ("language", "text", "name", "canonical"),
    [
        ("uk", "Про це сказала директорка музею Ганна Бондаренко.", "Ганна Бондаренко", "Hanna Bondarenko"),
        ("uk", "Зустріч із Петром Гончаруком тривала годину.", "Петром Гончаруком", "Petro Honcharuk"),
        ("uk", "Депутат Кан Те Хон не погодився.", "Кан Те Хон", "Kan Te Khon"),
        ("ru", "С докладом выступил Николай Зубарев.", "Николай Зубарев", "Nikolay Zubarev"),
        ("ru", "Интервью с Еленой Самойловой вышло в среду.", "Еленой Самойловой", "Yelena Samoylova"),
        (
            "en",
            "The study was written by Margaret Holloway of the institute.",
            "Margaret Holloway",
            "Margaret Holloway",
        ),
        ("en", "Lawmaker Seo Min-kyu left the hearing early.", "Seo Min-kyu", "Seo Min-kyu"),
        ("ko", "남기훈 의원이 회의에서 밝혔다.", "남기훈", "Nam Gi-hun"),
    ],
)
def test_people_are_found(extractor: Extractor, language: str, text: str, name: str, canonical: str) -> None:
    people = [each for each in entities(extractor, text, language) if each.label is Label.PERSON]
    assert [(each.text, each.start) for each in people] == [(name, text.index(name))]
    if canonical:
        assert people[0].name == canonical


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("uk", "У Сєверо-Курильську оголосили евакуацію."),
        ("ru", "Рейс прибыл в Коста-Рику утром."),
        ("en", "Nobody was hurt. The Roads were closed."),
    ],
)
def test_places_and_sentence_starts_are_no_people(extractor: Extractor, language: str, text: str) -> None:
    assert not [each for each in entities(extractor, text, language) if each.label is Label.PERSON]


def test_what_opens_a_sentence_is_no_part_of_a_name(extractor: Extractor) -> None:
    text = "The agency declined. Four brigades left. His ministry agreed. The Burdenko hospital took them in."
    named = [each.text for each in entities(extractor, text, "en") if each.label is Label.ORG]
    assert named == ["Burdenko hospital"]


@pytest.mark.parametrize(
    ("language", "name", "latin"),
    [
        ("uk", "Єва Щербань", "Yeva Shcherban"),
        ("uk", "Згурський", "Zghurskyi"),
        ("ru", "Фёдор Ельцин", "Fyodor Yeltsin"),
        ("ko", "홍길동", "Hong Gil-dong"),
        ("ko", "이순신", "Lee Sun-sin"),
    ],
)
def test_names_in_latin_letters(language: str, name: str, latin: str) -> None:
    assert romanise(name, Knowledge.load().names[language]) == latin
