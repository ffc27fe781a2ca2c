"""Revisions of an article: which is the newest, and which claims it has dropped. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Self

from pydantic_core import from_json, to_json

from schemas import Claim, ClaimType, Withdrawal
from schemas.base import content_id


class Stamp(NamedTuple):
    """What orders the revisions of an article: its date, then when it was published to the stream.

    `timestamp` is that of the article's record, in milliseconds of Unix time; `offset` is the record's.
    """

    published_at: datetime
    timestamp: int
    offset: int


@dataclass(frozen=True)
class Revision:
    """The newest revision of an article that the stream has met: its claims by id, with type, actor and recipient."""

    stamp: Stamp
    claims: dict[str, tuple[str, str, str]] = field(default_factory=dict)

    def encoded(self) -> str:
        """Return it as JSON."""
        return to_json([self.stamp.published_at.isoformat(), *self.stamp[1:], self.claims]).decode()

    @classmethod
    def decoded(cls, text: str) -> Self:
        """Read what `encoded` wrote."""
        published_at, timestamp, offset, claims = from_json(text)
        parties = {identifier: (type_, actor, recipient) for identifier, (type_, actor, recipient) in claims.items()}
        return cls(Stamp(datetime.fromisoformat(published_at), timestamp, offset), parties)


@dataclass(frozen=True)
class Change:
    """What a revision changes. Withdrawals come first: then the same claim in other words is known for what it is."""

    withdrawn: Sequence[Withdrawal] = ()
    reported: Sequence[Claim] = ()


def revise(
    before: Revision | None, article_id: str, claims: Sequence[Claim], stamp: Stamp
) -> tuple[Change, Revision | None]:
    """Return what a revision, with these claims, changes, and what to remember of it: None where there is nothing.

    A revision that is not newer than `before` changes nothing: it is late, or comes again. One that is newer reports
    all its claims, also those that were reported before.
    """
    if before is not None and stamp <= before.stamp:
        return Change(), before
    if before is None and not claims:
        return Change(), None
    made = {claim.id: (claim.type.value, claim.actor, claim.recipient) for claim in claims}
    withdrawn = [
        Withdrawal(
            id=identifier,
            article_id=article_id,
            type=ClaimType(type_),
            actor=actor,
            recipient=recipient,
            withdrawn_at=stamp.published_at,
            revision=content_id("revision", *stamp),
        )
        for identifier, (type_, actor, recipient) in (before.claims if before is not None else {}).items()
        if identifier not in made
    ]
    return Change(withdrawn, claims), Revision(stamp, made)
