"""Whether a thing told has happened, is planned or only possible, is denied, or is merely recalled."""

from datetime import date, timedelta

from schemas import Status
from streams.extract.dates import Date
from streams.extract.document import Document, Hit, Sentence

# How far, in tokens, a modal word governs.
_SCOPE = 8
# "no", "not" stand right before what they negate.
_NEGATION_SCOPE = 3
# "No fewer than", "not excluded", "not only" deny nothing.
_NO_DENIAL = ("more_than", "or_more", "up_to", "or_less", "possible", "about")
# What happened longer ago than this is no news of the day.
_OLD = timedelta(days=40)


def status_of(document: Document, sentence: Sentence, anchor: Hit) -> Status:
    """Tell the status of what an anchor (a verb or noun of doing) stands for."""
    possible = _governs(sentence, sentence.of("possible"), anchor)
    planned = _governs(sentence, sentence.of("planned"), anchor)
    if possible and not (planned and abs(planned.start - anchor.start) < abs(possible.start - anchor.start)):
        return Status.POSSIBLE
    if planned:
        return Status.PLANNED
    marks = document.words[anchor.start].marks
    if "futr" in marks and not marks & {"past", "pres"}:
        return Status.PLANNED
    return Status.HAPPENED


def _governs(sentence: Sentence, hits: list[Hit], anchor: Hit) -> Hit | None:
    """Return the modal word that governs an anchor: near, and in the same segment or right before."""
    for hit in hits:
        if hit.start <= anchor.start < hit.end:
            return hit
        distance = anchor.start - hit.end if hit.end <= anchor.start else hit.start - anchor.end
        apart = abs(sentence.segment(hit.start) - sentence.segment(anchor.start))
        if distance <= _SCOPE and (apart == 0 or (apart == 1 and hit.start < anchor.start and distance <= 4)):
            return hit
    return None


def negated(document: Document, sentence: Sentence, anchor: Hit) -> bool:
    """Tell whether a claim is denied or reported as not so."""
    quantifiers = sentence.of(*_NO_DENIAL)
    denials = 0
    for hit in sentence.of("negation"):
        if any(other.start <= hit.start and hit.end <= other.end for other in quantifiers):
            continue
        denials += any(0 <= deny.start - hit.end <= 1 for deny in sentence.of("deny"))
        if 0 <= anchor.start - hit.end <= _NEGATION_SCOPE and sentence.segment(hit.start) == sentence.segment(
            anchor.start
        ):
            return True
        if document.language == "ko" and anchor.start <= hit.start <= anchor.end + 1:
            return True
    return bool(sentence.of("no_evidence")) or len(sentence.of("deny")) > denials


class Background:
    """Tells what an article only recalls from what is its news."""

    def __init__(self, document: Document, published: date) -> None:
        self._document = document
        self._published = published
        self._recalling = -1

    def of(self, sentence: Sentence, when: Date | None) -> bool:
        """Tell whether a sentence recalls. To be called in order of the sentences."""
        hits = sentence.of("background")
        if hits and hits[0].start - sentence.start <= 3:
            self._recalling = sentence.paragraph
        if hits or self._recalling == sentence.paragraph:
            return True
        if when is None or when.since:
            return False
        return _latest(when.value) < self._published - _OLD


def _latest(value: str) -> date:
    """Return the last day that a date of reduced precision may mean."""
    if len(value) == 4:
        return date(int(value), 12, 31)
    if len(value) == 7:
        year, month = int(value[:4]), int(value[5:])
        return (date(year + month // 12, month % 12 + 1, 1)) - timedelta(days=1)
    return date.fromisoformat(value)
