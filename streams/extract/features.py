"""What a sentence holds, as the trained models see it: names of features, each there or not.

| begins with | tells |
| --- | --- |
| `s:` | a word by its beginning |
| `c:` | a cue by its class, with its party |
| `m:`, `k:`, `u:` | something named; its kind; the unit of a figure |
| `p:` | whether a side is named in the sentence, before it, or not at all; whether the article names both |
| `r:`, `y:` | a rule that holds; a type that the rules would claim, with how well they fit |
| `q:`, `n:`, `t:` | a cue in the sentence before, in the one behind, in the title |
| `at:`, `lang:` | where in the text the sentence stands; the language |
"""

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import chain, repeat

from streams.extract.candidates import Candidate
from streams.extract.document import Document, Sentence
from streams.extract.figure import Figure

# Ukrainian and Russian write many words alike but for these letters.
_ALIKE = str.maketrans("іїєґ", "ииег")
# How much of a word is seen where its ending may differ.
_STEM = 5
_KOREAN_STEMS = (2, 3)
# Words whose features are remembered, and features that are remembered as crossed with one thing.
_REMEMBERED, _REMEMBERED_CROSSED = 10_000, 5_000
_SIDES = ("KP", "RU")


def words_of(document: Document, start: int, end: int) -> list[str]:
    """Return the words from one token to before another, in dictionary form."""
    return [word.lemma for word in document.words[start:end] if word.lemma]


@lru_cache(maxsize=_REMEMBERED)
def _stems(language: str, word: str) -> tuple[str, ...]:
    """Return how a word begins, as far as languages and endings leave it alike."""
    if language == "ko":
        return tuple(f"s:{word[:length]}" for length in _KOREAN_STEMS)
    return (f"s:{word[:_STEM].translate(_ALIKE) if language in ('uk', 'ru') else word[:_STEM]}",)


def of_stems(language: str, words: Iterable[str]) -> set[str]:
    """Return features of how words begin."""
    return set(chain.from_iterable(map(_stems, repeat(language), words)))


def of_words(document: Document, start: int, end: int) -> set[str]:
    """Return features of the words from one token to before another."""
    return of_stems(document.language, words_of(document, start, end))


def of_cues(sentence: Sentence) -> set[str]:
    """Return features of the cues and names in a sentence."""
    found = {_prefixed("c", cls) for cls in sentence.by_class}
    for hit in sentence.hits:
        if hit.party:
            found.add(_prefixed("c", hit.cls, hit.party if hit.party in ("KP", "RU", "UA") else "other"))
    for mention in sentence.mentions:
        found |= {f"m:{mention.entity.name}", f"k:{mention.entity.kind}"}
    return found


class _Crossed(dict[str, str]):
    """Features crossed with something else that holds: each is written once."""

    def __init__(self, other: str) -> None:
        self._other = other

    def __missing__(self, feature: str) -> str:
        if len(self) >= _REMEMBERED_CROSSED:
            self.clear()
        self[feature] = crossed = f"{self._other}&{feature}"
        return crossed


_crossed = cache(_Crossed)


def crossed(other: str, features: Iterable[str]) -> list[str]:
    """Return features crossed with something else that holds, as a type or a language."""
    return [*map(_crossed(other).__getitem__, features)]


@cache
def _prefixed(prefix: str, cls: str, party: str = "") -> str:
    return f"{prefix}:{cls}@{party}" if party else f"{prefix}:{cls}"


def of_parties(sentence: Sentence, context: set[str]) -> set[str]:
    """Return features of who is named: in the sentence, before it, or nowhere."""
    named = sentence.parties()
    found = {f"p:{side}:{'here' if side in named else 'before' if side in context else 'no'}" for side in _SIDES}
    if named.issuperset(_SIDES):
        found.add("p:both")
    if named.difference(_SIDES):
        found.add("p:other")
    return found


def of_rules(candidates: Iterable[Candidate], told: Iterable[Candidate]) -> set[str]:
    """Return features of the rules that hold, and of those that they would make claims of, with how well they fit."""
    found = {f"r:{candidate.rule.id}" for candidate in candidates}
    for candidate in told:
        found |= {f"y:{candidate.rule.type}", f"y:{candidate.rule.type}:{int(10 * candidate.score)}"}
    return found


def of_figures(figures: Iterable[Figure]) -> set[str]:
    """Return features of the figures of a sentence."""
    return {f"u:{figure.unit.value if figure.unit else None}" for figure in figures}


def of_place(document: Document, index: int) -> set[str]:
    """Return features of where in its text a sentence stands, and of the language."""
    return {f"at:{5 * index // len(document.sentences)}", f"lang:{document.language}"}


def of_title(title: Document | None) -> set[str]:
    """Return features of an article's title."""
    return {f"t:{cls}" for sentence in title.sentences for cls in sentence.by_class} if title else set()


def of_neighbours(sentences: Sequence[Sentence], index: int) -> set[str]:
    """Return features of the sentences before and behind."""
    found = {_prefixed("q", cls) for cls in sentences[index - 1].by_class} if index else set()
    if index + 1 < len(sentences):
        found.update(_prefixed("n", cls) for cls in sentences[index + 1].by_class)
    return found
