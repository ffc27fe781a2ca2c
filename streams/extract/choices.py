"""What may be chosen for a claim (a place, a date, a speaker …), and what speaks for each choice.

A choice is seen by the trained models as names of features, each there or not.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from schemas import ClaimType, Label, Status
from streams.extract import features
from streams.extract.attribution import Attributions, Speaker, refers_back
from streams.extract.candidates import Candidate
from streams.extract.counting import Reading
from streams.extract.document import Document, Hit, Mention, Sentence
from streams.extract.figure import Figure
from streams.extract.knowledge import KnownEntity
from streams.extract.moment import Date

_PLACES = frozenset({Label.GPE, Label.LOC, Label.FAC})
_CASES = frozenset({"nomn", "gent", "datv", "accs", "ablt", "loct", "in", "to", "from", "topic"})
_TENSES = frozenset({"past", "pres", "futr", "impr", "infn"})
_SIDES = ("KP", "RU")
# Classes of words that tell who says so.
_SAYING = ("say", "according", "citing", "deny", "source_label")
# Distances, in tokens or days, are told apart by these limits.
_STEPS = (0, 1, 2, 4, 8, 16, 32)
_AGES = (0, 1, 3, 7, 31, 92, 366, 1100)
# So many words before a name may tell what it is.
_BEFORE = 2
# … and so many behind a figure, what it counts.
_BEHIND = 3
# So many names and dates of a sentence are looked at. People write a handful.
_MOST = 20
# Sentences that a report opens with.
_LEAD = 2
# Sentences before that are near: farther ones tell the scene only.
_BACK = 2
# Sentences before and behind that may name who speaks.
_BESIDE = (-2, -1, 1, 2)
_NEAR = frozenset(f"back:{back}" for back in range(_BACK + 1))


@dataclass(frozen=True, slots=True)
class Draft:
    """A claim in the making: what a sentence tells of a type, and what the rules alone would say of it."""

    type: ClaimType
    index: int
    sentence: Sentence
    candidate: Candidate
    figure: Figure | None
    passage: tuple[int, int]
    confidence: float
    status: Status
    negated: bool
    actor: str
    recipient: str
    place: KnownEntity | None
    when: Date | None
    speakers: Sequence[Speaker]
    background: bool

    @property
    def fixed(self) -> bool:
        """Whether the rule itself tells who acts and who gets."""
        return self.type is ClaimType.ARMS_USE or isinstance(self.candidate.rule.parties, list)


def _sides(mentions: Iterable[Mention]) -> list[str]:
    """Return the two sides in the order in which they are named."""
    return [mention.country for mention in mentions if mention.country in _SIDES]


def _step(distance: float, limits: Sequence[int] = _STEPS) -> int:
    """Return which of the limits a distance lies within."""
    return bisect_left(limits, distance)


def _others(sentences: Iterable[Sentence]) -> list[str]:
    """Return the countries named in sentences but for the two sides."""
    return sorted({country for sentence in sentences for country in sentence.parties()}.difference(_SIDES))


def _gap(start: int, end: int, hit: Hit) -> int:
    return max(start - hit.end, hit.start - end, 0)


Chosen = TypeVar("Chosen")


class Choices:
    """Lists what may be chosen for the drafts of one document, each with what speaks for it."""

    def __init__(self, document: Document, title: Document | None, published: date) -> None:
        self._document = document
        self._published = published
        self._priors: dict[int, set[str]] = {}
        self._sentences: dict[int, set[str]] = {}
        self._places: dict[int, list[tuple[Mention, set[str]]]] = {}
        # what stands far before a draft; drafts come in the order of the text, so that it only grows
        self._far_places: list[Mention] = []
        self._far_sentences = 0
        self._place_times: Counter[str] = Counter()
        self._date_times: Counter[str] = Counter()
        self._speakers: dict[int, list[tuple[Mention, Speaker, set[str]]]] = {}
        self._title_words = set(features.words_of(title, 0, len(title))) if title else set()
        self._title_cues = {cls for s in title.sentences for cls in s.by_class} if title else set()
        lead = document.sentences[:_LEAD]
        self._lead_words = {word for s in lead for word in features.words_of(document, s.start, s.end)}
        self._title_others = _others(title.sentences) if title else []
        self._title_sides = _sides(m for s in title.sentences for m in s.mentions) if title else []
        self._lead_sides = _sides(m for s in lead for m in s.mentions)
        self._first: Draft | None = None
        self._earlier: Draft | None = None  # the last one of a sentence before the latest one's
        self._latest: Draft | None = None
        self._alike: dict[ClaimType, Draft] = {}  # the latest one of each type
        self._passed_on = 0
        self._title_places = [m.entity.name for m in title.mentions if m.entity.label in _PLACES] if title else []

    def pass_on(self, draft: Draft) -> None:
        """Remember a draft: those that follow in the text may go on from it. To be called for each in turn."""
        if self._latest and self._latest.index < draft.index:
            self._earlier = self._latest
        self._latest = draft
        self._first = self._first or draft
        self._alike[draft.type] = draft
        self._passed_on += 1

    def _told(self, draft: Draft) -> Iterator[tuple[str, Draft]]:
        """Yield drafts before that may go on in this one, with what they are to it."""
        last = self._latest if self._latest and self._latest.index < draft.index else self._earlier
        if last:
            yield "last", last
        if self._first and self._first.index < min(_LEAD, draft.index):
            yield "led", self._first
        if alike := self._alike.get(draft.type):
            yield "alike", alike

    def _or_none(self, draft: Draft, options: list[tuple[Chosen, set[str]]]) -> list[tuple[Chosen | None, set[str]]]:
        """Put before options, where there are any, that none of them holds, with what speaks for or against that."""
        if not options:
            return []
        none = {
            f"type:{draft.type}",
            f"status:{draft.status}",
            f"figure:{draft.figure is not None}",
            f"index:{min(draft.index, 4)}",
            f"lang:{self._document.language}",
            f"among:{min(len(options), 5)}",
            *self._around(draft),
        }
        return [(None, {"none", *features.crossed("none", none)}), *options]

    # --- how many -----------------------------------------------------------------------------------------------------

    def figures(self, told: Reading, type_: ClaimType, among: Iterable[ClaimType]) -> list[tuple[Figure, set[str]]]:
        """Return the figures of a sentence, each with what speaks for its being that of a claim of a type.

        `told` is what stands in the sentence; `among` are all types of claims that it tells.
        """
        anchors = [c.anchor for c in (*told.candidates, *(c for c, _ in told.opinion)) if c.rule.type is type_]
        owners: dict[int, set[str]] = {}
        for candidate, figure in told.opinion:
            if figure:
                owners.setdefault(figure.start, set()).add(candidate.rule.type)
        options = []
        for order, figure in enumerate(told.figures[:_MOST]):
            owned = owners.get(figure.start, set())
            size = max(figure.low or 0.0, figure.high or 0.0)
            mine = {
                f"unit:{figure.unit}",
                f"noun:{figure.noun.cls if figure.noun else None}",
                f"size:{len(str(int(size)))}",
                f"open:{figure.low is None}:{figure.high is None}",
                f"order:{min(order, 3)}",
                f"among:{min(len(told.figures), 4)}",
                f"h:{type_ in owned}",
                f"rules:{bool(owned)}",
                f"figured:{any(type_ in types for types in owners.values())}",
                *(f"of:{owner}" for owner in owned),
                *(f"with:{other}" for other in among if other is not type_),
                *self._prior(figure.start),
                *self._next(figure.end),
            }
            if figure.noun and figure.noun.party:
                mine.add(f"whose:{figure.noun.party if figure.noun.party in _SIDES else 'other'}")
            if anchors:
                anchor = min(anchors, key=lambda hit: _gap(figure.start, figure.end, hit))
                mine |= {f"anchor:{anchor.cls}", *self._near(figure.start, figure.end, told.sentence, anchor)}
            else:
                mine.add("bare")
            mine.update(features.crossed(type_, mine))
            options.append((figure, mine))
        return options

    def _next(self, token: int) -> set[str]:
        """Return the cues and short words right behind a token."""
        document = self._document
        sentence = document.sentence_at(token - 1)
        hits = [hit for hit in sentence.hits if token <= hit.start < token + _BEHIND and hit.mention is None]
        word = document.words[token].lower if token < sentence.end else "$"
        return {*(f"next:{hit.cls}" for hit in hits), f"next:={word}" if len(word) <= 4 else "next:=…"}

    # --- who acts -----------------------------------------------------------------------------------------------------

    def direction(self, draft: Draft) -> set[str]:
        """Return what speaks for the DPRK as the one who acts."""
        found = {f"h:{draft.actor}", *self._around(draft), *self._roles(draft)}
        found.add(f"figure:{draft.figure is not None}")
        return {*found, *features.crossed(draft.type, found), f"type:{draft.type}"}

    def target(self, draft: Draft) -> set[str]:
        """Return what speaks for the DPRK, not Russia, as the one a response is aimed at."""
        return {f"h:{draft.recipient}", f"by:{draft.actor}", *self._around(draft), *self._roles(draft)}

    def responders(self, draft: Draft) -> list[tuple[str, set[str]]]:
        """Return the states that may respond, each with what speaks for it."""
        document, anchor = self._document, draft.candidate.anchor
        found: dict[str, set[str]] = {}
        mentions = [m for m in draft.sentence.mentions if m.country and m.country not in _SIDES]
        for place, mention in enumerate(mentions):
            country = mention.country or ""
            mine = found.setdefault(country, {f"is:{country}", f"order:{min(place, 3)}"})
            gap = _gap(mention.start, mention.end, anchor)
            mine |= {
                f"{'before' if mention.start < anchor.start else 'behind'}:{_step(gap)}",
                f"kind:{mention.entity.kind}",
                f"role:{mention.role}",
                *(f"case:{mark}" for mark in document.words[mention.end - 1].marks & _CASES),
                *self._prior(mention.start),
            }
        for country, where in self._states_before(draft):
            found.setdefault(country, {f"is:{country}", "elsewhere"}).add(where)
        found.setdefault(draft.actor, {f"is:{draft.actor}", "elsewhere"}).add("h")
        return [(country, {*mine, f"among:{min(len(found), 4)}"}) for country, mine in found.items()]

    def _states_before(self, draft: Draft) -> Iterator[tuple[str, str]]:
        """Yield the states that may respond by what stands before, with where they stand."""
        for back in range(1, min(_BACK, draft.index) + 1):
            for country in _others([self._document.sentences[draft.index - back]]):
                yield country, f"back:{back}"
        for country in self._title_others:
            yield country, "title"
        for what, other in self._told(draft):
            if other.type is ClaimType.RESPONSE:
                yield other.actor, f"told:{what}"

    def _roles(self, draft: Draft) -> set[str]:
        """Return how the two sides stand in a sentence: cases, prepositions, order."""
        anchor = draft.candidate.anchor
        found = set()
        order: list[str] = []
        for mention in draft.sentence.mentions:
            if mention.country not in _SIDES:
                continue
            side = mention.country
            where = "before" if mention.end <= anchor.start else "behind"
            order.append(side)
            found.add(f"{side}:{where}:{_step(_gap(mention.start, mention.end, anchor))}")
            if mention.role == "adjective":
                found.add(f"{side}:adjective")
                continue
            marks = self._marks(mention)
            found.update(f"{side}:{mark}:{where}" for mark in marks & _CASES)
            found.update(f"{side}:{each}" for each in self._prior(mention.start))
            found.add(f"{side}:{mention.entity.label if not mention.state else 'state'}:{where}")
        found.add(f"first:{order[0] if order else None}")
        found.add(f"last:{order[-1] if order else None}")
        first, last = draft.passage
        inside = [m.country for m in draft.sentence.mentions if first <= m.start < last and m.country in _SIDES]
        found.add(f"in:{inside[0] if inside else None}")
        before = self._document.sentences[max(0, draft.index - 1)].mentions if draft.index else []
        sides = [m.country for m in before if m.country in _SIDES]
        found.add(f"earlier:{sides[0] if sides else None}")
        found.add(f"there:{draft.place.country if draft.place else None}")
        found.add(f"title:{self._title_sides[0] if self._title_sides else None}")
        found.add(f"lead:{self._lead_sides[0] if self._lead_sides else None}")
        found.update(f"{what}:{other.actor}:{other.type is draft.type}" for what, other in self._told(draft))
        return found | features.of_words(self._document, first, last)

    def _around(self, draft: Draft) -> set[str]:
        """Return the cues in a draft's passage."""
        first, last = draft.passage
        found = set()
        for hit in draft.sentence.hits:
            if first <= hit.start < last:
                found.add(f"c:{hit.cls}")
                if hit.party in _SIDES:
                    found.add(f"c:{hit.cls}@{hit.party}")
        return found

    @staticmethod
    def _near(start: int, end: int, sentence: Sentence, anchor: Hit) -> tuple[str, str]:
        """Return how near words stand to an anchor, and on which side."""
        apart = min(3, abs(sentence.segment(start) - sentence.segment(anchor.start)))
        return f"{'before' if start < anchor.start else 'behind'}:{_step(_gap(start, end, anchor))}", f"apart:{apart}"

    def _prior(self, token: int) -> set[str]:
        """Return the cues and short words right before a token."""
        found = self._priors.get(token)
        if found is None:
            document = self._document
            sentence = document.sentence_at(token)
            hits = [hit for hit in sentence.hits if token - _BEFORE <= hit.end - 1 < token or hit.start == token]
            word = document.words[token - 1].lower if token > sentence.start else "^"
            found = {f"prior:{hit.cls}" for hit in hits if hit.mention is None}
            found.add(f"prior:={word}" if len(word) <= 4 else "prior:=…")
            self._priors[token] = found
        return found

    # --- what became of it --------------------------------------------------------------------------------------------

    def status(self, draft: Draft) -> set[str]:
        """Return what speaks for a claim being planned, possible or denied."""
        document, anchor = self._document, draft.candidate.anchor
        first, last = draft.passage
        found = {f"h:{draft.status}", f"h:{draft.negated}", f"type:{draft.type}"}
        for hit in draft.sentence.hits:
            if hit.mention is None:
                inside = "in" if first <= hit.start < last else "out"
                found |= {f"c:{hit.cls}:{inside}", f"c:{hit.cls}:{_step(_gap(hit.start, hit.end, anchor))}"}
        found |= self._tenses(first, last)
        found.update(f"anchor:{mark}" for mark in document.words[anchor.start].marks & _TENSES)
        found.update(f"{draft.type}&h:{each}" for each in (draft.status, draft.negated))
        if draft.when:
            found.add(f"when:{'ahead' if draft.when.value > self._published.isoformat() else 'past'}")
        return found

    def background(self, draft: Draft, recalling: bool, recalled: int | None) -> set[str]:
        """Return what speaks for a claim being only recalled.

        `recalling`: its paragraph opens with words for that; `recalled`: so many sentences ago there were such words.
        """
        document, sentence = self._document, draft.sentence
        depth = sentence.start / max(1, len(document))
        found = {
            f"h:{draft.background}",
            f"type:{draft.type}",
            f"depth:{int(10 * depth)}",
            f"sentence:{min(draft.index, 6)}",
            f"paragraph:{min(sentence.paragraph, 6)}",
            f"long:{_step(len(document.sentences))}",
            f"last:{len(document.sentences) - draft.index <= 1}",
            f"recalling:{recalling}",
            f"recalled:{None if recalled is None else _step(recalled)}",
            f"status:{draft.status}",
            f"negated:{draft.negated}",
            f"told:{bool(draft.speakers)}",
            f"figure:{draft.figure is not None}",
            *self._worded(draft),
        }
        found.add("when:none" if draft.when is None else f"when:{self._age(draft.when)}:{draft.when.since}")
        found |= {f"depth>{at}" for at in range(1, 10) if 10 * depth > at}
        found |= self._goes_on(draft)
        return found

    def _goes_on(self, draft: Draft) -> set[str]:
        """Return how a draft goes on from those before it: with their types, speakers and days, or with others."""
        found = {f"nth:{min(self._passed_on, 6)}"}
        speakers = {speaker.name for speaker in draft.speakers}
        for what, other in self._told(draft):
            named = {speaker.name for speaker in other.speakers}
            found |= {
                f"{what}:type:{other.type is draft.type}",
                f"{what}:speaker:{bool(named)}:{not named.isdisjoint(speakers) if speakers else None}",
                f"{what}:back:{min(draft.index - other.index, 3)}",
            }
            if what != "led":
                found.add(f"{what}:background:{other.background}")
            if draft.when and other.when:
                order = (draft.when.value > other.when.value) - (draft.when.value < other.when.value)
                found.add(f"{what}:day:{order}")
            else:
                found.add(f"{what}:dated:{draft.when is not None}:{other.when is not None}")
        if draft.index:
            found.update(f"prev:{cls}" for cls in self._document.sentences[draft.index - 1].by_class)
        return found

    def _worded(self, draft: Draft) -> set[str]:
        """Return what the words of a draft's sentence tell."""
        found = self._sentences.get(draft.index)
        if found is None:
            sentence = draft.sentence
            words = features.words_of(self._document, sentence.start, sentence.end)
            share = len(self._title_words.intersection(words)) / max(1, len(self._title_words))
            led = len(self._lead_words.intersection(words)) / max(1, len(set(words)))
            headed = [hit.cls for hit in sentence.hits if hit.mention is None and hit.cls in self._title_cues]
            found = {
                f"title:{int(5 * share)}",
                f"lead:{int(5 * led) if draft.index >= _LEAD else None}",
                f"headed:{min(len(headed), 4)}",
                *(f"headed:{cls}" for cls in headed),
                *(f"c:{hit.cls}" for hit in sentence.hits if hit.mention is None),
                *self._tenses(sentence.start, sentence.end),
                *features.of_stems(self._document.language, words),
            }
            self._sentences[draft.index] = found
        return found

    def _tenses(self, first: int, last: int) -> set[str]:
        return {f"tense:{mark}" for word in self._document.words[first:last] for mark in word.marks & _TENSES}

    def _age(self, day: Date) -> str:
        """Return how long before the publication a date lies, and how precise it is."""
        year, month, on = (*map(int, day.value.split("-")), 0, 0)[:3]
        then = date(year, month or 12, on or 28)
        days = (self._published - then).days
        return f"{len(day.value)}:{'ahead' if days < 0 else _step(days, _AGES)}"

    # --- where and when -----------------------------------------------------------------------------------------------

    def places(self, draft: Draft) -> list[tuple[KnownEntity | None, set[str]]]:
        """Return the places that a claim may be at, or none, each with what speaks for it."""
        found: dict[str, tuple[KnownEntity, set[str]]] = {}
        for back in range(min(draft.index, _BACK) + 1):
            for mention, told in self._named(draft.index - back):
                mine = found.setdefault(mention.entity.name, (mention.entity, set()))[1]
                mine |= told
                mine.add(f"back:{back}")
                if back == 0:
                    first, last = draft.passage
                    mine.add(f"inside:{first <= mention.start < last}")
                    mine.update(self._near(mention.start, mention.end, draft.sentence, draft.candidate.anchor))
        self._pass_places(draft.index - _BACK)
        times = self._place_times
        for order, mention in enumerate(self._far_places[:_MOST]):
            mine = found.setdefault(mention.entity.name, (mention.entity, set()))[1]
            mine |= {"far", "first"} if order == 0 else {"far"}
        for mention in self._document.mentions[:2]:
            if mention.entity.label in _PLACES and mention.start <= _BACK:
                found.setdefault(mention.entity.name, (mention.entity, set()))[1].add("dateline")
        if draft.place:
            found.setdefault(draft.place.name, (draft.place, set()))[1].add("h")
        places = {what: other.place.name if other.place else None for what, other in self._told(draft)}
        options = []
        for entity, mine in found.values():
            mine |= {
                *(f"as {what}:{name and name == entity.name}" for what, name in places.items()),
                f"country:{entity.country if entity.country in ('KP', 'RU', 'UA', 'CN', 'KR', 'US') else 'other'}",
                f"kind:{entity.kind}",
                f"state:{entity.is_state}",
                f"title:{entity.name in self._title_places}",
                f"chosen:{draft.place is not None}",
                f"times:{min(times[entity.name], 3)}",
                f"only far:{'far' in mine and not mine.intersection(_NEAR)}",
            }
            mine.update(features.crossed(draft.type, mine))
            mine |= {f"{each}&state:{entity.is_state}" for each in mine if each.startswith(("prior", "case", "back"))}
            options.append((entity, mine))
        return self._or_none(draft, options)

    def _pass_places(self, stop: int) -> None:
        """Count the places named in the sentences to before `stop`, those not counted yet."""
        for index in range(self._far_sentences, stop):
            mentions = [mention for mention, _ in self._named(index)]
            self._far_places += mentions
            self._place_times.update(mention.entity.name for mention in mentions)
            self._far_sentences = index + 1

    def _named(self, index: int) -> list[tuple[Mention, set[str]]]:
        """Return the places named in a sentence, each with what speaks for it by itself."""
        if index not in self._places:
            document = self._document
            mentions = document.sentences[index].mentions
            named = [m for m in mentions if m.entity.label in _PLACES and m.role != "demonym"]
            found = self._places[index] = []
            for order, mention in enumerate(named[:_MOST]):
                told = {
                    f"order:{min(order, 3)}",
                    f"among:{min(len(named), 4)}",
                    f"role:{mention.role}",
                    *(f"case:{mark}" for mark in self._marks(mention) & _CASES),
                    *self._prior(mention.start),
                }
                if any(other.start - mention.end in (0, 1, 2) for other in named if other is not mention):
                    told.add("another-behind")
                found.append((mention, told))
        return self._places[index]

    def _marks(self, mention: Mention) -> frozenset[str]:
        """Return how a name stands: by its case, or its Korean particle."""
        document = self._document
        return document.role(mention) if document.language == "ko" else document.words[mention.end - 1].marks

    def dates(
        self, draft: Draft, dates: Sequence[Sequence[Date]], far: Sequence[Date], told: Sequence[tuple[int, int]]
    ) -> list[tuple[Date | None, set[str]]]:
        """Return the dates that a claim may have, or none, each with what speaks for it.

        `dates` are those of the sentence, then of the ones right before it; `far` those of all others before, the first
        one first; `told` is where the sentence names who speaks.
        """
        sentence, anchor = draft.sentence, draft.candidate.anchor
        first, last = draft.passage
        found: dict[str, tuple[Date, set[str]]] = {}
        for back, mentioned in enumerate(dates):
            for order, day in enumerate(mentioned[:_MOST]):
                mine = found.setdefault(day.value, (day, set()))[1]
                mine |= {
                    f"back:{back}",
                    f"order:{min(order, 3)}",
                    f"among:{back}:{min(len(mentioned), 3)}",
                    f"age:{self._age(day)}",
                    f"since:{day.since}",
                    f"dateline:{day.dateline}",
                    *self._prior(day.start),
                }
                if back == 0:
                    said = min((max(start - day.end, day.start - end, 0) for start, end in told), default=99)
                    mine |= {
                        f"inside:{first <= day.start < last}",
                        *self._near(day.start, day.end, sentence, anchor),
                        f"said:{_step(said)}",
                        f"nearer-said:{said < _gap(day.start, day.end, anchor)}",
                        f"opens:{day.start - sentence.start <= 2}",
                    }
        for order, day in enumerate(far[:_MOST]):
            mine = found.setdefault(day.value, (day, set()))[1]
            mine |= {"far", f"age:{self._age(day)}", f"since:{day.since}", f"dateline:{day.dateline}"}
            mine.update(("first",) if order == 0 else ())
        times = self._date_times
        times.update(day.value for day in far[times.total() :])
        if draft.when:
            found.setdefault(draft.when.value, (draft.when, set()))[1].add("h")
        days = {what: other.when.value if other.when else None for what, other in self._told(draft)}
        options = []
        for day, mine in found.values():
            mine |= {
                *(f"as {what}:{value and value == day.value}" for what, value in days.items()),
                f"chosen:{draft.when is not None}",
                f"lang:{self._document.language}",
                f"times:{min(times[day.value], 3)}",
                f"only far:{'far' in mine and not mine.intersection(_NEAR)}",
                f"nearer:{bool(dates[0])}:{any(dates)}",
            }
            mine.update(features.crossed(draft.type, mine))
            local = [each for each in mine if each.startswith(("said", "age", "opens"))]
            mine.update(features.crossed(self._document.language, local))
            options.append((day, mine))
        return self._or_none(draft, options)

    # --- who says so --------------------------------------------------------------------------------------------------

    def speakers(self, draft: Draft, attributions: Attributions) -> list[tuple[Speaker | None, set[str]]]:
        """Return who may be said to know a claim, or nobody, each with what speaks for it."""
        sentence, anchor = draft.sentence, draft.candidate.anchor
        found: dict[str, tuple[Speaker, set[str]]] = {}
        verbs = sentence.of(*_SAYING)
        for mention, speaker, told in self._speaking(draft.index, attributions):
            mine = found.setdefault(speaker.name, (speaker, set()))[1]
            mine |= {"own", *told}
            mine.update(self._near(mention.start, mention.end, sentence, anchor))
        for beside, where in self._beside(draft.index):
            for _, speaker, told in self._speaking(beside, attributions):
                found.setdefault(speaker.name, (speaker, set()))[1].update(features.crossed(where, ("", *told)))
        for where, speakers in attributions.remembered().items():
            for speaker in speakers:
                found.setdefault(speaker.name, (speaker, set()))[1].add(where)
        for place, speaker in enumerate(draft.speakers):
            found.setdefault(speaker.name, (speaker, set()))[1].update(("h", f"h:{place}"))
        before = {what: {each.name for each in other.speakers} for what, other in self._told(draft)}
        options = []
        quoted = any(word.text == '"' for word in self._document.words[sentence.start : sentence.end])
        for speaker, mine in found.values():
            mine |= {f"as {what}:{speaker.name in names if names else None}" for what, names in before.items()}
            entity = self._document.knowledge.by_name.get(speaker.name)
            country = entity.country if entity else None
            mine |= {
                f"rank:{speaker.rank}",
                f"country:{country if country in ('KP', 'RU', 'UA', 'KR', 'US', 'JP') else 'other'}",
                f"of:{entity.kind if entity else None}",
                f"verbs:{min(len(verbs), 2)}",
                f"quoted:{quoted}",
                f"own:{'own' in mine}",
                f"chosen:{min(len(draft.speakers), 2)}:{'h' in mine}",
                f"heard:{attributions.carried}",
            }
            mine.update(features.crossed(draft.type, mine))
            local = [each for each in mine if each.startswith(("verb", "h", "case", "carr"))]
            mine.update(features.crossed(self._document.language, local))
            options.append((speaker, mine))
        return self._or_none(draft, options)

    def _beside(self, index: int) -> Iterator[tuple[int, str]]:
        """Yield the sentences that may tell who speaks in one ("He said so"), each with how it stands to that."""
        sentences = self._document.sentences
        for step in _BESIDE:
            if 0 <= index + step < len(sentences):
                other = sentences[index + step]
                apart = min(2, abs(other.paragraph - sentences[index].paragraph))
                yield index + step, f"beside:{step}:{apart}:{refers_back(other)}"
        for lead in range(min(_LEAD, index + _BESIDE[0])):
            yield lead, "beside:lead"

    def _speaking(self, index: int, attributions: Attributions) -> list[tuple[Mention, Speaker, set[str]]]:
        """Return who is named in a sentence and may speak, each with what speaks for that by itself."""
        if index not in self._speakers:
            sentence, found = self._document.sentences[index], self._speakers.setdefault(index, [])
            verbs = sentence.of(*_SAYING)
            named = [m for m in sentence.mentions if attributions.can_speak(m)]
            for order, mention in enumerate(named[:_MOST]):
                marks = self._document.words[mention.end - 1].marks | self._marks(mention)
                told = {
                    f"order:{min(order, 4)}",
                    f"kind:{mention.entity.kind}",
                    f"label:{mention.entity.label}",
                    f"state:{mention.state}",
                    f"role:{mention.role}",
                    f"opens:{mention.start - sentence.start <= 2}",
                    *(f"case:{mark}" for mark in marks & _CASES),
                    *self._prior(mention.start),
                }
                if verb := self._document.near(verbs, mention.start):
                    side = "before" if mention.start < verb.start else "behind"
                    together = sentence.segment(mention.start) == sentence.segment(verb.start)
                    told.add(f"verb:{verb.cls}:{side}:{_step(_gap(mention.start, mention.end, verb))}")
                    told.add(f"verb-together:{together}")
                found.append((mention, attributions.speaker(mention), told))
        return self._speakers[index]
