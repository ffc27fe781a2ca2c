"""The contract of Tumen's topics: one definition, from which JSON Schemas and AsyncAPI are generated."""

from schemas.alert import Alert, AlertKind, Previous
from schemas.article import Article
from schemas.claim import Attribution, Claim, ClaimType, Evidence, Place, Plover, Quantity, Status, Unit
from schemas.dead_letter import DeadLetter, Stage
from schemas.enriched import EnrichedArticle, Extractor
from schemas.entity import Entity, Label
from schemas.fact import Fact, Source
from schemas.withdrawal import Withdrawal

__all__ = [
    "Alert",
    "AlertKind",
    "Article",
    "Attribution",
    "Claim",
    "ClaimType",
    "DeadLetter",
    "EnrichedArticle",
    "Entity",
    "Evidence",
    "Extractor",
    "Fact",
    "Label",
    "Place",
    "Plover",
    "Previous",
    "Quantity",
    "Source",
    "Stage",
    "Status",
    "Unit",
    "Withdrawal",
]
