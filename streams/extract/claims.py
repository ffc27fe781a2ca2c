"""From sentences to claims: rules and cues propose them, and the trained models decide."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from schemas import Article, Claim, ClaimType, Evidence, Place, Plover, Quantity, Status, Unit
from schemas.claim import claim_id
from streams.extract import features
from streams.extract.attribution import Attributions, Speaker, ordered
from streams.extract.candidates import Candidate, Candidates, Step
from streams.extract.choices import Choices, Draft
from streams.extract.counting import Counted, Counting, Reading
from streams.extract.dates import Dates, date_of
from streams.extract.directions import Directions
from streams.extract.document import Document, Sentence
from streams.extract.figure import Figure
from streams.extract.knowledge import Knowledge, KnownEntity, Rule
from streams.extract.modality import Background, negated, status_of
from streams.extract.models import Models
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
# So many reasons are told in an explanation.
_REASONS = 6
# So many claims are looked for in an article.
_MOST_DRAFTS = 1_000
# Sentences before whose dates may still hold.
_BACK = 2
_SIDES = frozenset({"KP", "RU"})
# Flashes from the front leave Russia to be understood.
_AT_WAR = frozenset({"RU", "UA"})

# How likely the likeliest claim of an article must be for the article to tell anything. A feed is mostly about other
# matters: what is unsure there and stands alone is told by chance.
LIKELY = 0.5

# Done in public: an article tells of them in its own voice, where no speaker stands in the sentence.
_PUBLIC = frozenset({ClaimType.DIPLOMACY, ClaimType.AGREEMENT, ClaimType.RESPONSE, ClaimType.STATEMENT})


Types = Callable[[Reading], Mapping[ClaimType, float]]
"""Tells which types of claims a sentence tells, and how sure that is."""

Figures = Callable[[Reading, ClaimType, Iterable[ClaimType]], list[Figure]]
"""Tells which figures a sentence tells for a type, given all types that it tells."""


@dataclass(frozen=True, slots=True)
class Choosable:
    """What may be chosen for a draft: names of features that speak for something, or options with theirs."""

    direction: set[str]  # for the DPRK as the actor; of a response, as its target
    responders: list[tuple[str, set[str]]]
    status: set[str]
    background: set[str]
    places: list[tuple[KnownEntity | None, set[str]]]
    dates: list[tuple[Date | None, set[str]]]
    speakers: list[tuple[Speaker | None, set[str]]]


class Claims:
    """Reads the claims of one document."""

    def __init__(
        self,
        document: Document,
        article: Article,
        title: Document | None,
        knowledge: Knowledge,
        models: Models,
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
        self._models = models
        self._title_features = features.of_title(title)
        title_parties = {c for s in title.sentences for c in s.parties()} if title else set()
        self._parties = title_parties.union(*(sentence.parties() for sentence in document.sentences))
        self._nouns = knowledge.nouns
        self._candidates = Candidates(document, knowledge, title_parties, explains=explains)
        self._counting = Counting(document, title, knowledge, self._candidates, models)
        self._directions = Directions(document)
        self._choices = Choices(document, title, self._published)

    @property
    def steps(self) -> list[Step]:
        """What became of each candidate, where that was asked for."""
        return self._candidates.steps

    @property
    def concerned(self) -> bool:
        """Whether the article names the DPRK, and Russia or the country that it is at war with."""
        return "KP" in self._parties and not self._parties.isdisjoint(_AT_WAR)

    def read(self) -> list[Claim]:
        """Return the claims in order of the text."""
        drafts = list(islice(self.drafts(self._sure, self._likely), _MOST_DRAFTS))
        if all(draft.confidence < LIKELY for draft, _ in drafts):
            self._candidates.drop("nothing in the article is likelier than not")
            return []
        return self._without_repeats([self._claim(draft, may) for draft, may in drafts])

    def _sure(self, reading: Reading) -> dict[ClaimType, float]:
        """Return the types of claims that a sentence tells, by the models."""
        seen = self.features(reading)
        sure = {ClaimType(label): probability for label, probability in self._models.types.certain(seen).items()}
        for candidate, _ in reading.opinion:
            # it is trusted as it says
            if self._new(candidate):
                sure[candidate.rule.type] = max(sure.get(candidate.rule.type, 0.0), min(candidate.score, 1.0))
        if self._candidates.explains:
            self._explain(reading, seen, sure)
        return sure

    def _explain(self, reading: Reading, seen: set[str], sure: Mapping[ClaimType, float]) -> None:
        """Note what the models make of a sentence: which types are claimed, which are not, and why."""
        models = self._models.types
        found = models.probabilities(seen)
        proposed: dict[ClaimType, Candidate] = {}
        for candidate in (*(each for each, _ in reading.opinion), *reading.candidates):
            proposed.setdefault(candidate.rule.type, candidate)
        for type_ in sure:
            proposed.setdefault(type_, self._counting.bare(type_, reading.sentence))
        for type_, candidate in proposed.items():
            outcome = "claim" if type_ in sure else "dropped: too unlikely"
            reasons = [f"{feature} {weight:+.1f}" for feature, weight in models.reasons(seen, type_, _REASONS)]
            self._candidates.note(
                candidate.rule,
                candidate.anchor,
                candidate.hits,
                reading.sentence,
                f"{outcome} ({found[type_]:.0%}, from {models.least:.0%} on)",
                claimed=type_ in sure,
                reasons=reasons,
            )

    def figures(self, reading: Reading, type_: ClaimType, sure: Iterable[ClaimType]) -> list[tuple[Figure, set[str]]]:
        """Return the figures that a claim of a type may tell, each with what speaks for it."""
        return self._choices.figures(reading, type_, sure)

    def _likely(self, reading: Reading, type_: ClaimType, sure: Iterable[ClaimType]) -> list[Figure]:
        likely = self._models.figure.likely(self.figures(reading, type_, sure))
        for candidate, figure in reading.opinion:
            # as a new rule is trusted, so is the figure that it counts
            if figure and figure not in likely and candidate.rule.type is type_ and self._new(candidate):
                likely.append(figure)
        return likely

    def _new(self, candidate: Candidate) -> bool:
        """Tell whether a candidate's rule was added since the models were trained."""
        return not self._models.types.knows(f"r:{candidate.rule.id}")

    def drafts(self, types: Types, figures: Figures) -> Iterator[tuple[Draft, Choosable]]:
        """Yield what each sentence claims of the `types` that it is sure to tell, with what may be chosen for it."""
        if not self.concerned:
            return
        sentences = self._document.sentences
        background = Background(self._document, self._published)
        readings = self.readings()
        far: list[Date] = []
        for reading in readings:
            index, sentence = reading.index, reading.sentence
            if index > _BACK:
                far += readings[index - _BACK - 1].dates
            self._attributions.hear(sentence, sentences[index + 1] if index + 1 < len(sentences) else None)
            background.read(sentence)
            if sentence.of("boilerplate"):
                continue
            sure = types(reading)
            told = {type_: figures(reading, type_, sure) for type_ in sure}
            chosen = self._counting.settled(reading, told)
            for candidate, figure in chosen:
                draft = self._draft(reading, candidate, figure, chosen, sure[candidate.rule.type], background)
                days = [readings[back].dates for back in range(index, max(-1, index - _BACK - 1), -1)]
                yield draft, self._choosable(draft, days, far, background)
                self._choices.pass_on(draft)

    def readings(self) -> list[Reading]:
        """Return what stands in each sentence, and what the rules make of it."""
        dates, quantities = Dates(self._document, self._published), Quantities(self._document)
        readings = []
        for index, sentence in enumerate(self._document.sentences):
            found = dates.read(sentence)
            taken = {token for day in found for token in range(day.start, day.end)}
            figures = quantities.read(sentence, taken)
            context = self._candidates.context(index)
            candidates = [] if sentence.of("boilerplate") else self._candidates.of(sentence, context)
            opinion = self._counting.told(index, sentence, candidates, figures)
            for candidate, figure in opinion:
                self._counting.take(index, candidate, figure)
            readings.append(Reading(index, sentence, found, figures, context, candidates, opinion))
        return readings

    def features(self, reading: Reading) -> set[str]:
        """Return what the models see of a sentence."""
        document, sentence = self._document, reading.sentence
        return {
            *features.of_words(document, sentence.start, sentence.end),
            *features.of_cues(sentence),
            *features.of_parties(sentence, reading.context),
            f"p:all:{self._parties >= _SIDES}",
            *features.of_rules(reading.candidates, (candidate for candidate, _ in reading.opinion)),
            *features.of_figures(reading.figures),
            *features.of_place(document, reading.index),
            *features.of_neighbours(document.sentences, reading.index),
            *self._title_features,
        }

    def _draft(
        self,
        reading: Reading,
        candidate: Candidate,
        figure: Figure | None,
        chosen: Sequence[Counted],
        confidence: float,
        background: Background,
    ) -> Draft:
        """Put down a claim as the rules alone see it."""
        document, sentence, rule, anchor = self._document, reading.sentence, candidate.rule, candidate.anchor
        passage = self._passage(sentence, candidate, figure, chosen)
        deeds = [hit for hit in candidate.hits if hit.cls and hit.cls not in self._nouns]
        status = Status.HAPPENED if rule.type in _ALWAYS_DONE else status_of(document, sentence, anchor, deeds)
        place = self._places.of(sentence, reading.index, anchor, passage, rule.type, moves=rule.type in _MOVES)
        actor, recipient = self._directions.of(sentence, candidate, place)
        dates = reading.dates
        told = () if rule.type is ClaimType.STATEMENT else self._attributions.spots(sentence)
        if isinstance(self._attributions, Quoting):
            if rule.type is ClaimType.RESPONSE:
                told = ()
            elif rule.type not in _PUBLIC:
                dates = [day for day in dates if not self._attributions.reports(day, dates)]
        when = date_of(sentence, anchor, dates, passage, told)
        # who thanks or promises is who knows it
        doer = self._directions.subject(sentence, anchor) if rule.type is ClaimType.STATEMENT else None
        if rule.type is ClaimType.RESPONSE and document.language == "ko":
            doer = self._directions.office(sentence)
        return Draft(
            type=rule.type,
            index=reading.index,
            sentence=sentence,
            candidate=candidate,
            figure=figure,
            passage=passage,
            confidence=confidence,
            status=status,
            negated=negated(document, sentence, anchor),
            actor=actor,
            recipient=recipient,
            place=place,
            when=when,
            speakers=self._attributions.of(sentence, anchor, doer, public=rule.type in _PUBLIC),
            background=background.of(sentence, when),
        )

    def _choosable(
        self, draft: Draft, days: Sequence[Sequence[Date]], far: Sequence[Date], background: Background
    ) -> Choosable:
        choices, sentence = self._choices, draft.sentence
        response = draft.type is ClaimType.RESPONSE
        return Choosable(
            direction=choices.target(draft) if response else set() if draft.fixed else choices.direction(draft),
            responders=choices.responders(draft) if response else [],
            status=choices.status(draft),
            background=choices.background(draft, background.recalling(sentence), background.since),
            places=choices.places(draft),
            dates=choices.dates(draft, days, far, self._attributions.spots(sentence)),
            speakers=choices.speakers(draft, self._attributions),
        )

    def _claim(self, draft: Draft, may: Choosable) -> Claim:
        document, article, rule, models = self._document, self._article, draft.candidate.rule, self._models
        start, end = document.offsets(*draft.passage)
        text = article.text[start:end]
        actor, recipient = self._parties_of(draft, may)
        place = models.place.best(may.places)
        when = models.when.best(may.dates)
        speakers = self._speakers_of(draft, may)
        status = draft.status
        if draft.type not in _ALWAYS_DONE:
            status = Status(next(iter(models.status.certain(may.status)), Status.HAPPENED))
        denied = models.negated.holds(may.status)
        if when and status is Status.HAPPENED and when.value > self._published.isoformat()[: len(when.value)]:
            status = Status.PLANNED
        quantity = draft.figure.quantity(rule.units[0] if rule.units else Unit.ITEM) if draft.figure else None
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
            object=self._object(draft.candidate),
            quantity=quantity,
            status=status,
            negated=denied,
            attributed_to=[speaker.attribution(document) for speaker in ordered(speakers)],
            place=Place(name=place.name, wikidata=place.wikidata) if place else None,
            when=when.value if when else None,
            background=models.background.holds(may.background),
            confidence=round(draft.confidence, 2),
            evidence=Evidence(text=text, start=start, end=end),
        )

    def _speakers_of(self, draft: Draft, may: Choosable) -> list[Speaker]:
        """Return who says so: the likeliest one, and others who stand as near to the claim."""
        leading = self._models.speaker.leading(may.speakers)
        if not leading:
            return []
        own = {speaker.name for speaker, told in may.speakers if speaker and "own" in told}
        near = [speaker for speaker in leading if (speaker.name in own) is (leading[0].name in own)]
        # the models look for who knows it; newsrooms that pass it on are told as the rules find them
        return [*near, *(speaker for speaker in draft.speakers if speaker.passes_on)]

    def _parties_of(self, draft: Draft, may: Choosable) -> tuple[str, str]:
        """Return who acts and who gets."""
        if draft.type is ClaimType.RESPONSE:
            target = "KP" if self._models.target.holds(may.direction) else "RU"
            return self._models.responder.best(may.responders) or draft.actor, target
        if draft.fixed:
            return draft.actor, draft.recipient
        return ("KP", "RU") if self._models.direction.holds(may.direction) else ("RU", "KP")

    def _passage(
        self,
        sentence: Sentence,
        candidate: Candidate,
        figure: Figure | None,
        chosen: Sequence[Counted],
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


def _plover(rule: Rule, denied: bool) -> Plover:
    if denied:
        return Plover.REJECT
    return rule.plover or PLOVER[rule.type]


def _sameness(claim: Claim) -> tuple[object, ...]:
    quantity: Quantity | None = claim.quantity
    if quantity is None:
        return (claim.type, claim.status, claim.negated, claim.evidence.start)
    return (claim.type, claim.status, claim.negated, quantity.low, quantity.high, quantity.unit)


def _fullness(claim: Claim) -> float:
    return bool(claim.attributed_to) + bool(claim.place) + bool(claim.when) + (not claim.background) + claim.confidence
