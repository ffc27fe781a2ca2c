"""Records for tests, whole but for what a test says of them."""

from typing import Any

from schemas import Alert, Claim, EnrichedArticle


def claim(**values: object) -> Claim:
    fields = {
        "id": "c",
        "article_id": "a",
        "published_at": "2024-10-21",
        "language": "en",
        "type": "troops",
        "plover": "MOBILIZE",
        "actor": "KP",
        "recipient": "RU",
        "status": "happened",
        "negated": False,
        "background": False,
        "confidence": 0.9,
        "evidence": {"text": "troops", "start": 0, "end": 6},
    }
    return Claim.model_validate(fields | values)


def alert(**values: object) -> Alert:
    fields = {
        "id": "x",
        "fact_id": "f",
        "kind": "new",
        "headline": "Troops were sent.",
        "article_id": "a",
        "source": "Ledger",
        "claim": claim(),
        "grade": "B2",
        "raised_at": "2024-10-21",
    }
    return Alert.model_validate(fields | values)


def enriched(*claims: Any, **fields: Any) -> EnrichedArticle:
    article = {"id": "a", "text": "troops", "published_at": "2024-10-21"}
    extractor = {"version": "0", "knowledge": "0"}
    return EnrichedArticle.model_validate(
        {
            "article": article,
            "language": "uk",
            "relevant": True,
            "entities": [],
            "claims": list(claims),
            "extractor": extractor,
            "processed_at": "2024-10-22",
        }
        | fields
    )
