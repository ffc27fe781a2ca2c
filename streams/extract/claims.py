"""From cues to claims: the rules of `knowledge/common/rules.yaml` are tried on every sentence."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from schemas import Article, Claim, ClaimType, Evidence, Label, Place, Plover, Quantity, Status, Unit
from schemas.claim import claim_id
from streams.extract.attribution import Attributions
from streams.extract.dates import Dates, date_of
from streams.extract.document import Document, Hit, Mention, Sentence
from streams.extract.figure import Figure
from streams.extract.knowledge import Knowledge, KnownEntity, Rule, Term
from streams.extract.modality import Background, negated, status_of
from streams.extract.moment import Date
from streams.extract.places import Places
from streams.extract.quantities import Quantities
from streams.extract.quoting import Quoting

PLOVER = {
    ClaimType.TROOPS: Plover.MOBILIZE,
    ClaimType.CASUALTIES: Plover.ASSAULT,
    ClaimType.ARMS: Plover.AID,
    ClaimType.ARMS_USE: Plover.ASSAULT,
    ClaimType.TECHNOLOGY: Plover.COOPERATE,
    ClaimType.TRAINING: Plover.COOPERATE,
    ClaimType.LABOUR: Plover.COOPERATE,
    ClaimType.ECONOMY: Plover.COOPERATE,
    ClaimType.TRANSPORT: Plover.COOPERATE,
    ClaimType.DIPLOMACY: Plover.CONSULT,
    ClaimType.AGREEMENT: Plover.AGREE,
    ClaimType.STATEMENT: Plover.SUPPORT,
    ClaimType.RESPONSE: Plover.SANCTION,
}

# A figure alone ("Seoul speaks of 6,700") goes on with what was counted at most so many sentences before …
_GOES_ON = 3
_SMALL = 20
# What a figure counts that goes on from troops to their losses: "another 2,700 have been hurt".
_HARM_WITHIN = 10
_HARM_SINCE = 4  # sentences
# A denial without an object denies what was told at most so many sentences before.
_DENIED_SINCE = 2
_DENIABLE = frozenset({ClaimType.TROOPS, ClaimType.ARMS, ClaimType.TECHNOLOGY, ClaimType.LABOUR})
_MOVED = ("send", "arrive", "leave", "fight")
_HARM = frozenset({"kill", "wound", "capture", "missing", "casualty"})
# … if it is of that size or so: at most this many times larger or smaller.
_SIZE = 20
# Types that tell of the same people and things, the most telling first: see Claims._without_rivals.
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
_SAID = 5  # tokens between a state and its verb of saying
_USER_WITHIN = 8  # tokens between those who use a weapon and the verb of using
_LEAD = 2  # sentences at the start of an article that tell whom it is about
_ALWAYS_DONE = frozenset({ClaimType.STATEMENT, ClaimType.CASUALTIES, ClaimType.ARMS_USE})
# Where a country that somebody or something goes to is the place of it.
_MOVES = frozenset(
    {
        ClaimType.TROOPS,
        ClaimType.LABOUR,
        ClaimType.DIPLOMACY,
        ClaimType.ECONOMY,
        ClaimType.TRANSPORT,
        ClaimType.TRAINING,
    }
)
_SIDES = frozenset({"KP", "RU"})
# Confidence below which a claim is left out; more is asked where the two sides are nowhere named together.
_LEAST, _LEAST_APART = 0.45, 0.7
_NEAR = 2  # sentences before, from which parties are still understood
_NEAR_KOREAN = 4  # there a party once named is left out


# How far from its anchor, in tokens, a Korean claim's giver and getter may stand; what says where goods are from.
_REACH = 15
# What one side does toward the other, wherever they meet.
_ADDRESSED = frozenset({"invite", "write", "phone", "letter", "award", "award_verb"})
# What Korean particles make of a noun, and endings that Korean verbs have.
_NOMINAL = frozenset({"nomn", "accs", "gent", "with"})
_DESCRIBING = re.compile(r"[한할된될은는을던린릴긴낸낼온올간갈난날]$")
_CLOSING = re.compile(r"(?:[다요며고서지]|[해돼여아어내겨려혀켜워져쳐와봐놔줘]|기로|중이라고|중)$")
_VERBAL = re.compile(f"{_DESCRIBING.pattern}|{_CLOSING.pattern}")
_ASKING = re.compile(r"(?:냐고|냐는|는지|는지는|는지를|을지|을지는|일지|할지)$")
# Done in public: an article tells of them in its own voice, where no speaker stands in the sentence.
_PUBLIC = frozenset({ClaimType.DIPLOMACY, ClaimType.AGREEMENT, ClaimType.RESPONSE, ClaimType.STATEMENT})


@dataclass(slots=True)
class Candidate:
    """A rule that holds at an anchor."""

    rule: Rule
    anchor: Hit
    hits: list[Hit]
    context: int  # how many terms hold only by the sentences before
    figures: list[Figure] = field(default_factory=list)

    @property
    def start(self) -> int:
        return min(hit.start for hit in (self.anchor, *self.hits))

    @property
    def end(self) -> int:
        return max(hit.end for hit in (self.anchor, *self.hits))

    @property
    def score(self) -> float:
        """How well the rule fits: the more terms, the fewer from context, the closer together."""
        return self.rule.confidence + 0.05 * len(self.hits) - 0.1 * self.context - 0.005 * (self.end - self.start)


@dataclass(frozen=True, slots=True)
class Topic:
    """What was counted last: figures that follow without a noun are taken to count it too."""

    candidate: Candidate
    figure: Figure
    sentence: int


@dataclass(frozen=True, slots=True)
class Step:
    """One line of an explanation: a candidate, and what became of it."""

    rule: str
    type: ClaimType
    passage: str
    cues: tuple[str, ...]
    outcome: str


class Claims:
    """Reads the claims of one document."""

    def __init__(
        self,
        document: Document,
        article: Article,
        title: Document | None,
        knowledge: Knowledge,
        *,
        explains: bool = False,
    ) -> None:
        """Prepare to read. With `explains`, what becomes of every candidate is kept in `steps`."""
        if article.id is None or article.published_at is None:
            raise ValueError("the article lacks its id or date: call Article.completed() before extraction")
        self._document = document
        self._article = article
        self._article_id = article.id
        self._published_at = article.published_at
        self._published: date = article.published_at.date()
        self._knowledge = knowledge
        self._attributions = Quoting(document) if document.language == "ko" else Attributions(document)
        self._places = Places(document)
        self._title = title
        self._nouns = {"troops", "workers", "specialist", "delegation", "official", "weapon"} | knowledge.objects.keys()
        self._rules: dict[str, list[Rule]] = defaultdict(list)
        for rule in knowledge.rules:
            for cls in rule.when[0].classes:
                self._rules[cls].append(rule)
        self.steps: list[Step] = []
        self._explains = explains
        title_parties = {c for s in title.sentences for c in s.parties()} if title else set()
        self._parties = title_parties.union(*(sentence.parties() for sentence in document.sentences))
        self._title_parties = title_parties

    def read(self) -> list[Claim]:
        """Return the claims in order of the text."""
        document = self._document
        if not self._parties >= _SIDES:
            return []
        attributions = self._attributions
        background = Background(document, self._published)
        dates, quantities = Dates(document, self._published), Quantities(document)
        claims: list[Claim] = []
        # an article about cooperation names both sides together somewhere; one that names them apart is about others
        linked = self._title_parties >= _SIDES
        topic: Topic | None = None
        last: Candidate | None = None
        recent: dict[ClaimType, int] = {}  # the last sentence that told a claim of a type
        people = -1 if self._title and self._tells_of_people(self._title.sentences) else -_HARM_SINCE - 1
        for index, sentence in enumerate(document.sentences):
            found = dates.read(sentence)
            taken = {token for day in found for token in range(day.start, day.end)}
            attributions.hear(sentence, document.sentences[index + 1] if index + 1 < len(document.sentences) else None)
            background.read(sentence)
            if sentence.of("boilerplate"):
                continue
            candidates = self._candidates(index, sentence)
            if topic and index - topic.sentence > _GOES_ON:
                topic = None
            lost = index - people <= _HARM_SINCE  # losses told now are those of the people told of before
            if self._tells_of_people([sentence]):
                people = index
            if not candidates and not topic and not recent and not lost:
                continue
            figures = quantities.read(sentence, taken)
            chosen = list(self._chosen(sentence, candidates, figures))
            counted = next((Topic(c, f, index) for c, f in reversed(chosen) if f), topic)
            if lost:
                chosen += self._losses(sentence, figures, chosen)
            if counted:
                chosen += self._continued(sentence, counted, figures, chosen)
            if not chosen and last and index - recent[last.rule.type] <= _DENIED_SINCE:
                chosen += self._denied(sentence, last)
            linked = linked or bool(chosen and sentence.parties() >= _SIDES)
            for candidate, figure in chosen:
                recent[candidate.rule.type] = index
                if candidate.rule.type in (ClaimType.TROOPS, ClaimType.CASUALTIES):
                    people = index
                last = candidate if candidate.rule.type in _DENIABLE else last
                passage = self._passage(sentence, candidate, figure, chosen)
                claims.append(self._claim(sentence, index, candidate, figure, found, background, passage))
                if figure:
                    topic = Topic(candidate, figure, index)
        least = _LEAST if linked else _LEAST_APART
        return self._without_repeats([claim for claim in claims if claim.confidence >= least])

    @staticmethod
    def _tells_of_people(sentences: Sequence[Sentence]) -> bool:
        """Tell whether soldiers or citizens of the DPRK are named, whose losses may be told next."""
        return any(hit.party == "KP" for sentence in sentences for hit in sentence.of("troops", "person"))

    def _context(self, index: int) -> set[str]:
        """Return the parties understood from the title, the lead and the sentences before."""
        parties = self._title_parties | {c for s in self._document.sentences[:_LEAD] for c in s.parties()}
        near = _NEAR_KOREAN if self._document.language == "ko" else _NEAR
        for sentence in self._document.sentences[max(0, index - near) : index]:
            parties |= sentence.parties()
        return parties

    def _candidates(self, index: int, sentence: Sentence) -> list[Candidate]:
        context = self._context(index)
        found = []
        for cls in list(sentence.by_class):
            for rule in self._rules.get(cls, ()):
                if any(self._match(term, sentence, None, context, rule)[0] for term in rule.unless):
                    continue
                for anchor in sentence.by_class[cls]:
                    candidate = self._try(rule, anchor, sentence, context)
                    if candidate:
                        found.append(candidate)
        return found

    def _try(self, rule: Rule, anchor: Hit, sentence: Sentence, context: set[str]) -> Candidate | None:
        first = rule.when[0]
        cost = 0
        if rule.parties != "responder" and self._foreign(anchor):
            return None
        if first.party:
            fits = self._party(anchor, first.party, sentence, context)
            if fits is None:
                return None
            cost += fits
        hits: list[Hit] = []
        for term in rule.when[1:]:
            hit, fits = self._match(term, sentence, anchor, context, rule, hits)
            if fits is None:
                self._note(rule, anchor, hits, sentence, f"dropped: nothing near for {term}")
                return None
            cost += fits
            if hit is not None:
                hits.append(hit)
        stranger = cost and rule.parties != "responder" and "KP" not in sentence.parties()
        if stranger and self._elsewhere(sentence, anchor):
            self._note(rule, anchor, hits, sentence, "dropped: a third state acts")
            return None
        if cost > rule.context:
            self._note(rule, anchor, hits, sentence, "dropped: the parties are not named")
            return None
        return Candidate(rule, anchor, hits, cost)

    def _match(
        self,
        term: Term,
        sentence: Sentence,
        anchor: Hit | None,
        context: set[str],
        rule: Rule,
        others: Sequence[Hit] = (),
    ) -> tuple[Hit | None, int | None]:
        """Return the best hit for a term, and 0 if it stands in the sentence, 1 if by context, None if not at all."""
        if not term.classes:
            assert term.party is not None  # noqa: S101 - a term without classes has a party
            for mention in self._of_party(sentence, term.party):
                return Hit("", mention.start, mention.end, mention.country, mention), 0
            if not self._in(term.party, context):
                return None, None
            return None, 0 if sentence.of("both") else 1
        best: tuple[float, Hit, int] | None = None
        for hit in sentence.of(*term.classes):
            if anchor is not None:
                if hit is anchor or self._shares(hit, anchor, others):
                    continue
                if rule.parties != "responder" and self._foreign(hit):
                    continue
                distance = max(hit.start - anchor.end, anchor.start - hit.end, 0)
                if distance > rule.within:
                    continue
            else:
                distance = 0
            fits = self._party(hit, term.party, sentence, context) if term.party else 0
            if fits is None:
                continue
            if best is None or distance + 10 * fits < best[0]:
                best = (distance + 10 * fits, hit, fits)
        if best is None:
            return None, None
        return best[1], best[2]

    def _shares(self, hit: Hit, anchor: Hit, others: Sequence[Hit]) -> bool:
        """Tell whether the words of a hit are taken by another term. Korean compounds may fill several terms."""
        if self._document.language == "ko":
            word = self._document.words[hit.start]
            if word.inner or (_VERBAL.search(word.text) and not word.marks & _NOMINAL):
                return False
        return any(hit.start < other.end and other.start < hit.end for other in (anchor, *others) if other.cls)

    def _foreign(self, hit: Hit) -> bool:
        """Tell whether a thing or person is said to be a third country's: "South Korean ammunition"."""
        return hit.party is not None and hit.party not in ("KP", "RU") and hit.cls in self._nouns

    def _elsewhere(self, sentence: Sentence, anchor: Hit) -> bool:
        """Tell whether a third state is the subject: "Tehran gave Moscow 400 missiles" tells nothing of the DPRK."""
        words = self._document.words
        for mention in sentence.mentions:
            if mention.country in (None, "KP", "RU") or not mention.state or mention.role == "adjective":
                continue
            marks = words[mention.end - 1].marks
            spoken = any(
                abs(hit.start - mention.end) <= _SAID for hit in sentence.of("say", "according", "condemn", "warn")
            )
            if mention.end <= anchor.start and "nomn" in marks and not spoken:
                return True
        return False

    def _of_party(self, sentence: Sentence, party: str) -> list[Mention]:
        """Return what is named of a party, of one of some ("RU/UA"), of any but the two ("other").

        "KP!" is the state by a noun, as the goal of a journey is told: "North Korean" does not do.
        """
        parties = party.rstrip("!").split("/")
        return [
            m
            for m in sentence.mentions
            if m.country
            and (m.country in parties or (party == "other" and m.country not in ("KP", "RU")))
            and m.entity.label is not Label.WEAPON
            and not (party.endswith("!") and m.role in ("adjective", "demonym"))
        ]

    @staticmethod
    def _in(party: str, parties: set[str]) -> bool:
        return (
            bool(parties - {"KP", "RU"})
            if party == "other"
            else bool(parties.intersection(party.rstrip("!").split("/")))
        )

    def _party(self, hit: Hit, party: str, sentence: Sentence, context: set[str]) -> int | None:
        """Tell whether a hit belongs to a party: 0 as told in the sentence, 1 as known from before, None if not."""
        strict, party = party.startswith("="), party.removeprefix("=")
        if hit.party is not None:
            return 0 if self._in(party, {hit.party}) else None
        if strict:
            return None
        if self._of_party(sentence, party):
            return 0
        if not self._in(party, context):
            return None
        return 0 if sentence.of("both") else 1

    def _chosen(
        self, sentence: Sentence, candidates: list[Candidate], figures: list[Figure]
    ) -> Iterator[tuple[Candidate, Figure | None]]:
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
                    self._note(other.rule, other.anchor, other.hits, sentence, f"merged into {group[0].rule.id}")
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
        if any(self._asked(hit) for hit in (candidate.anchor, *candidate.hits)):
            return 0
        words = [
            self._document.words[hit.end - 1]
            for hit in (candidate.anchor, *candidate.hits)
            if hit.cls and hit.cls not in self._nouns
        ]
        verbs = [word.text for word in words if not word.marks & _NOMINAL]
        if any(_CLOSING.search(verb) for verb in verbs):
            return 2
        return int(any(_DESCRIBING.search(verb) for verb in verbs))

    def _asked(self, hit: Hit) -> bool:
        """Tell whether a Korean verb only asks: "도울 것이냐고 묻자", "보내고 있는지는"."""
        words = self._document.words[hit.end - 1 : hit.end + 2]
        return any(_ASKING.search(word.text) for word in words)

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
        chosen: Sequence[tuple[Candidate, Figure | None]],
    ) -> Iterator[tuple[Candidate, Figure]]:
        """Take figures that tell no noun for more of what was counted last."""
        told = {figure.start for _, figure in chosen if figure}
        rule = topic.candidate.rule
        if rule.type is ClaimType.CASUALTIES and sentence.of(*_MOVED) and not sentence.of(*_HARM):
            rule = next(other for other in self._knowledge.rules if other.type is ClaimType.TROOPS)
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
        self, sentence: Sentence, figures: list[Figure], chosen: Sequence[tuple[Candidate, Figure | None]]
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
                harm = next(rule for rule in self._knowledge.rules if rule.type is ClaimType.CASUALTIES)
                yield Candidate(harm, harmed, [], context=2), figure

    @staticmethod
    def _denied(sentence: Sentence, last: Candidate) -> Iterator[tuple[Candidate, Figure | None]]:
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
        harms = sentence.of(*sorted(_HARM))
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

    def _claim(
        self,
        sentence: Sentence,
        index: int,
        candidate: Candidate,
        figure: Figure | None,
        dates: Sequence[Date],
        background: Background,
        passage: tuple[int, int],
    ) -> Claim:
        document, article, rule = self._document, self._article, candidate.rule
        anchor = candidate.anchor
        first, last = passage
        start, end = document.offsets(first, last)
        text = article.text[start:end]
        deeds = [hit for hit in candidate.hits if hit.cls and hit.cls not in self._nouns]
        status = Status.HAPPENED if rule.type in _ALWAYS_DONE else status_of(document, sentence, anchor, deeds)
        denied = negated(document, sentence, anchor)
        place = self._places.of(sentence, index, anchor, passage, rule.type, moves=rule.type in _MOVES)
        actor, recipient = self._direction(sentence, candidate, place)
        told = () if rule.type is ClaimType.STATEMENT else self._attributions.spots(sentence)
        if isinstance(self._attributions, Quoting):
            if rule.type is ClaimType.RESPONSE:
                told = ()
            elif rule.type not in _PUBLIC:
                dates = [day for day in dates if not self._attributions.reports(day, dates)]
        when = date_of(sentence, anchor, dates, (first, last), told)
        if when and status is Status.HAPPENED and when.value > self._published.isoformat()[: len(when.value)]:
            status = Status.PLANNED
        quantity = figure.quantity(rule.units[0] if rule.units else Unit.ITEM) if figure else None
        # who thanks or promises is who knows it
        doer = self._subject(sentence, anchor) if rule.type is ClaimType.STATEMENT else None
        if rule.type is ClaimType.RESPONSE and document.language == "ko":
            doer = self._office(sentence)
        speakers = self._attributions.of(sentence, anchor, doer, public=rule.type in _PUBLIC)
        self._note(rule, anchor, candidate.hits, sentence, "claim")
        return Claim(
            id=claim_id(self._article_id, rule.type, actor, recipient, status, denied, quantity, text),
            article_id=self._article_id,
            url=article.url,
            source=article.source,
            published_at=self._published_at,
            language=document.language,
            type=rule.type,
            plover=_plover(rule, denied),
            actor=actor,
            recipient=recipient,
            object=self._object(candidate),
            quantity=quantity,
            status=status,
            negated=denied,
            attributed_to=[speaker.attribution(document) for speaker in speakers],
            place=Place(name=place.name, wikidata=place.wikidata) if place else None,
            when=when.value if when else None,
            background=background.of(sentence, when),
            confidence=round(max(0.05, min(0.99, candidate.score)), 2),
            evidence=Evidence(text=text, start=start, end=end),
        )

    def _passage(
        self,
        sentence: Sentence,
        candidate: Candidate,
        figure: Figure | None,
        chosen: Sequence[tuple[Candidate, Figure | None]],
    ) -> tuple[int, int]:
        """Return the tokens of the passage: the clause around what the rule met.

        Whole segments are taken, and those beside them, as far as they tell neither who says so nor another claim.
        """
        start, end = candidate.start, candidate.end
        if figure:
            start, end = min(start, figure.start), max(end, figure.end)
        first, last = sentence.segment(start), sentence.segment(end - 1)
        others = {sentence.segment(hit.start) for hit in sentence.of("say", "according", "citing", "source_label")}
        for other, number in chosen:
            if other is not candidate or number is not figure:
                others.add(sentence.segment(other.anchor.start))
                others.update([sentence.segment(number.start)] if number else ())
        while first > 0 and first - 1 not in others:
            first -= 1
        while last + 1 < len(sentence.segments) and last + 1 not in others:
            last += 1
        return min(sentence.segments[first][0], start), max(sentence.segments[last][1], end)

    def _direction(self, sentence: Sentence, candidate: Candidate, place: KnownEntity | None) -> tuple[str, str]:
        """Tell who acts and who gets."""
        rule = candidate.rule
        korean = self._document.language == "ko"
        if isinstance(rule.parties, list):
            return rule.parties[0], rule.parties[1]
        if rule.parties == "mutual":
            if sender := self._sender(sentence, candidate):
                return (sender, "RU" if sender == "KP" else "KP")
            if korean and candidate.anchor.cls in _ADDRESSED and (subject := self._subject(sentence, candidate.anchor)):
                return ("KP", "RU") if subject.country == "KP" else ("RU", "KP")
            if rule.type is ClaimType.DIPLOMACY and place and place.country in ("KP", "RU"):
                return ("RU", "KP") if place.country == "KP" else ("KP", "RU")  # who meets abroad has travelled
            subject = self._subject(sentence, candidate.anchor) if rule.type is ClaimType.STATEMENT else None
            named = next((m.country for m in sentence.mentions if m.country in ("KP", "RU")), rule.giver)
            first = subject.country or named if subject else named
            return (first, "RU" if first == "KP" else "KP")
        if rule.parties == "responder":
            return self._responder(sentence, candidate)
        if rule.parties == "user":
            return "KP", self._user(sentence, candidate)
        return self._given_korean(sentence, candidate) if korean else self._given(sentence, candidate)

    def _sender(self, sentence: Sentence, candidate: Candidate) -> str | None:
        """Return the state from which a letter or gift is told to come."""
        if not any(hit.cls == "letter" for hit in (candidate.anchor, *candidate.hits)):
            return None
        for hit in sentence.of("from"):
            for mention in sentence.mentions:
                if 0 <= mention.start - hit.end <= 2 and hit.start >= candidate.anchor.start:
                    return mention.country if mention.country in ("KP", "RU") else None
        return None

    def _subject(self, sentence: Sentence, anchor: Hit) -> Mention | None:
        """Return who of the two sides speaks: the nearest before the verb, in the nominative where there are cases."""
        korean = self._document.language == "ko"
        subjects = []
        for mention in sentence.mentions:
            if mention.country not in ("KP", "RU") or mention.role == "adjective" or mention.entity.kind == "newsroom":
                continue
            marks = self._document.role(mention) if korean else self._document.words[mention.start].marks
            if mention.end <= anchor.start and (not (marks or korean) or "nomn" in marks):
                subjects.append(mention)
        if korean:  # the topic speaks, and a subject acts in what is said
            topics = [mention for mention in subjects if "topic" in self._document.role(mention)]
            return (topics or subjects)[0] if subjects else None
        return subjects[-1] if subjects else None

    def _office(self, sentence: Sentence) -> Mention | None:
        """Return the office that responds in a Korean sentence, where one is its subject: "미 재무부는 … 제재했다"."""
        named = (m for m in self._of_party(sentence, "other") if m.entity.label is Label.ORG and not m.state)
        offices = (m for m in named if m.entity.kind in ("ministry", "agency"))
        return next((m for m in offices if "nomn" in self._document.role(m)), None)

    def _user(self, sentence: Sentence, candidate: Candidate) -> str:
        """Tell who uses the weapons: Russia, unless Ukrainians are named right before the verb of using."""
        deeds = [hit for hit in (candidate.anchor, *candidate.hits) if hit.cls in ("use", "strike")]
        for deed in deeds:
            before = [m for m in sentence.mentions if m.end <= deed.start and m.country in ("RU", "UA")]
            people = [m for m in before if m.role != "alias" or m.country == "RU"]
            if people and people[-1].country == "UA" and deed.start - people[-1].end <= _USER_WITHIN:
                return "UA"
        return "RU"

    def _responder(self, sentence: Sentence, candidate: Candidate) -> tuple[str, str]:
        others = self._of_party(sentence, "other")
        anchor = candidate.anchor
        actor = min(others, key=lambda m: (m.country == "UA", abs(m.start - anchor.start)), default=None)
        after = [m for m in sentence.mentions if m.country in ("KP", "RU") and m.start > anchor.start]
        before = [m for m in sentence.mentions if m.country in ("KP", "RU") and m.start <= anchor.start]
        target = after[0].country if after else before[-1].country if before else "KP"
        if self._document.language == "ko":
            subjects = [m for m in others if "nomn" in self._document.role(m) and m.country != "UN"]
            actor = min(subjects, key=lambda m: m.start, default=actor)
            target = "KP" if any(m.country == "KP" for m in sentence.mentions) else "RU"
            if any(m.country == "UA" and "to" in self._document.role(m) for m in sentence.mentions):
                target = "RU"  # "우크라이나에 무기를 지원하는 방안을 검토"
        return (actor.country if actor and actor.country else "US"), target or "KP"

    def _given(self, sentence: Sentence, candidate: Candidate) -> tuple[str, str]:
        """Tell the giver by prepositions, cases and who stands before a verb of giving or getting."""
        votes = {"KP": 0.0, "RU": 0.0}  # for being the one who gets
        votes["RU" if candidate.rule.giver == "KP" else "KP"] += 0.5
        hits = sentence.of
        for mention in sentence.mentions:
            if mention.country not in votes or abs(mention.start - candidate.anchor.start) > 15:
                continue
            party = mention.country
            other = "RU" if party == "KP" else "KP"
            for hit in hits("to"):
                if 0 <= mention.start - hit.end <= 1 or mention.start <= hit.start < mention.end:
                    votes[party] += 1
            for hit in hits("from", "made_in"):
                if 0 <= mention.start - hit.end <= 1 or mention.start <= hit.start < mention.end:
                    votes[other] += 1
            marks = self._document.words[mention.end - 1].marks
            if "datv" in marks and "nomn" not in marks and mention.role != "adjective":
                votes[party] += 0.6
            if mention.role != "adjective" and mention.start < candidate.anchor.start:
                if hits("get") and hits("get")[0].start >= mention.end and (not marks or "nomn" in marks):
                    votes[party] += 0.8
                elif hits("give", "send", "help") and (not marks or "nomn" in marks):
                    votes[other] += 0.7
        recipient = max(votes, key=lambda party: votes[party])
        return ("RU" if recipient == "KP" else "KP"), recipient

    def _given_korean(self, sentence: Sentence, candidate: Candidate) -> tuple[str, str]:
        """Tell the giver by particles: "북한이", "북한에서" and "북한산" give, "북한에" and "북한으로" get."""
        votes = {"KP": 0.0, "RU": 0.0}  # for being the one who gets
        votes["RU" if candidate.rule.giver == "KP" else "KP"] += 0.5
        hits = (candidate.anchor, *candidate.hits)
        gets = any(hit.cls == "get" for hit in hits) and not any(hit.cls in ("give", "send") for hit in hits)
        for mention in sentence.mentions:
            if mention.country not in votes or abs(mention.start - candidate.anchor.start) > _REACH:
                continue
            party = mention.country
            other = "RU" if party == "KP" else "KP"
            role = self._document.role(mention)
            if any(hit.start == mention.end - 1 for hit in sentence.of("made_in")):
                votes[other] += 1
            elif "to" in role:
                votes[party] += 1.5
            elif "in" in role or "from" in role:
                votes[other] += 1.2
            elif "nomn" in role:
                votes[party if gets else other] += 1
            elif "gent" in role:
                votes[other] += 0.5
        recipient = max(votes, key=lambda party: votes[party])
        return ("RU" if recipient == "KP" else "KP"), recipient

    def _object(self, candidate: Candidate) -> str | None:
        """Name what is given, made, signed …: a known entity, else the English words for the cue's class."""
        objects = self._knowledge.objects
        hits = [hit for hit in (*candidate.hits, candidate.anchor) if hit.cls in objects]
        named = next((hit.mention.entity.name for hit in hits if hit.mention is not None), None)
        return named or (objects[hits[0].cls] if hits else None)

    def _without_repeats(self, claims: list[Claim]) -> list[Claim]:
        """Of claims that tell the same, keep the fullest."""
        kept: dict[tuple[object, ...], Claim] = {}
        for claim in claims:
            key = _sameness(claim)
            before = kept.get(key)
            if before is None or _fullness(claim) > _fullness(before):
                kept[key] = claim
        return sorted(kept.values(), key=lambda claim: (claim.evidence.start, claim.evidence.end, claim.type))

    def _note(self, rule: Rule, anchor: Hit, hits: Sequence[Hit], sentence: Sentence, outcome: str) -> None:
        if not self._explains:
            return
        document = self._document
        cues = tuple(f"{hit.cls or hit.party}: {document.original(hit.start, hit.end)}" for hit in (anchor, *hits))
        passage = document.original(sentence.start, sentence.end)[:160]
        self.steps.append(Step(rule.id, rule.type, passage, cues, outcome))


def _plover(rule: Rule, denied: bool) -> Plover:
    if denied:
        return Plover.REJECT
    return rule.plover or PLOVER[rule.type]


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


def _sameness(claim: Claim) -> tuple[object, ...]:
    quantity: Quantity | None = claim.quantity
    if quantity is None:
        return (claim.type, claim.status, claim.negated, claim.evidence.start)
    return (claim.type, claim.status, claim.negated, quantity.low, quantity.high, quantity.unit)


def _fullness(claim: Claim) -> float:
    return bool(claim.attributed_to) + bool(claim.place) + bool(claim.when) + (not claim.background) + claim.confidence
