"""The extractor: an article in, an enriched article out."""

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Self

from spacy.language import Language

from schemas import Article, Claim, EnrichedArticle, Entity, Label
from schemas import Extractor as ExtractorInfo
from streams.extract.cache import Cache, load_knowledge
from streams.extract.candidates import Step
from streams.extract.claims import Claims
from streams.extract.document import Document
from streams.extract.knowledge import Knowledge
from streams.extract.language import SUPPORTED, language_of
from streams.extract.lexicon import Lexicon
from streams.extract.memory import Memories
from streams.extract.models import Models
from streams.extract.morphology import morphology
from streams.extract.names import find_names
from streams.extract.pipelines import found_by, load_pipelines
from streams.extract.text import Text
from streams.extract.tokenizer import Tokenizer

# Words, and pieces of texts, that are remembered in all languages: the working vocabulary of a stream.
_REMEMBERED = 8_000


class _Reader:
    """What is needed to read one language."""

    def __init__(self, language: str, knowledge: Knowledge, cache: Cache, memories: Memories) -> None:
        self.knowledge = knowledge
        self.grammar = knowledge.grammars[language]
        self.names = knowledge.names[language]
        keys = cache.keys(language)
        known = len(keys)
        forms = morphology(language, self.grammar.particles)
        self.lexicon = Lexicon(language, knowledge, forms, Tokenizer(language), memories, keys)
        if len(keys) != known:
            cache.store_keys(language, keys)

    def document(self, text: str, known: Iterable[str] = ()) -> Document:
        document = Document(Text(text), self.lexicon, self.grammar, self.knowledge, known)
        find_names(document, self.names)
        return document


class Extractor:
    """Reads articles. Loading takes about a second; one instance a process, not shared between threads."""

    def __init__(self, knowledge: Knowledge, models: Models) -> None:
        self._knowledge = knowledge
        self._models = models
        self._cache = Cache(knowledge.hash)
        self._memories = Memories(_REMEMBERED)
        self._readers: dict[str, _Reader] = {}
        self._pipelines: dict[str, Language] = {}
        self._info = ExtractorInfo(version=version("tumen"), knowledge=knowledge.hash)

    @classmethod
    def load(
        cls,
        languages: Sequence[str] = SUPPORTED,
        models: Models | None = None,
        pipelines: Mapping[str, str] | None = None,
    ) -> Self:
        """Load the knowledge files, the trained models (or take other `models`) and what the languages need.

        `pipelines` are names of the user's own spaCy pipelines, by language: the names that they find are added.

        Raises:
            KnowledgeError: where a knowledge file or a model has a fault.
            SettingsError: where a pipeline cannot be loaded.
        """
        with _uncollected():
            extractor = cls(load_knowledge(), models or Models.load())
            for language in languages:
                extractor._reader(language)
        extractor._pipelines = load_pipelines(pipelines or {})
        return extractor

    def extract(self, article: Article) -> EnrichedArticle:
        """Read a completed article (its `id` and `published_at` set). A language not supported gives no claims."""
        return self._read_through(article, explains=False)[0]

    def explain(self, article: Article) -> tuple[EnrichedArticle, list[Step]]:
        """Read an article and tell which cues and rules made each claim, and why candidates were dropped."""
        return self._read_through(article, explains=True)

    def _read_through(self, article: Article, *, explains: bool) -> tuple[EnrichedArticle, list[Step]]:
        language = language_of(article)
        if language not in SUPPORTED:
            return self._enriched(article, language, [], []), []
        document, claims = self._read(article, language, explains=explains)
        return self._enriched(article, language, self._entities(document), claims.read()), claims.steps

    def with_models(self, models: Models) -> Self:
        """Return an extractor that differs only in its models."""
        other = copy(self)
        other._models = models
        return other

    def read(self, article: Article) -> tuple[Document, Claims]:
        """Return an article of a supported language made ready, for what wants more than its claims."""
        return self._read(article, language_of(article))

    def _read(self, article: Article, language: str, *, explains: bool = False) -> tuple[Document, Claims]:
        reader = self._reader(language)
        title = reader.document(article.title) if article.title else None
        known = [mention.entity.name for mention in title.mentions] if title else []
        document = reader.document(article.text, known)
        return document, Claims(document, article, title, self._knowledge, self._models, explains=explains)

    def _reader(self, language: str) -> _Reader:
        if language not in self._readers:
            self._readers[language] = _Reader(language, self._knowledge, self._cache, self._memories)
        return self._readers[language]

    def _enriched(
        self, article: Article, language: str, entities: list[Entity], claims: list[Claim]
    ) -> EnrichedArticle:
        return EnrichedArticle(
            article=article,
            language=language,
            relevant=bool(claims),
            entities=entities,
            claims=claims,
            extractor=self._info,
            processed_at=datetime.now(UTC),
        )

    def _entities(self, document: Document) -> list[Entity]:
        """Return the names of a document; where the user has a pipeline, with those that only it finds."""
        entities = _entities(document)
        pipeline = self._pipelines.get(document.language)
        if pipeline is None:
            return entities
        names = self._reader(document.language).names
        found = found_by(pipeline, document.text.original, entities, names)
        return sorted([*entities, *found], key=lambda entity: (entity.start, entity.end))


@contextmanager
def _uncollected() -> Iterator[None]:
    """Put off the search for garbage: what is loaded stays, and looking through it time and again costs a third."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _entities(document: Document) -> list[Entity]:
    found = []
    for mention in document.mentions:
        entity = mention.entity
        start, end = document.offsets(mention.start, mention.end)
        people = mention.role in ("adjective", "demonym") and entity.label is Label.GPE
        found.append(
            Entity(
                text=document.text.original[start:end],
                start=start,
                end=end,
                label=Label.NORP if people else entity.label,
                name=entity.name,
                wikidata=entity.wikidata,
                country=entity.country,
            )
        )
    return found
