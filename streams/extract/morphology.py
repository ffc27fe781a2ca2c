"""Word forms and what they can be forms of: the only place where the languages' inflection is known.

A form is analysed once and remembered; the vocabulary is matched on keys, never on spelling:

* a lemma (`солдат`), for entries written in dictionary form,
* `=NIS`: exactly so, for acronyms and for entries written with `=`,
* `stem*`: every word with that beginning, for entries written with `*`,
* `~stem`: every word that holds it, for Korean compounds.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Protocol

_ACRONYM = re.compile(r"[A-ZА-ЯІЇЄҐЁ0-9]{1,5}")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")


@dataclass(frozen=True, slots=True)
class Form:
    """What a written form can be: lemmas, and grammatical marks such as `VERB`, `futr`, `nomn`, `datv`."""

    lemmas: tuple[str, ...]
    marks: frozenset[str] = frozenset()


class Morphology(Protocol):
    """Derives the lemmas of a language's word forms."""

    def form(self, word: str) -> Form: ...

    def entry(self, word: str) -> str:
        """Return the key under which a word of a knowledge file stands."""
        ...


class Slavic:
    """Ukrainian or Russian, by pymorphy3's OpenCorpora and VESUM dictionaries."""

    # Endings of names that no dictionary holds, taken off to look whether what is left is a known name.
    _ENDINGS = ("ом", "ем", "ою", "ой", "ові", "єм", "ю", "у", "а", "я", "е", "і", "и", "ы")

    def __init__(self, language: str) -> None:
        self._analyzer = _pymorphy(language)

    def form(self, word: str) -> Form:
        lower = word.lower().replace("ё", "е")
        parses = self._analyzer.parse(lower)
        lemmas = dict.fromkeys([lower])
        marks: set[str] = set()
        for parse in parses[:6]:
            lemmas[parse.normal_form.replace("ё", "е")] = None
            marks.update(re.split(r"[ ,]", str(parse.tag)))
        if word[:1].isupper() and not self._analyzer.word_is_known(lower):
            for ending in self._ENDINGS:
                if lower.endswith(ending) and len(lower) - len(ending) >= 2:
                    lemmas[lower[: -len(ending)]] = None
                    lemmas.update(dict.fromkeys(lower[: -len(ending)] + nominative for nominative in "аое"))
        return Form(tuple(lemmas), frozenset(marks))

    def entry(self, word: str) -> str:
        lower = word.lower().replace("ё", "е")
        parses = self._analyzer.parse(lower)
        # A word typed in dictionary form is its own lemma where the dictionary allows that at all.
        return lower if any(p.normal_form.replace("ё", "е") == lower for p in parses) else parses[0].normal_form


class English:
    """English, by simplemma's dictionary."""

    _ENDINGS = (("s", ""), ("es", ""), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"))

    def __init__(self) -> None:
        from simplemma import lemmatize

        self._lemmatize = lemmatize

    def form(self, word: str) -> Form:
        lower = word.lower()
        lemma = str(self._lemmatize(lower, lang="en")).lower()
        if lower.endswith("s") and lower[-2:-1].isdigit():
            lemma = lower[:-1]  # "KN-23s"
        lemmas = [lower, lemma]
        if lemma == lower:  # not in the dictionary: "deminers", "geolocated", "blacklisting"
            lemmas += [lower.removesuffix(ending) + more for ending, more in self._ENDINGS if lower.endswith(ending)]
        return Form(tuple(dict.fromkeys(lemmas)))

    def entry(self, word: str) -> str:
        return word.lower()


class Korean:
    """Korean: words are matched from their beginning, so that particles and endings behind a stem do not matter."""

    def __init__(self, particles: Mapping[str, str]) -> None:
        longest_first = sorted(particles, key=len, reverse=True)
        self._marks = {particle: frozenset(marks.split()) for particle, marks in particles.items()}
        self._particle = re.compile(f"(?:{'|'.join(map(re.escape, longest_first))})$") if longest_first else None

    def form(self, word: str) -> Form:
        lower = word.lower()
        found = self._particle.search(lower, 1) if self._particle else None
        if found is None:
            return Form((lower,))
        return Form((lower, lower[: found.start()]), self._marks[found[0]])

    def entry(self, word: str) -> str:
        # Words in Hangul take particles, so that an entry stands for every word that begins with it.
        return f"{word}*" if _HANGUL.search(word) else word.lower()


@cache
def _pymorphy(language: str) -> Any:
    from pymorphy3 import MorphAnalyzer

    return MorphAnalyzer(lang=language)


def morphology(language: str, particles: Mapping[str, str] = MappingProxyType({})) -> Morphology:
    """Return the morphology of one of the supported languages."""
    if language in ("uk", "ru"):
        return Slavic(language)
    return Korean(particles) if language == "ko" else English()


def entry_key(morphology: Morphology, word: str) -> str:
    """Return the key of a word as an editor wrote it: with `=`, `~` or `*`, as an acronym, or in dictionary form."""
    if word[0] in "=~" and len(word) > 1:
        return word if word[0] == "=" else f"~{word[1:].lower()}"
    if word.endswith("*") and len(word) > 2:
        return word.lower()
    if _ACRONYM.fullmatch(word) and not word.isdigit():
        return f"={word}"
    return morphology.entry(word)
