"""Dates that are told from another date of the text: "on the same day", "двома днями раніше", "이튿날"."""

from datetime import date

import pytest

from schemas import Article
from streams.extract import Extractor
from streams.extract.dates import Dates

PUBLISHED = "2025-12-10"  # a Wednesday


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return Extractor.load()


def told(extractor: Extractor, language: str, text: str) -> list[str]:
    """Return the dates read in a text, in order."""
    article = Article(id="a", title=None, text=text, language=language, source="Test Wire", published_at=PUBLISHED)
    document, _ = extractor.read(article)
    dates = Dates(document, date.fromisoformat(PUBLISHED))
    return [day.value for sentence in document.sentences for day in dates.read(sentence)]


ENGLISH = "The envoy reached Pyongyang on 3 March. "


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("He dined with the minister on the same day.", "2025-03-03"),
        ("That evening he laid a wreath.", "2025-03-03"),
        ("The next day he flew home.", "2025-03-04"),
        ("Two days later he flew home.", "2025-03-05"),
        ("He flew home 5 days later.", "2025-03-08"),
        ("A day earlier he had been in Vladivostok.", "2025-03-02"),
        ("He had left Moscow the day before.", "2025-03-02"),
        ("He had left Moscow three days before, by train.", "2025-02-28"),
        ("Two weeks earlier he had been in Beijing.", "2025-02"),
        ("The same month a bridge was begun.", "2025-03"),
        ("A month later a bridge was begun.", "2025-04"),
        ("The same year a bridge was begun.", "2025"),
        ("He had left Moscow three days ago.", None),
        ("He came the day before the parade.", None),
        ("He came two days after the parade.", None),
        ("He met the same delegation that he knew.", None),
        ("It may take two or three days later on.", None),
        ("He came on the same day as the other guests.", None),
        ("Trade was twice that of the year before.", None),
    ],
)
def test_english(extractor: Extractor, text: str, when: str | None) -> None:
    found = told(extractor, "en", ENGLISH + text)
    if when is None:
        assert found in (["2025-03-03"], ["2025-03-03", "2025-12-07"])  # "ago" is told from the day of publication
    else:
        assert found == ["2025-03-03", when]


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("Того ж дня його прийняв міністр.", "2025-03-03"),
        ("Того самого вечора він відбув.", None),
        ("Наступного дня його прийняв міністр.", "2025-03-04"),
        ("Назавтра його прийняв міністр.", "2025-03-04"),
        ("Через три дні його прийняв міністр.", "2025-03-06"),
        ("Напередодні він був у Владивостоці.", "2025-03-02"),
        ("Двома днями раніше він був у Владивостоці.", "2025-03-01"),
        ("За 4 дні до того він був у Владивостоці.", "2025-02-27"),
        ("Тижнем раніше він був у Пекіні.", "2025-02"),
        ("Того ж місяця почали будувати міст.", "2025-03"),
        ("Через три дні його приймуть у міністерстві.", None),
        ("Напередодні параду він був у Владивостоці.", None),
        ("Кількома днями раніше він був у Владивостоці.", None),
        ("Через два дні після параду його прийняв міністр.", None),
    ],
)
def test_ukrainian(extractor: Extractor, text: str, when: str | None) -> None:
    assert (
        told(extractor, "uk", f"Посланець прибув до Пхеньяна 3 березня. {text}")
        == ["2025-03-03", when][: 1 + bool(when)]
    )


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("В тот же день его принял министр.", "2025-03-03"),
        ("Вечером того же дня его принял министр.", "2025-03-03"),
        ("На следующий день его принял министр.", "2025-03-04"),
        ("Назавтра его принял министр.", "2025-03-04"),
        ("Через три дня его принял министр.", "2025-03-06"),
        ("Накануне он был во Владивостоке.", "2025-03-02"),
        ("Двумя днями ранее он был во Владивостоке.", "2025-03-01"),
        ("Спустя неделю его принял министр.", "2025-03"),
        ("Месяц спустя его принял министр.", "2025-04"),
        ("Через три дня его примут в министерстве.", None),
        ("Накануне парада он был во Владивостоке.", None),
        ("Спустя два дня после парада его принял министр.", None),
        ("Несколькими днями ранее он был во Владивостоке.", None),
        ("В тот же день, когда прошёл парад, его принял министр.", None),
    ],
)
def test_russian(extractor: Extractor, text: str, when: str | None) -> None:
    assert (
        told(extractor, "ru", f"Посланник прибыл в Пхеньян 3 марта. {text}") == ["2025-03-03", when][: 1 + bool(when)]
    )


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("같은 날 특사는 장관을 만났다.", "2025-03-03"),
        ("특사는 이튿날 장관을 만났다.", "2025-03-04"),
        ("다음 날에는 공장을 찾았다.", "2025-03-04"),
        ("특사는 전날 모스크바를 떠났다.", "2025-03-02"),
        ("사흘 뒤 특사는 장관을 만났다.", "2025-03-06"),
        ("특사는 10일 뒤 귀국했다.", "2025-03-13"),
        ("나흘 전 특사는 베이징에 있었다.", "2025-02-27"),
        ("같은 달 다리 공사가 시작됐다.", "2025-03"),
        ("같은 달 7일 다리 공사가 시작됐다.", "2025-03-07"),
        ("같은 해 5월 다리가 열렸다.", "2025-05"),
        ("특사는 열병식이 끝난 다음 날 떠났다.", None),
        ("특사는 열병식 사흘 뒤 떠났다.", None),
        ("특사는 하루 전체를 공장에서 보냈다.", None),
    ],
)
def test_korean(extractor: Extractor, text: str, when: str | None) -> None:
    assert told(extractor, "ko", f"특사는 3월 3일 평양에 도착했다. {text}") == ["2025-03-03", when][: 1 + bool(when)]


@pytest.mark.parametrize(
    ("language", "text", "dates"),
    [
        ("en", "The envoy had left Moscow the day before.", ["2025-12-09"]),
        ("uk", "Посланець напередодні виїхав із Москви.", ["2025-12-09"]),
        ("ru", "Посланник накануне выехал из Москвы.", ["2025-12-09"]),
        ("ko", "특사는 전날 모스크바를 떠났다.", ["2025-12-09"]),
        (
            "ru",
            "3 марта посланник прибыл в Пхеньян. Об этом сообщили накануне в посольстве.",
            ["2025-03-03", "2025-12-09"],
        ),
        ("en", "The envoy met the minister on the same day.", []),
        ("en", "Two days later the envoy met the minister.", []),
        ("uk", "Того ж дня посланця прийняв міністр.", []),
        ("ru", "Через три дня посланника примет министр.", []),
        ("ko", "특사는 이튿날 장관을 만났다.", []),
    ],
)
def test_without_a_date_before(extractor: Extractor, language: str, text: str, dates: list[str]) -> None:
    assert told(extractor, language, text) == dates


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("In January he came. Two days later he left.", ["2025-01"]),  # some day of January
        ("On 3 March he came. Five days earlier, on 26 February, he was in Beijing.", ["2025-03-03", "2025-02-26"]),
        (
            "On 3 March he came. Two days later he left. The same day a bridge was closed.",
            ["2025-03-03", *["2025-03-05"] * 2],
        ),
        ("They will vote on 12 December. The same day a bridge was closed.", ["2025-12-12"]),
        ("On 8 December he came. A week later he left.", ["2025-12-08", "2025-12"]),
        ("On 8 December he came. Five days later he left.", ["2025-12-08"]),  # not yet
        ("On 3 March he came under the pact of 2024. Two days later he left.", ["2025-03-03", "2024", "2025-03-05"]),
        ("PYONGYANG, March 3 (Wire) -- The envoy came. He left the next day.", ["2025-03-03", "2025-03-04"]),
        ("On 3 March he came." + " It rained." * 8 + " Two days later he left.", ["2025-03-03"]),
    ],
)
def test_which_date_is_meant(extractor: Extractor, text: str, dates: list[str]) -> None:
    assert told(extractor, "en", text) == dates


@pytest.mark.parametrize(
    ("language", "text", "when"),
    [
        ("en", "The envoy came eleven days ago.", "2025-11-29"),
        ("en", "The envoy came 3 weeks ago.", "2025-11"),
        ("uk", "Посланець прибув десять днів тому.", "2025-11-30"),
        ("ru", "Посланник прибыл пять дней назад.", "2025-12-05"),
        ("ru", "Посланник прибыл два месяца назад.", "2025-10"),
    ],
)
def test_ago_is_told_from_publication(extractor: Extractor, language: str, text: str, when: str) -> None:
    before = {"en": "On 3 March a bridge opened. ", "uk": "3 березня відкрили міст. ", "ru": "3 марта открыли мост. "}
    assert told(extractor, language, before[language] + text) == ["2025-03-03", when]
