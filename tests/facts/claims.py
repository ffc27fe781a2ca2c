"""Makes claims for tests."""

from datetime import UTC, datetime
from typing import Any

from schemas.claim import Attribution, Claim, ClaimType, Evidence, Place, Plover, Quantity, Status, claim_id

NOW = datetime(2026, 1, 1, tzinfo=UTC)

NIS = "National Intelligence Service of South Korea"


def claim(
    article: str = "a",
    *,
    type: str = "troops",  # noqa: A002
    actor: str = "KP",
    recipient: str = "RU",
    day: str = "2024-10-18",
    status: str = "happened",
    negated: bool = False,
    quantity: dict[str, Any] | None = None,
    by: tuple[str, ...] = (NIS,),
    place: str | None = "Russia",
    when: str | None = None,
    background: bool = False,
    text: str = "North Korean soldiers",
    language: str = "uk",
    source: str | None = "Outlet",
    object: str | None = None,  # noqa: A002
) -> Claim:
    """Return a claim; what is not given is an estimate of soldiers by South Korea's intelligence service."""
    figure = None if quantity is None else Quantity(**quantity)
    return Claim(
        id=claim_id(article, ClaimType(type), actor, recipient, Status(status), negated, figure, text),
        article_id=article,
        url=f"https://example.org/{article}",
        source=source,
        published_at=day,  # type: ignore[arg-type]
        language=language,
        type=ClaimType(type),
        plover=Plover.AID,
        actor=actor,
        recipient=recipient,
        object=object,
        quantity=figure,
        status=Status(status),
        negated=negated,
        attributed_to=[Attribution(name=name, text=name) for name in by],
        place=None if place is None else Place(name=place),
        when=when,
        background=background,
        confidence=0.9,
        evidence=Evidence(text=text, start=0, end=len(text)),
    )
