"""Logs: structured, on standard error, one line an event, for Tumen's own messages and for its libraries'."""

import logging
import sys
from typing import TextIO

import structlog

from streams.settings import LogFormat, LogLevel, Settings

# They tell at `info` what only their own developers want to know. (mode logs the services of a module in its name.)
_CHATTY = ("aiokafka", "asyncio", "faust", "kafka", "mode", "streams.recovery")

# At `debug` they print requests and records whole: the password that the mechanism PLAIN sends, and articles.
_TELL_ALL = ("aiokafka.conn", "aiokafka.producer")


def configure(settings: Settings, stream: TextIO | None = None) -> None:
    """Send all logs to `stream` (standard error) in the format and from the level that the settings ask."""
    stream = stream or sys.stderr
    as_json = settings.log_format is LogFormat.JSON or (settings.log_format is LogFormat.AUTO and not stream.isatty())
    level = settings.log_level.value.upper()
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    renderer: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if as_json
        # without local variables: they would show texts and secrets
        else [
            structlog.dev.ConsoleRenderer(
                colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
            )
        ]
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    chatty_level = logging.DEBUG if settings.log_level is LogLevel.DEBUG else logging.WARNING
    for name in _CHATTY:
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
        library.setLevel(chatty_level)
    for name in _TELL_ALL:
        logging.getLogger(name).setLevel(max(chatty_level, logging.INFO))
