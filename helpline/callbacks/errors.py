"""What can stand in the way of a callback, each said so that a person can act on it."""

from __future__ import annotations

from datetime import datetime

from helpline.domain.errors import HelplineError


class Overtaken(HelplineError):
    """Somebody else, or the clock, was there first: the callback is no longer where it was."""


class OnACallIn(Overtaken):
    """The advisor's line is taken by somebody who rang us; one call at a time."""


class SlotGone(HelplineError):
    """The time asked for is full or no longer offered. ``nearest``: up to three free ones."""

    def __init__(self, nearest: tuple[datetime, ...]) -> None:
        super().__init__("the slot is gone")
        self.nearest = nearest


class TooManyBookings(HelplineError):
    """As many slots were booked from this network within the hour as may be; nothing was kept."""


class NotAlike(HelplineError):
    """The example says nothing of this, so nothing can be like it; ``what`` names it."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class NoSuchCallback(HelplineError):
    """No callback answers to this link."""


class KeyUsedBefore(HelplineError):
    """The key of a request stands for another request already; nothing was kept of this one."""


class NumberRests(HelplineError):
    """The number is not to be rung for now: it was rung enough today, or it is blocked."""


class VisitorOnLine(HelplineError):
    """The visitor is on the phone with us at this moment, so their phone would be busy."""


class OutsideHours(HelplineError):
    """The helpline is closed at this instant; ``opens_at`` is the next opening, if there is one."""

    def __init__(self, opens_at: datetime | None) -> None:
        super().__init__("outside opening hours")
        self.opens_at = opens_at
