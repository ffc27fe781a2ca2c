"""The fact: what claims from several articles, languages and outlets tell alike."""

from typing import Annotated

from pydantic import Field

from schemas.base import CountryCode, Moment, PartialDate, Record
from schemas.claim import Attribution, ClaimType, Place, Quantity, Status

Credibility = Annotated[
    int,
    Field(
        ge=1,
        le=6,
        description="Information credibility of the Admiralty code: 1 confirmed … 5 improbable, 6 cannot be judged.",
    ),
]


class Source(Record):
    """An article that tells the fact."""

    article_id: str
    source: str | None = Field(default=None, description="The outlet.")
    url: str | None = Field(default=None, description="Where the article was published.")
    published_at: Moment = Field(description="When the article was published.")


class Fact(Record):
    """What is known now of one matter: its current figure and status, who knows it and who tells it."""

    id: str = Field(description="The record's key. An id that is given up stands among another fact's `aliases`.")
    type: ClaimType
    actor: CountryCode = Field(description="Who acts or gives.")
    recipient: CountryCode = Field(description="Who gets, or is acted with or against.")
    object: str | None = Field(default=None, description="What is given, sent, made, signed …, in English.")
    quantity: Quantity | None = Field(default=None, description="The current figure; null where none is told.")
    status: Status = Field(description="The current status.")
    negated: bool = Field(default=False, description="True where all that is told of the matter is that it is not so.")
    place: Place | None = Field(default=None, description="Where it happens; null where no place is told.")
    when: PartialDate | None = Field(default=None, description="Date of the fact itself, as precise as told.")
    first_reported: Moment = Field(description="Date of the oldest article that tells it.")
    last_reported: Moment = Field(description="Date of the newest article that tells it.")
    origins: list[Attribution] = Field(description="Who is said to know it first-hand; one entry an origin.")
    sources: list[Source] = Field(description="The articles that tell it, oldest first; the oldest 64 where more do.")
    claims: list[str] = Field(description="Ids of the claims that tell it, oldest first; the oldest 64 where more do.")
    mentions: int = Field(default=0, ge=0, description="How many claims tell it.")
    aliases: list[str] = Field(
        default_factory=list,
        description="Other ids that it had, or could have had, before all its claims were in: alerts may name them.",
    )
    credibility: Credibility
