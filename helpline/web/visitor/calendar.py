"""A booked time for the visitor's own calendar, which says nothing of us.

Source of the format: RFC 5545, section 3.8.7.4 for the sequence. It needs a product id
and a unique id; both are neutral.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event

LONGEST_TITLE = 60


def appointment(
    *,
    title: str,
    starts_at: datetime,
    minutes: int,
    token: str,
    sequence: int,
    now: datetime,
    is_cancelled: bool = False,
) -> bytes:
    """The calendar file. Its times are in UTC, which every calendar shows in its reader's own zone;
    a description of a zone is read differently by different calendars.

    Args:
        title: what the visitor wants to read there; nothing else of ours is in it.
        starts_at: the booked time.
        minutes: how long to keep free.
        token: the secret of the request's link. The same request is the same entry when it is
            put in again after a move; nobody finds the link from it.
        sequence: how often the entry has changed; a calendar takes the higher one.
        now: when the file is made.
        is_cancelled: whether the call will not be made, so that the calendar removes the entry.
    """
    starts_at = starts_at.astimezone(UTC)
    entry = Event()
    entry.add("uid", hashlib.sha256(f"calendar:{token}".encode()).hexdigest()[:32])
    entry.add("dtstamp", now)
    entry.add("dtstart", starts_at)
    entry.add("dtend", starts_at + timedelta(minutes=minutes))
    entry.add("sequence", sequence)
    entry.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    entry.add("summary", title)
    entry.add("class", "PRIVATE")
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Calendar//EN")
    calendar.add_component(entry)
    return bytes(calendar.to_ical())
