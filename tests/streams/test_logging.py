"""Logs: one line an event, in one format for Tumen and its libraries, and without secrets."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from streams.logging import configure
from streams.settings import LogFormat, LogLevel, Settings


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def logged(log_format: LogFormat, level: LogLevel = LogLevel.INFO) -> list[str]:
    out = io.StringIO()
    configure(Settings.load(log_format=log_format, log_level=level), out)
    structlog.get_logger("streams.test").info("enriched", article="a-1", title="Сеул")
    logging.getLogger("other").warning("library %s", "speaks")
    logging.getLogger("faust.app").info("chatter")
    try:
        text = "private text of the article"
        raise ValueError(text[:7])
    except ValueError:
        structlog.get_logger("streams.test").exception("failed")
    return out.getvalue().splitlines()


def test_json_logs_are_one_object_a_line() -> None:
    lines = [json.loads(line) for line in logged(LogFormat.JSON)]
    assert [line["event"] for line in lines] == ["enriched", "library speaks", "failed"]
    assert lines[0] == lines[0] | {"level": "info", "article": "a-1", "title": "Сеул", "logger": "streams.test"}
    assert "ValueError: private" in lines[2]["exception"]
    assert "of the article" not in lines[2]["exception"]


def test_text_logs_are_for_people_and_show_no_local_variables() -> None:
    lines = logged(LogFormat.TEXT)
    assert "enriched" in lines[0]
    assert "article=a-1" in lines[0]
    assert not any("of the article" in line for line in lines)


def test_a_stream_that_is_no_terminal_gets_json() -> None:
    assert json.loads(logged(LogFormat.AUTO)[0])["event"] == "enriched"


def test_less_severe_messages_are_left_out() -> None:
    assert [json.loads(line)["event"] for line in logged(LogFormat.JSON, LogLevel.ERROR)] == ["failed"]
