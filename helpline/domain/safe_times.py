"""When a visitor may be called again who did not answer. They may not be alone later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

WINDOW = timedelta(minutes=15)
"""After a time that they chose, unless they say otherwise."""

_SHORTEST_PAUSE = timedelta(minutes=5)


class IfMissed(StrEnum):
    """What a visitor wants if they do not answer."""

    NEVER = "never"
    UNTIL = "until"
    TODAY = "today"


@dataclass(frozen=True, slots=True)
class IfNoAnswer:
    """What a visitor said of being called again.

    Args:
        if_missed: what they want; None: they did not say.
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
    """Until when somebody may be called again.

    Args:
        if_missed: what they want; None: they did not say.
        slot_at: the time that they chose; None: as soon as possible.
        call_until: the time that they named.
        ended_at: when they were called in vain.
        zone: the helpline's.

    Returns:
        The instant; None where nothing but the retry policy bounds it.
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
    """When to call again inside the time that is safe; None: not at all.

    Args:
        again_at: when the retry policy would. If that is too late, the pause is shortened.
        ended_at: when they were called in vain.
        latest: see ``latest_call``.
    """
    if latest is None or again_at < latest:
        return again_at
    sooner = latest - _SHORTEST_PAUSE
    return sooner if sooner - ended_at >= _SHORTEST_PAUSE else None
