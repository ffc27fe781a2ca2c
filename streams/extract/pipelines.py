"""A user's own spaCy pipelines: the names that they find are added to the built-in ones."""

from collections.abc import Iterator, Mapping

import spacy
from spacy.language import Language

from schemas import Entity, Label
from streams.errors import SettingsError
from streams.extract.knowledge import Names
from streams.extract.language import SUPPORTED
from streams.extract.romanisation import romanise

# The labels of spaCy's own pipelines: OntoNotes' (English), WikiNER's (Ukrainian, Russian), KLUE's (Korean).
_LABELS = {
    **{str(label): label for label in Label},
    "PER": Label.PERSON,
    "PS": Label.PERSON,
    "OG": Label.ORG,
    "LC": Label.LOC,
    "DT": Label.DATE,
    "QT": Label.QUANTITY,
}


def load_pipelines(names: Mapping[str, str]) -> dict[str, Language]:
    """Load spaCy pipelines: `names` are those of installed packages, or paths, by language.

    Raises:
        SettingsError: where a language is not one that Tumen reads, a pipeline is not installed, or it finds no names.
    """
    pipelines = {}
    for language, name in names.items():
        if language not in SUPPORTED:
            raise SettingsError(
                f"spaCy pipeline {name!r}: {language!r} is not a language that Tumen reads: {SUPPORTED}"
            )
        try:
            pipeline = spacy.load(name)
        except (OSError, ImportError, ValueError) as error:
            raise SettingsError(
                f"the spaCy pipeline {name!r} for {language!r} cannot be loaded: {error}; install it, or take it "
                "out of TUMEN_SPACY_PIPELINES"
            ) from error
        if not any(pipeline.has_pipe(pipe) for pipe in ("ner", "entity_ruler", "span_ruler", "beam_ner")):
            raise SettingsError(f"the spaCy pipeline {name!r} for {language!r} finds no names: it has no `ner`")
        pipelines[language] = pipeline
    return pipelines


def found_by(pipeline: Language, text: str, known: list[Entity], names: Names) -> Iterator[Entity]:
    """Yield the names that a pipeline finds in a text, but for those that overlap with a `known` one."""
    taken = sorted((entity.start, entity.end) for entity in known)
    with pipeline.memory_zone():
        spans = [(span.start_char, span.end_char, span.label_) for span in pipeline(text).ents]
    for start, end, label in spans:
        if label in _LABELS and not any(start < other_end and other < end for other, other_end in taken):
            written = text[start:end]
            yield Entity(text=written, start=start, end=end, label=_LABELS[label], name=romanise(written, names))
