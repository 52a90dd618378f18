"""The kinds and the delivery status of outbound text messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SmsKind(StrEnum):
    """What a text message is about."""

    RECEIVED = "received"
    MOVED = "moved"
    TRIED = "tried"
    ABOUT_TO_RING = "about_to_ring"
    CANCELLED_BY_US = "cancelled_by_us"
    CRISIS = "crisis"
    ON_PAGE = "on_page"
    STAFF_WAITING = "staff_waiting"
    STAFF_NEEDED = "staff_needed"
    SHIFT_STARTS = "shift_starts"


@dataclass(frozen=True, slots=True)
class When:
    """The time that a text message names.

    Args:
        at: in the helpline's time zone.
        exactly: whether the call comes at about that time, or at some time after it.
        closing: whether the helpline closes soon, and calls after ``at`` if not before.
    """

    at: datetime
    exactly: bool
    closing: bool = False


class SmsStatus(StrEnum):
    """Delivery status in order; it never goes back.

    The carrier's statuses outrank ours: a message given up as lost was sent if the carrier says so.
    """

    WAITING = "waiting"
    ASKED = "asked"
    NOT_SENT = "not_sent"
    ACCEPTED = "accepted"
    SENT = "sent"
    FAILED = "failed"
    UNDELIVERED = "undelivered"
    DELIVERED = "delivered"


_ORDER = tuple(SmsStatus)
FINAL = frozenset({SmsStatus.FAILED, SmsStatus.UNDELIVERED, SmsStatus.DELIVERED})
"""The carrier's final statuses."""


def before(status: SmsStatus) -> tuple[SmsStatus, ...]:
    """Return the statuses that may precede this one, in whatever order webhooks arrive."""
    return _ORDER[: _ORDER.index(status)]
