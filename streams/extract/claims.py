"""From cues to claims: the rules of `knowledge/common/rules.yaml` are tried on every sentence."""

from collections.abc import Sequence
from datetime import date
from functools import partial

from schemas import Article, Claim, ClaimType, Evidence, Place, Plover, Quantity, Status, Unit
from schemas.claim import claim_id
from streams.extract.attribution import Attributions
from streams.extract.candidates import Candidate, Candidates, Step, nouns_of
from streams.extract.counting import Counted, Counting
from streams.extract.dates import Dates, date_of
from streams.extract.directions import Directions
from streams.extract.document import Document, Sentence
from streams.extract.figure import Figure
from streams.extract.knowledge import Knowledge, Rule
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

# Done in public: an article tells of them in its own voice, where no speaker stands in the sentence.
_PUBLIC = frozenset({ClaimType.DIPLOMACY, ClaimType.AGREEMENT, ClaimType.RESPONSE, ClaimType.STATEMENT})


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
        title_parties = {c for s in title.sentences for c in s.parties()} if title else set()
        self._parties = title_parties.union(*(sentence.parties() for sentence in document.sentences))
        self._title_parties = title_parties
        self._nouns = nouns_of(knowledge)
        self._candidates = Candidates(document, knowledge, title_parties, explains=explains)
        self._counting = Counting(document, title, knowledge, self._candidates)
        self._directions = Directions(document)

    @property
    def steps(self) -> list[Step]:
        """What became of each candidate, where that was asked for."""
        return self._candidates.steps

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
        for index, sentence in enumerate(document.sentences):
            found = dates.read(sentence)
            taken = {token for day in found for token in range(day.start, day.end)}
            attributions.hear(sentence, document.sentences[index + 1] if index + 1 < len(document.sentences) else None)
            background.read(sentence)
            if sentence.of("boilerplate"):
                continue
            candidates = self._candidates.of(index, sentence)
            chosen = self._counting.told(index, sentence, candidates, partial(quantities.read, sentence, taken))
            linked = linked or bool(chosen and sentence.parties() >= _SIDES)
            for candidate, figure in chosen:
                self._counting.take(index, candidate, figure)
                passage = self._passage(sentence, candidate, figure, chosen)
                claims.append(self._claim(sentence, index, candidate, figure, found, background, passage))
        least = _LEAST if linked else _LEAST_APART
        return self._without_repeats([claim for claim in claims if claim.confidence >= least])

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
        actor, recipient = self._directions.of(sentence, candidate, place)
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
        doer = self._directions.subject(sentence, anchor) if rule.type is ClaimType.STATEMENT else None
        if rule.type is ClaimType.RESPONSE and document.language == "ko":
            doer = self._directions.office(sentence)
        speakers = self._attributions.of(sentence, anchor, doer, public=rule.type in _PUBLIC)
        self._candidates.note(rule, anchor, candidate.hits, sentence, "claim")
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
