"""Dates as feeders write them: read alike everywhere, or refused with a remedy."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter, ValidationError
from strategies import moments

from schemas import Article
from schemas.base import Moment
from schemas.export import json_schemas

MOMENT = TypeAdapter(Moment)
ARTICLE = Draft202012Validator(json_schemas()["article"])


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2024", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-10", datetime(2024, 10, 1, tzinfo=UTC)),
        ("2024-10-21", datetime(2024, 10, 21, tzinfo=UTC)),
        ("2024-02-29", datetime(2024, 2, 29, tzinfo=UTC)),
        ("2024-10-21T09:30", datetime(2024, 10, 21, 9, 30, tzinfo=UTC)),
        ("2024-10-21 09:30:05", datetime(2024, 10, 21, 9, 30, 5, tzinfo=UTC)),
        ("2024-10-21T09:30:00Z", datetime(2024, 10, 21, 9, 30, tzinfo=UTC)),
        ("2024-10-21t09:30:00z", datetime(2024, 10, 21, 9, 30, tzinfo=UTC)),
        ("2024-10-21T09:30:00+03:00", datetime(2024, 10, 21, 6, 30, tzinfo=UTC)),
        ("2024-10-21T09:30:00+0900", datetime(2024, 10, 21, 0, 30, tzinfo=UTC)),
        ("2024-10-21T01:30:00+09", datetime(2024, 10, 20, 16, 30, tzinfo=UTC)),
        ("2024-10-21T09:30:00.123456789Z", datetime(2024, 10, 21, 9, 30, 0, 123456, tzinfo=UTC)),
    ],
)
def test_dates_are_read(written: str, read: datetime) -> None:
    assert Article(text="a", published_at=written).published_at == read
    assert ARTICLE.is_valid({"text": "a", "published_at": written})


@pytest.mark.parametrize(
    "written",
    [
        "24-10-21",
        "2024-1",
        "2024-00",
        "2024-13-01",
        "2024-10-32",
        "2024-10-21T",
        "2024-10-21T25:00",
        "2024-10-21T09:60",
        "2024-10-21T09:30:00+25:00",
        "2024-10-21T09:30:00 Kyiv",
        "20241021",
        "2024-W43-1",
        "２０２４",
        " 2024-10-21",
        "2024-10-21\n",
        "21 жовтня 2024",
    ],
)
def test_what_is_no_iso_date_is_refused_with_the_remedy(written: str) -> None:
    with pytest.raises(ValidationError, match="write 2024-10-21T09:30:00Z or 2024-10-21"):
        Article(text="a", published_at=written)
    if not written.endswith("\n"):  # Python's `$` matches before a last line feed, that of JSON Schema does not
        assert not ARTICLE.is_valid({"text": "a", "published_at": written})


@pytest.mark.parametrize(
    "written",
    ["2023-02-29", "2024-04-31", "0000-01-01", "0001-01-01T00:00+14:00", "9999-12-31T23:59:59-01:00"],
)
def test_days_that_are_in_no_calendar_are_refused(written: str) -> None:
    # a pattern cannot know them: the one thing that the model refuses and the JSON Schema does not
    with pytest.raises(ValidationError, match="no such date"):
        Article(text="a", published_at=written)


@given(moments)
def test_dates_are_written_in_utc_and_read_back(moment: datetime) -> None:
    written = MOMENT.dump_python(moment, mode="json")
    assert written.endswith("Z")
    assert MOMENT.validate_python(written) == moment
    assert ARTICLE.is_valid({"text": "a", "published_at": written})


def test_a_datetime_without_zone_is_utc() -> None:
    assert MOMENT.validate_python(datetime(2024, 10, 21)) == datetime(2024, 10, 21, tzinfo=UTC)
