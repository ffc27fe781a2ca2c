"""Korean dates: "지난달 26일", "이달 8~13일", "올해 5월", "2023년 9월부터", "이날"."""

import re
from bisect import bisect_left, bisect_right
from datetime import date, timedelta
from functools import lru_cache

from streams.extract.document import Document, Sentence
from streams.extract.moment import Date, shifted

_CALENDAR = re.compile(
    r"(?<![\d.,])(?=\d)(?:(?P<year>(?:19|20)\d\d)년(?!생|대|도?산|제)\s?)?"
    r"(?:(?:\d{1,2}월?\s?[~—-]\s?)?(?P<month>\d{1,2})월\s?)?"
    r"(?:(?:\d{1,2}일?\s?[~—-]\s?)?(?P<day>\d{1,2})일(?!간|째|동안|\s동안|\s?만에|치|권))?"
)
_WEEKDAY = re.compile(r"(?<![가-힣])([월화수목금토일])요일")
_SAME = re.compile(r"(?<![가-힣])(?:이날|같은 날|같은날|그날|당일)(?![가-힣]{3})")
# What stands before a date tells which of the like it is: "지난 18일", "오는 17일".
_PAST = re.compile(r"지난\s?$")
_COMING = re.compile(r"오는\s?$|돌아오는\s?$|다가오는\s?$")
_SAME_MONTH = re.compile(r"(?:같은|동)\s?달\s?$")
_SINCE = re.compile(
    r"(?:\s?(?:초|말|중순|하순|상순|초순|중반|하반기|상반기|경|께))?\s?(?:부터|이후|이래|들어|시작으로)"
)
_UNTIL = re.compile(r"(?:\s?(?:초|말|중순|하순|현재))?\s?(?:까지|사이)")
_FROM = re.compile(r"\s?(?:초|말|중순|하순)?\s?(?:부터|에서)")
# Times that are told from the date that the text has just named, not from the day of publication.
_NEIGHBOURS = {"전날": -1, "하루 전": -1, "다음날": 1, "이튿날": 1, "다음 날": 1}
_WEEKDAYS = "월화수목금토일"


class KoreanDates:
    """Reads the dates of a Korean document's sentences, in their order."""

    def __init__(self, document: Document, published: date) -> None:
        self._document = document
        self._published = published
        self._starts = document.starts
        self._entries = document.grammar.relative_times
        self._related = _related(tuple(self._entries))
        self._lead: date | None = None  # the first full date of the text, which "이날" means
        self._named: date | None = None  # the last one
        self._named_in = -9
        self._count = 0

    def read(self, sentence: Sentence) -> list[Date]:
        """Return the dates of a sentence in order; of a closed range its end."""
        spans, clean = self._document.spans, self._document.text.clean
        first, last = spans[sentence.start][0], spans[sentence.end - 1][1]
        self._count += 1
        found: list[tuple[int, int, str]] = []
        leads = [(m.start(), m.end(), m[0]) for m in self._related.finditer(clean, first, last)]
        for match in _CALENDAR.finditer(clean, first, last):
            if not (match["year"] or match["month"] or match["day"]):
                continue
            lead = next((lead for lead in leads if 0 <= match.start() - lead[1] <= 1), None)
            value = self._calendar(match, clean, lead[2] if lead else None, found)
            if value:
                if lead:
                    leads.remove(lead)
                found.append((lead[0] if lead else match.start(), match.end(), value))
                self._remember(value)
        for start, end, words in leads:
            value = self._relative(words)
            if value and not any(start < other[1] + 2 and other[0] - 2 < end for other in found):
                found.append((start, end, value))
        found += [(m.start(), m.end(), self._same_day(m[0])) for m in _SAME.finditer(clean, first, last)]
        for match in _WEEKDAY.finditer(clean, first, last):
            back = (self._published.weekday() - _WEEKDAYS.index(match[1])) % 7
            found.append((match.start(), match.end(), (self._published - timedelta(days=back)).isoformat()))
        return self._dates(sorted(found), clean)

    def _dates(self, found: list[tuple[int, int, str]], clean: str) -> list[Date]:
        dates: list[Date] = []
        for at, (start, end, value) in enumerate(found):
            behind = clean[end : end + 10]
            if at + 1 < len(found) and _FROM.match(behind):
                following = found[at + 1]
                if following[0] - end <= 12 and _UNTIL.match(clean[following[1] : following[1] + 10]):
                    continue  # a closed range gives its end
            since = bool(_SINCE.match(behind)) and not (at and found[at - 1][1] > start - 12 and _UNTIL.match(behind))
            dates.append(
                Date(value, bisect_right(self._starts, start) - 1, bisect_left(self._starts, end), since=since)
            )
        return dates

    def _calendar(
        self, match: re.Match[str], clean: str, lead: str | None, found: list[tuple[int, int, str]]
    ) -> str | None:
        published = self._published
        before = clean[max(0, match.start() - 6) : match.start()]
        year, month, day = (int(match[part]) if match[part] else None for part in ("year", "month", "day"))
        shift = self._relative(lead) if lead else None
        if shift and year is None:
            if len(shift) == 10:
                return shift  # "어제(19일)"
            year = int(shift[:4])
            if month is None and len(shift) == 7:
                month = int(shift[5:7])
        try:
            if month is None and day is None:
                return str(year)
            if month is None:
                assert day is not None  # noqa: S101 - one of the three is there
                if _SAME_MONTH.search(before) and self._named:
                    return self._named.replace(day=day).isoformat()
                if found and len(found[-1][2]) >= 7 and match.start() - found[-1][1] <= 12:
                    return date.fromisoformat(f"{found[-1][2][:7]}-{day:02}").isoformat()
                return self._day(day, before).isoformat()
            if year is None:
                year = published.year
                told = date(year, month, day or 1)
                if _COMING.search(before):
                    year += (told.year, told.month) < (published.year, published.month)
                elif told > published + timedelta(days=0 if _PAST.search(before) else 60):
                    year -= 1
            return date(year, month, day or 1).isoformat()[: 10 if day else 7]
        except ValueError:
            return None

    def _day(self, day: int, before: str) -> date:
        """Tell which month a bare "27일" means: a day ahead is still to come, unless "지난" stands before it."""
        published = self._published
        this = published.replace(day=1)
        if _COMING.search(before) and day < published.day:
            this = (this + timedelta(days=31)).replace(day=1)
        elif _PAST.search(before) and day > published.day:
            this = (this - timedelta(days=1)).replace(day=1)
        return this.replace(day=day)

    def _relative(self, words: str) -> str | None:
        entry = self._entries.get(words)
        if words in _NEIGHBOURS:
            base = self._named if self._named and self._count - self._named_in <= 1 else self._published
            return (base + timedelta(days=_NEIGHBOURS[words])).isoformat()
        return shifted(self._published, entry) if entry else None

    def _same_day(self, words: str) -> str:
        if self._named and (words != "이날" or self._count - self._named_in <= 1):
            return self._named.isoformat()
        return (self._lead or self._published).isoformat()

    def _remember(self, value: str) -> None:
        if len(value) == 10:
            self._named = date.fromisoformat(value)
            self._lead = self._lead or self._named
            self._named_in = self._count


@lru_cache(maxsize=4)
def _related(words: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted({*words, *_NEIGHBOURS}, key=lambda each: (-len(each), each))
    return re.compile(rf"(?<![가-힣])(?:{'|'.join(map(re.escape, longest_first))})")
