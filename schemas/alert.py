"""The alert: a fact is new, or has changed."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from schemas.base import Moment, Record
from schemas.claim import Claim, Quantity, Status


class AlertKind(StrEnum):
    """Why an alert was raised: a fact nobody told before, a changed figure or status, a further origin, a denial."""

    NEW = "new"
    UPDATE = "update"
    CORROBORATED = "corroborated"
    DISPUTED = "disputed"


class Previous(Record):
    """What was known of the matter before an update."""

    quantity: Quantity | None = Field(default=None, description="The figure before; null where none was told.")
    status: Status
    reported_at: Moment = Field(description="When the previous state was first reported.")


Grade = Annotated[
    str,
    StringConstraints(pattern=r"^[A-F][1-6]$"),
    Field(description="Admiralty code: reliability of the source A-F, credibility of the information 1-6."),
]


class Alert(Record):
    """News for the desk: a fact is new, or has changed."""

    id: str = Field(description="The same for the same alert, however often it is sent.")
    fact_id: str = Field(description="Id of the fact that is new or has changed.")
    kind: AlertKind
    headline: str = Field(description="One plain English sentence made from the fact.")
    article_id: str = Field(description="The article that raised the alert.")
    url: str | None = Field(default=None, description="Where that article was published.")
    source: str | None = Field(default=None, description="The outlet of that article.")
    claim: Claim = Field(description="The claim that raised the alert.")
    previous: Previous | None = Field(default=None, description="For an update: what was known before.")
    grade: Grade
    raised_at: Moment = Field(description="When Tumen raised the alert.")
