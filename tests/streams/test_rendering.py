"""What people and programs get to see: complete, on one line where it must be, and never able to steer a terminal."""

import io
import json
from datetime import UTC, datetime

import pytest
from rich.console import Console

from schemas import Alert, Article, EnrichedArticle, Fact, Quantity, Unit
from streams.rendering import (
    AlertTable,
    article_line,
    claim_line,
    console,
    enriched_article,
    fact_line,
    figure,
    json_line,
    line,
    moment,
    plain,
)
from tests.streams.records import alert, claim

HOSTILE = "a\x1b[31mred\x1b]0;title\x07\x9b2J\u202egnp.exe\u2066 \x7f\x00b"


def steering(text: str) -> set[str]:
    """Return the characters of `text` that a terminal might obey."""
    return {c for c in text if (ord(c) < 32 and c not in "\n\t") or 0x7F <= ord(c) < 0xA0 or c in "\u202e\u2066\u2028"}


def test_what_steers_a_terminal_is_shown_as_an_escape() -> None:
    assert not steering(plain(HOSTILE))
    assert plain("a\x1b[0m\u202eb") == "a\\x1b[0m\\u202eb"


def test_other_characters_stay() -> None:
    text = "Кім Чен Ин 김정은 «—» [bold]x[/bold] 🤬\tй"
    assert plain(text) == text
    assert line("two\nlines") == "two lines"


def test_json_lines_are_one_line_and_equal_in_value() -> None:
    article = Article(text="a\x85b\u2028c\u2029d\x9b2J\u202ee\nf «ї»")
    written = json_line(article)
    assert not steering(written)
    assert written.splitlines() == [written]
    assert "«ї»" in written
    assert json.loads(written)["text"] == article.text


@pytest.mark.parametrize(
    ("low", "high", "unit", "words"),
    [
        (4700, 4700, Unit.PERSON, "4,700 people"),
        (1, 1, Unit.SHIP, "1 ship"),
        (6000, None, Unit.SHELL, "6,000 or more shells"),
        (None, 100, Unit.AIRCRAFT, "up to 100 aircraft"),
        (10000, 12000, Unit.PERSON, "10,000–12,000 people"),
        (33.5, 33.5, Unit.PERCENT, "33.5 %"),
        (None, None, Unit.ITEM, ""),
    ],
)
def test_quantities_are_words(low: float | None, high: float | None, unit: Unit, words: str) -> None:
    assert figure(Quantity(low=low, high=high, unit=unit)) == words


def test_the_time_of_day_is_shown_where_it_is_known() -> None:
    assert moment(datetime(2024, 10, 21, tzinfo=UTC)) == "2024-10-21"
    assert moment(datetime(2024, 10, 21, 9, 5, tzinfo=UTC)) == "2024-10-21 09:05"


def printed(*alerts: Alert, width: int = 100) -> str:
    out = io.StringIO()
    table = AlertTable(Console(file=out, width=width, markup=False, emoji=False, highlight=False))
    for one in alerts:
        table.add(one)
    return out.getvalue()


def test_alerts_are_rows_of_one_table() -> None:
    lines = printed(
        alert(), alert(kind="disputed", grade="F6", source=None, headline="Denied. [b]:smile:")
    ).splitlines()
    assert len(lines) == 4
    assert lines[0].split() == ["date", "kind", "grade", "source", "headline"]
    assert lines[2].split(maxsplit=4)[:4] == ["2024-10-21", "new", "B2", "Ledger"]
    assert lines[2].rstrip().endswith("  Troops were sent.")
    assert lines[3].rstrip().endswith("  Denied. [b]:smile:")
    assert "not named" in lines[3]


def test_a_long_headline_goes_on_below_itself() -> None:
    text = printed(alert(headline="word " * 40))
    assert text.count("word") == 40
    assert all(row.startswith(" " * 50) for row in text.splitlines()[3:])


def test_a_narrow_terminal_has_each_headline_below_its_row() -> None:
    rows = [row.rstrip() for row in printed(alert(headline="word " * 40), width=80).splitlines()]
    assert rows[0].split() == ["date", "kind", "grade", "source"]
    assert rows[2].split() == ["2024-10-21", "new", "B2", "Ledger"]
    assert all(row.startswith("    word") and len(row) > 70 for row in rows[3:-1])


def test_the_source_is_a_link_to_the_article_where_a_terminal_knows_links() -> None:
    def shown(url: str) -> str:
        out = io.StringIO()
        AlertTable(Console(file=out, width=120, force_terminal=True)).add(alert(url=url))
        return out.getvalue()

    assert "https://ledger.example/a" in shown("https://ledger.example/a")
    for hostile in ("https://ledger.example/\x1b\\\x1b[31m", "file:///etc/passwd", "https://ledger.example/\u202e"):
        assert "\x1b]8" not in shown(hostile)


def test_what_an_article_holds_cannot_steer_the_terminal() -> None:
    assert not steering(printed(alert(headline=HOSTILE, source=HOSTILE)))
    assert not steering(article_line(Article(id="x", text="x", title="t\x9bt", source="\u202es")))


def test_claims_and_facts_are_told_in_two_lines() -> None:
    out = io.StringIO()
    speaker = {"name": "Ministry", "text": "the ministry"}
    shown = Console(file=out, width=200)
    shown.print(*claim_line(claim(negated=True, source="Ledger", attributed_to=[speaker], when="2024-10")), sep="\n")
    source = {"article_id": "a", "source": "Ledger", "published_at": "2024-10-21"}
    fact = {
        "id": "f",
        "type": "arms",
        "actor": "KP",
        "recipient": "RU",
        "object": "shells",
        "quantity": {"low": 9e6, "high": 9e6, "unit": "shell"},
        "status": "planned",
        "first_reported": "2024-10-21",
        "last_reported": "2024-10-22",
        "origins": [speaker],
        "sources": [source, source],
        "claims": ["c"],
        "credibility": 3,
    }
    shown.print(*fact_line(Fact.model_validate(fact)), sep="\n")
    assert [row.rstrip() for row in out.getvalue().splitlines()] == [
        "2024-10-21  troops  KP→RU  denied  when: 2024-10  says: Ministry  in: Ledger",
        "    troops",
        "2024-10-21  arms  KP→RU  shells  9,000,000 shells  planned  credibility 3",
        "    from Ministry; told by Ledger",
    ]


def test_no_table_is_squeezed_where_output_is_no_terminal() -> None:
    assert console(io.StringIO()).width >= 120


@pytest.mark.parametrize("width", [60, 80, 140])
def test_a_claim_is_readable_at_any_width(width: int) -> None:
    passage = "about 3,000 soldiers were sent to the front in the west of the country in October"
    told = claim(
        quantity={"low": 3000, "high": 3000, "unit": "person"},
        attributed_to=[{"name": "Ministry of Defence of Ukraine", "text": "the ministry"}],
        evidence={"text": passage, "start": 0, "end": len(passage)},
    )
    extractor = {"version": "0", "knowledge": "0"}
    fields = {"article": {"text": passage}, "language": "en", "relevant": True, "entities": [], "claims": [told]}
    enriched = EnrichedArticle.model_validate(fields | {"extractor": extractor, "processed_at": "2024-10-21"})
    out = io.StringIO()
    Console(file=out, width=width).print(*enriched_article(enriched, width, "a.jsonl:3"), sep="\n")
    shown = out.getvalue()
    assert "a.jsonl:3" in shown
    assert "3,000 people" in " ".join(shown.split())
    assert max(len(row) for row in shown.splitlines()) <= width
    for word in passage.split():
        assert word in shown
