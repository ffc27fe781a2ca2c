"""Who says so: the speakers of each sentence, closest to the fact first."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from schemas import Attribution, Label
from streams.extract.document import Document, Hit, Mention, Sentence

# How far, in tokens, a speaker may stand from the verb of saying or from "according to".
_NEAR_VERB, _NEAR_LABEL = 14, 12
# How far behind an English verb of saying its subject may begin, articles and titles counted.
_INVERTED = 3
_BE = frozenset({"be", "been", "is", "are", "was", "were", "being"})
_OBLIQUE = frozenset(
    {"in", "at", "to", "on", "with", "against", "for", "by", "from", "into", "toward", "told", "about"}
)
_PASSES_ON = {"newsroom": 3, "think_tank": 0, "legislator": 2}


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody who is said to know what a sentence tells."""

    name: str
    wikidata: str | None
    start: int
    end: int
    rank: int

    def attribution(self, document: Document) -> Attribution:
        """Return the contract's form."""
        return Attribution(name=self.name, wikidata=self.wikidata, text=document.original(self.start, self.end))


@dataclass(slots=True)
class Attributions:
    """Follows the speakers through a document, sentence by sentence, in order."""

    document: Document
    _last: list[Speaker] = field(default_factory=list)
    _paragraph: int = -1
    _label: list[Speaker] = field(default_factory=list)

    def of(self, sentence: Sentence) -> list[Speaker]:
        """Return the speakers of the next sentence. To be called for every sentence in turn."""
        own = self._own(sentence)
        if sentence.of("source_label") and sentence.of("source_label")[0].start - sentence.start <= 1:
            self._label = own or self._everybody(sentence)
            self._last, self._paragraph = self._label, sentence.paragraph
            return self._label
        if own:
            self._last, self._paragraph = own, sentence.paragraph
            return own
        speaks = bool(sentence.of("say", "according")) or self._quoted(sentence)
        if self._last and ((speaks and self._recalls(sentence)) or (sentence.of("he") and speaks)):
            self._paragraph = sentence.paragraph
            return self._last
        if self._label and not sentence.of("background"):
            return self._label
        return []

    def continued(self, sentence: Sentence) -> list[Speaker]:
        """Return the speakers of the sentence before, where this one goes on in the same paragraph."""
        return self._last if sentence.paragraph == self._paragraph else []

    def _recalls(self, sentence: Sentence) -> bool:
        return sentence.paragraph - self._paragraph <= 1

    def _quoted(self, sentence: Sentence) -> bool:
        return self.document.words[sentence.start].text == '"'

    def _everybody(self, sentence: Sentence) -> list[Speaker]:
        return _ordered([self.speaker(m) for m in sentence.mentions if self._can_speak(m)])

    def _own(self, sentence: Sentence) -> list[Speaker]:
        speakers: list[Speaker] = []
        possible = [m for m in sentence.mentions if self._can_speak(m)]
        for hit in sentence.of("according"):
            speakers += self._after(hit, possible, sentence) or self._before(hit, possible)
        for hit in sentence.of("citing"):
            speakers += self._after(hit, possible, sentence) or self._before(hit, possible)
        for hit in sentence.of("say", "deny"):
            if any(speaker.start <= hit.start < speaker.end for speaker in speakers):
                continue
            if subject := self._subject(hit, possible, sentence):
                speakers.append(self.speaker(subject))
                speakers += [
                    self.speaker(m)
                    for m in possible
                    if m.entity.kind == "newsroom" and m is not subject and abs(m.start - hit.end) <= _NEAR_LABEL
                ]
        return _ordered(speakers)

    def _can_speak(self, mention: Mention) -> bool:
        if mention.entity.label in (Label.PERSON, Label.ORG):
            return True
        return mention.entity.label is Label.GPE and mention.role in ("alias", "metonym", "short") and mention.state

    def _after(self, hit: Hit, possible: Sequence[Mention], sentence: Sentence) -> list[Speaker]:
        """Take the names behind "according to": the first, and those that stand in one breath with it."""
        found: list[Mention] = []
        reach = hit.end + _NEAR_LABEL
        for mention in possible:
            if mention.start >= hit.end and mention.start <= reach:
                if found and sentence.segment(mention.start) - sentence.segment(found[-1].start) > 1:
                    break
                found.append(mention)
                reach = mention.end + 5
        return [self.speaker(m) for m in self._heads(found)]

    def _before(self, hit: Hit, possible: Sequence[Mention]) -> list[Speaker]:
        if self.document.language != "ko":
            return []
        before = [m for m in possible if m.end <= hit.end and hit.start - m.end <= _NEAR_LABEL]
        return [self.speaker(m) for m in self._heads(before[-2:])]

    def _subject(self, hit: Hit, possible: Sequence[Mention], sentence: Sentence) -> Mention | None:
        if self.document.language == "en":
            return self._english_subject(hit, possible, sentence)
        candidates = self._heads([m for m in possible if abs(m.start - hit.start) <= _NEAR_VERB])

        def distance(mention: Mention) -> float:
            gap = hit.start - mention.end if mention.end <= hit.start else mention.start - hit.end + 1
            same = sentence.segment(mention.start) == sentence.segment(hit.start)
            person = mention.entity.label is Label.PERSON or mention.entity.kind in (
                "intelligence",
                "ministry",
                "agency",
            )
            return gap + (0 if same else 4) - (2 if person else 0) + (6 if self._addressed(mention) else 0)

        return min(candidates, key=distance, default=None)

    def _english_subject(self, hit: Hit, possible: Sequence[Mention], sentence: Sentence) -> Mention | None:
        """Find the subject by word order: before the verb, or right behind it ("…", said Peskov)."""
        words = self.document.words
        if hit.start > sentence.start and words[hit.start - 1].lower in _BE:
            return None  # "is said to", "were told"
        behind = [m for m in possible if 0 <= m.start - hit.end <= _INVERTED]
        closed = hit.start == sentence.start or words[hit.start - 1].text in (",", '"', "-", "—")
        if closed and behind and sentence.segment(behind[0].start) == sentence.segment(hit.start):
            return self._heads(behind)[-1]
        before = [m for m in possible if m.end <= hit.start and hit.start - m.end <= _NEAR_VERB]
        if not before:
            return None
        segment = sentence.segment(hit.start)
        if closed and sentence.segment(before[-1].start) < segment and segment >= 2:
            # "Kim Yo-jong, the sister of leader Kim Jong-un, said": what stands between commas only describes;
            # but in "the adviser, Shin Won-sik, said" it is the name.
            first, last = sentence.segments[segment - 1]
            if last - first > before[-1].end - before[-1].start:
                described = [m for m in before if sentence.segment(m.start) == segment - 2]
                before = described or before
        heads = self._heads(before)
        subjects = [m for m in heads if m.start == 0 or words[m.start - 1].lower not in _OBLIQUE]
        return (subjects or heads)[-1]

    def _addressed(self, mention: Mention) -> bool:
        """Tell "told Reuters" and "in an interview to …" from the one who tells."""
        sentence = self.document.sentence_at(mention.start)
        return any(hit.end == mention.start for hit in sentence.of("to")) or (
            mention.entity.kind == "newsroom" and any(hit.end == mention.start for hit in sentence.of("say"))
        )

    def _heads(self, mentions: Sequence[Mention]) -> list[Mention]:
        """Of an office and the person who holds it ("the head of HUR, Kyrylo Budanov"), keep the person."""
        kept: list[Mention] = []
        for mention in mentions:
            person = mention.entity.label is Label.PERSON
            office = kept and kept[-1].entity.kind != "newsroom" and kept[-1].entity.label is not Label.PERSON
            if person and office and mention.start - kept[-1].end <= 5:
                kept[-1] = mention
            else:
                kept.append(mention)
        return kept

    def speaker(self, mention: Mention) -> Speaker:
        """Return who speaks where a mention is the speaker; for a state, its government."""
        entity = mention.entity
        if entity.label is Label.GPE:
            knowledge = self.document.knowledge
            state = knowledge.states[entity.country].name if entity.country in knowledge.states else entity.name
            government = knowledge.by_name.get(f"Government of {state}")
            name, wikidata = f"Government of {state}", government.wikidata if government else None
            return Speaker(name, wikidata, mention.start, mention.end, 1)
        return Speaker(entity.name, entity.wikidata, mention.start, mention.end, _PASSES_ON.get(entity.kind or "", 0))


def _ordered(speakers: list[Speaker]) -> list[Speaker]:
    """Put who is closest to the fact first, and drop who is named twice."""
    unique: dict[str, Speaker] = {}
    for speaker in sorted(speakers, key=lambda speaker: speaker.rank):
        unique.setdefault(speaker.name, speaker)
    ordered = list(unique.values())
    # A government named beside one of its own organs adds nothing.
    if any(s.rank in (0, 2) for s in ordered):
        ordered = [s for s in ordered if s.rank != 1 or s is ordered[0]]
    return ordered
