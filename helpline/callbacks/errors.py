"""Errors of callbacks."""

from __future__ import annotations

from datetime import datetime

from helpline.domain.errors import HelplineError


class StateChanged(HelplineError):
    """The callback is no longer in the state that the action needs: another action, or time, was
    first.
    """


class DispatchPaused(HelplineError):
    """A supervisor has paused dispatch."""


class AdvisorBusy(StateChanged):
    """The advisor is busy with an inbound call."""


class SlotUnavailable(HelplineError):
    """The slot is full or no longer offered. ``nearest``: up to three free ones."""

    def __init__(self, nearest: tuple[datetime, ...]) -> None:
        super().__init__("the slot is gone")
        self.nearest = nearest


class TooManyBookings(HelplineError):
    """The network's limit of bookings in an hour is reached; nothing was stored."""


class AttributeMissing(HelplineError):
    """The example lacks the attribute ``what``, so nothing can match it."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class NoSuchCallback(HelplineError):
    """No callback has this link."""


class IdempotencyConflict(HelplineError):
    """The idempotency key was used for another request; nothing was stored."""


class NumberNotCallable(HelplineError):
    """The number may not be called now: its daily limit is reached, or it is blocked."""


class VisitorOnCall(HelplineError):
    """The visitor is on an inbound call at this moment, so their phone would be busy."""


class OutsideHours(HelplineError):
    """The helpline is closed; ``opens_at`` is the next opening, if any."""

    def __init__(self, opens_at: datetime | None) -> None:
        super().__init__("outside opening hours")
        self.opens_at = opens_at
