"""Who says so in Korean, where what is said stands before the verb of saying: "… 보냈다고 국정원이 밝혔다".

A verb of saying ends a frame, and its speaker stands in the frame: right before the verb ("-다고 국정원이 밝혔다"), or
as the topic at the frame's beginning ("국정원은 … 밝혔다"). What a frame tells, its speaker tells.
"""

import re
from collections.abc import Sequence

from schemas import Label
from streams.extract.attribution import Attributions, Speaker, Voice
from streams.extract.document import Document, Hit, Mention, Sentence
from streams.extract.moment import Date

# Nouns of saying behind a bare name: "… 보냈다는 게 국정원 설명이다", "국정원 보고 내용".
_ACCOUNT = re.compile(
    r"(?:설명|판단|분석|평가|관측|주장|발표|보고|추정|추산|집계|전언|진단|해석|입장|보도|발언|말)(?![가-힣]{4})"
)
# A sentence that tells who said the one before: "… 공개한 내용입니다", "… 한 말이다", "… 분석한 결과로".
_ABOUT_BEFORE = re.compile(r"(?:내용|말|결과|설명|얘기|이야기|발표|분석|발언)(?:이다|입니다|이에요|이라고|으로|로)$")
_ADNOMINAL = re.compile(r"[한힌긴된긴인낸눈란은던]$")
# Newsrooms that somebody speaks to: "타스통신에 말했다", "로이터와 만나", "SBS에 출연해".
_TOLD_TO = frozenset({"in", "to", "with", "datv"})
# What ends what is said: "갔다고", "보냈다며", "보낸 것으로", "배제할 수 없다는", a closing quotation mark.
_QUOTED = re.compile(r"(?:[다라자냐]고도?|고만|거라고|[다라자]며|[것걸]으?로|[다라]는|지|내용을|결과를|관련)$|^\"$")
# Verbs that tell an act of speech by themselves: "철수를 촉구했다", "비난 성명을 발표했다".
_ACT = re.compile(
    r"촉구|규탄|비난|비판|경고|요구|항의|천명|다짐|약속|공언|발표|공개|부인|반박|일축|인정|확인|표명|우려|지목|화답"
)
# "했다" says only right behind what is said.
_DID = ("했", "한다", "합니다")
_HIM = frozenset({"그에", "그의", "이에", "매체에"})
_CASES = frozenset({"nomn", "accs", "gent", "in", "with"})
_PARTICLES = _CASES | {"to", "from", "datv"}
_FULL = len("2025-06-20")
# How far, in tokens, a source may stand before "따르면".
_SOURCE = 4
# Sentences that go on without naming a speaker end with a verb of saying this near to the end.
_CLOSE = 3


class Quoting(Attributions):
    """Follows the speakers through a Korean document."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self._report: tuple[Speaker, ...] = ()  # whose "보고서" the text speaks of
        self._speaking: list[Mention] = []  # who speaks in the sentence at hand

    def hear(self, sentence: Sentence, following: Sentence | None = None) -> None:
        """Take in the next sentence, and look at the one behind it. To be called for every sentence in turn."""
        super().hear(sentence, following)
        words = self.document.words[sentence.start : sentence.end]
        if any(word.text.startswith("보고서") for word in words):
            authors = [m for m in sentence.mentions if m.entity.label is Label.ORG and "nomn" in self.document.role(m)]
            if authors:
                self._report = (self.speaker(authors[0]),)

    def reports(self, day: Date, dates: Sequence[Date]) -> bool:
        """Tell whether a date stands right behind who speaks, and is the only one: "국정원은 13일 …라고 보고했다"."""
        if len(day.value) < _FULL or day.since or len([other for other in dates if len(other.value) == _FULL]) > 1:
            return False
        ends = [self.document.phrase(mention) for mention in self._speaking]
        return any(end is not None and 1 <= day.start - end <= 2 for end in ends)

    def _own(self, sentence: Sentence) -> list[Voice]:
        self._speaking = []
        voices: list[Voice] = []
        possible = [m for m in sentence.mentions if self.can_speak(m) and not self._in_dateline(m, sentence)]
        for hit in sentence.of("according", "citing"):
            source = self._source(hit, possible)
            if source:
                voices.append(Voice(hit.start, (self.speaker(source),)))
            elif self._report and self.document.words[hit.start - 1].text.startswith("보고서"):
                voices.append(Voice(hit.start, self._report))
            elif self._last and self.document.words[hit.start - 1].text in _HIM:
                voices.append(Voice(hit.start, self._last))
        begin = sentence.start
        for hit in sentence.of("say", "deny"):
            if any(hit.start == voice.at for voice in voices):
                continue
            noun = self.document.words[hit.end - 1].marks & _CASES
            if noun or not (self._quotes(hit, begin) or _ACT.search(self.document.words[hit.start].text)):
                if account := self._account(hit, possible):
                    voices.append(Voice(hit.start, (self.speaker(account),)))
                continue
            speaker = self._account(hit, possible) or self._topic(hit, sentence, possible, begin)
            told = [self.speaker(m) for m in possible if m is not speaker and self._passes_on(m, begin, hit)]
            speakers = (self.speaker(speaker),) if speaker else self._taken_up_by(sentence, begin, hit)
            if speaker:
                self._speaking.append(speaker)
            if speakers:
                beside = self._beside(speaker, possible) if speaker else ()
                voices.append(Voice(hit.start, (*beside, *speakers, *told)))
                begin = hit.end
        return voices

    def of(self, sentence: Sentence, anchor: Hit, doer: Mention | None = None, public: bool = False) -> list[Speaker]:
        """Return who says what an anchor stands for: who speaks in the first frame that closes behind it."""
        behind = [voice for voice in self._voices if voice.at >= anchor.start]
        if doer is None and len(behind) > 1:
            first = behind[0]
            knows = any(speaker.rank < 3 for speaker in first.speakers)
            kept, self._voices = self._voices, [v for v in self._voices if v is first or not knows or self._newsroom(v)]
            speakers = super().of(sentence, anchor, doer, public)
            self._voices = kept
            return speakers
        return super().of(sentence, anchor, doer, public)

    def spots(self, sentence: Sentence) -> list[tuple[int, int]]:
        """Return where, in tokens, the sentence names who speaks and that they do: dates there are the report's."""
        words = self.document.words
        spots = [(h.start, h.end) for h in sentence.of("say", "deny") if not words[h.end - 1].marks & _CASES]
        return spots + [(mention.start, mention.end) for mention in self._speaking]

    def _newsroom(self, voice: Voice) -> bool:
        return all(speaker.passes_on for speaker in voice.speakers)

    def _quotes(self, hit: Hit, begin: int) -> bool:
        """Tell whether something said stands before a verb of saying."""
        words = self.document.words
        if words[hit.start].text.startswith(_DID):
            return bool(_QUOTED.search(words[hit.start - 1].text))
        return any(_QUOTED.search(word.text) for word in words[begin : hit.start])

    def _source(self, hit: Hit, possible: Sequence[Mention]) -> Mention | None:
        """Return who stands before "따르면" or "인용해", with an account or an office between."""
        before = [m for m in possible if m.end <= hit.end and hit.start - m.end <= _SOURCE]
        before = [m for m in before if "nomn" not in self.document.role(m)]
        return before[-1] if before else None

    def _account(self, hit: Hit, possible: Sequence[Mention]) -> Mention | None:
        """Return the bare name right before a noun of saying."""
        if not _ACCOUNT.match(self.document.words[hit.start].text):
            return None
        near = [m for m in possible if m.end == hit.start and not self.document.words[m.end - 1].marks & _PARTICLES]
        return near[-1] if near else None

    def _topic(self, hit: Hit, sentence: Sentence, possible: Sequence[Mention], begin: int) -> Mention | None:
        """Return the subject of a verb of saying."""
        frame = [m for m in possible if begin <= m.start and m.end <= hit.start and self._acts(m)]
        own = sentence.segments[sentence.segment(hit.start)][0]
        closed = own > begin and bool(_QUOTED.search(self.document.words[own - 1].text))
        near = [m for m in frame if m.start >= own and (closed or hit.start - m.end <= _SOURCE - 1)]
        if near:
            return self._head(near, last=True)
        topics = [m for m in frame if "topic" in self.document.role(m)]
        if topics:
            return self._head(topics, last=False)
        people = [m for m in frame if not m.state]
        return self._head(people, last=False) if people else None

    def _acts(self, mention: Mention) -> bool:
        """Tell whether a name is a subject that may speak: of armies only the topic."""
        role = self.document.role(mention)
        army = mention.entity.kind in ("armed_forces", "unit") or mention.role == "adjective"
        return ("topic" if army else "nomn") in role

    def _head(self, mentions: Sequence[Mention], *, last: bool) -> Mention:
        """Return the first or the last of several; of an office and its holder the holder."""
        chosen = mentions[-1] if last else mentions[0]
        at = self.document.phrase(chosen)
        together = [m for m in mentions if self.document.phrase(m) == at]
        return next((m for m in together if m.entity.label is Label.PERSON), together[-1])

    def _in_dateline(self, mention: Mention, sentence: Sentence) -> bool:
        """Tell "(서울=연합뉴스)", which names the newsroom itself."""
        words = self.document.words
        behind = words[mention.end].text if mention.end < len(words) else ""
        return mention.entity.kind == "newsroom" and mention.start - sentence.start <= 4 and behind in (")", "]")

    def _beside(self, speaker: Mention, possible: Sequence[Mention]) -> tuple[Speaker, ...]:
        """Return who speaks together with somebody: "오픈소스센터와 로이터는"."""
        beside = [m for m in possible if 0 <= speaker.start - m.end <= 1 and "with" in self.document.role(m)]
        return tuple(map(self.speaker, beside))

    def _passes_on(self, mention: Mention, begin: int, hit: Hit) -> bool:
        """Tell whether a newsroom is spoken to within a frame."""
        if mention.entity.kind != "newsroom" or not begin <= mention.start <= hit.start:
            return False
        words = self.document.words
        behind = words[mention.end].text if mention.end < len(words) else ""
        return bool(words[mention.end - 1].marks & _TOLD_TO) or behind.startswith(("인터뷰", "통해"))

    def _taken_up_by(self, sentence: Sentence, begin: int, hit: Hit) -> tuple[Speaker, ...]:
        for other in sentence.of("he", "title", "news_head"):
            if not begin <= other.start < hit.start or "topic" not in self.document.words[other.end - 1].marks:
                continue
            if any(
                m.end in (other.start, other.start - 1) or m.start <= other.start < m.end for m in sentence.mentions
            ):
                continue
            if self._report and self.document.words[other.start].text.startswith("보고서"):
                return self._report
            if other.cls == "news_head":
                rooms = tuple(speaker for speaker in self._last if speaker.passes_on)
                return rooms or self._last
            return self._last
        return ()

    def _heads_article(self, sentence: Sentence) -> bool:
        return False  # every Korean sentence that tells who says it ends like such a line

    def _goes_on(self, sentence: Sentence) -> bool:
        """Tell whether the last speakers still speak: "… 했다고 덧붙였다", "… 것으로 알려졌다"."""
        if not self._last or sentence.paragraph - self._paragraph > 1:
            return False
        says = any(sentence.end - hit.end <= _CLOSE for hit in sentence.of("say"))
        return says or self.document.words[sentence.start].text == '"'

    def _told_behind(self, sentence: Sentence, following: Sentence) -> tuple[Speaker, ...]:
        """Return who said a sentence where the next one tells: "… . 국정원이 공개한 내용이다"."""
        if following.paragraph != sentence.paragraph:
            return ()
        words = self.document.words
        for at in range(following.start + 1, following.end):
            if _ABOUT_BEFORE.search(words[at].text) and _ADNOMINAL.search(words[at - 1].text):
                possible = [m for m in following.mentions if self.can_speak(m) and m.end <= at]
                subjects = [m for m in possible if "nomn" in self.document.role(m) and not m.state]
                if subjects:
                    told = [m for m in possible if m.entity.kind == "newsroom" and m not in subjects]
                    return tuple(self.speaker(m) for m in (self._head(subjects, last=False), *told))
        return ()
