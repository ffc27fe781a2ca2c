"""Whether a thing told has happened, is planned or only possible, is denied, or is merely recalled."""

from collections.abc import Sequence
from datetime import date, timedelta

from schemas import Status
from streams.extract.document import Document, Hit, Sentence
from streams.extract.moment import Date

# How far, in tokens, a modal word governs.
_SCOPE = 8
# How far from the word for evidence, in tokens, its lack may be told.
_EVIDENCE = 14
# "no", "not" stand right before what they negate.
_NEGATION_SCOPE = 3
# "No fewer than", "not excluded", "not only" deny nothing.
_NO_DENIAL = ("more_than", "or_more", "up_to", "or_less", "possible", "about")
# What happened longer ago than this is no news of the day.
_PAST = timedelta(days=6)
# Words of recalling this near to a sentence's beginning open a paragraph of them ("Earlier, …").
_OPENING = 3
# Weights of what speaks for recalling (a logistic regression over 485 labelled claims, which tells 78 % of claims it
# was not fitted to rightly); more than 0 in sum is background. Depth counts from _MIDDLE, as a part of the text.
_BY_WORD, _BY_PARAGRAPH, _BY_PAST, _BY_DEPTH, _MIDDLE = 1.4, 1.8, 1.5, 5.2, 0.55


def status_of(document: Document, sentence: Sentence, anchor: Hit, deeds: Sequence[Hit] = ()) -> Status:
    """Tell the status of what an anchor stands for, or else the `deeds` told with it: "a thousand sappers will go"."""
    for hit in (anchor, *deeds):
        possible = _governs(sentence, sentence.of("possible"), hit)
        planned = _governs(sentence, sentence.of("planned"), hit)
        if possible and not (planned and abs(planned.start - hit.start) < abs(possible.start - hit.start)):
            return Status.POSSIBLE
        if planned:
            return Status.PLANNED
        marks = document.words[hit.start].marks
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
    if any(_lacks(sentence, hit) for hit in sentence.of("evidence")):
        return True
    quantifiers = sentence.of(*_NO_DENIAL)
    modals = sentence.of("planned")  # "is not planned", "does not intend to"
    denials = 0
    for hit in sentence.of("negation"):
        if any(other.start <= hit.start and hit.end <= other.end for other in quantifiers):
            continue
        denials += any(0 <= deny.start - hit.end <= 1 for deny in sentence.of("deny"))
        if 0 <= anchor.start - hit.end <= _NEGATION_SCOPE and sentence.segment(hit.start) == sentence.segment(
            anchor.start
        ):
            return True
        if any(0 <= modal.start - hit.end <= 1 and _governs(sentence, [modal], anchor) for modal in modals):
            return True
        if document.language == "ko" and anchor.start <= hit.start <= anchor.end + 1:
            return True
    return bool(sentence.of("no_evidence")) or len(sentence.of("deny")) > denials


def _lacks(sentence: Sentence, evidence: Hit) -> bool:
    """Tell whether evidence is said not to be there: "Доказательств участия солдат нет", "no sign so far"."""
    near = [hit for hit in sentence.of("negation") if abs(hit.start - evidence.start) <= _EVIDENCE]
    return any(sentence.segment(hit.start) == sentence.segment(evidence.start) for hit in near)


class Background:
    """Tells what an article only recalls from what is its news.

    Three things speak for recalling: words that say so, a date that is past, and a place far down: newsrooms tell the
    news first and what led to it last (the inverted pyramid).
    """

    def __init__(self, document: Document, published: date) -> None:
        self._document = document
        self._published = published
        self._recalling = -1
        self.since: int | None = None
        """How many sentences ago there were words of recalling: 0 in the last one taken in, None nowhere."""

    def read(self, sentence: Sentence) -> None:
        """Take in the next sentence. To be called for every sentence in turn."""
        hits = sentence.of("background")
        if hits:
            self.since = 0
        elif self.since is not None:
            self.since += 1
        if hits and hits[0].start - sentence.start <= _OPENING:
            self._recalling = sentence.paragraph

    def recalling(self, sentence: Sentence) -> bool:
        """Tell whether a sentence's paragraph opens with words of recalling."""
        return self._recalling == sentence.paragraph

    def of(self, sentence: Sentence, when: Date | None) -> bool:
        """Tell whether what a sentence tells, at a time, is only recalled."""
        weight = _BY_DEPTH * (sentence.start / len(self._document) - _MIDDLE)
        if sentence.of("background"):
            weight += _BY_WORD
        elif self.recalling(sentence):
            weight += _BY_PARAGRAPH
        if when is not None and not when.since and _latest(when.value) < self._published - _PAST:
            weight += _BY_PAST
        return weight > 0


def _latest(value: str) -> date:
    """Return the last day that a date of reduced precision may mean."""
    if len(value) == 4:
        return date(int(value), 12, 31)
    if len(value) == 7:
        year, month = int(value[:4]), int(value[5:])
        return (date(year + month // 12, month % 12 + 1, 1)) - timedelta(days=1)
    return date.fromisoformat(value)
