"""The claim: one reported fact in one article, with its passage."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.base import CountryCode, Moment, PartialDate, Record, WikidataId, content_id


class ClaimType(StrEnum):
    """What a claim is about."""

    TROOPS = "troops"
    CASUALTIES = "casualties"
    ARMS = "arms"
    ARMS_USE = "arms_use"
    TECHNOLOGY = "technology"
    TRAINING = "training"
    LABOUR = "labour"
    ECONOMY = "economy"
    TRANSPORT = "transport"
    DIPLOMACY = "diplomacy"
    AGREEMENT = "agreement"
    STATEMENT = "statement"
    RESPONSE = "response"


class Plover(StrEnum):
    """Event types of the PLOVER ontology (Open Event Data Alliance) that a claim can be nearest to."""

    AGREE = "AGREE"
    CONSULT = "CONSULT"
    SUPPORT = "SUPPORT"
    COOPERATE = "COOPERATE"
    AID = "AID"
    ACCUSE = "ACCUSE"
    SANCTION = "SANCTION"
    MOBILIZE = "MOBILIZE"
    ASSAULT = "ASSAULT"
    REJECT = "REJECT"


class Status(StrEnum):
    """Whether the thing told is done or going on, announced or intended, or only held possible."""

    HAPPENED = "happened"
    PLANNED = "planned"
    POSSIBLE = "possible"


class Unit(StrEnum):
    """What a quantity counts."""

    PERSON = "person"
    SHELL = "shell"
    MISSILE = "missile"
    CONTAINER = "container"
    TONNE = "tonne"
    BARREL = "barrel"
    VEHICLE = "vehicle"
    SHIP = "ship"
    AIRCRAFT = "aircraft"
    PERCENT = "percent"
    USD = "usd"
    ITEM = "item"


class Quantity(Record):
    """A number, or the range in which it lies. "More than n" leaves `high` open, "up to n" leaves `low` open."""

    low: float | None = Field(default=None, description="Lower bound, inclusive; null where none is told.")
    high: float | None = Field(default=None, description="Upper bound, inclusive; null where none is told.")
    unit: Unit


class Attribution(Record):
    """Somebody who is said to know a claim, or to have passed it on."""

    name: str = Field(description="Full English name; as in the text where the speaker is not a known one.")
    wikidata: WikidataId | None = Field(default=None, description="Wikidata item, where it is certain.")
    text: str = Field(description="The words of the article that name the speaker.")


class Place(Record):
    """Where a claim takes place: the most precise name given."""

    name: str = Field(description="Full English name; as in the text where the place is not a known one.")
    wikidata: WikidataId | None = Field(default=None, description="Wikidata item, where it is certain.")


class Evidence(Record):
    """The passage that states a claim: `article.text[start:end] == text`, in code points."""

    text: str = Field(description="The passage, word for word.")
    start: int = Field(ge=0, description="Offset of its first character, in code points of the article's text.")
    end: int = Field(gt=0, description="Offset behind its last character, in code points of the article's text.")


class Claim(Record):
    """One reported fact in one article: who does what with or for whom, and who says so."""

    id: str = Field(description="A function of the article's id and of what is claimed in which words.")
    article_id: str = Field(description="The article that makes the claim.")
    url: str | None = Field(default=None, description="Where the article was published.")
    source: str | None = Field(default=None, description="The outlet.")
    published_at: Moment = Field(description="When the article was published.")
    language: str = Field(description="ISO 639-1 code of the language of the article.")
    type: ClaimType
    plover: Plover = Field(description="The nearest event type of the PLOVER ontology.")
    actor: CountryCode = Field(description="Who acts or gives.")
    recipient: CountryCode = Field(description="Who gets, or is acted with or against.")
    object: str | None = Field(default=None, description="What is given, sent, made, signed …, in English.")
    quantity: Quantity | None = Field(default=None, description="How many or how much; null where no figure is told.")
    status: Status
    negated: bool = Field(description="True where the claim is denied or reported as not so.")
    attributed_to: list[Attribution] = Field(
        default_factory=list, description="Who is said to know it: closest to the fact first."
    )
    place: Place | None = Field(default=None, description="Where it happens; null where no place is told.")
    when: PartialDate | None = Field(default=None, description="Date of the fact itself, as precise as told.")
    background: bool = Field(description="True for what the article only recalls and is not its news.")
    confidence: Annotated[float, Field(ge=0, le=1)] = Field(
        description="How sure the extraction is of its reading, 0 to 1; not how likely the claim is to be true."
    )
    evidence: Evidence


def claim_id(
    article: str,
    type_: ClaimType,
    actor: str,
    recipient: str,
    status: Status,
    negated: bool,
    quantity: Quantity | None,
    evidence: str,
) -> str:
    """Derive a claim's id. Offsets are left out, so that a revision that only moves the passage keeps the id."""
    figure = (None, None, None) if quantity is None else (quantity.low, quantity.high, quantity.unit)
    return content_id("claim", article, type_, actor, recipient, status, negated, *figure, " ".join(evidence.split()))
