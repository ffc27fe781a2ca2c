"""A text made ready for reading: its tokens, its sentences, and the names and cues that stand in them."""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from schemas import Label
from streams.extract.knowledge import Grammar, Knowledge, KnownEntity
from streams.extract.lexicon import Lexicon
from streams.extract.text import Text

_ENDS = frozenset({".", "!", "?", "…", "..", "...", "?!", "!!", "!!!", "。"})
_CLOSERS = frozenset({'"', ")", "]", "'", "''"})
# So many closing marks may stand behind a full stop; more are no writing.
_MOST_CLOSERS = 8
_BREAKS = frozenset({",", ";", ":", "—", "(", ")", "|", "/"})
# What a Korean particle tells of the noun before it, as prepositions do elsewhere.
_PARTICLES = frozenset({"in", "to", "from"})
# Verbs that go on with what a Korean verb says: "싸우고 있다".
_GOING_ON = ("있", "싶", "나서", "나선", "도")
# Longer "sentences" (lists without full stops, hostile text) are cut: no rule looks further than this anyway.
_LONGEST_SENTENCE = 151
# So many sentences are told apart in a text; what follows is cut by its length alone.
_MOST_SENTENCES = 10_000
# So many names are looked at in a text.
_MOST_NAMES = 30_000
# So many cues of one class are seen in a sentence. People write a handful.
_MOST_ALIKE = 16
# Names whose words mean nothing by themselves: no sanctions are put by the "Sanctions Monitoring Team".
_WHOLE = frozenset({Label.ORG, Label.PERSON, Label.LAW, Label.FAC})
# Classes of people whose words may be adjectives too, in Ukrainian and Russian ("військовий", "рабочий").
_PEOPLE = frozenset({"troops", "workers"})
# Weapons that a Korean clause tells the giver of: "북한이 보낸 포탄".
_ARMS = frozenset({"weapon", "shell", "missile", "gun", "armour", "drone", "small_arms"})
# What an adjective that may mean others, too, is believed of.
_OF_WAR = _ARMS | {"troops", "casualty", "workers", "specialist", "delegation", "official"}
_GIVEN = re.compile(r"(?:제공한|공급한|지원한|수입한|도입한|생산한|받은|보낸|들여온|넘긴|만든)$")
# What Korean particles make of a noun; the marks of verbs are not among them.
_ROLES = frozenset({"nomn", "gent", "datv", "accs", "in", "to", "from", "with"})
_CASES = frozenset({"nomn", "gent", "datv", "accs", "ablt", "loct"})
_NO_NOUN = frozenset({"PREP", "CONJ", "VERB", "ADVB", "NPRO", "PRCL"})
# Words between a noun and the country that it belongs to: "soldiers of the Korean People's Army from North Korea".
_LEFT, _RIGHT = 3, 4
# Words between a Korean name and its particle: "부다노우 우크라이나 정보총국장은", "정보총국(HUR)은".
_OFFICE = 5
_OFFICES = re.compile(
    "(?:장관|차관|차관보|대변인|보좌관|의원|대통령|총리|위원장|위원|국장|총국장|원장|총장|실장|부장|청장|차장|센터장|사령관|대사|서기|비서|"
    "참모장|의장|조정관|특사|지사|외무상|국방상|경제상|부상|회장|교수|연구원|소장|단장|담당관|대표|시장|당국자|관계자|관리|소식통|조사관|분석가|연구진|측)들?$"
)
# Words between the owner and what is owned, "'s" counted: "Kim's elite soldiers".
_OWNED = 2


@dataclass(eq=False, slots=True)
class Mention:
    """A known entity, named in the text. Positions are tokens."""

    entity: KnownEntity
    role: str
    start: int
    end: int
    state: bool = False  # stands for a state or its government, as "Pyongyang" may
    country: str | None = field(init=False)

    def __post_init__(self) -> None:
        self.country = self.entity.country


@dataclass(eq=False, slots=True)
class Hit:
    """A cue of some class in the text. Positions are tokens; `party` is the country that it is said to belong to."""

    cls: str
    start: int
    end: int
    party: str | None = None
    mention: Mention | None = None


@dataclass(eq=False, slots=True)
class Sentence:
    """A run of tokens with what was found in it. `hits` and `mentions` are in order of position."""

    start: int
    end: int
    paragraph: int
    hits: list[Hit] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    by_class: dict[str, list[Hit]] = field(default_factory=lambda: defaultdict(list))
    segments: list[tuple[int, int]] = field(default_factory=list)
    _of: dict[tuple[str, ...], list[Hit]] = field(default_factory=dict)
    _of_party: dict[str, list[Mention]] = field(default_factory=dict)
    _parties: frozenset[str] | None = None

    def of(self, *classes: str) -> list[Hit]:
        """Return the hits of some classes. The list is not to be changed."""
        if len(classes) == 1:
            return self.by_class.get(classes[0], [])
        found = self._of.get(classes)
        if found is None:
            found = [hit for cls in classes for hit in self.by_class.get(cls, ())]
            found.sort(key=lambda hit: hit.start)
            self._of[classes] = found
        return found

    def of_party(self, party: str) -> list[Mention]:
        """Return what is named of a party, of one of some ("RU/UA"), of any but the two ("other").

        "KP!" is the state by a noun, as the goal of a journey is told: "North Korean" does not do.
        """
        found = self._of_party.get(party)
        if found is None:
            parties = party.rstrip("!").split("/")
            found = self._of_party[party] = [
                m
                for m in self.mentions
                if m.country
                and (m.country in parties or (party == "other" and m.country not in ("KP", "RU")))
                and m.entity.label is not Label.WEAPON
                and not (party.endswith("!") and m.role in ("adjective", "demonym"))
            ]
        return found

    def segment(self, token: int) -> int:
        """Return the index of the segment (the part between commas and the like) that a token stands in."""
        return max(0, bisect_right(self.segments, (token, 1 << 60)) - 1)

    def parties(self) -> frozenset[str]:
        """Return the countries named; a newsroom tells of others, not of its own."""
        if self._parties is None:
            named = (m.country for m in self.mentions if m.country and m.entity.kind != "newsroom")
            self._parties = frozenset(named)
        return self._parties


class Document:
    """A text in one language, ready for the rules."""

    def __init__(
        self,
        text: Text,
        lexicon: Lexicon,
        grammar: Grammar,
        knowledge: Knowledge,
        known: Iterable[str] = (),
    ) -> None:
        """Read a text; entities `known` by full name from before (a title) may be named short in it."""
        self.text = text
        self.lexicon = lexicon
        self.grammar = grammar
        self._function_words = frozenset(grammar.function_words)
        self.knowledge = knowledge
        self.language = lexicon.language
        self.words, self.spans, lines = lexicon.read(text.clean)
        self.sentences = list(self._sentences(lines))
        self._starts = [sentence.start for sentence in self.sentences]
        self.mentions: list[Mention] = []
        self._roles: dict[Mention, frozenset[str]] = {}
        self._find(set(known))

    @cached_property
    def starts(self) -> list[int]:
        """Where each token begins in the clean text."""
        return [start for start, _ in self.spans]

    def __len__(self) -> int:
        return len(self.words)

    def offsets(self, start: int, end: int) -> tuple[int, int]:
        """Return the offsets in the original text of the tokens from `start` to before `end`."""
        return self.text.start(self.spans[start][0]), self.text.end(self.spans[end - 1][1])

    def original(self, start: int, end: int) -> str:
        """Return the words of the original text for the tokens from `start` to before `end`."""
        first, last = self.offsets(start, end)
        return self.text.original[first:last]

    def sentence_at(self, token: int) -> Sentence:
        """Return the sentence that a token stands in."""
        return self.sentences[max(0, bisect_right(self._starts, token) - 1)]

    def _sentences(self, lines: Iterable[int]) -> Iterator[Sentence]:
        count, newlines = len(self.words), set(lines)
        first = paragraph = told = 0
        for end in sorted({i + 1 for i, word in enumerate(self.words) if word.punctuated} | newlines | {count}):
            while end - first > _LONGEST_SENTENCE:
                yield self._sentence(first, first + _LONGEST_SENTENCE, paragraph)
                first += _LONGEST_SENTENCE
            line = end in newlines
            if end == first or (told >= _MOST_SENTENCES and end < count):
                continue
            if line or end == count or self._ends_sentence(end - 1):
                yield self._sentence(first, end, paragraph)
                first = end
                told += 1
                paragraph += line

    def _ends_sentence(self, i: int) -> bool:
        words = self.words
        at = i
        while at > max(0, i - _MOST_CLOSERS) and words[at].text in _CLOSERS:
            at -= 1
        text = words[at].text
        if text not in _ENDS and not (
            len(text) > 1 and text[-1] in ".!?…" and text.rstrip(".!?…") and not _dotted(text)
        ):
            return False
        following = words[i + 1].text
        if self.spans[i][1] == self.spans[i + 1][0]:  # no blank between
            return False
        before = words[at - 1].lower if at and text in _ENDS else text.rstrip(".").lower()
        initial = len(before) == 1 and before.isalpha()
        if "." in (text[0], text[-1]) and (initial or before in self.grammar.abbreviated):
            return False
        opening = next(
            (word.text for word in words[i + 1 : i + 4] if word.text not in _CLOSERS and word.text != "—"), ""
        )
        return not opening[:1].islower() or following == "—"

    def _sentence(self, start: int, end: int, paragraph: int) -> Sentence:
        sentence = Sentence(start, end, paragraph)
        first = start
        korean = self.language == "ko"
        for i in range(start, end):
            word = self.words[i]
            if word.punctuated and word.text in _BREAKS:
                if i > first:
                    sentence.segments.append((first, i))
                first = i + 1
            elif korean and i + 1 < end and self._ends_clause(i):
                sentence.segments.append((first, i + 1))
                first = i + 1
        if first < end or not sentence.segments:
            sentence.segments.append((first, end))
        return sentence

    def _ends_clause(self, i: int) -> bool:
        """Tell whether a Korean verb closes a clause: "보냈으며", "했지만", "갔다고", but not "싸우고 (있다)"."""
        return self.words[i].closing and not self.words[i + 1].text.startswith(_GOING_ON)

    def _find(self, known: set[str]) -> None:
        kinds = self.knowledge.kinds
        named: list[Mention] = []
        unsure: list[Mention] = []
        for sentence in self.sentences:
            for start, end, node in self.lexicon.find(self.words, sentence.start, sentence.end):
                if node.cues and not self._is_month(start, sentence):
                    sentence.hits += [Hit(cls, start, end) for cls in node.cues]
                for name in node.names if len(named) < _MOST_NAMES else ():
                    if name.capitalised and not self.words[start].text[:1].isupper():
                        continue
                    (unsure if name.unsure else named).append(Mention(name.entity, name.role, start, end))
        certain = known | {mention.entity.name for mention in named if mention.role != "short"}
        named += [m for m in unsure if m.entity.name in certain and self._qualifies(m)]
        countries = {mention.country for mention in named if mention.role != "short"}
        # Where a state is named, its leader needs no introduction: "Kim" in a report from Pyongyang.
        expected = {m.entity.name for m in named if m.entity.kind == "leader" and m.country in countries}
        seats = {(mention.start, mention.end): mention.country for mention in named if mention.role == "metonym"}
        for mention in named:
            seat = seats.get((mention.start, mention.end))
            mention.state = mention.entity.is_state or seat is not None
            mention.country = seat or mention.country  # Brussels is in Belgium, and acts for the Union
        for mention in _longest(named, certain, expected, overlap=self.language == "ko"):
            sentence = self.sentence_at(mention.start)
            if mention.entity.label in _WHOLE and mention.end - mention.start > 1:
                first, last = mention.start, mention.end
                sentence.hits = [hit for hit in sentence.hits if not first <= hit.start < hit.end <= last]
            sentence.mentions.append(mention)
            self.mentions.append(mention)
            for mark in self.words[mention.end - 1].marks & _PARTICLES:
                sentence.hits.append(Hit(mark, mention.start, mention.end))
            people = mention.role == "demonym" and not self._adjectival(mention)
            classes = ("person",) if people else kinds.get(mention.entity.kind or "", ())
            for cls in classes:
                sentence.hits.append(Hit(cls, mention.start, mention.end, mention.country, mention))
        for sentence in self.sentences:
            self._settle(sentence)

    def _qualifies(self, adjective: Mention) -> bool:
        """Tell whether an adjective stands right before people or things of war: "корейский контингент"."""
        hits = self.sentence_at(adjective.start).hits
        return any(hit.start == adjective.end and hit.cls in _OF_WAR for hit in hits)

    def _is_month(self, token: int, sentence: Sentence) -> bool:
        """Tell the month of May from what may be."""
        word = self.words[token]
        return token > sentence.start and word.text[:1].isupper() and word.lower in self.grammar.months

    def _settle(self, sentence: Sentence) -> None:
        """Drop cues that longer words take up, tell each noun's party, and index by class."""
        sentence.hits.sort(key=lambda hit: (hit.start, -hit.end))
        things = self.knowledge.things
        korean = self.language == "ko"  # there one token may hold a name and what follows upon it
        names = [m for m in sentence.mentions if m.end - m.start > 1 and not korean]
        reach: dict[str, int] = {}
        alike: dict[str, int] = defaultdict(int)
        widest: Hit | None = None  # the thing that reaches furthest, as "military builder", which holds a "builder"
        kept = []
        states = [mention for mention in sentence.mentions if mention.country]
        for hit in sentence.hits:
            if reach.get(hit.cls, -1) >= hit.end:
                continue
            if hit.mention is None and (self._in_name(hit, names) or self._attribute(hit)):
                continue
            if hit.cls in things and not korean:
                if widest and widest.end >= hit.end and widest.end - widest.start > hit.end - hit.start:
                    continue
                if widest is None or hit.end > widest.end:
                    widest = hit
            reach[hit.cls] = hit.end
            alike[hit.cls] += 1
            if alike[hit.cls] <= _MOST_ALIKE:
                kept.append(hit)
        sentence.hits = kept
        for hit in kept:
            sentence.by_class[hit.cls].append(hit)
        if states:
            for hit in kept:
                if hit.party is None:
                    hit.party = self._party_of(hit, sentence, states)

    @staticmethod
    def _in_name(hit: Hit, names: Sequence[Mention]) -> bool:
        """Tell whether a cue is only part of a name, as in "Multilateral Sanctions Monitoring Team"."""
        return any(
            name.start <= hit.start and hit.end <= name.end and name.end - name.start > hit.end - hit.start
            for name in names
        )

    def _attribute(self, hit: Hit) -> bool:
        """Tell whether an adjective that may stand for people belongs to a noun: "військова допомога"."""
        words = self.words
        if hit.cls not in _PEOPLE or hit.end - hit.start > 1 or hit.end >= len(words):
            return False
        word, following = words[hit.start], words[hit.end]
        if "ADJF" not in word.marks or "NOUN" not in following.marks or not following.text[:1].islower():
            return False
        return not following.marks & _NO_NOUN and bool(word.marks & following.marks & _CASES)

    def _party_of(self, hit: Hit, sentence: Sentence, states: Sequence[Mention]) -> str | None:
        """Return the country that stands with a noun: "North Korean soldiers", "солдати КНДР", "북한군"."""
        best: tuple[float, str | None] | None = None
        for mention in states:
            if mention.end < hit.start - _LEFT or mention.start > hit.end + _RIGHT:
                continue
            if self.language == "ko" and not self._owns(mention, hit):
                continue
            if mention.start <= hit.start and mention.end >= hit.start + (self.language != "ko"):
                distance = 0.0
            elif mention.end <= hit.start and hit.start - mention.end <= _LEFT:
                if self.language == "en" and not self._attributive(mention, hit):
                    continue
                if self.language in ("uk", "ru") and mention.role != "adjective":
                    continue  # an owner follows in the genitive; what stands before is who acts or gets
                adjective = mention.role == "adjective" or self.language in ("en", "ko")
                distance = hit.start - mention.end + (0.5 if adjective else 2.5)
                if self._broken(mention.end, hit.start):
                    continue
            elif mention.start >= hit.end and mention.start - hit.end <= _RIGHT and self.language != "ko":
                made = any(hit.end <= other.start <= mention.end for other in sentence.of("made_in"))
                if not mention.state or (mention.role == "adjective" and not made):
                    continue  # "ракети північнокорейського виробництва" tells whose they are
                if not made and self._broken(hit.end, mention.start):
                    continue
                if not self._belongs(hit, mention, sentence):
                    continue
                distance = mention.start - hit.end + 1.0
            else:
                continue
            if best is None or distance < best[0]:
                best = (distance, mention.country)
        return best[1] if best else None

    def _owns(self, mention: Mention, hit: Hit) -> bool:
        """Tell "북한 병사", "북한의 병사" and "북한군" from "북한이 병사를", "북한에 포탄을"."""
        marks = self.words[mention.end - 1].marks & _ROLES
        if mention.end > hit.start:
            return True
        if not marks or "gent" in marks:
            between = self.words[mention.end : hit.start]
            return not any(word.marks & _ROLES and "gent" not in word.marks for word in between)
        # "북한에서 제공받은 미사일", "북한이 보낸 포탄"
        giver = bool(marks & {"nomn", "in", "from"}) and "topic" not in marks
        return giver and hit.cls in _ARMS and bool(_GIVEN.search(self.words[hit.start - 1].text))

    def _adjectival(self, mention: Mention) -> bool:
        """Tell "North Korean soldiers" from "North Koreans": in English one word may be adjective and noun."""
        return self.language == "en" and not self.words[mention.end - 1].lower.endswith("s")

    def _attributive(self, mention: Mention, hit: Hit) -> bool:
        """Tell "North Korean soldiers", "Pyongyang's soldiers" and "DPRK soldiers" from "Russia received soldiers"."""
        if any(word.lower in self._function_words for word in self.words[mention.end : hit.start]):
            return False
        if mention.role in ("adjective", "demonym") or self.words[mention.end - 1].lower.endswith("'s"):
            return True
        if self.words[mention.end].text in ("'s", "'"):
            return hit.start - mention.end <= _OWNED
        return hit.start == mention.end and self.words[mention.start].text.isupper()

    def _belongs(self, hit: Hit, mention: Mention, sentence: Sentence) -> bool:
        """Tell "soldiers of the DPRK", "солдати з КНДР" from "soldiers to Russia", "солдати в Росії"."""
        if self.language == "en":
            made = any(hit.end <= other.start < mention.start for other in sentence.of("made_in"))
            between = self.words[max(hit.end, mention.start - 2) : mention.start]
            return made or any(word.lower in ("of", "from") for word in between)
        marks = self.words[mention.end - 1].marks
        if marks & _CASES and "gent" not in marks:
            return False
        return not any(hit.end <= other.start < mention.start for other in sentence.of("to", "in"))

    def _broken(self, start: int, end: int) -> bool:
        return any(
            word.text in _BREAKS or ("VERB" in word.marks and "NOUN" not in word.marks)
            for word in self.words[start:end]
        )

    def add(self, sentence: Sentence, mention: Mention) -> None:
        """Add a mention of a name that no list holds."""
        for mentions in (sentence.mentions, self.mentions):
            mentions.insert(bisect_left(mentions, mention.start, key=lambda other: other.start), mention)

    def role(self, mention: Mention) -> frozenset[str]:
        """Return what a Korean particle makes of a name; it may stand behind an office: "페스코프 대변인은"."""
        role = self._roles.get(mention)
        if role is None:
            at = self.phrase(mention)
            word = None if at is None else self.words[at]
            if word is None:
                role = frozenset()
            elif word.text in self.grammar.particles:
                role = frozenset(self.grammar.particles[word.text].split())
            else:
                role = word.marks
            self._roles[mention] = role
        return role

    def phrase(self, mention: Mention) -> int | None:
        """Return the token with the particle that ends a Korean name's phrase: "존 커비 백악관 보좌관은"."""
        words, particles = self.words, self.grammar.particles
        sentence = self.sentence_at(mention.start)
        for at in range(mention.end - 1, min(mention.end + _OFFICE, sentence.end)):
            word = words[at]
            if word.text in particles:
                return at
            if at >= mention.end and not self._stands_behind(at, sentence):
                return None
            if word.marks & _ROLES:
                return at
        return None

    @staticmethod
    def _in_mention(at: int, sentence: Sentence) -> bool:
        return any(mention.start <= at < mention.end for mention in sentence.mentions)

    def _stands_behind(self, at: int, sentence: Sentence) -> bool:
        """Tell whether a word may stand between a name and its particle: an office, whose it is, a bracket."""
        word = self.words[at]
        if word.text in ("(", ")") or (word.text.isascii() and word.text.isupper()):
            return True
        return any(map(_OFFICES.search, word.lemmas)) or self._in_mention(at, sentence)

    def near(self, hits: Iterable[Hit], token: int) -> Hit | None:
        """Return the hit nearest to a token."""
        return min(hits, key=lambda hit: max(hit.start - token, token - hit.end + 1, 0), default=None)


def _dotted(text: str) -> bool:
    """Tell "U.S." and "т.з." from the end of a sentence."""
    return bool(re.fullmatch(r"(?:\w\.)+", text))


def _longest(mentions: list[Mention], certain: set[str], expected: set[str], *, overlap: bool) -> list[Mention]:
    """Keep, of names that overlap, the longest; of equal ones the one that is certain, then expected.

    Korean compounds ("북러") hold several names in one token: there names of the same single token may stand together.
    """
    rank = {"alias": 0, "metonym": 1, "demonym": 2, "adjective": 3, "short": 4}

    def order(mention: Mention) -> tuple[int, bool, bool, int]:
        known = mention.role != "short" or mention.entity.name in certain
        return (-(mention.end - mention.start), not known, mention.entity.name not in expected, rank[mention.role])

    spans: list[tuple[int, int]] = []
    treaties: list[tuple[int, int]] = []  # which may name their parties: "the treaty between Russia and the DPRK"
    kept: list[Mention] = []
    names: set[tuple[int, str]] = set()
    for mention in sorted(mentions, key=order):
        name, label = mention.entity.name, mention.entity.label
        taken = treaties if label is Label.LAW else spans
        if mention.role == "short" and label is not Label.GPE and name not in certain and name not in expected:
            continue
        at = bisect_left(taken, (mention.start, mention.end))
        around = taken[max(0, at - 1) : at + 2]
        clash = [span for span in around if span[0] < mention.end and mention.start < span[1]]
        single = mention.end - mention.start == 1
        if clash and not (overlap and single and all(span == (mention.start, mention.end) for span in clash)):
            continue
        if clash and (mention.start, name) in names:
            continue
        if not clash:
            taken.insert(at, (mention.start, mention.end))
        kept.append(mention)
        names.add((mention.start, name))
    return sorted(kept, key=lambda mention: (mention.start, mention.end))
