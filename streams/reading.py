"""Files and standard input to articles: lazily, in order, and with a clear fault for whatever cannot be read.

Every article, whatever kind of file it comes from, passes through `streams.codec.decode_article`, so that the command
line and the stream give the same codes and messages for the same bad input.
"""

import codecs
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from schemas import Article
from streams.codec import decode_article
from streams.errors import BadInputError

SUFFIXES = frozenset({".txt", ".md", ".html", ".htm", ".json", ".jsonl"})
"""The kinds of file that hold articles."""

MAX_DOCUMENT = 32 * 1024 * 1024
"""The longest line or text that is read, in bytes: a longer one is a fault, not an exhausted memory."""

MAX_PAGE = 4 * 1024 * 1024
"""The largest web page, in bytes: taking the article out of it takes some seconds and 200 MiB a MiB at worst."""

MAX_ARRAY = 256 * 1024 * 1024
"""The largest .json file, in bytes: it is parsed as a whole, as JSON lines are not."""

# The names that the labelled articles of the evaluation have for the contract's fields.
_ALIASES = {"published": "published_at", "lang": "language", "outlet": "source"}
_ALIAS_MARKS = tuple(f'"{alias}"'.encode() for alias in _ALIASES)

_WIDE_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an article was read: a file, as the user named it, and the line where the file holds several."""

    name: str
    line: int | None = None

    def __str__(self) -> str:
        return self.name if self.line is None else f"{self.name}:{self.line}"


@dataclass(frozen=True, slots=True)
class Found:
    """An article that was read, completed with its id and date."""

    origin: Origin
    article: Article

    @property
    def published_at(self) -> datetime:
        """The article's date, which a completed article has."""
        if self.article.published_at is None:
            raise ValueError("articles are read completed")
        return self.article.published_at


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that should have been an article and cannot be read as one."""

    origin: Origin
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A file in a folder that is no article: of another kind, or labels that belong to articles."""

    origin: Origin
    reason: str


Item = Found | Fault | PassedOver


def read(paths: Iterable[Path | BinaryIO], received_at: datetime) -> Iterator[Item]:
    """Read the articles of files, of folders (recursively, sorted by name) and of streams of JSON lines, in order.

    `received_at` becomes the date of articles that have none. Nothing is raised for bad input: it is yielded as a
    `Fault`, and the reading goes on. At most one document or line is held in memory.
    """
    for path in paths:
        if not isinstance(path, Path):
            yield from _json_lines(path, "standard input", received_at)
        elif path.is_dir():
            yield from _folder(path, received_at)
        else:
            yield from _file(path, received_at)


def _folder(folder: Path, received_at: datetime) -> Iterator[Item]:
    empty = True
    errors: list[OSError] = []
    for directory, folders, names in os.walk(folder, onerror=errors.append):
        # hidden folders and Python's caches hold nobody's articles; sorting in place also orders the walk
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        for name in folders:
            if Path(directory, name).is_symlink():
                yield PassedOver(Origin(str(Path(directory, name))), "a link to a folder; name it to have it read")
        for name in sorted(names):
            path = Path(directory, name)
            if name.startswith("."):
                continue
            if path.suffix.lower() not in SUFFIXES:
                yield PassedOver(Origin(str(path)), f"not a kind of file that holds articles ({_kinds()})")
            elif _holds_labels(path):
                yield PassedOver(Origin(str(path)), "labels that belong to articles, not articles")
            else:
                empty = False
                yield from _file(path, received_at)
    for error in errors:
        yield _unreadable(Origin(str(error.filename)), error)
    if empty:
        yield Fault(Origin(str(folder)), "no_articles", f"no articles in this folder; put {_kinds()} files there")


def _holds_labels(path: Path) -> bool:
    return path.stem == "labels" or path.stem.endswith((".labels", "-labels", "_labels"))


def _kinds() -> str:
    return ", ".join(sorted(SUFFIXES))


def _file(path: Path, received_at: datetime) -> Iterator[Item]:
    origin = Origin(str(path))
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        message = (
            f"not a kind of file that holds articles; Tumen reads {_kinds()}, and JSON lines from standard input (-)"
        )
        yield Fault(origin, "unknown_kind", message)
        return
    try:
        if suffix == ".jsonl":
            with path.open("rb") as lines:
                yield from _json_lines(lines, origin.name, received_at)
        elif suffix == ".json":
            yield from _json_document(_bytes(path, MAX_ARRAY), origin.name, received_at)
        else:
            yield _document(path, suffix, received_at)
    except BadInputError as error:
        yield Fault(origin, error.code, error.message)
    except OSError as error:
        yield _unreadable(origin, error)


def _unreadable(origin: Origin, error: OSError) -> Fault:
    return Fault(origin, "unreadable", f"cannot be read: {error.strerror or error}; check it and its permissions")


def _bytes(path: Path, limit: int) -> bytes:
    with path.open("rb") as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        remedy = "write one article a line in a .jsonl file" if limit == MAX_ARRAY else "split it into articles"
        raise BadInputError(f"larger than {limit // 1024**2} MiB; {remedy}", code="too_large")
    return content


def _document(path: Path, suffix: str, received_at: datetime) -> Found:
    page = suffix in (".html", ".htm")
    content = _bytes(path, MAX_PAGE if page else MAX_DOCUMENT)
    if page:
        fields = _page(content)
    else:
        # a text saved on Windows is the same article as one saved elsewhere
        text = _utf8(content).replace("\r\n", "\n").strip("\n")
        fields = _markdown(text) if suffix == ".md" else {"text": text}
    return Found(Origin(str(path)), decode_article(json.dumps(fields).encode(), received_at))


def _utf8(content: bytes) -> str:
    """Decode UTF-8 with or without a byte order mark.

    Raises:
        BadInputError: for any other encoding; the message names the place and how to convert.
    """
    if content.startswith(_WIDE_MARKS):
        raise BadInputError("this is UTF-16 or UTF-32; save it as UTF-8: iconv -f UTF-16 -t UTF-8", code="not_utf8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = (
            f"not UTF-8: byte 0x{content[error.start]:02X} at offset {error.start}, line {line}; save it as UTF-8, "
            "from Latin-1 for instance with: iconv -f LATIN1 -t UTF-8"
        )
        raise BadInputError(message, code="not_utf8") from None


def _markdown(text: str) -> dict[str, str]:
    """Take a heading that opens the document as the title; the rest stays as it is written."""
    first, _, rest = text.lstrip().partition("\n")
    if first.startswith("# ") and rest.strip():
        return {"title": first[2:].strip(), "text": rest.strip("\n")}
    return {"text": text}


def _page(content: bytes) -> dict[str, str]:
    """Take the article out of a web page, with what the page says of itself."""
    import trafilatura  # slow to import, and only pages need it
    from trafilatura.settings import Document

    # the page's own declaration decides on the encoding, as in a browser
    page = trafilatura.bare_extraction(content, with_metadata=True, include_comments=False) if content.strip() else None
    if not isinstance(page, Document) or not page.text:
        message = "no article was found in this page; save the article's text as .txt, or as JSON with `text`"
        raise BadInputError(message, code="no_text")
    named = {
        "text": page.text,
        "title": page.title,
        "url": page.url,
        "source": page.sitename,
        "published_at": page.date,
    }
    return {name: value for name, value in named.items() if value}


def _json_lines(lines: BinaryIO, name: str, received_at: datetime) -> Iterator[Item]:
    number = 0
    while line := lines.readline(MAX_DOCUMENT + 1):
        number += 1
        origin = Origin(name, number)
        if number == 1:
            if line.startswith(_WIDE_MARKS):
                message = "this is UTF-16 or UTF-32; save it as UTF-8: iconv -f UTF-16 -t UTF-8"
                yield Fault(Origin(name), "not_utf8", message)
                return
            line = line.removeprefix(codecs.BOM_UTF8)
        if len(line) > MAX_DOCUMENT and not line.endswith(b"\n"):
            while (rest := lines.readline(1024**2)) and not rest.endswith(b"\n"):
                pass
            yield Fault(
                origin, "too_large", f"the line is longer than {MAX_DOCUMENT // 1024**2} MiB; write one article a line"
            )
        elif line.strip():
            yield _article(line.strip(), origin, received_at)


def _json_document(content: bytes, name: str, received_at: datetime) -> Iterator[Item]:
    """Read one article, or an array of them. Each is cut out and decoded by itself: its faults are its own."""
    text = _utf8(content)
    start = _skip_space(text, 0)
    if not text.startswith("[", start):
        yield _article(text.strip().encode(), Origin(name), received_at)
        return
    scan = json.JSONDecoder().raw_decode
    line, counted = 1, 0
    at = _skip_space(text, start + 1)
    while not text.startswith("]", at):
        line, counted = line + text.count("\n", counted, at), at
        origin = Origin(name, line)
        try:
            _, end = scan(text, at)
        except RecursionError:
            yield Fault(origin, "too_deep", "nested too deeply for an article; the rest of the file is left out")
            return
        except ValueError as error:
            problem = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
            place = error.lineno if isinstance(error, json.JSONDecodeError) else line
            message = f"not valid JSON: {problem}; mend the file: from here on the array is left out"
            yield Fault(Origin(name, place), "invalid_json", message)
            return
        yield _article(text[at:end].encode(), origin, received_at)
        at = _skip_space(text, end)
        if text.startswith(",", at):
            at = _skip_space(text, at + 1)
        elif not text.startswith("]", at):
            line += text.count("\n", counted, at)
            yield Fault(
                Origin(name, line),
                "invalid_json",
                "the array of articles is not closed here by ']', nor goes on with ','",
            )
            return


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _article(value: bytes, origin: Origin, received_at: datetime) -> Found | Fault:
    try:
        return Found(origin, decode_article(_renamed(value), received_at))
    except BadInputError as error:
        return Fault(origin, error.code, error.message)


def _renamed(value: bytes) -> bytes:
    """Give the fields of a labelled article the contract's names; leave every other value as it is."""
    if not any(mark in value for mark in _ALIAS_MARKS):
        return value
    try:
        record: Any = json.loads(value)
    except (ValueError, RecursionError):
        return value  # decoding tells what is wrong with it
    if not isinstance(record, dict):
        return value
    for alias, field in _ALIASES.items():
        if alias in record:
            record.setdefault(field, record.pop(alias))
    return json.dumps(record).encode()
