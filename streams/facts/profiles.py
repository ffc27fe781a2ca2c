"""The profile: what of a claim decides which fact it tells, whoever words it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

import orjson

from schemas.base import content_id
from schemas.claim import Claim, ClaimType, Quantity, Status
from streams.facts.lexicon import Lexicon
from streams.facts.slots import slot

MUTUAL = frozenset({ClaimType.DIPLOMACY, ClaimType.AGREEMENT, ClaimType.TRANSPORT, ClaimType.ECONOMY})
"""Types in which outlets differ in whom they name first."""


STANDING = frozenset({ClaimType.TROOPS, ClaimType.ARMS, ClaimType.ARMS_USE, ClaimType.CASUALTIES, ClaimType.LABOUR})
"""Types that tell of lasting states more often than of single events."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The attributes of a claim that matching looks at; many claims share one profile.

    `period` is the month of the fact (`2024-10`): told, or else the month in which it was reported as news;
    None for what is only recalled without a date.
    """

    type: ClaimType
    parties: str
    negated: bool
    status: Status
    quantity: Quantity | None
    topics: tuple[str, ...]
    people: tuple[str, ...]
    origins: tuple[str, ...]
    place: str | None
    when: str | None
    period: str | None

    @classmethod
    def of(cls, claim: Claim, lexicon: Lexicon) -> Self:
        """Return the profile of a claim."""
        told = f"{claim.object or ''} {claim.evidence.text}"
        mutual = claim.type in MUTUAL or claim.type is ClaimType.RESPONSE
        when = _real(claim.when)
        if when is not None and len(when) >= len("2024-10"):
            period: str | None = when[:7]
        elif claim.background:
            period = None
        else:
            period = claim.published_at.date().isoformat()[:7]
        quantity = claim.quantity
        if quantity is not None and quantity.low is None and quantity.high is None:
            quantity = None
        return cls(
            type=claim.type,
            parties=slot(claim) if mutual else f"{claim.actor}-{claim.recipient}",
            negated=claim.negated,
            status=claim.status,
            quantity=quantity,
            topics=tuple(sorted(lexicon.topics.find(told))),
            people=tuple(sorted(lexicon.people.find(told))),
            origins=tuple(lexicon.canonical(each.name) for each in claim.attributed_to),
            place=None if claim.place is None else lexicon.canonical(claim.place.name),
            when=when,
            period=period,
        )

    @property
    def recalled(self) -> bool:
        """Whether the fact is only recalled, without a date: it lies anywhere before the report."""
        return self.period is None

    @property
    def vague(self) -> bool:
        """Whether it says little more than that there is such a thing: no figure, no date, nobody and nothing named."""
        return self.quantity is None and self.when is None and not self.topics and not self.people

    @property
    def standing(self) -> bool:
        """Whether its type tells of a state that lasts, so that without particulars it is a reminder, not an event."""
        return self.type in STANDING

    @property
    def origin(self) -> str | None:
        """Who is said to know it first."""
        return self.origins[0] if self.origins else None

    def signature(self) -> str:
        """Return an id of the profile, a function of all its attributes."""
        return content_id("profile", orjson.dumps(self.dump()).decode())

    def identity(self) -> str:
        """Return the id of the fact that a claim of this profile tells, if it is the first to tell it.

        It leaves out what outlets tell in different ways, so that whichever of the first reports comes first
        gives the same id. Claims of one identity tell one fact by definition.
        """
        parts: list[object] = ["fact", self.type, self.parties, self.negated, self.status, self.period]
        if self.quantity is not None:
            parts += [self.quantity.low, self.quantity.high, self.quantity.unit]
        else:
            parts += ["|".join(self.topics), "|".join(self.people), self.origin, self.place, self.when]
        return content_id(*parts)

    def dump(self) -> list[Any]:
        """Return the profile as a JSON array."""
        quantity = self.quantity
        return [
            self.type.value, self.parties, self.negated, self.status.value,
            quantity and [quantity.low, quantity.high, quantity.unit.value],
            self.topics, self.people, self.origins, self.place, self.when, self.period,
        ]  # fmt: skip

    @classmethod
    def load(cls, content: Sequence[Any]) -> Self:
        """Return the profile from what `dump` gave."""
        type_, parties, negated, status, quantity, topics, people, origins, place, when, period = content
        return cls(
            type=ClaimType(type_),
            parties=parties,
            negated=negated,
            status=Status(status),
            quantity=quantity and Quantity(low=quantity[0], high=quantity[1], unit=quantity[2]),
            topics=tuple(topics),
            people=tuple(people),
            origins=tuple(origins),
            place=place,
            when=when,
            period=period,
        )


def _real(when: str | None) -> str | None:
    """Return a date as far as the calendar knows it: 2024-02-31 is taken for February."""
    if when is None or len(when) < len("2024-10-21"):
        return when
    try:
        return date.fromisoformat(when).isoformat()
    except ValueError:
        return when[:7]
