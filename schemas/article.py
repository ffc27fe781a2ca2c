"""The article: one text with a source and a date, as a feeder publishes it."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints

from schemas.base import LanguageCode, Moment, Record, article_id

MAX_TEXT = 1_000_000
"""The longest text taken, in Unicode code points."""

# Tab, line feed, vertical tab, form feed and carriage return are white space that feeds do contain;
# the other C0 controls and DEL mean that something else than text was sent.
PLAIN = r"^[^\x00-\x08\x0e-\x1f\x7f]*$"

Line = Annotated[str, StringConstraints(pattern=PLAIN, max_length=2048)]


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("text is empty")
    return text


class Article(Record):
    """One text with a source and a date, as published. Only `text` is required."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=512, pattern=PLAIN)] | None = Field(
        default=None, description="Stable identifier. Derived from the URL where missing, else from the content."
    )
    url: Line | None = Field(default=None, description="Where the article was published.")
    title: Line | None = Field(default=None, description="The headline, if the feed tells it apart from the text.")
    text: Annotated[
        str, StringConstraints(min_length=1, max_length=MAX_TEXT, pattern=PLAIN), AfterValidator(_not_blank)
    ] = Field(
        description="The text as published. All offsets of the enriched records count code points of this string.",
        json_schema_extra={"allOf": [{"pattern": r"\S"}]},
    )
    source: Line | None = Field(default=None, description="The outlet, as a reader would name it.")
    language: LanguageCode | None = Field(default=None, description="Language of the text; detected where missing.")
    published_at: Moment | None = Field(
        default=None, description="When the article was published; the record's timestamp where missing."
    )

    def completed(self, received_at: Moment) -> Self:
        """Return the article with its id and date: derived, and `received_at`, where the feeder gave none."""
        return self.model_copy(
            update={
                "id": self.id or article_id(self.url, self.text),
                "published_at": self.published_at or received_at,
            }
        )
