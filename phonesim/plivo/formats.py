"""Plivo's ways of writing things: numbers, moments, identifiers."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

CONSOLE_ZONE = "Asia/Kolkata"
_ZONE = ZoneInfo(CONSOLE_ZONE)


def new_uuid() -> str:
    """A fresh identifier."""
    return str(uuid.uuid4())


def digits(number: str) -> str:
    """A number without its "+", as webhooks have it."""
    return number.removeprefix("+")


def e164(number: str) -> str:
    """A number with its "+", whether or not it came with one."""
    return f"+{number}" if number[:1].isdigit() else number


def local_time(moment: datetime | None) -> str | None:
    """`2026-11-30 10:00:00+05:30`, in the console's time zone."""
    if moment is None:
        return None
    return moment.astimezone(_ZONE).isoformat(sep=" ", timespec="seconds")


def plain_time(moment: datetime | None) -> str:
    """`2026-11-30 10:00:00`, in the console's time zone; empty for none."""
    return "" if moment is None else moment.astimezone(_ZONE).strftime("%Y-%m-%d %H:%M:%S")


def utc_time(moment: datetime | None) -> str:
    """`2026-11-30 04:30:00.000000`, in UTC; empty for none."""
    return "" if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
