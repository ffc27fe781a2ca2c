"""Revisions of an article: which claims are new in one, and which it has dropped. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Self

from pydantic_core import from_json, to_json

from schemas import Claim, ClaimType, Withdrawal
from schemas.base import content_id

MAX_TOLD = 400
"""Contents of claims that are remembered of one article. Beyond, the oldest are forgotten."""

_DIGITS = 12


class Stamp(NamedTuple):
    """What orders the revisions of an article: its date, then when it was published to the stream.

    `timestamp` is that of the article's record, in milliseconds of Unix time; `offset` is the record's.
    """

    published_at: datetime
    timestamp: int
    offset: int


@dataclass(frozen=True)
class Revision:
    """The newest revision of an article that the stream has met.

    `claims` are its claims: id, and type, actor and recipient. `told` are the contents, without the wording, of the
    claims that this and earlier revisions have made.
    """

    stamp: Stamp
    claims: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    told: tuple[str, ...] = ()

    def encoded(self) -> str:
        """Return it as JSON."""
        return to_json(
            {
                "at": [self.stamp.published_at.isoformat(), self.stamp.timestamp, self.stamp.offset],
                "claims": self.claims,
                "told": self.told,
            }
        ).decode()

    @classmethod
    def decoded(cls, text: str) -> Self:
        """Read what `encoded` wrote."""
        read = from_json(text)
        moment, timestamp, offset = read["at"]
        return cls(
            Stamp(datetime.fromisoformat(moment), timestamp, offset),
            {identifier: (type_, actor, recipient) for identifier, (type_, actor, recipient) in read["claims"].items()},
            tuple(read["told"]),
        )


@dataclass(frozen=True)
class Change:
    """What a revision changes: claims to report as they are, claims that are no news, and those to take back.

    Withdrawals are to be sent after the claims: what was only reworded then meets the fact that it tells.
    """

    reported: Sequence[Claim] = ()
    known: Sequence[Claim] = ()
    withdrawn: Sequence[Withdrawal] = ()


def revise(
    before: Revision | None, article_id: str, reported: Sequence[Claim], stamp: Stamp
) -> tuple[Change, Revision | None]:
    """Return what a revision, with these claims, changes, and what to remember of it: None where there is nothing.

    A revision that is not newer than `before` changes nothing: it is late, or comes again. A claim that an earlier
    revision had made in other words, or that one had dropped and this one makes again, is no news.
    """
    if before is not None and stamp <= before.stamp:
        return Change(), before
    claims = {claim.id: claim for claim in reported}
    contents = {identifier: _content(claim) for identifier, claim in claims.items()}
    if before is None:
        if not claims:
            return Change(), None
        told = tuple(dict.fromkeys(contents.values()))
        return Change(reported=reported), Revision(stamp, _parties(claims), told[-MAX_TOLD:])
    told_before = set(before.told)
    # one that has kept its id was reported as it is, and is recognised
    known = [claim for claim in reported if claim.id not in before.claims and contents[claim.id] in told_before]
    silent = {claim.id for claim in known}
    change = Change(
        reported=[claim for claim in reported if claim.id not in silent],
        known=known,
        withdrawn=[
            Withdrawal(
                id=identifier,
                article_id=article_id,
                type=ClaimType(type_),
                actor=actor,
                recipient=recipient,
                withdrawn_at=stamp.published_at,
                revision=content_id("revision", *stamp),
            )
            for identifier, (type_, actor, recipient) in before.claims.items()
            if identifier not in claims
        ],
    )
    told = tuple(dict.fromkeys((*before.told, *contents.values())))
    return change, Revision(stamp, _parties(claims), told[-MAX_TOLD:])


def _parties(claims: dict[str, Claim]) -> dict[str, tuple[str, str, str]]:
    return {identifier: (claim.type.value, claim.actor, claim.recipient) for identifier, claim in claims.items()}


def _content(claim: Claim) -> str:
    """Return what is claimed, in short, whatever the words."""
    quantity = claim.quantity
    return content_id(
        claim.type,
        claim.actor,
        claim.recipient,
        claim.object,
        *((None, None, None) if quantity is None else (quantity.low, quantity.high, quantity.unit)),
        claim.status,
        claim.negated,
        claim.place and claim.place.name,
        claim.when,
        *(speaker.name for speaker in claim.attributed_to),
    )[:_DIGITS]
