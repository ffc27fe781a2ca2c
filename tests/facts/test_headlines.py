"""Headlines as readers see them: every type, with and without each field."""

from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from schemas.alert import AlertKind, Previous
from schemas.claim import Attribution, ClaimType, Place, Quantity, Status
from schemas.fact import Fact
from streams.facts.headlines import headline
from streams.facts.lexicon import default_lexicon
from tests.facts.claims import NIS, claim

DAY = datetime(2024, 10, 18, tzinfo=UTC)


def told(
    type_: str,
    *,
    kind: AlertKind = AlertKind.NEW,
    text: str = "it",
    previous: Previous | None = None,
    by: tuple[str, ...] = (NIS,),
    source: str | None = "Outlet",
    background: bool = False,
    denied: bool = False,
    people: tuple[str, ...] = (),
    **fields: Any,
) -> str:
    """Return the headline of a fact with these fields."""
    quantity = fields.pop("quantity", None)
    place = fields.pop("place", None)
    fact = Fact(
        **{"actor": "KP", "recipient": "RU", "status": Status.HAPPENED, **fields},
        id="f",
        type=ClaimType(type_),
        quantity=quantity and Quantity(**dict(zip(("low", "high", "unit"), quantity, strict=True))),
        place=place and Place(name=place),
        first_reported=DAY,
        last_reported=DAY,
        origins=[Attribution(name=name, text=name) for name in by[:1]],
        sources=[],
        claims=["c"],
        credibility=3,
    )
    topics = default_lexicon().topics.find(text)
    return headline(fact, kind, claim(by=by, source=source, background=background, negated=denied),
                    topics, previous, people)  # fmt: skip


FULL = {"place": "Kursk Oblast", "when": "2024-10"}

GOLDEN: list[tuple[str, dict[str, Any], str]] = [
    ("troops", {}, "says that North Korea has sent troops to help Russia"),
    (
        "troops",
        {"quantity": (11000, 11000, "person"), **FULL},
        "says that North Korea has sent about 11,000 troops to help Russia in Kursk Oblast in October 2024",
    ),
    (
        "troops",
        {"quantity": (10000, 12000, "person"), "object": "special forces"},
        "says that North Korea has sent 10,000 to 12,000 special forces to help Russia",
    ),
    ("troops", {"status": Status.PLANNED}, "says that North Korea is going to send troops to help Russia"),
    ("troops", {"status": Status.POSSIBLE}, "says that North Korea may send troops to help Russia"),
    ("troops", {"negated": True}, "says that North Korea has not sent troops to help Russia"),
    (
        "troops",
        {"place": "Pyongyang", "when": "2025-12-12"},
        "says that North Korea has brought home troops from Russia on 12 December 2025",
    ),
    ("casualties", {}, "says that North Korean forces have suffered casualties"),
    (
        "casualties",
        {"quantity": (6000, 6000, "person"), "place": "Kursk Oblast"},
        "puts North Korean casualties in Kursk Oblast at about 6,000",
    ),
    (
        "casualties",
        {"quantity": (300, None, "person"), "text": "300 killed"},
        "puts North Korean deaths at more than 300",
    ),
    (
        "casualties",
        {"quantity": (2, 2, "person"), "text": "взяли в полон двох"},
        "puts North Korean soldiers captured at 2",
    ),
    (
        "casualties",
        {"quantity": (500, 500, "person"), "status": Status.POSSIBLE},
        "says that North Korean forces may suffer about 500 casualties",
    ),
    ("arms", {}, "says that North Korea has supplied arms to Russia"),
    (
        "arms",
        {"quantity": (148, 148, "missile"), "object": "KN-23", "when": "2024"},
        "says that North Korea has supplied 148 KN-23 missiles to Russia in 2024",
    ),
    (
        "arms",
        {"quantity": (13000, None, "container"), "object": "munitions", "place": "Rajin"},
        "says that North Korea has supplied more than 13,000 containers of munitions to Russia in Rajin",
    ),
    (
        "arms",
        {"quantity": (None, 9000000, "shell"), "object": "artillery shells"},
        "says that North Korea has supplied up to 9 million artillery shells to Russia",
    ),
    (
        "arms",
        {"quantity": (40, 40, "percent")},
        "says that North Korea has supplied arms to Russia (figure given: 40%)",
    ),
    (
        "arms",
        {"actor": "RU", "recipient": "KP", "quantity": (1, None, "vehicle"), "object": "Pantsir"},
        "says that Russia has supplied at least 1 Pantsir vehicle to North Korea",
    ),
    ("arms_use", {}, "says that Russia has used North Korean weapons"),
    (
        "arms_use",
        {"object": "KN-23 missiles", "place": "Kyiv", "when": "2025-04-24", "quantity": (24, None, "missile")},
        "says that Russia has used at least 24 North Korean KN-23 missiles in Kyiv on 24 April 2025",
    ),
    ("technology", {"actor": "RU", "recipient": "KP"}, "says that Russia has helped North Korea with technology"),
    (
        "technology",
        {"actor": "RU", "recipient": "KP", "text": "супутник", "status": Status.PLANNED},
        "says that Russia is going to help North Korea with satellite technology",
    ),
    ("training", {"actor": "RU", "recipient": "KP"}, "says that Russia has trained North Korean personnel"),
    (
        "training",
        {"actor": "RU", "recipient": "KP", "quantity": (3000, 3000, "person"), "place": "Russian Far East"},
        "says that Russia has trained about 3,000 North Korean personnel in the Russian Far East",
    ),
    ("labour", {}, "says that North Korea has sent workers to Russia"),
    (
        "labour",
        {"quantity": (25000, 25000, "person"), "place": "Alabuga", "status": Status.PLANNED},
        "says that North Korea is going to send about 25,000 workers to Russia in Alabuga",
    ),
    (
        "labour",
        {"actor": "RU", "recipient": "KP", "quantity": (2.5, 2.5, "usd"), "status": Status.PLANNED},
        "says that Russia is going to take on workers from North Korea (figure given: 2.5 US dollars)",
    ),
    (
        "economy",
        {"actor": "RU", "recipient": "KP"},
        "says that Russia has engaged in economic or cultural exchange with North Korea",
    ),
    (
        "economy",
        {"text": "туристи", "quantity": (3460, 3460, "person"), "actor": "RU", "recipient": "KP"},
        "says that Russia has engaged in tourism with North Korea (figure given: 3,460 people)",
    ),
    ("transport", {}, "says that North Korea has used a transport link with Russia"),
    (
        "transport",
        {"text": "five tankers, ships", "quantity": (5, None, "ship"), "place": "Vostochny", "when": "2024-03-07"},
        "says that North Korea has used a sea link with Russia in Vostochny on 7 March 2024 "
        "(figure given: at least 5 ships)",
    ),
    (
        "transport",
        {"text": "bridge", "place": "Tumen River"},
        "says that North Korea has worked on a bridge with Russia at the Tumen River",
    ),
    ("diplomacy", {}, "says that North Korea has held diplomatic contacts with Russia"),
    ("diplomacy", {"text": "лист"}, "says that North Korea has exchanged messages with Russia"),
    (
        "diplomacy",
        {"text": "телефонна розмова", "when": "2025-08-12"},
        "says that North Korea has held a phone call with Russia on 12 August 2025",
    ),
    ("agreement", {}, "says that North Korea has concluded an agreement with Russia"),
    (
        "agreement",
        {"text": "ratified the treaty", "place": "Moscow"},
        "says that North Korea has ratified the partnership treaty with Russia in Moscow",
    ),
    ("statement", {}, "says that North Korea has declared its stance toward Russia"),
    ("statement", {"text": "support"}, "says that North Korea has declared support for Russia"),
    (
        "statement",
        {"text": "подякував", "actor": "RU", "recipient": "KP"},
        "says that Russia has thanked North Korea",
    ),
    ("statement", {"text": "gratitude"}, "says that North Korea has thanked Russia"),
    (
        "response",
        {"actor": "US", "recipient": "KP"},
        "says that the United States has responded to cooperation between North Korea and Russia",
    ),
    (
        "response",
        {"actor": "EU", "recipient": "KP", "text": "sanctions", "quantity": (2, 2, "person")},
        "says that the European Union has imposed sanctions on 2 people over cooperation between North Korea and "
        "Russia",
    ),
    (
        "response",
        {"actor": "JP", "text": "concern"},
        "says that Japan has condemned cooperation between North Korea and Russia",
    ),
]


@pytest.mark.parametrize(("type_", "fields", "expected"), GOLDEN)
def test_headline(type_: str, fields: dict[str, Any], expected: str) -> None:
    assert told(type_, **fields) == f"South Korea's National Intelligence Service {expected}"


EVERY = Path(__file__).with_name("headlines.txt")
"""Every type without and with each field: type, what is told, headline."""

# of each type: actor, recipient, a quantity, an object
FIELDS: dict[str, tuple[str, str, tuple[float | None, float | None, str], str]] = {
    "troops": ("KP", "RU", (1500, 1500, "person"), "sappers"),
    "casualties": ("KP", "RU", (600, 600, "person"), "soldiers"),
    "arms": ("KP", "RU", (148, 148, "missile"), "KN-23"),
    "arms_use": ("KP", "RU", (24, None, "missile"), "KN-23"),
    "technology": ("RU", "KP", (2, 2, "item"), "drones"),
    "training": ("RU", "KP", (3000, 3000, "person"), "drone operators"),
    "labour": ("KP", "RU", (25000, 25000, "person"), "builders"),
    "economy": ("RU", "KP", (None, 500000, "barrel"), "oil"),
    "transport": ("KP", "RU", (5, 5, "ship"), "railway"),
    "diplomacy": ("RU", "KP", (3, 3, "person"), "delegation"),
    "agreement": ("RU", "KP", (2, 2, "item"), "Comprehensive Strategic Partnership Treaty"),
    "statement": ("KP", "RU", (1, 1, "item"), "support"),
    "response": ("US", "KP", (11, 11, "person"), "sanctions"),
}


def every() -> str:
    """Return the golden file as the headlines now are."""
    lines = []
    for type_, (actor, recipient, quantity, thing) in FIELDS.items():
        variants: dict[str, dict[str, Any]] = {
            "bare": {},
            "figure": {"quantity": quantity},
            "object": {"object": thing},
            "figure, object": {"quantity": quantity, "object": thing},
            "place": {"place": "Vostochny"},
            "date": {"when": "2024-10-21"},
            "planned": {"status": Status.PLANNED},
            "possible": {"status": Status.POSSIBLE},
            "denied": {"negated": True},
            "nobody says it": {"by": (), "source": None},
            "all": {"quantity": quantity, "object": thing, "place": "Vostochny", "when": "2024-10"},
        }
        for name, fields in variants.items():
            lines.append(f"{type_} | {name} | {told(type_, actor=actor, recipient=recipient, **fields)}\n")
    return "".join(lines)


def test_every_type_without_and_with_each_field() -> None:
    assert FIELDS.keys() == {str(each) for each in ClaimType}
    # if the new sentences read well: EVERY.write_text(every())
    assert every() == EVERY.read_text(encoding="utf-8")


def test_meeting_tells_who_met() -> None:
    people = ("Kim Jong Un", "Sergei Shoigu")
    assert told("diplomacy", people=people, place="Pyongyang").endswith(
        "has held diplomatic contacts with Russia, involving Kim Jong Un and Sergei Shoigu, in Pyongyang"
    )


@pytest.mark.parametrize(
    ("type_", "fields", "expected"),
    [
        ("arms", {"object": "trade"}, "has supplied arms to Russia"),
        ("arms", {"object": "drones", "quantity": (52, 52, "ship")}, "has supplied 52 ships to Russia"),
        ("arms", {"object": "containers", "quantity": (5000, 5000, "container")},
         "has supplied about 5,000 containers of arms to Russia"),
        ("economy", {"object": "goods"}, "has engaged in trade in goods with Russia"),
        ("economy", {"quantity": (2.2e9, None, "usd")}, "(figure given: more than 2.2 billion US dollars)"),
        ("troops", {"quantity": (1, 1, "person")}, "has sent 1 soldier to help Russia"),
        ("training", {"quantity": (1, 1, "person"), "actor": "RU", "recipient": "KP"},
         "has trained 1 North Korean soldier"),
        ("response", {"actor": "BE"}, "says that Belgium has responded to cooperation between North Korea and Russia"),
    ],
)  # fmt: skip
def test_odd_fields_leave_a_sentence(type_: str, fields: dict[str, Any], expected: str) -> None:
    assert told(type_, **fields).endswith(expected)


@pytest.mark.parametrize(
    ("by", "source", "expected"),
    [
        ((), "Yonhap", "Yonhap says that North Korea has supplied arms to Russia"),
        ((), None, "It is reported that North Korea has supplied arms to Russia"),
        (("Kremlin",), None, "The Kremlin says that North Korea has supplied arms to Russia"),
        (("Western officials",), None, "Western officials say that North Korea has supplied arms to Russia"),
        (("South Korean government official",), None, "A South Korean government official says that North Korea has "
         "supplied arms to Russia"),
        (("Government of Poland",), None, "Poland's government says that North Korea has supplied arms to Russia"),
        (("Government of United Kingdom",), None, "The United Kingdom's government says that North Korea has supplied "
         "arms to Russia"),
        (("Armed Forces of Russia",), None, "Russia's Armed Forces say that North Korea has supplied arms to Russia"),
        (("Korean People's Army",), None, "The Korean People's Army says that North Korea has supplied arms to Russia"),
        (("Government of the United States",), None, "The United States' government says that North Korea has supplied "
         "arms to Russia"),
    ],
)  # fmt: skip
def test_speakers(by: tuple[str, ...], source: str | None, expected: str) -> None:
    assert told("arms", by=by, source=source) == expected


def before(low: float, status: Status = Status.HAPPENED) -> Previous:
    return Previous(quantity=Quantity(low=low, high=low, unit="person"), status=status, reported_at=DAY)


def test_update_tells_the_figure_before() -> None:
    now = {"quantity": (6000, 6000, "person"), "place": "Kursk Oblast", "kind": AlertKind.UPDATE}
    assert told("casualties", previous=before(4700), **now) == (
        "South Korea's National Intelligence Service puts North Korean casualties in Kursk Oblast at about 6,000, "
        "up from about 4,700"
    )
    assert told("casualties", previous=before(7000), **now).endswith(", down from about 7,000")


def test_update_tells_the_status_before() -> None:
    now = {"quantity": (1000, 1000, "person"), "kind": AlertKind.UPDATE}
    assert told("troops", previous=before(1000, Status.PLANNED), **now).endswith(", which had been planned")
    assert told("troops", previous=before(1000, Status.POSSIBLE), **now).endswith(", which had been thought possible")


def test_corroboration_denial_and_recollection() -> None:
    assert told("arms", kind=AlertKind.CORROBORATED) == (
        "South Korea's National Intelligence Service also says that North Korea has supplied arms to Russia"
    )
    assert told("arms", kind=AlertKind.DISPUTED, by=("Kremlin",), denied=True) == (
        "The Kremlin says that North Korea has not supplied arms to Russia"
    )
    assert told("arms", background=True).endswith("to Russia (recalled)")


QUANTITIES = (None, (5, 5, "item"), (None, 70, "percent"), (1, None, "tonne"), (1, 1, "person"))


@pytest.mark.parametrize("type_", list(ClaimType))
def test_no_sentence_has_a_hole(type_: ClaimType) -> None:
    for status, negated, quantity, by in product(Status, (False, True), QUANTITIES, ((), (NIS,))):
        sentence = told(type_, status=status, negated=negated, quantity=quantity, by=by, place="Kursk", source=None)
        assert "None" not in sentence
        assert "  " not in sentence
        assert "{" not in sentence
        assert sentence[0].isupper()
        assert sentence == sentence.strip()
