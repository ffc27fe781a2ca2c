"""Who says so: the speakers of each sentence, closest to the fact first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from schemas import Attribution, Label
from streams.extract.document import Document, Hit, Mention, Sentence

# How far, in tokens, a speaker may stand before or behind a verb of saying, and behind "according to".
_BEFORE, _BEHIND, _NEAR_LABEL = 16, 6, 10
# A Korean sentence names the speaker first and ends with the verb.
_BEFORE_KOREAN = 60
# Names that follow each other closer than this speak together: "Budanov in an interview to The War Zone".
_TOGETHER = 8
# How far, in tokens, behind "according to" a state may stand that speaks.
_STATE_NEAR = 2
# How far, in tokens, from its beginning a sentence may refer to the one before it.
_REFERS = 4
# How long, in tokens, a line may be that only says who reports what follows.
_HEADING = 14
# How far, in tokens, behind a dash a speaker's name may begin.
_DASHED = 3
# Who passes on what others know.
_RANK = {"newsroom": 3, "legislator": 2}
_PERSON_BEFORE = 5
# A name this near to a sentence's beginning, and a colon this near behind it, label what follows as the name's words.
_OPENS, _LABEL = 3, 14


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody who is said to know what a sentence tells. `rank` orders from the knower to who passes it on."""

    name: str
    wikidata: str | None
    start: int
    end: int
    rank: int

    @property
    def passes_on(self) -> bool:
        """Whether this is a newsroom, which passes on what others know."""
        return self.rank == _RANK["newsroom"]

    def attribution(self, document: Document) -> Attribution:
        """Return the contract's form."""
        return Attribution(name=self.name, wikidata=self.wikidata, text=document.original(self.start, self.end))


@dataclass(frozen=True, slots=True)
class Voice:
    """Speakers with the token of the words that make them speak ("said", "according to")."""

    at: int
    speakers: tuple[Speaker, ...]


_MOST_HEARD = 12
"""So many speakers of an article are remembered."""


@dataclass(slots=True)
class Attributions:
    """Follows the speakers through a document, sentence by sentence, in order."""

    document: Document
    _last: tuple[Speaker, ...] = ()
    _paragraph: int = -9
    _label: tuple[Speaker, ...] = ()
    _voices: list[Voice] = field(default_factory=list)
    _carried: bool = False
    _heard: dict[str, Speaker] = field(default_factory=dict)

    def hear(self, sentence: Sentence, following: Sentence | None = None) -> None:
        """Take in the next sentence, and look at the one behind it. To be called for every sentence in turn."""
        self._voices = self._own(sentence)
        self._carried = False
        labels = sentence.of("source_label")
        if labels and labels[0].start - sentence.start <= 1:
            everybody = [self.speaker(mention) for mention in sentence.mentions if self.can_speak(mention)]
            self._label = self._last = tuple(ordered(everybody))
            self._paragraph = sentence.paragraph
            self._voices = [Voice(sentence.start, self._label)]
        elif self._voices:
            if self._heads_article(sentence):
                self._label = self._voices[-1].speakers
            self._last = tuple(ordered(speaker for voice in self._voices for speaker in voice.speakers))
            self._paragraph = sentence.paragraph
        elif following and (told := self._told_behind(sentence, following)):
            self._voices = [Voice(sentence.end, told)]
        elif self._goes_on(sentence):
            self._paragraph = sentence.paragraph
            self._voices = [Voice(sentence.start, self._last)]
        elif self._label and not sentence.of("background"):
            self._voices = [Voice(sentence.start, self._label)]
        elif self._last and sentence.paragraph == self._paragraph:
            self._carried = True
            self._voices = [Voice(sentence.start, self._last)]
        for speaker in self._last:
            self._heard.setdefault(speaker.name, speaker)

    def _heads_article(self, sentence: Sentence) -> bool:
        """Tell whether a first line only names who reports: "The Main Directorate of Intelligence reports:"."""
        if sentence.paragraph > 1 or sentence.end - sentence.start > _HEADING:
            return False
        return any(sentence.end - hit.end <= 1 for hit in sentence.of("say"))

    def _told_behind(self, sentence: Sentence, following: Sentence) -> tuple[Speaker, ...]:
        """Return who said a sentence where only the next one tells: "… . This was reported by Yonhap"."""
        if following.paragraph - sentence.paragraph > 1:
            return ()
        dashed = self._dashed(following)
        if dashed:
            return dashed.speakers
        if not refers_back(following):
            return ()
        return tuple(ordered(speaker for voice in self._own(following) for speaker in voice.speakers))

    def of(self, sentence: Sentence, anchor: Hit, doer: Mention | None = None, public: bool = False) -> list[Speaker]:
        """Return who says what an anchor stands for: the nearest voice, and the newsrooms that pass it on.

        `doer`: who does what the anchor tells, where that is who knows it, as with "thanked" or "promised".
        """
        if doer:
            told = [s for voice in self._voices for s in voice.speakers if s.passes_on]
            return ordered([self.speaker(doer), *told])
        if public and self._carried:
            return []
        passing = [voice for voice in self._voices if all(s.passes_on for s in voice.speakers)]
        knowing = [voice for voice in self._voices if voice not in passing]
        nearest = min(knowing, key=lambda voice: self._apart(sentence, voice.at, anchor.start), default=None)
        heard = [nearest, *passing] if nearest else passing
        return ordered(speaker for voice in heard for speaker in voice.speakers)

    def spots(self, sentence: Sentence) -> list[tuple[int, int]]:
        """Return where, in tokens, the sentence names who speaks and that they do: dates there are the report's."""
        spots = [(hit.start, hit.end) for hit in sentence.of("say", "according", "deny")]
        for voice in self._voices:
            spots += [(s.start, s.end) for s in voice.speakers if sentence.start <= s.start < sentence.end]
        return spots

    def _apart(self, sentence: Sentence, one: int, other: int) -> float:
        low, high = sorted((one, other))
        parted = any(word.text == ";" for word in self.document.words[low:high])
        return high - low + (50 if parted else 0)

    def _goes_on(self, sentence: Sentence) -> bool:
        """Tell whether the last speakers still speak: a quotation, or "he added" soon after."""
        if not self._last or sentence.paragraph - self._paragraph > 1:
            return False
        takes_up = any(hit.start - sentence.start <= 3 for hit in sentence.of("he"))
        speaks = bool(sentence.of("say", "according"))
        quoted = self.document.words[sentence.start].text == '"'
        return quoted or (speaks and (takes_up or not sentence.mentions or bool(sentence.of("he"))))

    def _own(self, sentence: Sentence) -> list[Voice]:
        voices: list[Voice] = []
        possible = [mention for mention in sentence.mentions if self.can_speak(mention)]
        heads = self._heads(possible)
        used: set[int] = set()
        for hit in sentence.of("according", "citing"):
            found = self._named_with(hit, possible, sentence)
            if found:
                used.update(mention.start for mention in found)
                voices.append(Voice(hit.start, tuple(ordered(map(self.speaker, self._heads(found))))))
        for hit in sentence.of("say", "deny"):
            if any(hit.start == voice.at for voice in voices):
                continue
            if self._last and self._taken_up(hit, sentence):
                voices.append(Voice(hit.start, self._last))
                continue
            subject = self._subject(hit, sentence, heads)
            if subject is None or subject.start in used:
                continue
            used.add(subject.start)
            told = [m for m in possible if m.entity.kind == "newsroom" and 0 <= m.start - hit.end <= _TOGETHER]
            voices.append(Voice(hit.start, tuple(ordered(map(self.speaker, [subject, *told])))))
        if not voices and (parted := self._dashed(sentence) or self._labelled(sentence)):
            voices.append(parted)
        return voices

    def _labelled(self, sentence: Sentence) -> Voice | None:
        """Return who stands before the colon at a sentence's beginning: "Zelenskyy: 11,000 soldiers are in Kursk"."""
        words = self.document.words
        if self.document.language == "ko":  # where the colon stands in headings
            return None
        reach = range(sentence.start, min(sentence.start + _LABEL, sentence.end - 1))
        colon = next((at for at in reach if words[at].text == ":"), None)
        if colon is None or any("VERB" in words[at].marks for at in range(sentence.start, colon)):
            return None
        before = [m for m in sentence.mentions if m.end <= colon and self.can_speak(m)]
        named = [m for m in before if not m.state or m.role == "metonym"]
        if not named or named[0].start - sentence.start > _OPENS:
            return None
        return Voice(colon, tuple(ordered(map(self.speaker, self._heads(named[:2])))))

    def _dashed(self, sentence: Sentence) -> Voice | None:
        """Return who stands behind the dash that ends a sentence: "Kyiv was struck, — Zelenskyy"."""
        words = self.document.words
        dash = next((at for at in reversed(range(sentence.start, sentence.end)) if words[at].text == "—"), None)
        if dash is None or words[max(dash - 1, 0)].text not in {",", '"'}:
            return None
        behind = [m for m in sentence.mentions if m.start > dash and self.can_speak(m)]
        if not behind or behind[0].start - dash > _DASHED:
            return None
        return Voice(dash, tuple(ordered(map(self.speaker, self._heads(behind)))))

    def _taken_up(self, hit: Hit, sentence: Sentence) -> bool:
        """Tell whether a pronoun or the like says it: "he added", "the agency also said"."""
        return any(0 <= hit.start - other.end <= 1 and other.start < hit.start for other in sentence.of("he"))

    def remembered(self) -> dict[str, tuple[Speaker, ...]]:
        """Return who spoke before.

        That is the `last`, who a heading names as speaking throughout (`label`), the `first` and all (`heard`).
        """
        heard = tuple(islice(self._heard.values(), _MOST_HEARD))
        return {"last": self._last, "label": self._label, "first": heard[:1], "heard": heard}

    @property
    def carried(self) -> bool:
        """Whether a sentence only goes on with who spoke before."""
        return self._carried

    def can_speak(self, mention: Mention) -> bool:
        """Tell whether a name may be somebody who speaks."""
        if mention.entity.label in (Label.PERSON, Label.ORG):
            return True
        return mention.state and mention.role in ("alias", "metonym", "short")

    def _named_with(self, hit: Hit, possible: Sequence[Mention], sentence: Sentence) -> list[Mention]:
        """Return the names behind "according to" (in Korean before it): the first and those in one breath with it."""
        if self.document.language == "ko":
            before = [m for m in possible if m.end <= hit.end and hit.start - m.end <= 2]
            return before[-1:]
        found: list[Mention] = []
        reach = hit.end + _NEAR_LABEL
        for mention in possible:
            if not hit.end <= mention.start <= reach:
                continue
            if mention.state and (found or mention.start - hit.end > _STATE_NEAR):
                break  # "According to HUR, North Korea sent …": here begins what is said
            found.append(mention)
            reach = mention.end + _TOGETHER // 2
        return found

    def _subject(self, hit: Hit, sentence: Sentence, heads: Iterable[Mention]) -> Mention | None:
        """Return who speaks at a verb of saying."""
        korean = self.document.language == "ko"
        reach = _BEFORE_KOREAN if korean else _BEFORE
        best: tuple[float, Mention] | None = None
        for mention in heads:
            before = mention.end <= hit.start
            gap = hit.start - mention.end if before else mention.start - hit.end
            if gap < 0 or gap > (reach if before else _BEHIND) or (korean and not before):
                continue
            cost = self._korean_cost(mention, gap) if korean else self._cost(mention, hit, gap, sentence, before=before)
            if cost is not None and (best is None or cost < best[0]):
                best = (cost, mention)
        return best[1] if best else None

    def _cost(self, mention: Mention, hit: Hit, gap: int, sentence: Sentence, *, before: bool) -> float | None:
        words = self.document.words
        slavic = self.document.language in ("uk", "ru")
        marks = words[mention.start if slavic else mention.end - 1].marks  # a Slavic name's first word has its case
        within = any(prior.end == mention.start for prior in sentence.of("in"))
        office = slavic and within and "loct" in marks  # "повідомили в ГУР", "у Сеулі кажуть"
        cost = float(gap)
        segment, own = sentence.segment(hit.start), sentence.segment(mention.start)
        if before and own != segment:
            cost += 3 * (segment - own)
            if segment - own == 2 and self._apposition(sentence, own + 1, segment, hit):
                cost = 1.0
        if not before:
            # "said Kirby", and "told Reuters": what follows is who speaks only where the verb opens its segment
            opens = hit.start - sentence.segments[segment][0] <= 1
            if own != segment or not (opens or office or "nomn" in marks) or mention.entity.kind == "newsroom":
                return None
            cost += 0 if opens else 4
        if marks and not office and "nomn" not in marks and "UNKN" not in marks:
            cost += 8
        if mention.state:
            possessive = mention.end < len(words) and words[mention.end].text in ("'s", "'")
            if possessive or gap > 6:
                return None
            cost += 2
        if not office and any(prior.end == mention.start for prior in sentence.of("in", "to", "from")):
            return None
        return cost if cost <= _BEFORE else None

    def _apposition(self, sentence: Sentence, between: int, segment: int, hit: Hit) -> bool:
        """Tell "Kim Yo-jong, the sister of leader Kim Jong-un, said": the verb follows upon an inserted segment."""
        start, end = sentence.segments[between]
        return sentence.segments[segment][0] == hit.start and end - start <= 10

    def _korean_cost(self, mention: Mention, gap: int) -> float | None:
        marks = self._korean_marks(mention)
        if "nomn" not in marks:
            return None
        if gap <= 2:
            return float(gap)
        # of two subjects the topic (은/는) speaks, and the other acts in what is said
        return 3.0 + gap / 100 if "topic" in marks else 20.0 - gap / 100

    def _korean_marks(self, mention: Mention) -> frozenset[str]:
        """Return the marks of a name's particle, which may stand behind an office: "페스코프 대변인은"."""
        words = self.document.words
        for at in range(mention.end - 1, min(mention.end + 3, len(words))):
            if words[at].marks:
                return words[at].marks
        return frozenset()

    def _heads(self, mentions: Iterable[Mention]) -> list[Mention]:
        """Of an office and the person who holds it ("the head of HUR, Kyrylo Budanov"), keep the person."""
        kept: list[Mention] = []
        for mention in mentions:
            near = bool(kept) and mention.start - kept[-1].end <= _PERSON_BEFORE
            office = near and kept[-1].entity.label is not Label.PERSON and kept[-1].entity.kind != "newsroom"
            if office and mention.entity.label is Label.PERSON and not self._said_between(kept[-1], mention):
                kept[-1] = mention
            else:
                kept.append(mention)
        return kept

    def _said_between(self, one: Mention, other: Mention) -> bool:
        sentence = self.document.sentence_at(one.start)
        return any(one.end <= hit.start < other.start for hit in sentence.of("say"))

    def speaker(self, mention: Mention) -> Speaker:
        """Return who speaks where a name speaks; for a state its government."""
        entity = mention.entity
        if not mention.state:
            return Speaker(entity.name, entity.wikidata, mention.start, mention.end, _RANK.get(entity.kind or "", 0))
        knowledge = self.document.knowledge
        state = knowledge.states[entity.country].name if entity.country in knowledge.states else entity.name
        name = f"Government of {state}"
        government = knowledge.by_name.get(name)
        return Speaker(name, government.wikidata if government else None, mention.start, mention.end, 1)


def refers_back(sentence: Sentence) -> bool:
    """Tell whether a sentence begins by referring to what the one before it says: "This was reported by …"."""
    return any(hit.start - sentence.start <= _REFERS for hit in sentence.of("refers_back"))


def ordered(speakers: Iterable[Speaker]) -> list[Speaker]:
    """Put who is closest to the fact first, and drop who is named twice."""
    unique: dict[str, Speaker] = {}
    for speaker in sorted(speakers, key=lambda speaker: speaker.rank):
        unique.setdefault(speaker.name, speaker)
    return list(unique.values())
