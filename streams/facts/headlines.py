"""Headlines: one plain English sentence made from a fact."""

from schemas.alert import AlertKind, Previous
from schemas.claim import Claim
from schemas.fact import Fact

STATES = {
    "KP": "North Korea", "RU": "Russia", "UA": "Ukraine", "KR": "South Korea", "US": "the United States", "JP": "Japan",
    "CN": "China", "GB": "the United Kingdom", "FR": "France", "EU": "the European Union", "UN": "the United Nations",
}  # fmt: skip


def headline(fact: Fact, kind: AlertKind, claim: Claim, previous: Previous | None = None) -> str:
    """Return a sentence that a reader understands without the article."""
    actor, recipient = (STATES.get(code, code) for code in (fact.actor, fact.recipient))
    speaker = fact.origins[0].name if fact.origins else (claim.source or "An article")
    return f"{speaker} reports {fact.type.replace('_', ' ')} between {actor} and {recipient}"
