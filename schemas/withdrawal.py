"""The withdrawal: a claim that a later revision of its article no longer makes."""

from pydantic import Field

from schemas.base import CountryCode, Moment, Record
from schemas.claim import ClaimType


class Withdrawal(Record):
    """Takes back a claim: a revision of its article has dropped it, and it no longer counts for its fact."""

    id: str = Field(description="Id of the claim that is taken back.")
    article_id: str = Field(description="The article that made the claim.")
    type: ClaimType
    actor: CountryCode = Field(description="Who acts or gives, in the claim.")
    recipient: CountryCode = Field(description="Who gets, or is acted with or against, in the claim.")
    withdrawn_at: Moment = Field(description="Date of the revision that no longer makes it.")
    revision: str = Field(description="That revision, in short: the same when the withdrawal is sent again.")
