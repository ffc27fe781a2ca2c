"""Dates, as precise as they are told, resolved against the date of publication."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from streams.extract.document import Document, Hit, Sentence
from streams.extract.knowledge import NUMBER, Relative, RelativeToDate
from streams.extract.korean_dates import KoreanDates
from streams.extract.moment import Date, Told, shifted

_YEAR = re.compile(r"(19|20)\d\d")
_DAY = re.compile(r"(0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?")
_NUMERIC = re.compile(r"(\d{1,2})\.(\d{1,2})\.((?:19|20)\d\d)")
_YEAR_ENDINGS = frozenset({"-", "го", "м", "й", "му", "ий"})
_RANGE = frozenset({"-", "—", "to", "по", "до"})
# A date this near, in tokens, to who speaks or to the verb of saying is the report's.
_REPORT = 4
# A date further off, in tokens and segments, says nothing of a fact.
_FAR = 30
# More of anything is no shift that people tell: "120 days later" still is, "2024 days later" is not.
_MOST = 400
# Before a number: it is the end of a range, and only about so many days are meant ("two or three days later").
_OR = frozenset({"-", "—", "or", "to", "или", "або", "чи", "до"})
# So many tokens stand between a time and the date that explains it: "the day before, on 23 December".
_BESIDE = 2
# Before a time: it is only compared with.
_THAN = frozenset({"than", "as", "of", "чем", "нежели", "ніж", "аніж"})
# A date without a year that lies further ahead than this is taken for last year's.
_AHEAD = timedelta(days=60)
# Where a date may stand in a dateline, in tokens from the start of the text, and what follows it there.
_DATELINE_BEFORE, _DATELINE_BEHIND = 5, 3
_DATELINE_MARKS = frozenset({"(", "—", "--", "/"})

Phrase = tuple[list[str], Relative]
"""The words for a time, and what they mean."""


class Dates:
    """Reads the dates of a document's sentences."""

    def __init__(self, document: Document, published: date) -> None:
        self._document = document
        self._published = published
        grammar = document.grammar
        self._months = grammar.months
        self._weekdays = grammar.weekdays
        self._phrases = grammar.relative_phrases
        self._numerals = grammar.numerals
        self._hinges = [hinge.lower().split() for hinge in grammar.hinges]
        self._function_words = frozenset(grammar.function_words)
        self._told = Told()
        self._korean = KoreanDates(document, published) if document.language == "ko" else None

    def read(self, sentence: Sentence) -> list[Date]:
        """Return the dates of a sentence in order. Sentences come in order: a date may be told from those before."""
        if self._korean:
            return self._korean.read(sentence)
        found = self._written(sentence)
        self._told.remember(self._past(found))
        return self._closed(sentence, [self._marked(sentence, day) for day in found])

    def _closed(self, sentence: Sentence, dates: list[Date]) -> list[Date]:
        """Of a closed range ("from late December to late February") keep the end."""
        kept: list[Date] = []
        for day in dates:
            ends = any(day.start - 3 <= hit.start < day.start for hit in sentence.of("until", "to"))
            between = kept and any(hit.end <= kept[-1].start <= hit.end + 2 for hit in sentence.of("between"))
            near = kept and day.start - kept[-1].end <= 4
            if near and ((ends and kept[-1].since) or between):
                kept.pop()
            kept.append(day)
        return kept

    def _marked(self, sentence: Sentence, day: Date) -> Date:
        since = any(day.start - 2 <= hit.end <= day.start or hit.start == day.end for hit in sentence.of("since"))
        marks = {word.text for word in self._document.words[day.end : day.end + _DATELINE_BEHIND]}
        dateline = day.start <= _DATELINE_BEFORE and not _DATELINE_MARKS.isdisjoint(marks)
        return Date(day.value, day.start, day.end, since, dateline)

    def _written(self, sentence: Sentence) -> list[Date]:
        dates: list[Date] = []
        words = self._document.words
        behind = sentence.start
        counted = -1  # where the last date ends, if it was told from another
        for i in range(sentence.start, sentence.end):
            if i < behind or not words[i].dated:
                continue
            calendar = self._calendar(i, sentence.end)
            listed = [] if calendar else self._listed(i, sentence.end)
            shift = self._shifted(i, sentence, dates, listed) if listed else None
            found = calendar or shift or self._related(i, sentence.end, listed)
            if found is None:
                continue
            if dates and found.start - dates[-1].end <= 1 and (joined := self._joined(dates[-1], found)):
                dates[-1] = joined
            elif dates and calendar and counted == dates[-1].end and found.start - counted <= _BESIDE:
                dates[-1] = found  # "the day before, on 23 December": the text tells it better than any reckoning
            else:
                dates.append(found)
            counted = found.end if shift else -1
            behind = found.end
        return dates

    def _joined(self, first: Date, second: Date) -> Date | None:
        """Join "у червні" + "минулого року", "last year" + "in June"."""
        if len(second.value) == 4 and len(first.value) > 4:
            return Date(second.value + first.value[4:], first.start, second.end)
        if len(first.value) == 4 and len(second.value) > 4:
            return Date(first.value + second.value[4:], first.start, second.end)
        return None

    def _month(self, i: int) -> int | None:
        word = self._document.words[i]
        if word.text[:1].islower() and self._document.language == "en":
            return None
        return next((self._months[lemma] for lemma in word.lemmas if lemma in self._months), None)

    def _calendar(self, i: int, stop: int) -> Date | None:
        words = self._document.words
        text = words[i].text
        if numeric := _NUMERIC.fullmatch(text):
            return self._date(int(numeric[3]), int(numeric[2]), int(numeric[1]), i, i + 1)
        start = i
        day = month = year = None
        if _DAY.fullmatch(text):
            j = i + 1
            if j + 1 < stop and words[j].lower in _RANGE and _DAY.fullmatch(words[j + 1].text):
                j += 2  # "27-28 серпня", "с 8 по 13 октября": a closed range gives its end
            if j < stop and words[j].lower == "of":
                j += 1
            if j < stop and (month := self._month(j)):
                day = int(re.sub(r"\D", "", words[j - 1].text if words[j - 1].lower != "of" else words[j - 2].text))
                i = j + 1
        elif month := self._month(i):
            i += 1
            if i < stop and words[i].text == ".":
                i += 1
            if i + 1 < stop and words[i].lower in _RANGE and (ending := self._month(i + 1)):
                month = ending  # "в январе — сентябре 2025 года"
                i += 2
            if i < stop and _DAY.fullmatch(words[i].text) and self._document.language == "en":
                day = int(re.sub(r"\D", "", words[i].text))
                i += 1
                if i + 1 < stop and words[i].text in "-—" and _DAY.fullmatch(words[i + 1].text):
                    day = int(re.sub(r"\D", "", words[i + 1].text))
                    i += 2
        elif _YEAR.fullmatch(text):
            following = words[i + 1] if i + 1 < stop else None
            if following and following.text == "-" and i + 2 < stop and _YEAR.fullmatch(words[i + 2].text):
                return Date(words[i + 2].text, start, i + 3)
            if following and {"plur", "gent"} <= following.marks and "sing" not in following.marks:
                return None  # "2000 солдатів" counts soldiers
            return Date(text, start, i + 1)
        if month is None:
            return None
        j = i + 1 if i < stop and words[i].text in {",", "of"} else i
        if j < stop and _YEAR.fullmatch(words[j].text):
            year = int(words[j].text)
            i = j + 1
            while i < stop and words[i].text in _YEAR_ENDINGS:
                i += 1
        return self._date(year, month, day, start, i)

    def _date(self, year: int | None, month: int, day: int | None, start: int, end: int) -> Date | None:
        try:
            if year is None:
                year = self._published.year
                if date(year, month, day or 1) > self._published + _AHEAD:
                    year -= 1
            value = date(year, month, day or 1).isoformat()
        except ValueError:
            return None
        return Date(value if day else value[:7], start, end)

    def _related(self, i: int, stop: int, listed: Iterable[Phrase]) -> Date | None:
        words = self._document.words
        word = words[i]
        for phrase, entry in listed:
            if isinstance(entry, RelativeToDate):
                continue
            times = self._matched(phrase, i, stop)
            if times is not None:
                value = shifted(self._published, entry, times)
                end = i + len(phrase)
                if entry.year is not None and end < stop and (month := self._month(end)):
                    return self._date(self._published.year + entry.year, month, None, i, end + 1)
                if value:
                    return Date(value, i, end)
        weekday = next((self._weekdays[lemma] for lemma in word.lemmas if lemma in self._weekdays), None)
        if weekday and (word.text[:1].isupper() or self._document.language != "en"):
            back = (self._published.isoweekday() - weekday) % 7
            return Date((self._published - timedelta(days=back)).isoformat(), i, i + 1)
        return None

    def _shifted(self, i: int, sentence: Sentence, before: Sequence[Date], listed: Iterable[Phrase]) -> Date | None:
        """Read a time that is told from another date of the text: "the same day", "two days later"."""
        words = self._document.words
        for phrase, entry in listed:
            if not isinstance(entry, RelativeToDate):
                continue
            # "the same months" is no "same month", "кількома днями раніше" no "днем раніше"
            times = self._matched(phrase, i, sentence.end, exact=NUMBER not in phrase)
            end = i + len(phrase)
            if times is None or self._hangs(end, sentence.end, phrase):
                continue
            if i and entry.day is None and words[i - 1].lower in _THAN:
                return None  # "twice as many as the year before" compares, and tells when nothing happened
            if self._ahead(i, entry, sentence, before):
                continue
            said = entry.else_ is not None and self._said(i, end, sentence)
            value = self._told.shifted(self._published, entry, times, self._past(before), said=said)
            if value:
                return Date(value, i, end)
        return None

    def _listed(self, i: int, stop: int) -> list[Phrase]:
        """Return the words for times of which the first two may stand at a token, longer ones first."""
        words = self._document.words
        second: set[str | None] = {None}
        if i + 1 < stop:
            second |= {NUMBER, words[i + 1].lower, *words[i + 1].lemmas}
        firsts = (NUMBER,) if words[i].text.isdecimal() else words[i].lemmas
        listed = (phrase for first in firsts for phrase in self._phrases.get(first, ()))
        return [phrase for phrase in listed if (phrase[0][1] if len(phrase[0]) > 1 else None) in second]

    def _matched(self, phrase: Sequence[str], i: int, stop: int, *, exact: bool = False) -> int | None:
        """Return the number in words that stand at a token (1: they hold none), None where they do not stand there."""
        words = self._document.words
        if i + len(phrase) > stop:
            return None
        times = 1
        for n, part in enumerate(phrase, start=i):
            if part != NUMBER:
                if part != words[n].lower and (exact or part not in words[n].lemmas):
                    return None
                continue
            text = words[n].text
            if text.isdecimal() and text.isascii() and len(text) <= 3:
                number = float(text)
            else:
                number = next((self._numerals[lemma] for lemma in words[n].lemmas if lemma in self._numerals), 0.0)
            if not 1 <= number <= _MOST or number % 1 or (n and words[n - 1].lower in _OR):
                return None
            times = int(number)
        return times

    def _hangs(self, end: int, stop: int, phrase: Sequence[str]) -> bool:
        """Tell whether an event follows that the time is told from: "the day before the summit", "накануне прилёта"."""
        words = self._document.words
        preposition = [phrase[-1]] in self._hinges  # "the day before"
        if not preposition and any(
            end + len(hinge) <= stop and all(part == words[end + n].lower for n, part in enumerate(hinge))
            for hinge in self._hinges
        ):
            return True
        if not preposition or end >= stop or not words[end].text[0].isalnum():
            return False
        if self._function_words:
            return words[end].lower not in self._function_words
        while end + 1 < stop and "gent" in words[end].marks and words[end].marks & {"ADJF", "NPRO"}:
            end += 1  # "накануне Нового года", "напередодні цього візиту"
        return "gent" in words[end].marks and not words[end].marks & {"nomn", "accs"}

    def _said(self, start: int, end: int, sentence: Sentence) -> bool:
        """Tell whether the time is that of the report itself: "сообщили накануне" is the day before publication."""
        return any(hit.end == start or hit.start == end for hit in sentence.of("say"))

    def _past(self, dates: Sequence[Date]) -> list[str]:
        """Return the dates that are not ahead: what happened "the same day" was not on the day of a coming election."""
        return [day.value for day in dates if day.value <= self._published.isoformat()]

    def _ahead(self, i: int, entry: RelativeToDate, sentence: Sentence, before: Sequence[Date]) -> bool:
        """Tell whether it is a plan: "через три дня увидятся" counts from the day of the report."""
        shift = entry.day or entry.week or entry.month or entry.year or 0
        if shift <= 0 or before:
            return False
        start, stop = sentence.segments[sentence.segment(i)]
        return any("futr" in word.marks for word in self._document.words[start:stop])


def date_of(
    sentence: Sentence,
    anchor: Hit,
    dates: Sequence[Date],
    passage: tuple[int, int],
    told: Sequence[tuple[int, int]],
) -> Date | None:
    """Return the date of a fact: the nearest to its anchor that is not the date of the saying (`told`)."""
    best: tuple[int, Date] | None = None
    for day in dates:
        if day.dateline:
            continue
        distance = _between(day, anchor.start, anchor.end)
        near = [spot for spot in told if _together(sentence, day, spot[0])]
        said = min((_between(day, start, end) for start, end in near), default=_REPORT + 1)
        if said < distance and said <= _REPORT and not day.since:
            continue
        apart = abs(sentence.segment(day.start) - sentence.segment(anchor.start))
        cost = distance + 2 * apart + (0 if passage[0] <= day.start < passage[1] else 6)
        if best is None or cost < best[0]:
            best = (cost, day)
    return best[1] if best and best[0] <= _FAR else None


def _together(sentence: Sentence, day: Date, token: int) -> bool:
    """Tell whether a date stands in one segment with a token, or fills the one beside: "on Tuesday, 5 June, said"."""
    own, other = sentence.segment(day.start), sentence.segment(token)
    start, end = sentence.segments[own]
    return own == other or (abs(own - other) == 1 and end - start <= day.end - day.start + 1)


def _between(day: Date, start: int, end: int) -> int:
    return max(start - day.end, day.start - end, 0)
