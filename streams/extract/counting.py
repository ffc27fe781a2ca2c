"""Which figure belongs to which claim, and which claims a sentence tells at all."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from schemas import ClaimType, Unit
from streams.extract.candidates import Candidate, Candidates
from streams.extract.document import Document, Hit, Sentence
from streams.extract.figure import Figure
from streams.extract.knowledge import Knowledge
from streams.extract.korean_verbs import KoreanVerbs
from streams.extract.models import Models
from streams.extract.moment import Date

# A figure alone ("Seoul speaks of 6,700") goes on with what was counted at most so many sentences before …
_GOES_ON = 3
# … if it is of that size or so: at most this many times larger or smaller.
_SIZE = 20
_SMALL = 20
# What a figure counts that goes on from troops to their losses: "another 2,700 have been hurt".
_HARM_WITHIN = 10
_HARM_SINCE = 4  # sentences
_MOVED = ("send", "arrive", "leave", "fight")
_HARM = ("capture", "casualty", "kill", "missing", "wound")
# A denial without an object denies what was told at most so many sentences before.
_DENIED_SINCE = 2
_DENIABLE = frozenset({ClaimType.TROOPS, ClaimType.ARMS, ClaimType.TECHNOLOGY, ClaimType.LABOUR})
# Types that tell of the same people and things, the most telling first: see Counting._without_rivals.
_RIVALS = (
    ClaimType.CASUALTIES,
    ClaimType.LABOUR,
    ClaimType.ARMS_USE,
    ClaimType.TECHNOLOGY,
    ClaimType.TRAINING,
    ClaimType.ARMS,
    ClaimType.TROOPS,
    ClaimType.ECONOMY,
)
_ORDER = [*_RIVALS, *(type_ for type_ in ClaimType if type_ not in _RIVALS)]

BARE = "no rule"
"""The id of what stands for a rule where only the trained model tells of a claim."""

Counted = tuple[Candidate, Figure | None]
"""A candidate that makes a claim, with the figure that belongs to it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What stands in a sentence, and what the rules alone would claim of it (`opinion`)."""

    index: int
    sentence: Sentence
    dates: list[Date]
    figures: list[Figure]
    context: set[str]  # the parties understood from before
    candidates: list[Candidate]
    opinion: list[Counted]


@dataclass(frozen=True, slots=True)
class Topic:
    """What was counted last: figures that follow without a noun are taken to count it too."""

    candidate: Candidate
    figure: Figure
    sentence: int


class Counting:
    """Makes of candidates and figures what a document claims, sentence by sentence, in order."""

    def __init__(
        self,
        document: Document,
        title: Document | None,
        knowledge: Knowledge,
        candidates: Candidates,
        models: Models,
    ) -> None:
        self._document = document
        self._candidates = candidates
        self._nouns = knowledge.nouns
        self._verbs = KoreanVerbs(document.grammar)
        self._first = knowledge.first_rules
        self._units = knowledge.units_of
        self._models = models
        self._topic: Topic | None = None
        self._last: Candidate | None = None  # what can be denied
        self._recent: dict[ClaimType, int] = {}  # the last sentence that told a claim of a type
        # the last sentence that told of soldiers or citizens of the DPRK
        self._people = -1 if title and any(map(_tells_of_people, title.sentences)) else -_HARM_SINCE - 1

    def told(self, index: int, sentence: Sentence, candidates: list[Candidate], figures: list[Figure]) -> list[Counted]:
        """Return what the next sentence tells by the rules alone."""
        if self._topic and index - self._topic.sentence > _GOES_ON:
            self._topic = None
        lost = index - self._people <= _HARM_SINCE  # losses told now are those of the people told of before
        if _tells_of_people(sentence):
            self._people = index
        if not candidates and not self._topic and not self._recent and not lost:
            return []
        chosen = list(self._chosen(sentence, candidates, figures))
        counted = next((Topic(c, f, index) for c, f in reversed(chosen) if f), self._topic)
        if lost:
            chosen += self._losses(sentence, figures, chosen)
        if counted:
            chosen += self._continued(sentence, counted, figures, chosen)
        if not chosen and self._last and index - self._recent[self._last.rule.type] <= _DENIED_SINCE:
            chosen += self._denied(sentence, self._last)
        return chosen

    def settled(self, reading: Reading, told: Mapping[ClaimType, Sequence[Figure]]) -> list[Counted]:
        """Return what a sentence claims of types, given the figures that are `told` for each."""
        settled: list[Counted] = []
        for type_, figures in told.items():
            by_rules = [each for each in reading.opinion if each[0].rule.type is type_]
            group = [candidate for candidate, _ in by_rules]
            group += [each for each in reading.candidates if each.rule.type is type_ and each not in group]
            group = group or [self.bare(type_, reading.sentence)]
            for figure in _distinct(list(figures)):
                owner = next((candidate for candidate, mine in by_rules if mine is figure), None)
                settled.append((owner or min(group, key=lambda each: (_distance(figure, each), -each.score)), figure))
            if not figures:
                settled.append((group[0] if by_rules else max(group, key=lambda each: each.score), None))
        return settled

    def bare(self, type_: ClaimType, sentence: Sentence) -> Candidate:
        """Return a candidate for a type that no rule finds in a sentence: at the cue that speaks for it most."""
        rule = self._first[type_].model_copy(update={"id": BARE})
        anchor = max(sentence.hits, key=lambda hit: self._models.types.alone(f"c:{hit.cls}", type_), default=None)
        return Candidate(rule, anchor or Hit("", sentence.start, sentence.start + 1), [], context=2)

    def take(self, index: int, candidate: Candidate, figure: Figure | None) -> None:
        """Remember what a sentence was found to claim: what follows may go on from it."""
        self._recent[candidate.rule.type] = index
        if candidate.rule.type in (ClaimType.TROOPS, ClaimType.CASUALTIES):
            self._people = index
        if candidate.rule.type in _DENIABLE:
            self._last = candidate
        if figure:
            self._topic = Topic(candidate, figure, index)

    def _chosen(self, sentence: Sentence, candidates: list[Candidate], figures: list[Figure]) -> Iterator[Counted]:
        """Make one claim of a type a sentence, but one for each figure where several are told."""
        korean = self._document.language == "ko"
        by_type: dict[ClaimType, list[Candidate]] = defaultdict(list)
        for candidate in candidates:
            by_type[candidate.rule.type].append(candidate)
        told: dict[ClaimType, list[Figure]] = defaultdict(list)
        for figure in figures:
            owner = self._owner(sentence, figure, candidates)
            if owner:
                told[owner.rule.type].append(figure)
        if korean:
            by_type = self._predicated(by_type, told)
        for type_, group in self._without_rivals(by_type, told).items():
            mine = _distinct(told[type_])[: 1 if type_ is ClaimType.RESPONSE and not korean else None]
            if korean and type_ is ClaimType.TRANSPORT:
                mine = mine[-1:]  # "화물선 네 척이 64차례 항해했다"
            group = [candidate for candidate in group if mine or not candidate.rule.counted]
            if not group:
                continue
            group.sort(key=lambda candidate: -candidate.score)
            if len(mine) <= 1:
                yield group[0], mine[0] if mine else None
                for other in group[1:]:
                    self._candidates.note(
                        other.rule, other.anchor, other.hits, sentence, f"merged into {group[0].rule.id}"
                    )
                continue
            for figure in mine:
                best = min(group, key=lambda c: (_distance(figure, c), -c.score))
                yield best, figure

    def _predicated(
        self, by_type: dict[ClaimType, list[Candidate]], told: dict[ClaimType, list[Figure]]
    ) -> dict[ClaimType, list[Candidate]]:
        """Keep what Korean verbs tell, where there are such: what stands beside as a noun is what they are about.

        "파병을 규탄했다" condemns, and tells of no troops; "3차 파병도 배제할 수 없다" does.
        """
        weight = {type_: max(map(self._predicates, group)) for type_, group in by_type.items()}
        most = max(weight.values(), default=0)
        left = {t: group for t, group in by_type.items() if weight[t] == most or told[t]}
        if ClaimType.ARMS in left and not told[ClaimType.TRANSPORT]:
            left.pop(ClaimType.TRANSPORT, None)  # a shipment of arms is arms
        return left

    def _predicates(self, candidate: Candidate) -> int:
        """Tell how well Korean verbs carry a candidate: 2 where one closes a clause, 1 where it describes a noun."""
        words = self._document.words
        hits = (candidate.anchor, *candidate.hits)
        if any(self._verbs.asks(word) for hit in hits for word in words[hit.end - 1 : hit.end + 2]):
            return 0
        told = [words[hit.end - 1] for hit in hits if hit.cls and hit.cls not in self._nouns]
        verbs = [word for word in told if not self._verbs.nominal(word)]
        return 2 if any(map(self._verbs.closes, verbs)) else int(any(map(self._verbs.describes, verbs)))

    def _without_rivals(
        self, by_type: dict[ClaimType, list[Candidate]], told: dict[ClaimType, list[Figure]]
    ) -> dict[ClaimType, list[Candidate]]:
        """Let each thing be told of in one way: the soldiers that were killed are not those that were sent, too.

        A type that has a figure of its own stays.
        """
        left: dict[ClaimType, list[Candidate]] = {}
        taken: set[int] = set()
        for type_ in sorted(by_type, key=_ORDER.index):
            group = by_type[type_]
            free = [c for c in group if taken.isdisjoint(self._things(c))]
            if not free and (told[type_] or type_ not in _RIVALS):
                free = group
            for candidate in free:
                if type_ in _RIVALS:
                    taken.update(self._things(candidate))
            if free:
                left[type_] = free
        return self._without_reasons(left, told)

    @staticmethod
    def _without_reasons(
        by_type: dict[ClaimType, list[Candidate]], told: dict[ClaimType, list[Figure]]
    ) -> dict[ClaimType, list[Candidate]]:
        """Leave out what a response or thanks only give as their reason: "sanctions over the transfer of arms"."""
        responses = by_type.get(ClaimType.RESPONSE)
        thanks = [c for c in by_type.get(ClaimType.STATEMENT, ()) if c.anchor.cls == "thank"]
        if not responses and not thanks:
            return by_type
        start = max(responses or thanks, key=lambda candidate: candidate.score).anchor.start
        reasons = (*_RIVALS, ClaimType.STATEMENT) if responses else _RIVALS
        return {
            type_: group
            for type_, group in by_type.items()
            if type_ not in reasons or told[type_] or any(candidate.end <= start for candidate in group)
        }

    def _things(self, candidate: Candidate) -> set[int]:
        """Return where the people and things of a candidate stand."""
        hits = (candidate.anchor, *candidate.hits)
        return {hit.start for hit in hits if hit.cls == "person" or hit.cls in self._nouns}

    def _continued(
        self,
        sentence: Sentence,
        topic: Topic,
        figures: list[Figure],
        chosen: Sequence[Counted],
    ) -> Iterator[tuple[Candidate, Figure]]:
        """Take figures that tell no noun for more of what was counted last."""
        told = {figure.start for _, figure in chosen if figure}
        rule = topic.candidate.rule
        if rule.type is ClaimType.CASUALTIES and sentence.of(*_MOVED) and not sentence.of(*_HARM):
            rule = self._first[ClaimType.TROOPS]
        if not (sentence.of("say", "according", "citing", "planned", "arrive", "send", "kill", "wound", "casualty")):
            return
        for figure in figures:
            value, before = figure.low or figure.high or 0.0, topic.figure.low or topic.figure.high or 0.0
            if figure.start in told or figure.noun is not None or figure.unit not in (None, topic.figure.unit):
                continue
            if value >= 100 and before / _SIZE <= value <= before * _SIZE:
                figure.unit = topic.figure.unit
                anchor = Hit("", figure.start, figure.end)
                yield Candidate(rule, anchor, [], context=2), figure

    def _losses(
        self, sentence: Sentence, figures: list[Figure], chosen: Sequence[Counted]
    ) -> Iterator[tuple[Candidate, Figure]]:
        """Take figures of the dead and wounded for those of the troops that were told of before."""
        told = {figure.start for _, figure in chosen if figure}
        inside: set[int] = set() if "KP" in sentence.parties() else {hit.end for hit in sentence.of("in")}
        if sentence.of("strike", "missile") and "KP" not in sentence.parties():
            return  # who dies where a missile strikes is no soldier of the DPRK
        for mention in sentence.mentions:
            if mention.country == "UA" and (mention.role in ("adjective", "demonym") or mention.start in inside):
                return
        for figure in figures:
            harmed = self._harmed(sentence, figure)
            if figure.start not in told and harmed and figure.unit in (None, Unit.PERSON):
                harm = self._first[ClaimType.CASUALTIES]
                yield Candidate(harm, harmed, [], context=2), figure

    @staticmethod
    def _denied(sentence: Sentence, last: Candidate) -> Iterator[Counted]:
        """Take a denial by one of the two for one of what was told last: "Moscow denies this"."""
        parties = {mention.country for mention in sentence.mentions} & {"KP", "RU"}
        if sentence.of("deny") and (parties or sentence.of("both")):
            yield Candidate(last.rule, sentence.of("deny")[0], [], context=2), None

    @staticmethod
    def _harmed(sentence: Sentence, figure: Figure) -> Hit | None:
        """Return what tells that those counted are lost: the noun itself, or the verb of a figure alone."""
        noun = figure.noun
        if noun is not None and (noun.cls != "person" or noun.party not in (None, "KP")):
            return noun if noun.cls in _HARM else None
        before = _HARM_WITHIN if noun else 0  # "losses have come to 4,700 people"
        harms = sentence.of(*_HARM)
        near = [hit for hit in harms if -before <= hit.start - figure.end <= _HARM_WITHIN]
        same = [hit for hit in near if sentence.segment(hit.start) == sentence.segment(figure.start)]
        return same[0] if same else None

    def _owner(self, sentence: Sentence, figure: Figure, candidates: list[Candidate]) -> Candidate | None:
        """Tell which candidate a figure belongs to: one whose unit fits and that stands nearest."""
        fitting = []
        bare = figure.noun is None or figure.noun.cls in _HARM
        lost = bare and self._harmed(sentence, figure) is not None
        for candidate in candidates:
            if lost and candidate.rule.type in (ClaimType.TROOPS, ClaimType.LABOUR):
                continue  # "of those who came, some 4,000 were killed or wounded"
            units = candidate.rule.units
            if not units or (figure.unit is not None and figure.unit not in units):
                continue
            if figure.unit is None and figure.noun is None and abs(figure.start - candidate.anchor.start) > 6:
                continue
            among = any(
                figure.noun is not None and hit.start == figure.noun.start
                for hit in (candidate.anchor, *candidate.hits)
            )
            telling = _ORDER.index(candidate.rule.type) if among else 0
            if self._document.language == "ko":  # the verb that a figure belongs to stands behind it
                vague = figure.noun is not None and figure.noun.cls in ("item", "person")
                behind = any(hit.start >= figure.end for hit in (candidate.anchor, *candidate.hits))
                among = among and (behind or not vague)
            fitting.append((-among, telling, _distance(figure, candidate), -candidate.score, candidate))
        return min(fitting, key=lambda entry: entry[:4])[4] if fitting else None


def _tells_of_people(sentence: Sentence) -> bool:
    """Tell whether soldiers or citizens of the DPRK are named, whose losses may be told next."""
    return any(hit.party == "KP" for hit in sentence.of("troops", "person"))


def _distance(figure: Figure, candidate: Candidate) -> int:
    return max(candidate.anchor.start - figure.end, figure.start - candidate.anchor.end, 0)


def _distinct(figures: list[Figure]) -> list[Figure]:
    """Leave out what is told twice, and small numbers of nothing beside a true count ("15,000 in two waves")."""
    seen: set[tuple[object, ...]] = set()
    distinct = []
    if any(figure.unit is not None for figure in figures):
        figures = [f for f in figures if f.unit is not None or (f.low or f.high or 0.0) > _SMALL]
    for figure in figures:
        key = (figure.low, figure.high, figure.unit)
        if key not in seen:
            seen.add(key)
            distinct.append(figure)
    return distinct
