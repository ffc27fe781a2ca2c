"""The fact: what claims from several articles, languages and outlets tell alike."""

from typing import Annotated

from pydantic import Field

from schemas.base import CountryCode, Moment, PartialDate, Record
from schemas.claim import Attribution, ClaimType, Place, Quantity, Status

Credibility = Annotated[int, Field(ge=1, le=6)]
"""Information credibility of the Admiralty code: 1 confirmed … 5 improbable, 6 cannot be judged."""


class Source(Record):
    """An article that tells the fact."""

    article_id: str
    source: str | None = None
    url: str | None = None
    published_at: Moment


class Fact(Record):
    """What is known now of one matter: its current figure and status, who knows it and who tells it."""

    id: str
    type: ClaimType
    actor: CountryCode
    recipient: CountryCode
    object: str | None = None
    quantity: Quantity | None = None
    status: Status
    negated: bool = Field(default=False, description="True where all that is told of the matter is that it is not so.")
    place: Place | None = None
    when: PartialDate | None = None
    first_reported: Moment
    last_reported: Moment
    origins: list[Attribution] = Field(description="Who is said to know it first-hand; one entry an origin.")
    sources: list[Source] = Field(description="The articles that tell it, oldest first.")
    claims: list[str] = Field(description="Ids of the claims that tell it.")
    credibility: Credibility
