"""Where a claim takes place: the most precise place that is named with it."""

from schemas import Label
from streams.extract.document import Document, Hit, Mention, Sentence
from streams.extract.knowledge import KnownEntity

_PLACES = frozenset({Label.GPE, Label.LOC, Label.FAC})


def place_of(
    document: Document, sentence: Sentence, anchor: Hit, start: int, end: int, *, moves: bool
) -> KnownEntity | None:
    """Return the place named in or nearest to the passage from token `start` to before `end`.

    A country or capital that something comes from is no place of it, and one that it goes to only where it `moves`.
    """
    best: tuple[float, Mention] | None = None
    for mention in sentence.mentions:
        if mention.entity.label not in _PLACES or mention.role in ("adjective", "demonym", "short"):
            continue
        located = _located(document, sentence, mention, ("in", "to", "from"))
        if mention.state and not _located(document, sentence, mention, ("in", "to") if moves else ("in",)):
            continue
        distance = min(abs(mention.start - anchor.start), abs(mention.start - anchor.end))
        outside = 0 if start <= mention.start < end else 6
        if mention.state and mention.role != "metonym" and mention.entity.kind is None:
            distance += 20  # a country tells less than a town
        cost = distance + outside - (5 if located else 0)
        if best is None or cost < best[0]:
            best = (cost, mention)
    if best is None:
        return None
    return best[1].entity


def _located(document: Document, sentence: Sentence, mention: Mention, classes: tuple[str, ...]) -> bool:
    """Tell whether a preposition (or a particle) makes the name a place and not somebody who acts."""
    before = mention.start - 1
    for hit in sentence.of(*classes):
        if (hit.end <= mention.start and mention.start - hit.end <= 1) or hit.start <= mention.start < hit.end:
            return True
        if document.language == "ko" and mention.start <= hit.start < mention.end + 1 and hit.start >= mention.start:
            return True
    return before >= sentence.start and document.words[before].text == "("
