"""A date told in a text, and what is told from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from streams.extract.knowledge import Relative, RelativeToDate

_DAY, _MONTH, _YEAR = 10, 7, 4  # how long the ISO forms are
# A date may be meant so many sentences later: of the training articles' claims more got their date right up to this
# distance (37 at 1 sentence, 50 at 3, 64 at 6, 66 at 9) and no more got a wrong one (27, 29, 27, 31).
_BACK = 6


@dataclass(frozen=True, slots=True)
class Date:
    """A date in the text: an ISO 8601 date, month or year. `start` and `end` are tokens."""

    value: str
    start: int
    end: int
    since: bool = False
    dateline: bool = False  # "SEOUL, Oct. 18 (Hanbit) —"


def shifted(published: date, entry: Relative, times: int = 1) -> str | None:
    """Return what a relative time ("last month") means, as an ISO 8601 date, month or year."""
    try:
        if entry.day is not None:
            return (published + timedelta(days=entry.day * times)).isoformat()
        if entry.month is not None:
            months = published.year * 12 + published.month - 1 + entry.month * times
            return date(months // 12, months % 12 + 1, 1).isoformat()[:_MONTH]
        if entry.year is not None:
            return date(published.year + entry.year * times, 1, 1).isoformat()[:_YEAR]
        if entry.week is not None:
            return (published + timedelta(weeks=entry.week * times)).isoformat()[:_MONTH]
    except (ValueError, OverflowError):
        return None
    return None


class Told:
    """The dates that a text has told so far, for what is told from them: "on the same day", "two days later"."""

    def __init__(self) -> None:
        self._dates: list[tuple[str, int]] = []
        self._sentence = 0

    def remember(self, values: Sequence[str]) -> None:
        """Take the dates of a sentence, in their order; the next sentence follows."""
        self._dates = [(value, at) for value, at in self._dates if self._sentence - at < _BACK]
        self._dates += [(value, self._sentence) for value in values]
        self._sentence += 1

    def shifted(
        self, published: date, entry: RelativeToDate, times: int = 1, before: Sequence[str] = (), *, said: bool = False
    ) -> str | None:
        """Return what is told from the last date, in the sentence (`before`) or in those before it.

        A date that is not known well enough gives nothing: "two days later" behind "in June" is some day. A bare year
        is passed over where a day or month is meant, since it mostly tells which treaty or budget it is. Where no date
        was told, or the time is that of the report itself (`said`), it may count from the date of publication; a mere
        "the day before" also does behind "in June".
        """
        base = None if said else self._base(entry, before)
        needed = _YEAR if entry.year is not None else _MONTH if entry.month is not None else _DAY
        if base and len(base) >= needed:
            value = shifted(date.fromisoformat((base + "-01-01")[:_DAY]), entry, times)
            # Farther ahead than a day (time zones differ) it is a story or a rule of some other time, not of that date.
            ahead = value is not None and value > (published + timedelta(days=1)).isoformat()
            return value if before or not ahead else None
        if entry.else_ and (base is None or times == 1):
            return shifted(published, entry, times)
        return None

    def _base(self, entry: RelativeToDate, before: Sequence[str]) -> str | None:
        return next((value for value in self._backwards(before) if len(value) > _YEAR or entry.year is not None), None)

    def _backwards(self, before: Sequence[str]) -> list[str]:
        return [*(value for value, _ in self._dates), *before][::-1]
