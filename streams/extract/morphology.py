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

# pymorphy3 asks for the Unicode name of each letter, and fails for those that Python knows none for (Tangut …).
_LAST_NAMED = "\u2fff"
_ACRONYM = re.compile(r"[A-ZА-ЯІЇЄҐЁ0-9]{1,5}")
# Korean verbs of what is still to come, before a noun: "보낼 (예정)", "파견할", "열릴". (을 is mostly a particle.)
_PROSPECTIVE = re.compile(r"\w(?:할|될|낼|킬|릴|설|칠|질|올|갈|길|지을|받을|맺을|놓을)$|^(?:갈|올|할|될|쓸|줄|살|팔)$")


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

    def nominative(self, lower: str) -> str:
        """Return the nominative of a form in small letters, read as part of a name."""
        ...


class Slavic:
    """Ukrainian or Russian, by pymorphy3's OpenCorpora and VESUM dictionaries."""

    # Endings of names that no dictionary holds, taken off to look whether what is left is a known name.
    _ENDINGS = ("ом", "ем", "ою", "ой", "ові", "єм", "ю", "у", "а", "я", "е", "і", "и", "ы")

    def __init__(self, language: str) -> None:
        self._analyzer = _pymorphy(language)

    def form(self, word: str) -> Form:
        lower = word.lower().replace("ё", "е")
        if max(lower) > _LAST_NAMED:
            return Form((lower,))
        parses = self._parses(lower)
        lemmas = dict.fromkeys([lower])
        for parse in parses[:6]:
            lemmas[parse.normal_form.replace("ё", "е")] = None
        marks = frozenset().union(*(parse.tag.grammemes for parse in parses[:6]))
        if word[:1].isupper() and not self._analyzer.word_is_known(lower):
            for ending in self._ENDINGS:
                if lower.endswith(ending) and len(lower) - len(ending) >= 2:
                    lemmas[lower[: -len(ending)]] = None
                    lemmas.update(dict.fromkeys(lower[: -len(ending)] + nominative for nominative in "аое"))
        return Form(tuple(lemmas), marks)

    def entry(self, word: str) -> str:
        lower = word.lower().replace("ё", "е")
        parses = self._analyzer.parse(lower)
        # A word typed in dictionary form is its own lemma where the dictionary allows that at all.
        return lower if any(p.normal_form.replace("ё", "е") == lower for p in parses) else parses[0].normal_form

    def nominative(self, lower: str) -> str:
        if max(lower) > _LAST_NAMED:
            return lower
        lower = lower.replace("ё", "е")
        parses = self._parses(lower)
        named = [parse for parse in parses if {"Name", "Surn", "Patr", "Geox"} & parse.tag.grammemes] or parses
        if any("nomn" in parse.tag.grammemes for parse in named):
            return lower
        nominative = named[0].inflect({"nomn"}) if named else None
        return str(nominative.word if nominative else lower)

    def _parses(self, lower: str) -> list[Any]:
        parses = self._analyzer.parse(lower)
        # what may be a preposition is one: "до" is a note of music in the dictionary, too, and that reading comes first
        return [parse for parse in parses if parse.tag.POS == "PREP"] or parses


class English:
    """English, by simplemma's dictionary."""

    _ENDINGS = (("s", ""), ("es", ""), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"))

    def __init__(self) -> None:
        from simplemma import Lemmatizer

        self._lemmatize = Lemmatizer(cache_max_size=0).lemmatize  # words are remembered by the lexicon

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

    def nominative(self, lower: str) -> str:
        return lower


class Korean:
    """Korean: words are matched from their beginning, so that particles and endings behind a stem do not matter."""

    def __init__(self, particles: Mapping[str, str]) -> None:
        longest_first = sorted(particles, key=len, reverse=True)
        self._marks = {particle: frozenset(marks.split()) for particle, marks in particles.items()}
        self._particle = re.compile(f"(?:{'|'.join(map(re.escape, longest_first))})$") if longest_first else None

    def form(self, word: str) -> Form:
        lower = word.lower()
        found = self._particle.search(lower, 1) if self._particle else None
        marks = self._marks[found[0]] if found else frozenset()
        if _PROSPECTIVE.search(lower):
            marks |= {"futr"}
        return Form((lower, lower[: found.start()]) if found else (lower,), marks)

    def entry(self, word: str) -> str:
        # Words take particles and endings, so that an entry stands for every word that begins with it; but half of all
        # words begin with one syllable or another, so that a single one stands for itself and its forms with particles.
        lower = word.lower()
        return f"{lower}*" if len(lower) > 1 and not any(map(str.isdigit, lower)) else lower

    def nominative(self, lower: str) -> str:
        return lower


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
    if word.endswith("*") and len(word) > 1:
        return word.lower()
    if _ACRONYM.fullmatch(word) and not word.isdigit() and not isinstance(morphology, Korean):
        return f"={word}"
    return morphology.entry(word)
