"""The entity: a person, organisation, place, weapon, vessel … named in an article."""

from enum import StrEnum

from pydantic import Field

from schemas.base import CountryCode, Record, WikidataId


class Label(StrEnum):
    """What kind of thing an entity is: OntoNotes' labels, with WEAPON and VESSEL beside them."""

    PERSON = "PERSON"
    NORP = "NORP"
    FAC = "FAC"
    ORG = "ORG"
    GPE = "GPE"
    LOC = "LOC"
    PRODUCT = "PRODUCT"
    EVENT = "EVENT"
    LAW = "LAW"
    WEAPON = "WEAPON"
    VESSEL = "VESSEL"
    DATE = "DATE"
    QUANTITY = "QUANTITY"


class Entity(Record):
    """A name in an article's text, linked to a known one where it is known."""

    text: str = Field(description="The name as it stands in the text.")
    start: int = Field(ge=0, description="Offset of the first character, in code points of the article's text.")
    end: int = Field(gt=0, description="Offset behind the last character, in code points of the article's text.")
    label: Label
    name: str = Field(description="The canonical English name; the text itself where the entity is not a known one.")
    wikidata: WikidataId | None = Field(default=None, description="Wikidata item, where it is certain.")
    country: CountryCode | None = Field(default=None, description="The country that the entity belongs to.")
