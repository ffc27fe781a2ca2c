"""English as newsrooms write it: what the knowledge in `knowledge/en` and the rules make of single sentences."""

import pytest
from native import Native

from schemas import ClaimType, Status, Unit

T = ClaimType
PUBLISHED = "2025-03-12"  # a Wednesday


@pytest.fixture(scope="module")
def native() -> Native:
    return Native("en", PUBLISHED)


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("North Korea has deployed soldiers to Russia's Kursk region.", T.TROOPS),
        ("DPRK sappers are clearing mines on Russian soil near the border.", T.TROOPS),
        ("Dozens of North Korean soldiers were killed in an assault on a Russian border village.", T.CASUALTIES),
        ("Pyongyang shipped artillery shells to Russia by rail last week.", T.ARMS),
        ("Russia supplied North Korea with Pantsir air defence systems.", T.ARMS),
        ("Russian forces fired North Korean ballistic missiles at Kharkiv.", T.ARMS_USE),
        ("Moscow is helping Pyongyang with satellite technology.", T.TECHNOLOGY),
        ("North Korean soldiers are being trained at a range in Russia's Far East.", T.TRAINING),
        ("Thousands of North Korean workers have been hired by Russian construction firms.", T.LABOUR),
        ("Russia delivered flour and rice to North Korea in January.", T.ECONOMY),
        ("Passenger trains between Moscow and Pyongyang resumed after five years.", T.TRANSPORT),
        ("Kim Jong Un met Russian Security Council secretary Sergei Shoigu in Pyongyang.", T.DIPLOMACY),
        ("Vladimir Putin and Kim Jong Un signed a treaty in Pyongyang.", T.AGREEMENT),
        ("Kim Jong Un pledged full support for Russia in the war against Ukraine.", T.STATEMENT),
        ("Japan imposed sanctions on North Korea over arms transfers to Russia.", T.RESPONSE),
    ],
)
def test_types(native: Native, text: str, type_: ClaimType) -> None:
    assert type_ in {claim.type for claim in native.read(text)}


@pytest.mark.parametrize(
    ("words", "low", "high"),
    [
        ("3,000", 3000, 3000),
        ("About 3,000", 3000, 3000),
        ("More than 3,000", 3000, None),
        ("At least 12,500", 12500, None),
        ("Up to 12,000", None, 12000),
        ("Between 10,000 and 12,000", 10000, 12000),
        ("Three thousand", 3000, 3000),
        ("Some twelve thousand", 12000, 12000),
    ],
)
def test_numbers(native: Native, words: str, low: float | None, high: float | None) -> None:
    claim = native.only(f"{words} North Korean soldiers have been sent to Russia.", T.TROOPS)
    assert claim.quantity is not None
    assert (claim.quantity.low, claim.quantity.high, claim.quantity.unit) == (low, high, Unit.PERSON)


@pytest.mark.parametrize(
    ("words", "unit"),
    [
        ("200 containers of munitions", Unit.CONTAINER),
        ("two million artillery shells", Unit.SHELL),
        ("150 ballistic missiles", Unit.MISSILE),
        ("60 self-propelled guns", Unit.VEHICLE),
    ],
)
def test_units(native: Native, words: str, unit: Unit) -> None:
    claim = native.only(f"North Korea has sent {words} to Russia.", T.ARMS)
    assert claim.quantity is not None
    assert claim.quantity.unit is unit


@pytest.mark.parametrize(
    ("words", "when"),
    [
        ("on March 3", "2025-03-03"),
        ("on 3 March", "2025-03-03"),
        ("on Dec. 28", "2024-12-28"),
        ("on October 21, 2024", "2024-10-21"),
        ("in August 2024", "2024-08"),
        ("last month", "2025-02"),
        ("on Monday", "2025-03-10"),
        ("yesterday", "2025-03-11"),
    ],
)
def test_dates(native: Native, words: str, when: str) -> None:
    claim = native.only(f"North Korea sent troops to Russia {words}.", T.TROOPS)
    assert claim.when == when


def test_dateline_is_not_the_date_of_the_fact(native: Native) -> None:
    claim = native.only("SEOUL, March 12 (Wire) -- North Korea has sent troops to Russia.", T.TROOPS)
    assert claim.when is None
    assert claim.place is None or claim.place.name != "Seoul"


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        (
            "North Korea has sent 3,000 troops to Russia, South Korea's National Intelligence Service said on Tuesday.",
            "National Intelligence Service of South Korea",
        ),
        (
            "According to South Korea's National Intelligence Service, North Korea has sent 3,000 soldiers to Russia.",
            "National Intelligence Service of South Korea",
        ),
        (
            "Kyrylo Budanov, who heads Ukraine's military intelligence, said North Korea had sent shells to Russia.",
            "Kyrylo Budanov",
        ),
        ("“North Korea has sent troops to Russia,” said Volodymyr Zelenskyy.", "Volodymyr Zelenskyy"),
    ],
)
def test_speakers(native: Native, text: str, speaker: str) -> None:
    claims = native.read(text)
    assert claims
    assert claims[0].attributed_to[0].name == speaker


@pytest.mark.parametrize(
    "text",
    [
        "North Korea has not sent any troops to Russia.",
        "The Kremlin denied that North Korean troops had been sent to Russia.",
        "Pyongyang dismissed as groundless the reports of its arms shipments to Russia.",
    ],
)
def test_denials(native: Native, text: str) -> None:
    claims = native.read(text)
    assert claims
    assert all(claim.negated for claim in claims)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("North Korea has sent soldiers to Russia.", Status.HAPPENED),
        ("North Korea plans to send soldiers to Russia.", Status.PLANNED),
        ("North Korea will send soldiers to Russia next month.", Status.PLANNED),
        ("North Korea may send soldiers to Russia.", Status.POSSIBLE),
        ("North Korea could send soldiers to Russia.", Status.POSSIBLE),
    ],
)
def test_status(native: Native, text: str, status: Status) -> None:
    assert native.only(text, T.TROOPS).status is status


@pytest.mark.parametrize(
    ("text", "actor", "recipient"),
    [
        ("North Korea sent missiles to Russia.", "KP", "RU"),
        ("Russia received missiles from North Korea.", "KP", "RU"),
        ("Russia sent air defence missiles to North Korea.", "RU", "KP"),
        ("North Korea received air-defence missiles from Russia.", "RU", "KP"),
    ],
)
def test_direction(native: Native, text: str, actor: str, recipient: str) -> None:
    claim = native.only(text, T.ARMS)
    assert (claim.actor, claim.recipient) == (actor, recipient)


def test_losses_go_on_from_the_sentence_before(native: Native) -> None:
    text = "North Korea has lost 600 soldiers killed fighting for Russia, Seoul said. Another 4,100 have been wounded."
    counted = {claim.quantity.low for claim in native.read(text) if claim.type is T.CASUALTIES and claim.quantity}
    assert counted == {600, 4100}


@pytest.mark.parametrize(
    "text",
    [
        "Russia and North Korea are both under sanctions. Oil prices rose on Monday.",
        "North Korea fired several short-range ballistic missiles into the sea on Wednesday. Russia said nothing.",
        "Russian troops shelled Kharkiv, killing two people. North Korea marked a national holiday.",
        "South Korea lent ammunition to the United States. Russia and North Korea protested separately.",
    ],
)
def test_no_arms_and_troops_where_none_are_told(native: Native, text: str) -> None:
    assert not {claim.type for claim in native.read(text)} & {T.TROOPS, T.ARMS, T.ARMS_USE, T.CASUALTIES}
