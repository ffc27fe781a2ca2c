"""Articles to measure with: those of seeds/, and any number of others made of their sentences."""

import json
import random
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import seeds
from schemas import Article

LANGUAGES = ("uk", "ru", "en", "ko")

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+")
_NAME = re.compile(r"(?<![.!?…\n] )\b[A-ZА-ЯЄІЇҐ][\w'’-]+ [A-ZА-ЯЄІЇҐ][\w'’-]+\b")
_FIGURE = re.compile(r"(?<![\d.,])(?!(?:19|20)\d\d(?!\d))[1-9]\d{2,}(?![\d.,]*\d)")


def seed_articles(language: str | None = None) -> list[Article]:
    """Return the sample articles, of one language or of all."""
    found = []
    for path in sorted(Path(seeds.__file__).parent.glob("*.jsonl")):
        for line in path.read_bytes().splitlines():
            record = json.loads(line)
            if language in (None, record["lang"]):
                article = Article(
                    id=record["id"],
                    source=record["outlet"],
                    title=record["title"],
                    text=record["text"],
                    language=record["lang"],
                    published_at=record["published"],
                )
                found.append(article.completed(datetime.now(UTC)))
    return found


@dataclass(frozen=True)
class Variation:
    """How an article differs from the seed that it is made of.

    Attributes:
        figures: numbers of three digits and more are replaced by random ones, so that facts are new.
        new_words: so many words that were never seen before, as a stream has them without end.
        names: names of two words are exchanged for others of the same language; Korean has none such.
        apart: time from one article's date to the next one's; the seeds' own dates if None.
    """

    figures: bool = False
    new_words: int = 0
    names: bool = False
    apart: timedelta | None = None


def varied(
    count: int, variation: Variation | None = None, language: str | None = None, seed: int = 1
) -> Iterator[Article]:
    """Yield articles with ids of their own: seeds in turn, their sentences shuffled by `seed`."""
    variation = variation or Variation()
    # randomness for variety, not for secrets
    rng = random.Random(seed)  # noqa: S311
    originals = seed_articles(language)
    began = min(each.published_at for each in originals if each.published_at is not None)
    names = {each.language: sorted(_names(each.language, originals)) for each in originals}
    for number in range(count):
        original = originals[number % len(originals)]
        sentences = [part for part in _SENTENCE_END.split(original.text) if part]
        rng.shuffle(sentences)
        for _ in range(variation.new_words):
            at = rng.randrange(len(sentences))
            sentences[at] += " " + "".join(rng.choices(string.ascii_lowercase, k=9)).capitalize()
        text = "\n\n".join(sentences)
        if variation.figures:
            text = _FIGURE.sub(lambda found: str(rng.randrange(1, 10)) + _digits(rng, len(found[0]) - 1), text)
        if variation.names and names[original.language]:
            text = _NAME.sub(lambda _, known=names[original.language]: rng.choice(known), text)
        date = original.published_at if variation.apart is None else began + number * variation.apart
        yield original.model_copy(update={"id": f"bench-{seed}-{number}", "text": text, "published_at": date})


def _names(language: str | None, articles: list[Article]) -> set[str]:
    return {found[0] for each in articles if each.language == language for found in _NAME.finditer(each.text)}


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choices(string.digits, k=count))
