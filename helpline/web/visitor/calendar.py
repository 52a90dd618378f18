"""A booked time for the visitor's own calendar, which says nothing of us.

Source of the format: RFC 5545. It needs a product id and a unique id; both are neutral.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from icalendar import Calendar, Event

LONGEST_TITLE = 60


def appointment(
    *, title: str, starts_at: datetime, minutes: int, token: str, now: datetime
) -> bytes:
    """The calendar file.

    Args:
        title: what the visitor wants to read there; nothing else of ours is in it.
        starts_at: the booked time, in the helpline's zone, which the file then names.
        minutes: how long to keep free.
        token: the secret of the request's link. The same request is the same entry when it is
            put in again after a move; nobody finds the link from it.
        now: when the file is made.
    """
    entry = Event()
    entry.add("uid", hashlib.sha256(f"calendar:{token}".encode()).hexdigest()[:32])
    entry.add("dtstamp", now)
    entry.add("dtstart", starts_at)
    entry.add("dtend", starts_at + timedelta(minutes=minutes))
    entry.add("summary", title)
    entry.add("class", "PRIVATE")
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Calendar//EN")
    calendar.add_component(entry)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())
