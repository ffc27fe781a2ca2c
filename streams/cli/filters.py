"""Which records `tumen tail` and `tumen replay` show: the options, and what they mean for each topic."""

from collections.abc import Callable
from datetime import datetime
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from schemas.base import Record

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

# As the contract has them; a test compares. It is not imported here, so that --help stays quick.
TYPES = (
    *("troops", "casualties", "arms", "arms_use", "technology", "training", "labour", "economy", "transport"),
    *("diplomacy", "agreement", "statement", "response"),
)
KINDS = ("new", "update", "corroborated", "disputed")

_SOURCES, _INFORMATION = "ABCDEF", "123456"

# The topics whose records can be told apart by an option. An enriched article counts as what its claims are.
_TOPICS: dict[str, tuple[str, ...]] = {
    "type": ("enriched", "claims", "facts", "facts-archive", "alerts"),
    "kind": ("alerts",),
    "party": ("enriched", "claims", "facts", "facts-archive", "alerts"),
    "grade": ("alerts",),
    "language": ("articles", "enriched", "claims", "alerts"),
    "since": ("articles", "enriched", "claims", "facts", "facts-archive", "alerts"),
}


class _Grade(click.ParamType):
    """The worst grade that is wanted: a letter, a digit, or both; becomes the letters and digits that pass."""

    name = "grade"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        if not isinstance(value, str):
            return value  # type: ignore[no-any-return]  # click converts a value at most twice
        letter, digit = value[:1].upper(), value[-1:]
        letters = _SOURCES[: _SOURCES.index(letter) + 1] if letter and letter in _SOURCES else ""
        digits = _INFORMATION[: _INFORMATION.index(digit) + 1] if digit and digit in _INFORMATION else ""
        if len(value) != bool(letters) + bool(digits) or not value:
            self.fail(f"{value!r} is no grade; write B2, or only B (the source) or 2 (the information)", param, ctx)
        return letters or _SOURCES, digits or _INFORMATION


class _Party(click.ParamType):
    name = "country"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        code = str(value).upper()
        if len(code) != 2 or not code.isascii() or not code.isalpha():
            self.fail(f"{value!r} is no country code; write two letters, such as KP, RU, CN, EU or UN", param, ctx)
        return code


class _Language(click.ParamType):
    name = "code"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        code = str(value).lower()
        if not 2 <= len(code) <= 3 or not code.isascii() or not code.isalpha():
            self.fail(f"{value!r} is no language code; write for instance uk, ru, en or ko", param, ctx)
        return code


class _Date(click.ParamType):
    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        from pydantic import TypeAdapter, ValidationError

        from schemas.base import Moment

        try:
            moment: datetime = TypeAdapter(Moment).validate_python(value)
        except ValidationError:
            self.fail(f"{value!r} is no date; write 2024-10-21, 2024-10 or 2024-10-21T09:30:00Z (UTC)", param, ctx)
        return moment


_OPTIONS = (
    click.option(
        "--type",
        "types",
        metavar="TYPE",
        multiple=True,
        type=click.Choice(TYPES),
        help=f"Only what is of this type: {', '.join(TYPES)}. Repeatable.",
    ),
    click.option(
        "--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Only alerts of this kind. Repeatable."
    ),
    click.option(
        "--party",
        "parties",
        multiple=True,
        type=_Party(),
        help="Only where this country (KP, RU, CN …, EU, UN) acts or is acted with or against. Repeatable.",
    ),
    click.option(
        "--grade",
        type=_Grade(),
        help="Only alerts graded so or better: B2 is source A or B and information 1 or 2; B or 2 alone asks for one "
        "of them. F and 6, which cannot be judged, count as worst.",
    ),
    click.option(
        "--language",
        "languages",
        multiple=True,
        type=_Language(),
        help="Only what was reported in this language (uk, ru, en, ko). Repeatable.",
    ),
    click.option(
        "--since",
        type=_Date(),
        help="Only what was published on that day (or month, or time, in UTC) or later; facts: last reported.",
    ),
)


def filter_options(command: Decorated) -> Decorated:
    """Give a command the options that choose records, as `types`, `kinds`, `parties`, `grade`, `languages`, `since`."""
    return reduce(lambda made, option: option(made), reversed(_OPTIONS), command)


class Filter:
    """Chooses records. Of one option several values are "or"; different options are "and".

    Raises:
        click.UsageError: `noun`, the topic's name in the middle, has records without what an option asks for.
    """

    def __init__(
        self,
        noun: str,
        *,
        types: tuple[str, ...],
        kinds: tuple[str, ...],
        parties: tuple[str, ...],
        grade: tuple[str, str] | None,
        languages: tuple[str, ...],
        since: datetime | None,
    ) -> None:
        given = {"type": types, "kind": kinds, "party": parties, "grade": grade, "language": languages, "since": since}
        for option, value in given.items():
            if value and noun not in _TOPICS[option]:
                raise click.UsageError(
                    f"--{option} does not go with {noun}: it is for {' and '.join(_TOPICS[option])}. Leave it out"
                )
        self._types, self._kinds, self._parties, self._grade = types, kinds, parties, grade
        self._languages, self._since = languages, since
        self.chooses = any(given.values())
        """Whether some records may be left out."""

    def takes(self, record: "Record") -> bool:
        """Say whether a record of the topic is wanted."""
        from schemas import Alert, Article, Claim, EnrichedArticle, Fact, Withdrawal

        match record:
            case Alert(claim=claim):
                if self._kinds and record.kind not in self._kinds:
                    return False
                if self._grade and not (record.grade[0] in self._grade[0] and record.grade[1] in self._grade[1]):
                    return False
                return self._takes_claim(claim) and self._takes_report(claim.language, claim.published_at)
            case Claim():
                return self._takes_claim(record) and self._takes_report(record.language, record.published_at)
            case Withdrawal():
                return self._takes_claim(record) and self._takes_report(None, record.withdrawn_at)
            case Fact():
                return self._takes_claim(record) and self._takes_report(None, record.last_reported)
            case EnrichedArticle(article=article):
                # one claim must be all that is asked for
                if (self._types or self._parties) and not any(map(self._takes_claim, record.claims)):
                    return False
                return self._takes_report(record.language, article.published_at)
            case Article():
                return self._takes_report(record.language, record.published_at)
        raise TypeError(f"no filter is for {type(record).__name__}")

    def _takes_claim(self, record: Any) -> bool:
        if self._types and record.type not in self._types:
            return False
        return not self._parties or record.actor in self._parties or record.recipient in self._parties

    def _takes_report(self, language: str | None, published_at: datetime | None) -> bool:
        # an article as it was fed may lack both; it then cannot be said to be what is asked for
        if self._languages and (language or "").lower().replace("_", "-").split("-")[0] not in self._languages:
            return False
        return self._since is None or (published_at is not None and published_at >= self._since)
