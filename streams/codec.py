"""Bytes of the topics to records of the contract, and back. Pure; whatever is wrong with input is a BadInputError."""

from datetime import datetime
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import from_json

from schemas import Article
from schemas.article import MAX_TEXT
from schemas.base import Record
from streams.errors import BadInputError

MAX_DEPTH = 200
"""How deep JSON may be nested: the limit that pydantic's parser keeps."""

AnyRecord = TypeVar("AnyRecord", bound=Record)

_BOM = b"\xef\xbb\xbf"
_JSON_TYPES = {
    dict: "object",
    list: "array",
    str: "string",
    bool: "boolean",
    int: "number",
    float: "number",
    type(None): "null",
}


def decode_article(value: bytes | None, received_at: datetime) -> Article:
    """Read an article as a feeder sent it, and complete its id and its date.

    Args:
        value: the record's value.
        received_at: the record's timestamp, the date of an article that has none.

    Raises:
        BadInputError: what is wrong, with a stable `code` and a message for the feeder.
    """
    fields = _object(value)
    text = fields.get("text")
    if "text" not in fields:
        raise BadInputError(
            'the field "text" is missing: send {"text": "…"}; all other fields are optional', code="missing_text"
        )
    # told before the model is asked, which would quote a million characters
    if isinstance(text, str) and len(text) > MAX_TEXT:
        raise BadInputError(
            f"text has {len(text):,} characters and at most {MAX_TEXT:,} are taken: send it in parts, each an article "
            "of its own id",
            code="text_too_long",
        )
    if isinstance(text, str) and not text.strip():
        raise BadInputError("text is empty: send the article's text, or leave the article out", code="empty_text")
    try:
        return Article.model_validate(fields).completed(received_at)
    except ValidationError as error:
        raise _bad_field(error) from None
    except OverflowError:
        # a date that is past year 9999, or before year 1, once its offset is taken off
        raise BadInputError(
            "published_at: no such date in UTC; write it in ISO 8601, as 2024-10-21T09:30:00Z or 2024-10-21",
            code="invalid_date",
        ) from None


def decode(model: type[AnyRecord], value: bytes | None) -> AnyRecord:
    """Read a record that Tumen wrote.

    Raises:
        BadInputError: the value is none of `model`: somebody else wrote to the topic, or a newer version did.
    """
    try:
        return model.model_validate(_object(value))
    except ValidationError as error:
        raise _bad_field(error) from None


def encode(record: Record) -> bytes:
    """Write a record as plain UTF-8 JSON."""
    return record.model_dump_json().encode()


def _object(value: bytes | None) -> dict[str, Any]:
    if value is None:
        raise BadInputError("the record has no value: send the article as a JSON object", code="null_value")
    value = value.removeprefix(_BOM)
    try:
        value.decode()
    except UnicodeDecodeError as error:
        raise BadInputError(
            f"the value is not UTF-8 (byte 0x{value[error.start]:02x} at position {error.start}): encode "
            "the JSON as UTF-8",
            code="not_utf8",
        ) from None
    try:
        parsed = from_json(value, allow_inf_nan=False)
    except ValueError as error:
        raise _bad_json(str(error)) from None
    if not isinstance(parsed, dict):
        raise BadInputError(
            f'the value is a JSON {_JSON_TYPES[type(parsed)]}, not an object: send {{"text": "…"}}',
            code="not_an_object",
        )
    return parsed


def _bad_json(reason: str) -> BadInputError:
    if "recursion limit" in reason:
        return BadInputError(f"the JSON is nested deeper than {MAX_DEPTH} levels: send a flat object", code="too_deep")
    if "surrogate" in reason or "hex escape" in reason:
        return BadInputError(
            f"the JSON has an escape that is no character ({reason}), such as half of a surrogate pair: cut texts "
            "between characters, not between UTF-16 units",
            code="lone_surrogate",
        )
    if "control character" in reason:
        return BadInputError(
            f"the JSON has a control character in a string ({reason}): escape line breaks as \\n and drop the others",
            code="control_characters",
        )
    return BadInputError(f"the value is not JSON ({reason}): send one JSON object a record", code="invalid_json")


_CODES = {
    "string_pattern_mismatch": "control_characters",
    "string_too_long": "field_too_long",
    "string_too_short": "empty_field",
    "missing": "missing_field",
}


def _bad_field(error: ValidationError) -> BadInputError:
    """Tell the first thing that is wrong; its input is never quoted whole."""
    detail = error.errors(include_url=False)[0]
    name = ".".join(str(part) for part in detail["loc"])
    given = detail["input"]
    kind = _JSON_TYPES.get(type(given), type(given).__name__)
    message = str(detail["msg"]).removeprefix("Value error, ")
    if name == "published_at" and not isinstance(given, str):
        return BadInputError(
            f"published_at is a JSON {kind} and must be a string in ISO 8601, as 2024-10-21T09:30:00Z or 2024-10-21",
            code="invalid_date",
        )
    if name == "published_at":
        return BadInputError(f"{name}: {_short(given)} is {message}", code="invalid_date")
    if name == "language" and isinstance(given, str):
        return BadInputError(
            f"language: {_short(given)} is no language code; write an ISO 639 code such as uk or ko, or leave it out",
            code="invalid_language",
        )
    if detail["type"].endswith("_type"):
        wanted = detail["type"].removesuffix("_type")
        return BadInputError(f"{name} is a JSON {kind} and must be a {wanted}", code="wrong_type")
    if detail["type"] == "string_pattern_mismatch":
        return BadInputError(
            f"{name} has control characters (such as NUL or ESC): send plain text; tab and line breaks are fine",
            code="control_characters",
        )
    return BadInputError(f"{name}: {_short(given)}: {message}", code=_CODES.get(detail["type"], "invalid_value"))


def _short(value: Any) -> str:
    shown = ascii(value) if not isinstance(value, str) else repr(value)
    return shown if len(shown) <= 80 else shown[:77] + "…"
