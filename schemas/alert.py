"""The alert: a fact is new, or has changed."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from schemas.base import Moment, Record
from schemas.claim import Claim, Quantity, Status


class AlertKind(StrEnum):
    """Why an alert was raised."""

    NEW = "new"
    UPDATE = "update"
    CORROBORATED = "corroborated"
    DISPUTED = "disputed"


class Previous(Record):
    """What was known of the matter before an update."""

    quantity: Quantity | None = None
    status: Status
    reported_at: Moment = Field(description="When the previous state was first reported.")


Grade = Annotated[str, StringConstraints(pattern=r"^[A-F][1-6]$")]
"""Admiralty code: reliability of the source A-F, credibility of the information 1-6."""


class Alert(Record):
    """One piece of news for the desk."""

    id: str
    fact_id: str
    kind: AlertKind
    headline: str = Field(description="One plain English sentence made from the fact.")
    article_id: str
    url: str | None = None
    source: str | None = None
    claim: Claim = Field(description="The claim that raised the alert.")
    previous: Previous | None = Field(default=None, description="For an update: what was known before.")
    grade: Grade
    raised_at: Moment
