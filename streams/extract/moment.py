"""A date told in a text."""

from dataclasses import dataclass
from datetime import date, timedelta

from streams.extract.knowledge import Relative


@dataclass(frozen=True, slots=True)
class Date:
    """A date in the text: an ISO 8601 date, month or year. `start` and `end` are tokens."""

    value: str
    start: int
    end: int
    since: bool = False
    dateline: bool = False  # "SEOUL, Oct. 18 (Hanbit) —"


def shifted(published: date, entry: Relative) -> str | None:
    """Return what a relative time ("last month") means, as an ISO 8601 date, month or year."""
    try:
        if entry.day is not None:
            return (published + timedelta(days=entry.day)).isoformat()
        if entry.month is not None:
            months = published.year * 12 + published.month - 1 + entry.month
            return f"{months // 12:04}-{months % 12 + 1:02}"
        if entry.year is not None:
            return f"{published.year + entry.year:04}"
        if entry.week is not None:
            return (published + timedelta(weeks=entry.week)).isoformat()[:7]
    except (ValueError, OverflowError):
        return None
    return None
