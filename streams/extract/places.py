"""Where a claim takes place: the most precise place that is named with it."""

from schemas import ClaimType, Label
from streams.extract.document import Document, Hit, Mention, Sentence
from streams.extract.knowledge import KnownEntity

_CASES = frozenset({"nomn", "gent", "datv", "accs", "ablt", "loct"})
_PLACES = frozenset({Label.GPE, Label.LOC, Label.FAC})
# Where a dateline ("SEOUL, Oct. 18 (Hanbit) —") may begin and end, in tokens.
_DATELINE_START, _DATELINE_END = 2, 14
_DATELINE_MARKS = frozenset({"(", "—", "--", ":"})
# Kinds of places that a front runs through.
_FRONTS = frozenset({"battlefield", "region"})
# What Korean particles make of a name, and how many nouns may stand between.
_PARTICLES = frozenset({"nomn", "gent", "datv", "accs", "in", "to", "from", "with"})
_NOUNS = 2
# What is said and signed at a meeting is said and signed where it is held: so many sentences long.
_SCENES = frozenset({ClaimType.DIPLOMACY, ClaimType.AGREEMENT, ClaimType.STATEMENT})
_SCENE_LASTS = 3
# What happens only in the two countries or in the war: elsewhere it is spoken of, as in Seoul.
_THEATRE = frozenset({"KP", "RU", "UA", None})
_IN_THEATRE = frozenset(
    {ClaimType.TROOPS, ClaimType.CASUALTIES, ClaimType.ARMS, ClaimType.ARMS_USE, ClaimType.LABOUR, ClaimType.TECHNOLOGY}
)
# Where a state that is named acts, or is aimed at, and is no place.
_NO_SEAT = frozenset({ClaimType.ARMS_USE, ClaimType.RESPONSE})


class Places:
    """Follows the places through a document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._dateline = self._read_dateline()
        self._scene: tuple[int, KnownEntity] | None = None

    def _read_dateline(self) -> Mention | None:
        document = self._document
        first = next((m for m in document.mentions if m.entity.label in _PLACES), None)
        if first is None or first.start > _DATELINE_START:
            return None
        behind = document.words[first.end : first.end + _DATELINE_END]
        return first if any(word.text in _DATELINE_MARKS for word in behind) else None

    def of(
        self, sentence: Sentence, index: int, anchor: Hit, passage: tuple[int, int], type_: ClaimType, *, moves: bool
    ) -> KnownEntity | None:
        """Return the place of a claim: named with it, "here", or where the meeting that is reported is held."""
        place = self._named(sentence, anchor, passage, type_, moves=moves)
        if place is None and type_ is ClaimType.ARMS_USE:
            place = self._struck(sentence)
        if self._dateline and sentence.of("here"):
            place = place if place and not place.is_state else self._dateline.entity
        if place is None and type_ is ClaimType.CASUALTIES and self._document.language == "ko":
            place = self._front(anchor)
        if type_ not in _SCENES:
            return place
        if place is None and self._scene and index - self._scene[0] <= _SCENE_LASTS:
            return self._scene[1]
        if place:
            self._scene = (index, place)
        return place

    def _front(self, anchor: Hit) -> KnownEntity | None:
        """Return the part of the front that a Korean text names nearest: its losses are told by the number alone."""
        fronts = [m for m in self._document.mentions if m.entity.kind in _FRONTS and m.country in ("RU", "UA")]
        nearest = min(fronts, key=lambda mention: abs(mention.start - anchor.start), default=None)
        return nearest.entity if nearest else None

    def _struck(self, sentence: Sentence) -> KnownEntity | None:
        """Return Ukraine where it is named as what was struck, and no place in it."""
        named = (m for m in sentence.mentions if m.entity.is_state and m.country == "UA" and m.role == "alias")
        return next((m.entity for m in named if "nomn" not in self._document.words[m.end - 1].marks), None)

    def _named(
        self, sentence: Sentence, anchor: Hit, passage: tuple[int, int], type_: ClaimType, *, moves: bool
    ) -> KnownEntity | None:
        """Return the place named in or nearest to a passage.

        A country or capital that something comes from is no place of it, and one that it goes to only where it `moves`.
        """
        document = self._document
        start, end = passage
        if document.language == "ko" and type_ is ClaimType.ECONOMY:
            moves = False  # "북한에 쌀을 보냈다": who gets it
        best: tuple[float, Mention] | None = None
        for mention in sentence.mentions:
            if mention.entity.label not in _PLACES or mention.role in ("adjective", "demonym", "short"):
                continue
            if mention is self._dateline or (document.language == "ko" and not _korean(document, sentence, mention)):
                continue
            if type_ in _IN_THEATRE and mention.country not in _THEATRE:
                continue
            if mention.state and type_ in _NO_SEAT and mention.country != "UA":
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
        return best[1].entity if best else None


def _korean(document: Document, sentence: Sentence, mention: Mention) -> bool:
    """Tell whether a Korean name can be the place: not of a dateline, nor the first of "극동 블라디보스토크에"."""
    if mention.end < len(document) and document.words[mention.end].text == "=":
        return False
    marks = document.words[mention.end - 1].marks & _PARTICLES
    if marks - {"gent"}:
        return True
    return not any(m.start == mention.end and m.entity.label in _PLACES for m in sentence.mentions)


def _standing(document: Document, mention: Mention) -> frozenset[str]:
    """Return the particle of the Korean noun that a name begins: "베이징 댜오위타이 국빈관에서"."""
    for word in document.words[mention.end - 1 : mention.end + _NOUNS]:
        if word.marks & _PARTICLES:
            return word.marks
    return frozenset()


def _located(document: Document, sentence: Sentence, mention: Mention, classes: tuple[str, ...]) -> bool:
    """Tell whether a preposition (or a particle) makes the name a place and not somebody who acts."""
    if document.language == "ko":
        marks = _standing(document, mention)
        behind = range(mention.end, mention.end + _NOUNS + 2)
        if "accs" in document.role(mention) and any(hit.start in behind for hit in sentence.of("travel", "visit")):
            return True  # "평양을 방문했다"
        # "러시아에" tells who gets something as well as where; of a state only "러시아에서" is sure
        return bool(marks.intersection(classes)) and not (mention.state and "to" not in classes and "to" in marks)
    before = mention.start - 1
    cases = document.words[mention.end - 1].marks & _CASES
    if cases == {"nomn"}:
        return False  # "у червні Москва …": who acts, and not where
    for hit in sentence.of(*classes):
        if (hit.end <= mention.start and mention.start - hit.end <= 1) or hit.start <= mention.start < hit.end:
            return True
    return before >= sentence.start and document.words[before].text == "("
