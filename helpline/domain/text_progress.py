"""The life of a text message that we send: what it is about, and how far it came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TextKind(StrEnum):
    """What a text tells."""

    RECEIVED = "received"
    MOVED = "moved"
    TRIED = "tried"
    ABOUT_TO_RING = "about_to_ring"
    CANCELLED_BY_US = "cancelled_by_us"
    CRISIS = "crisis"
    ON_PAGE = "on_page"


@dataclass(frozen=True, slots=True)
class When:
    """The one thing that differs from text to text.

    Args:
        at: in the helpline's own zone, as it is to be read.
        exactly: whether we call at about that time, or at some time after it.
        closing: whether we are still open, close soon, and call after that time if not before.
    """

    at: datetime
    exactly: bool
    closing: bool = False


class TextStatus(StrEnum):
    """How far a text came; later in this list is later in its life, and nothing goes back.

    A word of the carrier outranks whatever we thought: a text that we gave up for lost was sent
    after all if the carrier says so.
    """

    WAITING = "waiting"
    ASKED = "asked"
    NOT_SENT = "not_sent"
    ACCEPTED = "accepted"
    SENT = "sent"
    FAILED = "failed"
    UNDELIVERED = "undelivered"
    DELIVERED = "delivered"


_ORDER = tuple(TextStatus)
FINAL = frozenset({TextStatus.FAILED, TextStatus.UNDELIVERED, TextStatus.DELIVERED})
"""What the carrier says last."""


def before(status: TextStatus) -> tuple[TextStatus, ...]:
    """The statuses that this one may follow, whatever the order in which they are told."""
    return _ORDER[: _ORDER.index(status)]
