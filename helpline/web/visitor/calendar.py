"""A booked call as a calendar file that does not mention the helpline.

Source of the format: RFC 5545, section 3.8.7.4 for the sequence. It needs a product id
and a unique id; both are neutral.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

MAX_TITLE_LENGTH = 60


def appointment(
    *,
    title: str,
    starts_at: datetime,
    minutes: int,
    token_hash: str,
    sequence: int,
    now: datetime,
    is_cancelled: bool = False,
) -> bytes:
    """Return the calendar file. Times are in UTC, since calendars differ in reading time zones.

    Args:
        title: the title that the visitor chose; nothing else identifies the entry.
        token_hash: of the request's first link, hashed again into the entry's id. After
            rescheduling the entry is replaced, from whichever link, and no link can be found from
            it.
        sequence: number of changes; a calendar takes the higher one.
        now: time of creation.
        is_cancelled: makes the calendar remove the entry.
    """
    from icalendar import Calendar, Event  # noqa: PLC0415 slow, and few ask for the file

    starts_at = starts_at.astimezone(UTC)
    entry = Event()
    entry.add("uid", hashlib.sha256(f"calendar:{token_hash}".encode()).hexdigest()[:32])
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
