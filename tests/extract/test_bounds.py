"""Texts that nobody writes: what is done for them has an end, and ordinary articles never come near it."""

import random
from datetime import UTC, datetime

import pytest

from bench.support.texts import seed_articles
from schemas import Article
from streams.extract import Extractor, morphology

SENTENCES = {
    "uk": "Північна Корея відправила 3000 солдатів і ракети до Росії 3 травня і Путін сказав у Курську та ",
    "ru": "Северная Корея отправила 3000 солдат и ракеты в Россию 3 мая и Путин сказал в Курске и ",
    "en": "North Korea sent 3,000 troops and missiles to Russia on 3 May and Putin said in Kursk and ",
    "ko": "국정원은 북한이 러시아에 3천 명의 병력과 미사일을 5월 3일 보냈다고 푸틴이 밝혔고 ",
}


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return Extractor.load()


def article(text: str, language: str) -> Article:
    return Article(text=text, language=language).completed(datetime(2024, 10, 21, tzinfo=UTC))


@pytest.mark.parametrize("language", SENTENCES)
def test_one_endless_sentence_is_cut(extractor: Extractor, language: str) -> None:
    sentence = SENTENCES[language]
    document, claims = extractor.read(article(sentence * (200_000 // len(sentence)), language))
    readings = claims.readings()
    assert all(each.sentence.end - each.sentence.start <= 151 for each in readings)
    assert all(len(hits) <= 16 for each in readings for hits in each.sentence.by_class.values())
    assert all(len(each.candidates) <= 50 for each in readings)
    assert sum(len(each.candidates) for each in readings) <= 10_050
    assert document.sentences[-1].end == len(document)


def test_ten_thousands_of_lines_are_put_together(extractor: Extractor) -> None:
    document, _ = extractor.read(article("a\n" * 100_000, "en"))
    assert len(document) == 100_000
    assert len(document.sentences) <= 10_000 + 100_000 // 100


def test_so_many_words_are_looked_up(extractor: Extractor, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up = 0
    form = morphology.Slavic.form

    def counting(self: morphology.Slavic, word: str) -> morphology.Form:
        nonlocal looked_up
        looked_up += 1
        return form(self, word)

    monkeypatch.setattr(morphology.Slavic, "form", counting)
    rng = random.Random(1)  # noqa: S311 - nothing secret
    names = ["".join(rng.choices("аеиобдклмнрст", k=8)).capitalize() for _ in range(12_000)]
    document, _ = extractor.read(article(" ".join(names), "uk"))
    assert len(document) == 12_000
    assert looked_up <= 10_000


@pytest.mark.parametrize("mark", ['"', "([{", "—", "!?"])
def test_rows_of_marks_keep_every_character(extractor: Extractor, mark: str) -> None:
    document, _ = extractor.read(article("КНДР " + mark * 1_000, "uk"))
    assert "".join(document.text.clean[start:end] for start, end in document.spans) == "КНДР" + document.text.clean[5:]


def test_ordinary_articles_are_far_from_the_bounds(extractor: Extractor) -> None:
    for each in seed_articles():
        document, claims = extractor.read(each)
        assert len(document.sentences) < 1_000
        assert len(set(each.text.split())) < 1_000
        for reading in claims.readings():
            assert len(reading.candidates) < 25
            assert all(len(hits) < 8 for hits in reading.sentence.by_class.values())
