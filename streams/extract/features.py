"""What a sentence holds, as the trained models see it: names of features, each there or not.

| begins with | tells |
| --- | --- |
| `s:`, `b:` | a word by its beginning; two words in a row |
| `c:`, `cc:` | a cue by its class, with its party; two cues near each other |
| `k:`, `u:` | the kind of something named; the unit of a figure |
| `p:` | whether a side is named in the sentence, before it, or not at all |
| `r:`, `y:` | a rule that holds; a type that the rules would claim, with how well they fit |
| `q:`, `n:`, `t:` | a cue in the sentence before, in the one behind, in the title |
| `at:`, `lang:` | where in the text the sentence stands; the language |
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from streams.extract.candidates import Candidate
from streams.extract.document import Document, Sentence
from streams.extract.figure import Figure

# Cues this near to each other, in tokens, are seen as a pair.
_PAIRED = 6
# Ukrainian and Russian write many words alike but for these letters.
_ALIKE = str.maketrans("іїєґ", "ииег")
# How much of a word is seen where its ending may differ.
_STEM = 5
_KOREAN_STEMS = (2, 3)
_SIDES = ("KP", "RU")


def words_of(document: Document, sentence: Sentence) -> list[str]:
    """Return the words of a sentence in dictionary form."""
    words = document.words[sentence.start : sentence.end]
    return [word.lemmas[0] if word.lemmas else word.lower for word in words if word.lower.isalpha()]


def stems(language: str, word: str) -> list[str]:
    """Return how a word begins, as far as languages and endings leave it alike."""
    if language == "ko":
        return [f"s:{word[:length]}" for length in _KOREAN_STEMS]
    return [f"s:{word.translate(_ALIKE)[:_STEM]}" if language in ("uk", "ru") else f"s:{word[:_STEM]}"]


def of_words(document: Document, sentence: Sentence) -> set[str]:
    """Return features of the words that stand in a sentence."""
    words = words_of(document, sentence)
    found = {stem for word in words for stem in stems(document.language, word)}
    found.update(f"b:{one}_{other}" for one, other in pairwise(words))
    return found


def of_cues(sentence: Sentence) -> set[str]:
    """Return features of the cues, names and pairs of cues in a sentence."""
    found = set()
    hits = sentence.hits
    for place, hit in enumerate(hits):
        found.add(f"c:{hit.cls}")
        if hit.party:
            found.add(f"c:{hit.cls}@{hit.party if hit.party in ('KP', 'RU', 'UA') else 'other'}")
        for other in hits[place + 1 :]:
            if other.start - hit.end > _PAIRED:
                break
            if other.cls != hit.cls:
                found.add("cc:" + "|".join(sorted((hit.cls, other.cls))))
    found.update(f"k:{mention.entity.kind}" for mention in sentence.mentions)
    return found


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
    found = {f"q:{hit.cls}" for hit in sentences[index - 1].hits} if index else set()
    if index + 1 < len(sentences):
        found |= {f"n:{hit.cls}" for hit in sentences[index + 1].hits}
    return found
