"""Hostile texts that get deep into extraction: made of what it looks for, in odd orders, with odd characters between.

Random bytes seldom hold a cue, a name or a number. Both `make fuzz` and the tests make texts here: they differ in who
picks.
"""

import json
from collections.abc import Callable
from pathlib import Path

from streams.extract.knowledge import Knowledge
from streams.extract.language import SUPPORTED

Pick = Callable[[int], int]
"""Picks a number from 0 to below its argument."""

SEEDS = Path(__file__).parents[1] / "seeds"

NUMBERS = """
    0 1 3 11 12 21 100 1,500 1.500 10 000 10–12 10-12 1/2 0,5 1.5 1e9 -4 +7 №5 2024 21.10.2024 2024-10-21 31/02/2024
    9:30 24:61 1953 9999 00000 99999999999999999999 ½ Ⅻ ٣٤ １２ 3천 1만여 만 억 1万 2-го 3-х 5th 2nd 152 мм 240mm
    KN-23 М1978 70% $5 €3 ₩9
""".split()  # noqa: SIM905 -- as it is read

MARKS = (
    *"()[]{}«»“”„‘’'\"`—–-…,.;:!?/\\|*#@&%$^~=+<>_•·§©°ʼ。、「」",
    *("...", "!!!", "((", "))", "[[", "<p>", "</b>", "&nbsp;", "&#1;"),
)

ODD = (
    # line ends and white space
    *("\n", "\r\n", "\n\n", "\t", "\v", "\f", "\u00a0", "\u2028", "\u2029"),
    # what is not seen, or turns the direction
    *("\u00ad", "\u200b", "\u200d", "\u200e", "\u202e", "\ufeff"),
    # marks that belong to a letter, with and without one; syllables in parts
    *("\u0301", "\u0308", "и\u0306", "i\u0307", "\u1100", "\u1100\u1161", "가\u0301", "\u0345"),
    # letters that change their length with their case, or look like others
    *("ﬁ", "ß", "İ", "ı", "ſ", "Ǆ", "ᾳ", "\u1e9e", "𝐊𝐏"),
    # beyond the basic plane, and the ends of ranges
    *("😀", "👨\u200d👩\u200d👧", "🇰🇵", "🇷🇺", "\ud7ff", "\ue000", "\ufffd", "\uffff", "\U0010ffff"),
)

GLUE = ("", " ", " ", " ", " ", ", ", ". ", "\n", " - ", "\u00a0")

_LONGEST = 300


class Composer:
    """Knows the pieces: cues, names, numerals and months of each language, and sentences of the sample articles."""

    def __init__(self) -> None:
        knowledge = Knowledge.load()
        self.pieces: dict[str, list[str]] = {}
        for language in SUPPORTED:
            grammar, names = knowledge.grammars[language], knowledge.names[language]
            words = [cue.words for cue in knowledge.cues[language]]
            for entity in knowledge.entities:
                for held in (entity.aliases, entity.short, entity.adjectives, entity.demonyms, entity.metonyms):
                    words += held.get(language, [])
            words += _strings(grammar.model_dump()) + _strings(names.model_dump())
            self.pieces[language] = sorted({word.replace("*", "").replace("=", "") for word in words} - {""})
        self.sentences: dict[str, list[str]] = {language: [] for language in SUPPORTED}
        for path in sorted(SEEDS.glob("*.jsonl")):
            for line in path.read_text(encoding="utf-8").splitlines():
                article = json.loads(line)
                text = article["text"].replace("\n", " ")
                self.sentences[article.get("language") or path.stem] += text.split(". ")

    def text(self, pick: Pick, *, most: int = 40) -> str:
        """Compose a text of up to `most` parts, and some thousand characters."""
        language = SUPPORTED[pick(len(SUPPORTED))]
        parts: list[str] = []
        for _ in range(1 + pick(most)):
            parts += [self._part(pick, language, parts)[:_LONGEST], GLUE[pick(len(GLUE))]]
        return "".join(parts)

    def _part(self, pick: Pick, language: str, before: list[str]) -> str:
        match pick(16):
            case 0 | 1 | 2 | 3 | 4:
                return _one(pick, self.pieces[language])
            case 5 | 6:
                return _cut(pick, _one(pick, self.sentences[language]))
            case 7:
                return _one(pick, self.sentences[language]) + ". "
            case 8 | 9:
                return _one(pick, NUMBERS)
            case 10 | 11:
                return _one(pick, MARKS)
            case 12:
                return _one(pick, ODD)
            case 13:
                return _one(pick, self.pieces[SUPPORTED[pick(len(SUPPORTED))]]).upper()
            case 14:
                return chr(pick(0xD800)) if pick(2) else chr(0xE000 + pick(0x110000 - 0xE000))
            case _:
                return "".join(before[-2 * (1 + pick(3)) :]) * (1 + pick(6))


def _one(pick: Pick, things: list[str] | tuple[str, ...]) -> str:
    return things[pick(len(things))]


def _cut(pick: Pick, sentence: str) -> str:
    start = pick(len(sentence) + 1)
    return sentence[start : start + pick(len(sentence) - start + 1)]


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [found for pair in value.items() for each in pair for found in _strings(each)]
    if isinstance(value, list | tuple | set | frozenset):
        return [found for each in value for found in _strings(each)]
    return []
