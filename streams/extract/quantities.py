"""Numbers with what they count: "понад 10 тис. солдатів", "between 10,000 and 12,000 troops"."""

import re
from collections.abc import Iterator

from schemas import Unit
from streams.extract.counters import Counters
from streams.extract.document import Document, Hit, Sentence
from streams.extract.figure import Figure

_DIGITS = re.compile(r"(?P<currency>[$€£₩])?(?P<number>\d+(?:[.,]\d+)*)(?P<scale>k|m|bn|tn|K|M|B)?\+?")
_SCALES = {"k": 1e3, "K": 1e3, "m": 1e6, "M": 1e6, "B": 1e9, "bn": 1e9, "tn": 1e12}
_GROUP = re.compile(r"\d{3}")
_RANGE = frozenset({"-", "—", "~", "to", "до"})
# Nouns and adjectives of guns that stand before what is shot from them.
_ATTRIBUTES = frozenset({"gun", "missile"})
_HEADS = frozenset({"shell"})
_AND = frozenset({"and", "і", "й", "та", "и"})
_WITH, _HALF = frozenset({"з", "із", "с", "со"}), 0.5
# How far a counted noun may stand from its number, in tokens.
_AHEAD, _AHEAD_OF_WORDS, _BEHIND = 6, 4, 6
_LARGEST = 1e15
# Nouns that mostly stand near a number by chance: another noun may stand so many tokens further.
_SELDOM_COUNTED = frozenset({"official", "delegation", "culture", "item"})
_WEAK = 3


class Quantities:
    """Reads the numbers of a document's sentences."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._grammar = document.grammar
        self._units = document.knowledge.units
        self._counters = Counters(document) if self._grammar.counters else None

    def read(self, sentence: Sentence, taken: set[int]) -> list[Figure]:
        """Return the figures of a sentence. Tokens in `taken` (dates) are no quantities."""
        if self._counters:
            return self._counters.read(sentence, taken)
        figures = []
        for low, high, start, end, currency in self._numbers(sentence):
            if any(token in taken for token in range(start, end)) or (high is not None and high > _LARGEST):
                continue
            figure = self._figure(sentence, low, high, start, end, currency)
            if figure:
                figures.append(figure)
        return figures

    def _numbers(self, sentence: Sentence) -> Iterator[tuple[float, float | None, int, int, bool]]:
        words = self._document.words
        named = {t for m in sentence.mentions for t in range(m.start, m.end)}
        behind = sentence.start
        for i in range(sentence.start, sentence.end):
            if i < behind or not words[i].counted or i in named:
                continue
            found = self._number(i, sentence.end)
            if found is None or self._part_of_name(i, sentence):
                continue
            value, end, currency, scale = found
            second = None
            if end + 1 < sentence.end and (
                words[end].lower in _RANGE
                or (
                    words[end].lower in _AND
                    and any(hit.end <= i and hit.end >= i - 1 for hit in sentence.of("between"))
                )
            ):
                second = self._number(end + 1, sentence.end)
            if second and (second[0] > value or second[0] * 1000 > value):
                high, end2, _, scale2 = second
                if scale == 1 and scale2 > 1 and value * scale2 <= high:
                    value *= scale2
                if high > value:
                    yield value, high, i, end2, currency
                    behind = end2
                    continue
            yield value, None, i, end, currency
            behind = end

    def _part_of_name(self, i: int, sentence: Sentence) -> bool:
        """Tell "KN-23" and "Boeing 777" from a count."""
        words, spans = self._document.words, self._document.spans
        if i - 1 > sentence.start and self._document.language == "en" and _DIGITS.fullmatch(words[i].text):
            before = words[i - 1]
            if before.text.istitle() and not before.starts and before.lower not in self._grammar.function_words:
                return True
        return (
            i - 2 >= sentence.start
            and words[i - 1].text == "-"
            and words[i - 2].text[-1:].isalpha()
            and spans[i - 1][0] == spans[i - 2][1]
            and spans[i][0] == spans[i - 1][1]
        )

    def _number(self, i: int, stop: int) -> tuple[float, int, bool, float] | None:
        """Read a number at token `i`: value, the token behind, whether it is money, and its last multiplier."""
        words = self._document.words
        total: float | None = None
        part: float | None = None
        currency = False
        scale = 1.0
        start = i
        while i < stop:
            word = words[i]
            digits = _DIGITS.fullmatch(word.text)
            if digits:
                if part is not None:
                    break
                part = self._value(digits["number"])
                currency = bool(digits["currency"]) or (i > 0 and words[i - 1].text in "$€£")
                i += 1
                while (
                    i < stop
                    and _GROUP.fullmatch(words[i].text)
                    and self._adjacent(i)
                    and part < 1e12
                    and len(words[i - 1].text) <= 3
                ):
                    part = part * 1000 + float(words[i].text)
                    i += 1
                if digits["scale"]:
                    scale = _SCALES[digits["scale"]]
                    part *= scale
                continue
            numeral = self._lookup(word.lemmas, self._grammar.numerals)
            multiplier = self._lookup(word.lemmas, self._grammar.multipliers)
            if multiplier is not None:
                if part is None and total is None and self._plural(word.lower, word.marks):
                    return None
                scale = multiplier
                total = (total or 0.0) + (1.0 if part is None else part) * multiplier
                part = None
                i += 1
                if i < stop and words[i].text == ".":
                    i += 1
                continue
            if numeral is not None:
                if part is not None and (numeral >= part or part % 10 != 0):
                    break
                part = (part or 0.0) + numeral
                i += 1
                if i + 1 < stop and words[i].text == "-" and self._lookup(words[i + 1].lemmas, self._grammar.numerals):
                    i += 1
                continue
            if part is not None and i + 1 < stop and words[i].lower in _WITH:
                half = self._lookup(words[i + 1].lemmas, self._grammar.numerals)
                if half == _HALF:  # "три з половиною тисячі"
                    part += half
                    i += 2
                    continue
                if i + 2 < stop and self._lookup(words[i + 2].lemmas, self._grammar.multipliers):
                    i += 2  # "шесть с лишним тысяч": the cue class or_more tells the rest
                    continue
            break
        if total is None and part in (None, _HALF):
            return None  # "half of the shells" is no number
        return (total or 0.0) + (part or 0.0), i, currency, scale if i > start else 1.0

    @staticmethod
    def _lookup(lemmas: tuple[str, ...], table: dict[str, float]) -> float | None:
        return next((table[lemma] for lemma in lemmas if lemma in table), None)

    def _plural(self, lower: str, marks: frozenset[str]) -> bool:
        return lower.endswith("s") if self._document.language == "en" else "plur" in marks and "sing" not in marks

    def _adjacent(self, i: int) -> bool:
        spans = self._document.spans
        return spans[i][0] - spans[i - 1][1] == 1

    def _value(self, digits: str) -> float:
        """Read "10,000", "2,5", "1.200.000": a separator before just three digits groups thousands."""
        pieces = re.split(r"[.,]", digits)
        if len(pieces) == 1:
            return float(digits)
        decimal = self._grammar.decimal
        if len(pieces) == 2 and not (
            (len(pieces[1]) == 3 and pieces[0] != "0" and decimal not in digits) or pieces[1] == "000"
        ):
            return float(f"{pieces[0]}.{pieces[1]}")
        return float("".join(pieces))

    def _figure(
        self, sentence: Sentence, low: float, high: float | None, start: int, end: int, currency: bool
    ) -> Figure | None:
        words = self._document.words
        noun = self._noun(sentence, start, end)
        unit = self._units.get(noun.cls) if noun else None
        if currency:
            unit, noun = Unit.USD, None
        if noun and noun.cls == "ordinal_unit":
            return None
        if unit is None and (1900 <= low <= 2100 or (end < len(words) and words[end].text == "-")):
            return None
        first = start
        lower: float | None = low
        upper: float | None = low if high is None else high
        before = [h for h in sentence.hits if h.end <= start and h.start >= start - 5]
        for hit in sorted(before, key=lambda h: (-h.end, h.start)):
            if hit.end > first:
                continue  # "менше" in "не менше"
            if hit.end < first and not all(
                words[t].text in "$" or "ADJF" in words[t].marks for t in range(hit.end, first)
            ):
                continue
            if hit.cls == "more_than" and high is None:
                upper, first = None, hit.start
            elif hit.cls == "up_to" and high is None:
                lower, upper, first = None, low, hit.start
            elif hit.cls in ("about", "between"):
                first = hit.start
        behind = [h for h in sentence.hits if start < h.start <= end + 1]
        for hit in behind:
            if hit.cls == "or_more" and high is None:
                upper, end = None, max(end, hit.end)
            elif hit.cls == "or_less" and high is None:
                lower, upper, end = None, low, max(end, hit.end)
        if lower is None and upper is None:
            upper = low
        return Figure(lower, upper, unit, first, end, noun)

    def _head(self, noun: Hit, ahead: list[Hit]) -> Hit:
        """Of a compound ("artillery and rocket ammunition", "реактивних снарядів") take the noun that is counted."""
        words = self._document.words
        english = self._document.language == "en"
        following = next((hit for hit in ahead if noun.end <= hit.start <= noun.end + 2 and hit.cls != noun.cls), None)
        if following is None or noun.cls not in _ATTRIBUTES or following.cls not in _HEADS:
            return noun
        between = words[noun.end : following.start]
        joined = all(word.lower in _AND or word.text in "-/" or "ADJF" in word.marks for word in between)
        attribute = english or "ADJF" in words[noun.end - 1].marks
        return following if attribute and (joined or (english and len(between) <= 2)) else noun

    def _noun(self, sentence: Sentence, start: int, end: int) -> Hit | None:
        """Find the counted noun: the nearest behind the number, else before it."""
        words = self._document.words
        segment = sentence.segment(end - 1)
        stop = sentence.segments[segment][1] if segment < len(sentence.segments) else sentence.end
        # "two capitals … people": a small number in words counts what stands right behind it
        spelled = end - start == 1 and words[start].text.isalpha()
        reach = _AHEAD_OF_WORDS if spelled else _AHEAD
        ahead = [
            hit
            for hit in sentence.hits
            if (hit.cls in self._units or hit.cls == "ordinal_unit")
            and end <= hit.start < min(end + reach, max(stop, end + 1))
        ]
        if ahead:
            nearest = min(hit.start + _WEAK * (hit.cls in _SELDOM_COUNTED) for hit in ahead)
            together = [hit for hit in ahead if hit.start + _WEAK * (hit.cls in _SELDOM_COUNTED) == nearest]
            first = max(
                together, key=lambda hit: (hit.cls == "ordinal_unit", hit.end, hit.cls not in ("item", "person"))
            )
            return self._head(first, ahead)
        back = [
            hit
            for hit in sentence.hits
            if hit.cls in self._units
            and hit.cls not in _SELDOM_COUNTED
            and hit.mention is None
            and hit.end <= start
            and hit.start >= start - _BEHIND
        ]
        return max(back, key=lambda hit: hit.end, default=None)
