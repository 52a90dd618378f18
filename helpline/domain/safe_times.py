"""When a visitor who did not answer may be called again: they may not be alone later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

WINDOW = timedelta(minutes=15)
"""Default time after a chosen slot within which to call again."""

_SHORTEST_PAUSE = timedelta(minutes=5)


class IfMissed(StrEnum):
    """What the visitor wants if they do not answer."""

    NEVER = "never"
    UNTIL = "until"
    TODAY = "today"


@dataclass(frozen=True, slots=True)
class IfNoAnswer:
    """The visitor's choice about retries; None where they made none.

    Args:
        call_until: the time that they named.
    """

    if_missed: IfMissed | None
    call_until: datetime | None


def latest_call(
    if_missed: IfMissed | None,
    *,
    slot_at: datetime | None,
    call_until: datetime | None,
    ended_at: datetime,
    zone: ZoneInfo,
) -> datetime | None:
    """Return the latest instant for a retry; None where only the retry policy limits it.

    Args:
        if_missed: the visitor's choice; None for none.
        slot_at: the booked time; None for as soon as possible.
        call_until: the time that the visitor named.
        ended_at: when the unanswered call ended.
        zone: the helpline's time zone.
    """
    if if_missed == IfMissed.NEVER:
        return ended_at
    if call_until is not None:
        return call_until
    if if_missed == IfMissed.TODAY:
        tomorrow = (slot_at or ended_at).astimezone(zone).date() + timedelta(days=1)
        return datetime.combine(tomorrow, time.min, zone)
    return None if slot_at is None else slot_at + WINDOW


def next_call(
    again_at: datetime, *, ended_at: datetime, latest: datetime | None
) -> datetime | None:
    """Return when to call again within the safe time, or None.

    Args:
        again_at: when the retry policy would; the pause is shortened if that is too late.
        ended_at: when the unanswered call ended.
        latest: from ``latest_call``.
    """
    if latest is None or again_at < latest:
        return again_at
    sooner = latest - _SHORTEST_PAUSE
    return sooner if sooner - ended_at >= _SHORTEST_PAUSE else None
