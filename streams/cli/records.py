"""Records of the topics, printed for people or programs."""

import base64
import json
from typing import Any

import click

from schemas import Alert, Article, Claim, DeadLetter, EnrichedArticle, Fact, Withdrawal
from schemas.base import Record
from schemas.dead_letter import PREFIX
from streams.cli.clients import Received
from streams.cli.filters import Filter
from streams.cloudevents import CLAIM_WITHDRAWN, event_of
from streams.codec import decode
from streams.errors import BadInputError
from streams.rendering import (
    AlertTable,
    article_line,
    claim_line,
    console,
    enriched_article,
    fact_line,
    line,
    safe_json,
    withdrawal_line,
)

_MODELS: dict[str, type[Record]] = {
    "articles": Article,
    "enriched": EnrichedArticle,
    "claims": Claim,
    "facts": Fact,
    "facts-archive": Fact,
    "alerts": Alert,
}


class RecordPrinter:
    """Prints the records of one topic that a filter takes; `noun` is its name in the middle, such as `claims`."""

    def __init__(self, noun: str, wanted: Filter, *, as_json: bool) -> None:
        self._noun = noun
        self._wanted = wanted
        self._as_json = as_json
        self._out = console()
        self._alerts = AlertTable(self._out)

    def print(self, record: Received) -> bool:
        """Print a record, if it is wanted; say whether it was. What the topic should not hold is told on stderr."""
        try:
            if self._noun == "dead-letters":
                self._dead_letter(record)
            elif record.value is None:
                self._deleted(record)
            else:
                return self._record(record.value, self._model(record))
        except BadInputError as error:
            click.echo(f"{record.place}: {line(error.message)} [{error.code}]", err=True)
            return False
        return True

    def _model(self, record: Received) -> type[Record]:
        return Withdrawal if event_of(record.headers) == CLAIM_WITHDRAWN else _MODELS[self._noun]

    def _record(self, value: bytes, model: type[Record]) -> bool:
        if self._as_json and not self._wanted.chooses:
            click.echo(_as_it_is(value))
            return True
        record = decode(model, value)
        if not self._wanted.takes(record):
            return False
        if self._as_json:
            click.echo(_as_it_is(value))
        else:
            self._show(record)
        return True

    def _show(self, record: Record) -> None:
        match record:
            case Article():
                self._out.print(article_line(record))
            case EnrichedArticle():
                self._out.print(*enriched_article(record, self._out.width), sep="\n")
            case Claim():
                self._out.print(*claim_line(record), sep="\n")
            case Withdrawal():
                self._out.print(withdrawal_line(record))
            case Fact():
                self._out.print(*fact_line(record), sep="\n")
            case Alert():
                self._alerts.add(record)

    def _deleted(self, record: Received) -> None:
        key = _text(record.key) or ""
        if self._as_json:
            click.echo(safe_json(json.dumps({"id": key, "deleted": True}, ensure_ascii=False)))
        else:
            self._out.print(f"{line(key)}  deleted")

    def _dead_letter(self, record: Received) -> None:
        letter = dead_letter(record)
        key, value = record.key, record.value
        if self._as_json:
            row = letter.model_dump(mode="json") | _bytes_field("key", key) | _bytes_field("value", value)
            click.echo(safe_json(json.dumps(row, ensure_ascii=False)))
            return
        words = [letter.code, letter.stage.value, f"{letter.topic}/{letter.partition}@{letter.offset}"]
        words += [f"attempt {letter.attempt}", f"key {_shown(key)}"]
        self._out.print("  ".join(map(line, words)))
        self._out.print(f"    {line(letter.message)}")
        self._out.print(f"    {_shown(value)}", style="dim")


def dead_letter(record: Received) -> DeadLetter:
    """Read the headers of a dead letter.

    Raises:
        BadInputError: the record has not the headers of a dead letter.
    """
    from pydantic import ValidationError

    named = {name: _text(value) for name, value in record.headers if name.startswith(PREFIX)}
    try:
        return DeadLetter.model_validate(named)
    except ValidationError as error:
        missing = ", ".join(".".join(map(str, detail["loc"])) for detail in error.errors())
        raise BadInputError(
            f"no dead letter: {missing} missing or wrong among its headers", code="no_dead_letter"
        ) from None


def _as_it_is(value: bytes) -> str:
    """Return the value as one safe line of JSON, with fields that this version does not know."""
    try:
        return safe_json(json.dumps(json.loads(value), ensure_ascii=False, separators=(",", ":")))
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"not JSON ({error}); somebody else wrote to this topic", code="invalid_json") from None


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode(errors="replace")


def _shown(value: bytes | None) -> str:
    text = _text(value[:400]) if value is not None else "none"
    return line(text or "")[:200]


def _bytes_field(name: str, value: bytes | None) -> dict[str, Any]:
    if value is None:
        return {name: None}
    try:
        return {name: value.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(value).decode()}
