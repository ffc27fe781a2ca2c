"""Which records `tumen tail` and `tumen replay` show."""

from typing import Any

import click
import pytest

from schemas import AlertKind, Article, ClaimType, Fact
from schemas.base import Record
from streams.cli.filters import KINDS, TYPES, Filter, filter_options
from tests.streams.commands import tumen
from tests.streams.records import alert, claim, enriched


def chosen(noun: str, *arguments: str) -> Filter:
    """Return the filter that these arguments make."""

    @click.command()
    @filter_options
    def command(**given: Any) -> Filter:
        return Filter(noun, **given)

    made: Filter = command.main(list(arguments), standalone_mode=False)
    return made


FACT = Fact.model_validate(
    {
        "id": "f",
        "type": "arms",
        "actor": "KP",
        "recipient": "RU",
        "status": "happened",
        "first_reported": "2024-10-01",
        "last_reported": "2024-11-01",
        "origins": [],
        "sources": [],
        "claims": [],
        "credibility": 3,
    }
)


def test_words_are_those_of_the_contract() -> None:
    assert list(TYPES) == list(ClaimType)
    assert list(KINDS) == list(AlertKind)


@pytest.mark.parametrize(
    ("arguments", "noun", "record", "shown"),
    [
        ("", "alerts", alert(), True),
        ("--type troops", "alerts", alert(), True),
        ("--type arms", "alerts", alert(), False),
        ("--type arms --type troops", "alerts", alert(), True),
        ("--type troops --kind update", "alerts", alert(), False),
        ("--kind update --kind new", "alerts", alert(), True),
        ("--party ru", "alerts", alert(), True),
        ("--party KP", "claims", claim(), True),
        ("--party CN", "claims", claim(), False),
        ("--party CN --party KP", "claims", claim(), True),
        ("--language en", "claims", claim(language="en-GB"), True),
        ("--language uk --language ru", "claims", claim(), False),
        ("--since 2024-10-21", "claims", claim(), True),
        ("--since 2024-10", "claims", claim(), True),
        ("--since 2024-10-21T00:01", "claims", claim(), False),
        ("--since 2024-10-21", "alerts", alert(claim=claim(published_at="2024-10-20")), False),
        ("--since 2024-10-15", "facts", FACT, True),
        ("--since 2024-11-02", "facts", FACT, False),
        ("--type arms --party RU", "facts", FACT, True),
        ("--type arms --party KP", "enriched", enriched(claim(), claim(type="arms")), True),
        ("--type arms --party CN", "enriched", enriched(claim(actor="CN"), claim(type="arms")), False),
        ("--type arms", "enriched", enriched(), False),
        ("--language uk --since 2024-10-21", "enriched", enriched(), True),
        ("--language uk", "articles", Article(text="x", language="uk-UA"), True),
        ("--language uk", "articles", Article(text="x"), False),
        ("--since 2024", "articles", Article(text="x"), False),
    ],
)
def test_records_are_chosen_by_what_they_hold(arguments: str, noun: str, record: Record, shown: bool) -> None:
    assert chosen(noun, *arguments.split()).takes(record) is shown


@pytest.mark.parametrize(
    ("wanted", "passes", "fails"),
    [
        ("B2", ["A1", "B2", "A2", "B1"], ["B3", "C2", "F1", "A6"]),
        ("b", ["A6", "B5"], ["C1", "F1"]),
        ("2", ["F2", "C1"], ["A3", "A6"]),
        ("F6", ["F6", "A1"], []),
    ],
)
def test_a_grade_asks_for_source_and_information_so_or_better(wanted: str, passes: list[str], fails: list[str]) -> None:
    wanting = chosen("alerts", "--grade", wanted)
    assert [grade for grade in passes + fails if wanting.takes(alert(grade=grade))] == passes


@pytest.mark.parametrize(
    "arguments",
    [
        ["--grade", "G2"],
        ["--grade", "22"],
        ["--grade", ""],
        ["--grade", "B7"],
        ["--party", "Russia"],
        ["--language", "russian"],
        ["--since", "yesterday"],
        ["--type", "weather"],
        ["--kind", "old"],
    ],
    ids=" ".join,
)
def test_a_filter_that_means_nothing_is_wrong_use_and_says_what_to_write(arguments: list[str]) -> None:
    result = tumen("replay", "-", *arguments, input="")
    assert result.exit_code == 2
    assert repr(arguments[1]) in result.stderr
