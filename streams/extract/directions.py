"""Who acts and who gets: the direction of a claim."""

from schemas import ClaimType, Label
from streams.extract.candidates import Candidate
from streams.extract.document import Document, Hit, Mention, Sentence
from streams.extract.knowledge import KnownEntity

_USER_WITHIN = 8  # tokens between those who use a weapon and the verb of using
# How far from its anchor, in tokens, a giver and getter may stand.
_REACH = 15
# What one side does toward the other, wherever they meet.
_ADDRESSED = frozenset({"invite", "write", "phone", "letter", "award", "award_verb"})


class Directions:
    """Tells the actor and the recipient of a document's claims."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def of(self, sentence: Sentence, candidate: Candidate, place: KnownEntity | None) -> tuple[str, str]:
        """Tell who acts and who gets."""
        rule = candidate.rule
        korean = self._document.language == "ko"
        if isinstance(rule.parties, list):
            return rule.parties[0], rule.parties[1]
        if rule.parties == "mutual":
            if sender := self._sender(sentence, candidate):
                return (sender, "RU" if sender == "KP" else "KP")
            if korean and candidate.anchor.cls in _ADDRESSED and (subject := self.subject(sentence, candidate.anchor)):
                return ("KP", "RU") if subject.country == "KP" else ("RU", "KP")
            if rule.type is ClaimType.DIPLOMACY and place and place.country in ("KP", "RU"):
                return ("RU", "KP") if place.country == "KP" else ("KP", "RU")  # who meets abroad has travelled
            subject = self.subject(sentence, candidate.anchor) if rule.type is ClaimType.STATEMENT else None
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

    def subject(self, sentence: Sentence, anchor: Hit) -> Mention | None:
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

    def office(self, sentence: Sentence) -> Mention | None:
        """Return the office that responds in a Korean sentence, where one is its subject: "미 재무부는 … 제재했다"."""
        named = (m for m in sentence.of_party("other") if m.entity.label is Label.ORG and not m.state)
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
        others = sentence.of_party("other")
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
            if mention.country not in votes or abs(mention.start - candidate.anchor.start) > _REACH:
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
