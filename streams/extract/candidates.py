"""The rules of `knowledge/common/rules.yaml`, tried on every sentence."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice

from schemas import ClaimType
from streams.extract.document import Document, Hit, Sentence
from streams.extract.knowledge import Knowledge, Rule, Term
from streams.extract.korean_verbs import KoreanVerbs

_SAID = 5  # tokens between a state and its verb of saying
_LEAD = 2  # sentences at the start of an article that tell whom it is about
_NEAR = 2  # sentences before, from which parties are still understood
_NEAR_KOREAN = 4  # there a party once named is left out
# So many candidates of a sentence, and of an article, are looked at. People write a handful, and some hundreds.
_MOST_TOGETHER, _MOST = 50, 10_000
_SIDES = frozenset({"KP", "RU"})


@dataclass(slots=True)
class Candidate:
    """A rule that holds at an anchor.

    `score` tells how well: the more terms, the fewer from context, the closer together.
    """

    rule: Rule
    anchor: Hit
    hits: list[Hit]
    context: int  # how many terms hold only by the sentences before
    start: int = field(init=False)
    end: int = field(init=False)
    score: float = field(init=False)

    def __post_init__(self) -> None:
        told = (self.anchor, *self.hits)
        self.start = min([hit.start for hit in told])
        self.end = max([hit.end for hit in told])
        length = self.end - self.start
        self.score = self.rule.confidence + 0.05 * len(self.hits) - 0.1 * self.context - 0.005 * length


@dataclass(frozen=True, slots=True)
class Step:
    """One line of an explanation: a candidate, and what became of it."""

    rule: str
    type: ClaimType
    passage: str
    cues: tuple[str, ...]
    outcome: str
    claimed: bool = False
    reasons: tuple[str, ...] = ()  # what spoke most for and against it, by the trained model


class Candidates:
    """Finds where rules hold. With `explains`, what becomes of every candidate is kept in `steps`."""

    def __init__(
        self, document: Document, knowledge: Knowledge, title_parties: set[str], *, explains: bool = False
    ) -> None:
        self._document = document
        self._title_parties = title_parties
        self._nouns = knowledge.nouns
        self._verbs = KoreanVerbs(document.grammar)
        self._rules = knowledge.by_anchor
        self.steps: list[Step] = []
        self.explains = explains
        self._left = _MOST

    def context(self, index: int) -> set[str]:
        """Return the parties understood from the title, the lead and the sentences before."""
        parties = self._title_parties | {c for s in self._document.sentences[:_LEAD] for c in s.parties()}
        near = _NEAR_KOREAN if self._document.language == "ko" else _NEAR
        for sentence in self._document.sentences[max(0, index - near) : index]:
            parties |= sentence.parties()
        return parties

    def of(self, sentence: Sentence, context: set[str]) -> list[Candidate]:
        """Return the candidates of a sentence; `context` are the parties understood from before."""
        found: list[Candidate] = []
        for cls in list(sentence.by_class) if self._left > 0 else ():
            for rule in self._rules.get(cls, ()):
                if not (self.explains or self._may_hold(rule, sentence, context)):
                    continue
                if any(self._match(term, sentence, None, context, rule)[0] for term in rule.unless):
                    continue
                tried = (self._try(rule, anchor, sentence, context) for anchor in sentence.by_class[cls])
                found += islice(filter(None, tried), _MOST_TOGETHER - len(found))
        self._left -= len(found)
        return found

    @staticmethod
    def _may_hold(rule: Rule, sentence: Sentence, context: set[str]) -> bool:
        """Tell whether all that a rule asks for stands anywhere in a sentence: most rules need no closer look."""
        present = sentence.by_class.keys()
        for term in rule.when[1:]:
            if term.classes:
                if present.isdisjoint(term.classes):
                    return False
            elif term.party and not (_in(term.party, context) or sentence.of_party(term.party)):
                return False
        return True

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
                self.note(rule, anchor, hits, sentence, f"dropped: nothing near for {term}")
                return None
            cost += fits
            if hit is not None:
                hits.append(hit)
        stranger = cost and rule.parties != "responder" and "KP" not in sentence.parties()
        if stranger and self._elsewhere(sentence, anchor):
            self.note(rule, anchor, hits, sentence, "dropped: a third state acts")
            return None
        if cost > rule.context:
            self.note(rule, anchor, hits, sentence, "dropped: the parties are not named")
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
            for mention in sentence.of_party(term.party):
                return Hit("", mention.start, mention.end, mention.country, mention), 0
            if not _in(term.party, context):
                return None, None
            return None, 0 if sentence.of("both") else 1
        best: tuple[float, Hit, int] | None = None
        for hit in sentence.of(*term.classes):
            if anchor is not None:
                distance = max(hit.start - anchor.end, anchor.start - hit.end, 0)
                if distance > rule.within or hit is anchor or self._shares(hit, anchor, others):
                    continue
                if rule.parties != "responder" and self._foreign(hit):
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
            if word.inner or self._verbs.verbal(word):
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

    def _party(self, hit: Hit, party: str, sentence: Sentence, context: set[str]) -> int | None:
        """Tell whether a hit belongs to a party: 0 as told in the sentence, 1 as known from before, None if not."""
        strict, party = party.startswith("="), party.removeprefix("=")
        if hit.party is not None:
            return 0 if _in(party, {hit.party}) else None
        if strict:
            return None
        if sentence.of_party(party):
            return 0
        if not _in(party, context):
            return None
        return 0 if sentence.of("both") else 1

    def note(
        self,
        rule: Rule,
        anchor: Hit,
        hits: Sequence[Hit],
        sentence: Sentence,
        outcome: str,
        *,
        claimed: bool = False,
        reasons: Sequence[str] = (),
    ) -> None:
        """Keep what became of a candidate, where explanations are asked for."""
        if not self.explains:
            return
        document = self._document
        cues = tuple(f"{hit.cls or hit.party}: {document.original(hit.start, hit.end)}" for hit in (anchor, *hits))
        passage = document.original(sentence.start, sentence.end)[:160]
        self.steps.append(Step(rule.id, rule.type, passage, cues, outcome, claimed, tuple(reasons)))

    def drop(self, reason: str) -> None:
        """Note that what was claimed is not, after all."""
        self.steps = [
            replace(step, outcome=f"dropped: {reason}; else {step.outcome}", claimed=False) if step.claimed else step
            for step in self.steps
        ]


def _in(party: str, parties: set[str]) -> bool:
    return not parties <= _SIDES if party == "other" else not parties.isdisjoint(_countries(party))


@cache
def _countries(party: str) -> frozenset[str]:
    """Return the countries that a rule names as a party."""
    return frozenset(party.rstrip("!").split("/"))
