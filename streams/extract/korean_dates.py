"""Korean dates: "지난달 26일", "이달 8~13일", "올해 5월", "2023년 9월부터", "이날"."""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from streams.extract.document import Document, Sentence
from streams.extract.knowledge import NUMBER, RelativeToDate
from streams.extract.moment import Date, Told, shifted

_CALENDAR = re.compile(
    r"(?<![\d.,])(?=\d)(?:(?P<year>(?:19|20)\d\d)년(?!생|대|도?산|제)\s?)?"
    r"(?:(?:\d{1,2}월?\s?[~—-]\s?)?(?P<month>\d{1,2})월\s?)?"
    r"(?:(?:\d{1,2}일?\s?[~—-]\s?)?(?P<day>\d{1,2})일(?!간|째|동안|\s동안|\s?만에|치|권))?"
)
_WEEKDAY = re.compile(r"(?<![가-힣])([월화수목금토일])요일")
_SAME = re.compile(r"(?<![가-힣])(?:이날|당일)(?![가-힣]{3})")
# What stands before a date tells which of the like it is: "지난 18일", "오는 17일".
_PAST = re.compile(r"지난\s?$")
_COMING = re.compile(r"오는\s?$|돌아오는\s?$|다가오는\s?$")
_SAME_MONTH = re.compile(r"(?:같은|동)\s?달\s?$")
_SINCE = re.compile(
    r"(?:\s?(?:초|말|중순|하순|상순|초순|중반|하반기|상반기|경|께))?\s?(?:부터|이후|이래|들어|시작으로)"
)
_UNTIL = re.compile(r"(?:\s?(?:초|말|중순|하순|현재))?\s?(?:까지|사이)")
_FROM = re.compile(r"\s?(?:초|말|중순|하순)?\s?(?:부터|에서)")
# What may hang on to a time: "사흘 뒤에는", "이튿날인", and nothing else ("하루 전체", "26일 전했다", "하루 뒤늦게").
_ENDED = r"(?=(?:에(?:는|도|만|야|서)?|인|의|부터|까지|만|엔|도|이|은|을|과|쯤|께|밤|보다)?(?![가-힣]))"
# Words that a time may follow: others right before it hang it upon an event ("발표한 다음 날", "회담 사흘 뒤").
_LOOSE = re.compile(
    r"(?:^|[^가-힣\s]\s*|(?:[은는이가을를에도서로며고만께와과의해돼여아어려]|지만|한편|바로|불과|그러나|그로부터|다시|또|그)\s+)$"
)
# So many characters before a time are looked at; a number of so many digits is no shift; so long is a full date.
_LOOK, _TOO_LONG, _FULL = 12, 4, 10
_WEEKDAYS = "월화수목금토일"


@dataclass(frozen=True, slots=True)
class _Shift:
    """A time that is told from another date, with its offsets: "사흘 뒤", "10일 후"."""

    start: int
    end: int
    entry: RelativeToDate
    times: int


class KoreanDates:
    """Reads the dates of a Korean document's sentences, in their order."""

    def __init__(self, document: Document, published: date) -> None:
        self._document = document
        self._published = published
        self._starts = document.starts
        self._entries = document.grammar.relative_times
        self._related = _related(tuple(self._entries))
        times = {words: entry for entry in document.grammar.relative_to_date for words in entry.words}
        self._to_date = {_plain(words, ""): entry for words, entry in times.items()}
        self._shifts = _shifts(tuple(times))
        self._told = Told()
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
        shifts = self._shifts_in(clean, first, last)
        for match in _CALENDAR.finditer(clean, first, last):
            if not (match["year"] or match["month"] or match["day"]):
                continue
            if any(shift.start <= match.start() < shift.end for shift in shifts):
                continue  # "10일 뒤" is no tenth
            lead = next((lead for lead in leads if 0 <= match.start() - lead[1] <= 1), None)
            told = next((shift for shift in shifts if 0 <= match.start() - shift.end <= 2), None)
            value = self._calendar(match, clean, self._meant(lead, told, found), found)
            if value:
                start = match.start()
                if lead:
                    leads.remove(lead)
                    start = lead[0]
                elif told:
                    shifts.remove(told)
                    start = told.start
                found.append((start, match.end(), value))
                self._remember(value)
        for start, end, words in leads:
            value = self._relative(words)
            if value and not any(start < other[1] + 2 and other[0] - 2 < end for other in found):
                found.append((start, end, value))
        for shift in shifts:
            value = self._from_told(shift, found)
            if value and not any(shift.start < other[1] and other[0] < shift.end for other in found):
                found.append((shift.start, shift.end, value))
        found += [(m.start(), m.end(), self._same_day(m[0])) for m in _SAME.finditer(clean, first, last)]
        for match in _WEEKDAY.finditer(clean, first, last):
            back = (self._published.weekday() - _WEEKDAYS.index(match[1])) % 7
            found.append((match.start(), match.end(), (self._published - timedelta(days=back)).isoformat()))
        found.sort()
        self._told.remember([value for _, _, value in found])
        return self._dates(found, clean)

    def _shifts_in(self, clean: str, first: int, last: int) -> list["_Shift"]:
        """Return the times in a sentence that are told from another date; not those that hang on an event."""
        shifts = []
        for match in self._shifts.finditer(clean, first, last):
            before = clean[max(first, match.start() - _LOOK) : match.start()]
            number = match[0][: re.match(r"\d*", match[0]).end()]  # type: ignore[union-attr]
            entry = self._to_date[_plain(match[0], number)]
            if _LOOSE.search(before) and len(number) < _TOO_LONG:
                shifts.append(_Shift(match.start(), match.end(), entry, int(number or 1)))
        return shifts

    def _meant(
        self, lead: tuple[int, int, str] | None, told: "_Shift | None", found: list[tuple[int, int, str]]
    ) -> str | None:
        """Return the time that a date belongs to: "지난해 12월", "이듬해 2월". "이튿날(19일)" tells the day itself."""
        if lead:
            return self._relative(lead[2])
        return self._from_told(told, found) if told and told.entry.day is None else None

    def _from_told(self, shift: "_Shift", found: list[tuple[int, int, str]]) -> str | None:
        """Return what is told from the last date before, in the sentence or in those before it."""
        before = [value for start, _, value in sorted(found) if start < shift.start]
        # Korean tells the day of the report last: "전날 열렸다고 18일 보도했다".
        behind = [value for start, _, value in sorted(found) if start > shift.start and len(value) == _FULL]
        report = date.fromisoformat(behind[-1]) if behind else self._published
        return self._told.shifted(report, shift.entry, shift.times, before)

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
        self, match: re.Match[str], clean: str, shift: str | None, found: list[tuple[int, int, str]]
    ) -> str | None:
        published = self._published
        before = clean[max(0, match.start() - 6) : match.start()]
        year, month, day = (int(match[part]) if match[part] else None for part in ("year", "month", "day"))
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
    longest_first = sorted(words, key=lambda each: (-len(each), each))
    return re.compile(rf"(?<![가-힣])(?:{'|'.join(map(re.escape, longest_first))})")


@lru_cache(maxsize=4)
def _shifts(words: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern of the times that are told from another date; blanks are free, N is a number in digits."""
    longest_first = sorted(words, key=lambda each: (-len(each), each))
    written = (re.escape(each).replace(r"\ ", r"\s?") for each in longest_first)
    either = "|".join(re.sub(rf"^{NUMBER}(?:\\s\?)?", r"(?<![\\d.,])\\d+\\s?", each) for each in written)
    return re.compile(rf"(?<![가-힣])(?:{either}){_ENDED}")


def _plain(text: str, number: str) -> str:
    """Return found words without their blanks, with N for the number."""
    return "".join((NUMBER + text[len(number) :] if number else text).split())
