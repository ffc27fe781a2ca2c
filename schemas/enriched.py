"""The enriched article: the article with what was read in it."""

from pydantic import Field

from schemas.article import Article
from schemas.base import Moment, Record
from schemas.claim import Claim
from schemas.entity import Entity


class Extractor(Record):
    """Which extraction made the record."""

    version: str = Field(description="Version of Tumen.")
    knowledge: str = Field(description="Hash of the knowledge files.")


class EnrichedArticle(Record):
    """An article with its language, its entities and its claims."""

    article: Article = Field(description="The article, completed: its id and date are never null here.")
    language: str = Field(description="ISO 639-1 code of the language the text was read in; `und` where unknown.")
    relevant: bool = Field(description="True where the text itself reports something about DPRK-Russia cooperation.")
    entities: list[Entity] = Field(description="The names in the text, in order of appearance.")
    claims: list[Claim] = Field(description="What the text reports; each is sent on the claims topic too.")
    extractor: Extractor
    processed_at: Moment = Field(description="When the article was read by Tumen.")
