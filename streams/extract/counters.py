"""Korean numbers with their counters: "1만2천여 명", "자주포 7~8문", "900만 발의 포탄", "다섯 척".

A Korean number counts something only where a counter follows, and the counter tells the unit, or leaves a choice that
the counted noun decides: 발 counts shells and missiles. The noun stands before the number, or behind "의".
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import lru_cache

from schemas import Unit
from streams.extract.document import Document, Hit, Sentence
from streams.extract.figure import Figure

_SCALES = {"십": 1e1, "백": 1e2, "천": 1e3, "만": 1e4, "억": 1e8, "조": 1e12}
_LARGEST = 1e15
_NUMBER = r"\d[\d,]*(?:\.\d+)?"
_AMOUNT = rf"(?:{_NUMBER}\s?(?:[십백천][만억조]?|[만억조])\s?){{0,4}}(?:{_NUMBER})?"
_PART = re.compile(rf"({_NUMBER})\s?([십백천]?)([만억조]?)")
# What may follow upon a counter: particles and words of measure. "번째" and "개월" are no counts.
_BEHIND = r"(?=[여이가은는을를의에로도만과와씩쯤중까부밖째규라다를]|으로|남짓|안팎|가량|정도|포인트|[^\w]|$)(?!째)"
_MORE = re.compile(r"(?:여|남짓)|(?:[을를이가은는]|에서)?\s?(?:이상|남짓|넘|웃도|웃돌|상회|초과)")
_LESS = re.compile(r"[을를이가은는]?\s?(?:이하|미만|이내|에 못 미치)")
_AT_MOST = re.compile(r"(?:최대|많게는|최다)\s?(?:약\s?)?$")
_AT_LEAST = re.compile(r"(?:최소|최소한|적어도|못해도)\s?(?:약\s?)?$")
_OWNS = re.compile(r"(?:여|남짓|가량|정도|이상|규모|분량)?\s?(?:의|분량의|규모의|넘는|짜리)\s")
# How far, in tokens, the counted noun may stand before its number, and behind "의".
_BEFORE, _AHEAD = 7, 4


class Counters:
    """Reads the figures of a Korean document's sentences."""

    def __init__(self, document: Document) -> None:
        self._document = document
        grammar = document.grammar
        self._counters = grammar.counted_units
        self._numerals = grammar.numerals
        self._pattern = _pattern(tuple(grammar.counters), tuple(grammar.numerals))
        self._starts = document.starts

    def read(self, sentence: Sentence, taken: set[int]) -> list[Figure]:
        """Return the figures of a sentence. Tokens in `taken` (dates) are no quantities."""
        spans, clean = self._document.spans, self._document.text.clean
        first, last = spans[sentence.start][0], spans[sentence.end - 1][1]
        named = {token for m in sentence.mentions for token in range(m.start, m.end)}
        figures = []
        for found in self._pattern.finditer(clean, first, last):
            start = bisect_right(self._starts, found.start()) - 1
            end = bisect_left(self._starts, found.end())
            if start in taken or (start in named and not clean[found.start()].isdigit()):
                continue
            figure = self._figure(sentence, found, start, end)
            if figure:
                figures.append(figure)
        return figures

    def _figure(self, sentence: Sentence, found: re.Match[str], start: int, end: int) -> Figure | None:
        clean = self._document.text.clean
        before = clean[max(0, found.start() - 8) : found.start()]
        if found["numeral"]:
            low = high = self._numerals[found["numeral"]]
        else:
            low = _value(found["low"])
            high = _value(found["high"]) if found["high"] else low
            if found["high"] and high > low and not re.search(r"[만억조천]", found["low"]):
                # "8~10만": the scale stands once
                scale = next((_SCALES[sign] for sign in reversed(found["high"]) if sign in _SCALES), 1.0)
                low = low * scale if low * scale < high else low
        if not 0 < max(low, high) <= _LARGEST or high < low:
            return None
        lower: float | None = low
        upper: float | None = high
        behind = clean[found.end() : found.end() + 8]
        if found["odd"] or _MORE.match(behind):
            upper = None
        elif _LESS.match(behind) or _AT_MOST.search(before):
            lower = None
        elif _AT_LEAST.search(before):
            upper = None
        units = self._counters[found["counter"]]
        owned = bool(_OWNS.match(clean[found.end() : found.end() + 12]))
        noun = self._noun(sentence, start, end, units, owned=owned)
        unit = self._document.knowledge.units.get(noun.cls) if noun else None
        return Figure(lower, upper, unit if unit in units else units[0], start, end, noun)

    def _noun(self, sentence: Sentence, start: int, end: int, units: tuple[Unit, ...], *, owned: bool) -> Hit | None:
        """Find what is counted: behind the number where it owns what follows, else the nearest before it."""
        known = self._document.knowledge.units
        fitting = [hit for hit in sentence.hits if known.get(hit.cls) in units]
        if owned:
            ahead = [hit for hit in fitting if end <= hit.start < end + _AHEAD]
            if ahead:
                return min(ahead, key=lambda hit: hit.start)
        back = [hit for hit in fitting if hit.end <= start and hit.start >= start - _BEFORE]
        if back:
            return max(back, key=lambda hit: (hit.end, hit.start))
        ahead = [hit for hit in fitting if end <= hit.start < end + _AHEAD]
        return min(ahead, key=lambda hit: hit.start, default=None)


@lru_cache(maxsize=4)
def _pattern(counters: tuple[str, ...], numerals: tuple[str, ...]) -> re.Pattern[str]:
    def anyone(words: Iterator[str]) -> str:
        return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))

    return re.compile(
        rf"(?<![\w.,$-])(?<!제)(?:(?P<low>(?=\d){_AMOUNT})(?:\s?(?:[~—-]|에서|내지)\s?(?P<high>(?=\d){_AMOUNT}))?"
        rf"|(?P<numeral>{anyone(iter(numerals))})(?=\s))"
        rf"\s?(?P<odd>여|남짓)?\s?(?P<counter>{anyone(iter(counters))}){_BEHIND}"
    )


def _value(amount: str) -> float:
    """Read "1만2천", "3천400만", "12,000": small scales add up within each large one."""
    total = section = 0.0
    for number, small, large in _PART.findall(amount):
        section += float(number.replace(",", "")) * _SCALES.get(small, 1.0)
        if large:
            total += section * _SCALES[large]
            section = 0.0
    return total + section
