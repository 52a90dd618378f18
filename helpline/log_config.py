"""Logging by an allow-list of fields.

Our own log lines are an event in fixed words and a few ids, by the names in ``_ALLOWED_FIELDS``;
other fields are dropped. Phone numbers, secret URLs and tokens are redacted everywhere. Of a
library's line only its format string is kept, not its arguments; of an error its type and location,
not its message, which may repeat stored data.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import structlog

REDACTED = "…"
_ROOT = Path(__file__).resolve().parent.parent
_MAX_FRAMES = 12
_MAX_LENGTH = 200

_ALLOWED_FIELDS = frozenset(
    {
        # Of every line.
        *("event", "level", "logger", "at", "request_id", "tick", "worker"),
        # Of a request, without its URL.
        *("method", "endpoint", "status", "ms"),
        # Ids.
        *("attempt", "call", "callback", "entry", "inbound_call", "job", "message", "notice"),
        *("listener", "offer", "staff", "subject", "text"),
        # Reasons and amounts.
        *("code", "count", "problem", "seal", "seq", "settings"),
        # Errors and locations.
        *("error", "frames"),
        # Redaction.
        *("left_out",),
    }
)
_INTERNAL_FIELDS = frozenset({"_record", "_from_structlog", "exc_info", "stack_info"})
_UNREDACTED_FIELDS = frozenset({"at", "level", "logger", "seal", "frames", "request_id"})

_CARRIER_ID = re.compile(r"[A-Z]{2}[0-9a-f]{32}")
_NUMBER = re.compile(r"\+?\d(?:[\s().-]?\d){6,}")
_SECRET_URL = re.compile(r"(/request/)[^\s\"'/?]+")
_TOKEN = re.compile(r"(?<![\w-])(?=[\w-]*[A-Z0-9])[\w-]{22,}(?![\w-])")

_LIBRARY_LEVELS = {
    "alembic": logging.WARNING,
    "apscheduler": logging.ERROR,
    "gunicorn.access": logging.CRITICAL + 1,
    "sqlalchemy": logging.WARNING,
    "twilio": logging.CRITICAL + 1,
    "urllib3": logging.WARNING,
    "werkzeug": logging.ERROR,
}
"""Libraries that log URLs or contents, with the lowest level that is kept."""


def drop_unknown_fields(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Drop fields that are not allowed, and redact secrets in the others."""
    allowed: dict[str, Any] = {}
    left_out = []
    for name, value in event.items():
        if name in _INTERNAL_FIELDS:
            allowed[name] = value
        elif name not in _ALLOWED_FIELDS or not isinstance(value, str | int | float | list | None):
            left_out.append(name)
        elif name in _UNREDACTED_FIELDS or not isinstance(value, str):
            allowed[name] = _redact_long_number(name, value)
        else:
            allowed[name] = redact(value)
    if left_out:
        allowed["left_out"] = sorted(left_out)
    return allowed


def _redact_long_number(name: str, value: Any) -> Any:
    """An id is short; a number as long as a phone number is not an id."""
    if isinstance(value, list) and name not in _UNREDACTED_FIELDS:
        return REDACTED
    too_long = isinstance(value, int | float) and abs(value) >= 10**9
    return REDACTED if too_long else value


def redact(text: str) -> str:
    """Return a text without phone numbers, tokens and secret parts of URLs."""
    if _CARRIER_ID.fullmatch(text):
        return text
    text = _SECRET_URL.sub(rf"\1{REDACTED}", text[:_MAX_LENGTH])
    return _TOKEN.sub(REDACTED, _NUMBER.sub(REDACTED, text))


def error_location(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace an error's message and values with its type and location."""
    event.pop("stack_info", None)
    exc_info = event.pop("exc_info", None)
    if exc_info:
        kind, trace = _type_and_frames(exc_info)
        event["error"] = kind
        event["frames"] = trace
    return event


def _type_and_frames(exc_info: Any) -> tuple[str, list[str]]:
    error = exc_info if isinstance(exc_info, BaseException) else None
    if isinstance(exc_info, tuple):
        error = exc_info[1]
    error = error or sys.exc_info()[1]
    if error is None:
        return "", []
    return type(error).__name__, format_frames(error.__traceback__)


def format_frames(trace: TracebackType | None) -> list[str]:
    """Return the locations of a traceback, innermost last."""
    frames = traceback.extract_tb(trace)[-_MAX_FRAMES:]
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _short(file: str) -> str:
    path = Path(file)
    return str(path.relative_to(_ROOT)) if path.is_relative_to(_ROOT) else path.name


def library_message(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Keep a library's format string, and of its arguments only numbers too short for a phone."""
    record = event["_record"]
    template = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
    event["event"] = _format_message(template, event.pop("positional_args", ()))
    return event


def _format_message(template: str, arguments: Any) -> str:
    if not arguments:
        return template
    try:
        if isinstance(arguments, Mapping):
            return template % {name: _safe(value) for name, value in arguments.items()}
        return template % tuple(_safe(value) for value in arguments)
    except (TypeError, ValueError, KeyError):
        return template


def _safe(value: object) -> object:
    return value if isinstance(value, int | float) and abs(value) < 10**6 else REDACTED


_SHARED: tuple[Any, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    error_location,
    drop_unknown_fields,
)


def configure() -> None:
    """Set up structlog for our own log lines. Idempotent."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


class _Handler(logging.StreamHandler[TextIO]):
    """The standard handler reports a line that cannot be written by printing its contents."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        self.stream.write(f"a line of {record.name} could not be written{self.terminator}")


def install(*, level: str, readable: bool, stream: TextIO | None = None) -> logging.Handler:
    """Send everything that this process logs to one stream, one redacted line each.

    Args:
        level: "debug", "info" or "warning".
        readable: for a person in a terminal; otherwise JSON.
        stream: standard error by default.
    """
    configure()
    handler = _Handler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[library_message, *_SHARED],
            use_get_message=False,
            pass_foreign_args=True,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.dev.ConsoleRenderer(colors=False)
                if readable
                else structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, least in _LIBRARY_LEVELS.items():
        logging.getLogger(name).setLevel(least)
    # The web server has installed its own handlers before it creates the application.
    for name in ("gunicorn.error", "gunicorn.access"):
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
    return handler
