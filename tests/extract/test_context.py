"""What a sentence leaves unsaid is understood from those before, and no more than that."""

from datetime import UTC, datetime

import pytest

from schemas import Article, Claim, ClaimType
from streams.extract import Extractor

PUBLISHED = datetime(2025, 2, 10, tzinfo=UTC)
SENT = "North Korean soldiers are fighting for Russia in the Kursk region."


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return Extractor.load(["en", "uk", "ru"])


def claims(extractor: Extractor, language: str, text: str) -> list[Claim]:
    article = Article(text=text, language=language, title="Test").completed(PUBLISHED)
    return extractor.extract(article).claims


def test_losses_are_those_of_the_people_told_of_before(extractor: Extractor) -> None:
    found = claims(extractor, "en", f"{SENT} The winter was hard. About 900 were dead by January.")
    losses = [claim for claim in found if claim.type is ClaimType.CASUALTIES]
    assert [claim.quantity.low for claim in losses if claim.quantity] == [900]


def test_victims_of_a_strike_are_no_soldiers(extractor: Extractor) -> None:
    found = claims(extractor, "en", f"{SENT} Overnight a missile hit a block of flats, and 13 people died.")
    assert not [claim for claim in found if claim.type is ClaimType.CASUALTIES]


@pytest.mark.parametrize(
    ("language", "text", "quantity"),
    [
        ("uk", "КНДР допомагає Росії. Понад 7 000 військових до Курської області прибули з Північної Кореї.", 7000),
        ("uk", "КНДР воює на боці Росії. Корейські солдати штурмують позиції на Курщині.", None),
        ("ru", "КНДР воюет на стороне России. Корейские солдаты штурмуют позиции в Курской области.", None),
    ],
)
def test_soldiers_are_recognised(extractor: Extractor, language: str, text: str, quantity: float | None) -> None:
    found = [claim for claim in claims(extractor, language, text) if claim.type is ClaimType.TROOPS]
    assert (found[-1].quantity.low if found[-1].quantity else None) == quantity


def test_an_estimate_of_containers_is_one_of_arms(extractor: Extractor) -> None:
    text = "North Korea ships artillery shells to Russia by sea. Seoul estimates the total at 6,500 containers."
    assert any(
        c.type is ClaimType.ARMS and c.quantity and c.quantity.low == 6500 for c in claims(extractor, "en", text)
    )


def test_a_deal_on_a_bridge_is_an_agreement(extractor: Extractor) -> None:
    text = "Russia and North Korea signed an agreement to build a road bridge over the Tumen River."
    assert {claim.type for claim in claims(extractor, "en", text)} == {ClaimType.AGREEMENT}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Brussels imposed sanctions on a North Korean minister over the troops sent to Russia."),
        ("uk", "15-й пакет, ухвалений у понеділок, охопив міністра оборони КНДР, який відправив солдатів до Росії."),
        ("en", "The European Union acted. The sanctions cover a North Korean general who sent troops to Russia."),
    ],
)
def test_who_responds_may_stand_for_the_union_or_in_the_sentence_before(
    extractor: Extractor, language: str, text: str
) -> None:
    responses = [claim for claim in claims(extractor, language, text) if claim.type is ClaimType.RESPONSE]
    assert {claim.actor for claim in responses} == {"EU"}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "uk",
            "У вересні КНДР не передала Росії жодної партії снарядів. Так сказав в інтерв'ю агентству Reuters у четвер "
            "заступник начальника ГУР Вадим Скібіцький.",
        ),
        (
            "ru",
            "В сентябре КНДР не передала России ни одной партии снарядов. Об этом заместитель начальника ГУР Вадим "
            "Скибицкий рассказал в интервью агентству Reuters.",
        ),
    ],
)
def test_who_says_so_may_stand_in_the_sentence_behind(extractor: Extractor, language: str, text: str) -> None:
    found = [claim for claim in claims(extractor, language, text) if claim.type is ClaimType.ARMS]
    assert found
    assert all("Vadym Skibitskyi" in [each.name for each in claim.attributed_to] for claim in found)
