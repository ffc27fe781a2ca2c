"""The slot: which claims must meet in one partition, because they could tell one fact."""

from schemas.claim import Claim, ClaimType
from schemas.withdrawal import Withdrawal


def slot(claim: Claim | Withdrawal) -> str:
    """Return the key of the claims topic: the claim's type and its parties.

    Parties are taken without order, because outlets differ in whom they name first. A response is filed under
    who responds: one package of sanctions is aimed at both sides, and outlets name the one or the other.
    """
    if claim.type is ClaimType.RESPONSE:
        return f"{claim.type}:{claim.actor}"
    return f"{claim.type}:{'-'.join(sorted((claim.actor, claim.recipient)))}"
