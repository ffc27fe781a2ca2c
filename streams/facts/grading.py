"""Grading on the Admiralty scale: how reliable the source, how credible the information."""

from collections.abc import Iterable

from schemas.claim import Claim, Status
from streams.facts.sources import Reliability, SourceTable

CONFIRMED, PROBABLY_TRUE, POSSIBLY_TRUE, DOUBTFUL, IMPROBABLE, CANNOT_BE_JUDGED = range(1, 7)


def credibility(origins: Iterable[str], outlets: Iterable[str | None], deniers: Iterable[str], status: Status) -> int:
    """Return the information credibility, 1 (confirmed) to 6 (cannot be judged).

    `origins` are the independent origins that tell the fact, `outlets` the outlets that pass it on, `deniers` the
    origins that deny it; each counts once.
    """
    told, denied = len(set(origins)), len(set(deniers))
    if denied and denied > told:
        return IMPROBABLE
    if denied and told <= 1:
        return DOUBTFUL
    if told == 0:
        return POSSIBLY_TRUE if len({each for each in outlets if each}) > 1 else CANNOT_BE_JUDGED
    if told == 1 or denied or status is Status.POSSIBLE:
        return POSSIBLY_TRUE
    return PROBABLY_TRUE if told == 2 else CONFIRMED


def reliability(claim: Claim, sources: SourceTable) -> Reliability:
    """Return the source reliability of a claim: of the first speaker that the table knows, else of the outlet."""
    for name in [*(each.name for each in claim.attributed_to), claim.source]:
        grade = sources.reliability(name)
        if grade != "F":
            return grade
    return "F"
