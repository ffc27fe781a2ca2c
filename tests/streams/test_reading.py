"""Reading of files: every kind, in order, and a fault of its own for each thing that cannot be read."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas import Article
from streams import reading
from streams.reading import Fault, Found, Item, PassedOver, read

RECEIVED = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def items(*paths: Path | io.BytesIO) -> list[Item]:
    return list(read(paths, RECEIVED))


def article(path: Path) -> Article:
    (found,) = items(path)
    assert isinstance(found, Found), found
    return found.article


def fault(path: Path) -> Fault:
    (found,) = items(path)
    assert isinstance(found, Fault), found
    return found


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_text_file_is_one_article_dated_when_it_was_received(tmp_path: Path) -> None:
    read_article = article(write(tmp_path / "a.txt", "Перший рядок.\n\nДругий.\n"))
    assert read_article.text == "Перший рядок.\n\nДругий."
    assert read_article.published_at == RECEIVED
    assert read_article.id


def test_byte_order_mark_and_line_ends_of_windows_do_not_make_another_article(tmp_path: Path) -> None:
    unix = article(write(tmp_path / "a.txt", "First line.\nSecond line.\n"))
    windows = article(write(tmp_path / "b.txt", b"\xef\xbb\xbfFirst line.\r\nSecond line.\r\n"))
    assert windows.id == unix.id
    assert windows.text == "First line.\nSecond line."


def test_the_heading_that_opens_markdown_is_the_title(tmp_path: Path) -> None:
    read_article = article(write(tmp_path / "a.md", "# Shells for Moscow\n\nThe *text*.\n\n## More\n"))
    assert read_article.title == "Shells for Moscow"
    assert read_article.text == "The *text*.\n\n## More"


def test_markdown_without_a_heading_is_all_text(tmp_path: Path) -> None:
    read_article = article(write(tmp_path / "a.md", "Just text.\n# Not a title\n"))
    assert (read_article.title, read_article.text) == (None, "Just text.\n# Not a title")


PAGE = """<!doctype html><html lang="en"><head><meta charset="{charset}"><title>Shells for Moscow — Ledger</title>
<meta property="og:title" content="Shells for Moscow"><meta property="og:site_name" content="Ledger">
<meta property="article:published_time" content="2024-10-21"><link rel="canonical" href="https://ledger.example/shells">
</head><body><nav><a href="/">Home</a> <a href="/world">World</a></nav><article><h1>Shells for Moscow</h1>
<p>{paragraph}</p><p>A second paragraph says that the ship called at the port twice in the month of September.</p>
</article><footer>© Ledger, all rights reserved</footer></body></html>"""


def test_a_page_gives_its_article_with_what_it_says_of_itself(tmp_path: Path) -> None:
    paragraph = "The ministry said on Monday that containers with shells had left the port of Rajin by sea."
    read_article = article(write(tmp_path / "a.html", PAGE.format(charset="utf-8", paragraph=paragraph)))
    assert paragraph in read_article.text
    assert "all rights reserved" not in read_article.text
    assert read_article.title == "Shells for Moscow"
    assert read_article.source == "Ledger"
    assert read_article.url == "https://ledger.example/shells"
    assert read_article.published_at == datetime(2024, 10, 21, tzinfo=UTC)


def test_a_page_is_decoded_as_it_declares(tmp_path: Path) -> None:
    paragraph = "Міністерство повідомило в понеділок, що контейнери зі снарядами вийшли морем із порту Наджин."
    page = PAGE.format(charset="windows-1251", paragraph=paragraph).encode("cp1251")
    assert paragraph in article(write(tmp_path / "a.htm", page)).text


@pytest.mark.parametrize("content", [b"", b"<html><body></body></html>", b"<div>" * 50_000])
def test_a_page_without_an_article_is_a_fault(tmp_path: Path, content: bytes) -> None:
    assert fault(write(tmp_path / "a.html", content)).code == "no_text"


def test_json_lines_keep_their_order_and_line_numbers(tmp_path: Path) -> None:
    lines = '{"id": "a", "text": "one"}\n\n{"id": "b", "text": "two"}\r\n{"id": "c", "text": "three"}'
    found = items(write(tmp_path / "a.jsonl", b"\xef\xbb\xbf" + lines.encode()))
    assert [(item.origin.line, item.article.id) for item in found if isinstance(item, Found)] == [
        (1, "a"),
        (3, "b"),
        (4, "c"),
    ]


def test_labelled_articles_are_read_with_their_names_for_the_fields(tmp_path: Path) -> None:
    labelled = {"id": "x", "outlet": "Обрій", "lang": "uk", "published": "2024-10-21", "text": "Текст", "claims": []}
    read_article = article(write(tmp_path / "a.jsonl", json.dumps(labelled, ensure_ascii=False)))
    assert read_article.source == "Обрій"
    assert read_article.language == "uk"
    assert read_article.published_at == datetime(2024, 10, 21, tzinfo=UTC)


def test_the_contracts_own_fields_win_over_the_labels_names(tmp_path: Path) -> None:
    read_article = article(write(tmp_path / "a.json", '{"text": "x", "source": "A", "outlet": "B"}'))
    assert read_article.source == "A"


def test_an_array_gives_each_of_its_articles(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.json", '[\n {"id": "a", "text": "one"},\n\n {"id": "b"},\n {"id": "c", "text": "three"}]'
    )
    first, second, third = items(path)
    assert isinstance(first, Found)
    assert isinstance(second, Fault)
    assert isinstance(third, Found)
    assert (first.article.id, second.code, third.article.id) == ("a", "missing_text", "c")
    assert str(second.origin) == f"{path}:4"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('[{"text": "one"},\n{"text": }]', 2),
        ('[{"text": "one"}\n\n{"text": "two"}]', 3),
        ('[{"text": "one"},\n', 2),
        ('[{"text": "one"}', 1),
    ],
)
def test_what_stands_before_the_break_of_an_array_is_read(tmp_path: Path, content: str, line: int) -> None:
    first, broken = items(write(tmp_path / "a.json", content))
    assert isinstance(first, Found)
    assert isinstance(broken, Fault)
    assert (broken.code, broken.origin.line) == ("invalid_json", line)


BAD_LINES = {
    b'{"text": ': "invalid_json",
    b"text": "invalid_json",
    b'{"text": "\xff"}': "not_utf8",
    b'["text"]': "not_an_object",
    b"null": "not_an_object",
    b"{}": "missing_text",
    b'{"text": 5}': "wrong_type",
    b'{"text": " \\n"}': "empty_text",
    b'{"text": "' + b"a" * 1_000_001 + b'"}': "text_too_long",
    b'{"text": ' + b"[" * 500 + b"]" * 500 + b"}": "too_deep",
    b'{"lang": ' + b"[" * 100_000 + b"]" * 100_000 + b"}": "too_deep",
    b'{"text": "a\\u0000b"}': "control_characters",
    b'{"text": "a\\ud800b"}': "lone_surrogate",
    b'{"text": "a", "lang": "uk", "title": "\\udc00"}': "lone_surrogate",
    b'{"text": "a", "published_at": "2024-02-30"}': "invalid_date",
    b'{"text": "a", "published": 20241021}': "invalid_date",
    b'{"text": "a", "language": 7}': "wrong_type",
}


@pytest.mark.parametrize("line", BAD_LINES, ids=lambda line: BAD_LINES[line])
def test_a_bad_line_is_a_fault_of_its_own_and_the_next_is_read(tmp_path: Path, line: bytes) -> None:
    path = write(tmp_path / "a.jsonl", b'{"text": "before"}\n' + line + b'\n{"text": "after"}\n')
    before, bad, after = items(path)
    assert isinstance(before, Found)
    assert isinstance(bad, Fault)
    assert isinstance(after, Found)
    assert bad.code == BAD_LINES[line]
    assert str(bad.origin) == f"{path}:2"
    assert len(bad.message) < 400


@pytest.mark.parametrize("value", [b'{"text": ' + b"[" * 500 + b"]" * 500 + b"}", b"[" * 100_000])
def test_deep_nesting_in_an_array_is_a_fault(tmp_path: Path, value: bytes) -> None:
    assert fault(write(tmp_path / "a.json", b"[" + value + b"]")).code == "too_deep"


def test_numbers_that_no_program_can_hold_are_a_fault(tmp_path: Path) -> None:
    digits = b"9" * 10_000
    bad = fault(write(tmp_path / "a.jsonl", b'{"text": "a", "published": ' + digits + b"}"))
    assert bad.code in ("invalid_json", "invalid_date")
    bad = fault(write(tmp_path / "a.json", b'[{"text": "a", "published": ' + digits + b"}]"))
    assert bad.code in ("invalid_json", "invalid_date")


def test_an_unknown_language_is_no_fault(tmp_path: Path) -> None:
    assert article(write(tmp_path / "a.json", '{"text": "Bonjour", "language": "fr"}')).language == "fr"


def test_other_encodings_are_told_with_place_and_remedy(tmp_path: Path) -> None:
    latin = fault(write(tmp_path / "a.txt", "First.\nCafé".encode("latin-1")))
    assert latin.code == "not_utf8"
    assert "0xE9" in latin.message
    assert "line 2" in latin.message
    assert "iconv" in latin.message
    for name in ("b.txt", "b.json", "b.jsonl"):
        wide = fault(write(tmp_path / name, '{"text": "x"}\n{"text": "y"}'.encode("utf-16")))
        assert wide.code == "not_utf8"
        assert "UTF-16" in wide.message


def test_an_empty_text_file_is_a_fault(tmp_path: Path) -> None:
    assert fault(write(tmp_path / "a.txt", "\n\n")).code == "empty_text"


def test_a_folder_is_read_recursively_in_order_of_names(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "__pycache__").mkdir()
    for name in ("c.txt", "a.txt", "b/z.md", "b/A.txt", ".git/x.txt", "__pycache__/x.txt", ".hidden.txt"):
        write(tmp_path / name, f"text of {name}")
    found = items(tmp_path)
    assert [str(Path(item.origin.name).relative_to(tmp_path)) for item in found] == [
        "a.txt",
        "c.txt",
        "b/A.txt",
        "b/z.md",
    ]


def test_files_in_a_folder_that_are_no_articles_are_passed_over(tmp_path: Path) -> None:
    for name in ("a.txt", "photo.jpg", "labels.jsonl", "2024.labels.json"):
        write(tmp_path / name, "x")
    found = items(tmp_path)
    assert {Path(item.origin.name).name: type(item) for item in found} == {
        "a.txt": Found,
        "photo.jpg": PassedOver,
        "labels.jsonl": PassedOver,
        "2024.labels.json": PassedOver,
    }


def test_links_to_folders_are_passed_over_so_that_no_loop_is_endless(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "text")
    (tmp_path / "loop").symlink_to(tmp_path)
    passed, found = items(tmp_path)
    assert isinstance(passed, PassedOver)
    assert passed.origin.name.endswith("loop")
    assert isinstance(found, Found)


def test_a_file_that_cannot_be_opened_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "gone")
    write(tmp_path / "b.txt", "text")
    broken, found = items(tmp_path)
    assert isinstance(broken, Fault)
    assert broken.code == "unreadable"
    assert isinstance(found, Found)


def test_a_folder_without_articles_is_a_fault(tmp_path: Path) -> None:
    assert fault(tmp_path).code == "no_articles"


def test_a_file_of_another_kind_that_was_named_is_a_fault(tmp_path: Path) -> None:
    assert fault(write(tmp_path / "a.pdf", b"%PDF")).code == "unknown_kind"


def test_standard_input_is_read_line_by_line() -> None:
    class Slow(io.BytesIO):
        """A stream that tells how much of it was read."""

    stream = Slow(b'{"text": "one"}\n' * 3)
    reader = read([stream], RECEIVED)
    first = next(reader)
    assert str(first.origin) == "standard input:1"
    assert stream.tell() == len(b'{"text": "one"}\n')


def test_a_line_without_end_is_a_fault_and_not_held_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_DOCUMENT", 1000)
    long = b'{"text": "' + b"a" * 5000 + b'"}'
    path = write(tmp_path / "a.jsonl", b'{"text": "before"}\n' + long + b'\n{"text": "after"}\n' + long)
    found = items(path)
    assert [
        item.code if isinstance(item, Fault) else item.article.text
        for item in found
        if not isinstance(item, PassedOver)
    ] == [
        "before",
        "too_large",
        "after",
        "too_large",
    ]


def test_a_file_that_is_too_large_is_a_fault_with_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_DOCUMENT", 1000)
    monkeypatch.setattr(reading, "MAX_ARRAY", 2000)
    assert fault(write(tmp_path / "a.txt", "a" * 1001)).code == "too_large"
    bad = fault(write(tmp_path / "a.json", json.dumps([{"text": "a" * 2000}])))
    assert bad.code == "too_large"
    assert ".jsonl" in bad.message
