"""Slots: opening hours cut into bookable starts."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime, time, timedelta
from enum import IntEnum
from functools import lru_cache
from itertools import takewhile
from zoneinfo import ZoneInfo

from helpline.domain.errors import InvalidPolicy
from helpline.domain.opening_hours import OpeningHours, Period

_DAY = timedelta(days=1)
_QUARTER = timedelta(minutes=15)
LEAD_TOO_LONG = (
    "The lead time is as long as the booking window, so nothing could be booked. "
    "Enter a shorter lead time or a longer booking window."
)
NO_LAST_START = (
    "No opening of the week is this long, so nothing could be booked. Enter fewer minutes."
)
_SHORTEST_SLOT_SECONDS = 5 * 60
_GOLDEN_RATIO = 0.6180339887498949
"""Its multiples modulo 1 are spread as evenly as possible."""
BOUNDS = {
    "length_minutes": (5, 240),
    "days_ahead": (1, 60),
    "lead_minutes": (0, 7 * 24 * 60),
    "last_start_before_close_minutes": (0, 24 * 60),
}


@dataclass(frozen=True, slots=True)
class Capacity:
    """The capacity of a slot.

    Args:
        total: for all languages together.
        by_language: for each language; None for no limit by language.
    """

    total: int
    by_language: Mapping[str, int] | None = None

    def in_language(self, language: str | None) -> int:
        """Return the capacity for one language, or for any when none is given."""
        if language is None or self.by_language is None:
            return self.total
        return min(self.total, self.by_language.get(language, 0))


@dataclass(frozen=True, slots=True)
class SlotPolicy:
    """How slots are offered.

    Args:
        length_minutes: from one start to the next, 5 to 240.
        days_ahead: booking window in days, 1 to 60.
        lead_minutes: minimum time from booking to start.
        last_start_before_close_minutes: minimum time from the last start to closing.

    Raises:
        InvalidPolicy: a value is out of its bounds; names the field.
    """

    length_minutes: int = 30
    days_ahead: int = 7
    lead_minutes: int = 30
    last_start_before_close_minutes: int = 30

    def __post_init__(self) -> None:
        for name, (least, most) in BOUNDS.items():
            if not least <= getattr(self, name) <= most:
                raise InvalidPolicy(name, f"Enter a number from {least} to {most}.")


def slot_starts(hours: OpeningHours, policy: SlotPolicy, now: datetime) -> tuple[datetime, ...]:
    """Return the bookable starts at this moment, soonest first, in UTC.

    Starts are counted from the opening of their period, also when that was before ``now``. A period
    longer than a day counts afresh from each local midnight, so that a helpline that never closes
    offers the same starts at any moment.

    Raises:
        ValueError: ``now`` has no zone.
    """
    earliest, until = _window(policy, now)
    return tuple(start for start in _starts(hours, policy, now, until) if earliest <= start < until)


def require_any_slot(hours: OpeningHours, policy: SlotPolicy, now: datetime) -> None:
    """Check that a policy offers a start at some moment of the week.

    Hours without any opening say nothing about the policy and pass.

    Args:
        hours: weekly hours without exceptions.
        now: an aware instant.

    Raises:
        InvalidPolicy: nothing could ever be booked; names the field and the reason.
    """
    week = hours.periods(now, now + 7 * _DAY)
    if not week:
        return
    lead, window = timedelta(minutes=policy.lead_minutes), policy.days_ahead * _DAY
    if lead >= window:
        raise InvalidPolicy("lead_minutes", LEAD_TOO_LONG)
    starts = set(_starts(hours, policy, now, now + 7 * _DAY + window))
    if not starts:
        raise InvalidPolicy("last_start_before_close_minutes", NO_LAST_START)
    moments = (now + step * _QUARTER for step in range(7 * _DAY // _QUARTER))
    in_order = sorted(starts)
    for moment in moments:
        place = bisect_left(in_order, moment + lead)
        if place < len(in_order) and in_order[place] < moment + window:
            return
    raise InvalidPolicy("lead_minutes", LEAD_TOO_LONG)


def _window(policy: SlotPolicy, now: datetime) -> tuple[datetime, datetime]:
    return now + timedelta(minutes=policy.lead_minutes), now + policy.days_ahead * _DAY


class Fit(IntEnum):
    """How well a booked time fits the hours; higher is better."""

    OUTSIDE = 0
    INSIDE = 1
    SLOT = 2


def fits(
    hours: OpeningHours, policy: SlotPolicy, booked: Iterable[datetime]
) -> Mapping[datetime, Fit]:
    """Return how well each booked time fits the hours, however far ahead it is.

    Args:
        booked: aware instants.
    """
    times = set(booked)
    if not times:
        return {}
    starts = set(_starts(hours, policy, min(times), max(times)))
    return {
        booked_time: Fit.SLOT
        if booked_time in starts
        else Fit.INSIDE
        if hours.is_open(booked_time)
        else Fit.OUTSIDE
        for booked_time in times
    }


def _starts(
    hours: OpeningHours, policy: SlotPolicy, since: datetime, until: datetime
) -> Iterator[datetime]:
    """All starts of the periods in or at a window."""
    length = timedelta(minutes=policy.length_minutes)
    last_start = timedelta(minutes=policy.last_start_before_close_minutes)
    # Two days to either side, so that no edge of the window makes a long period look short.
    for period in hours.periods(since - 2 * _DAY, until + 2 * _DAY):
        if period.opens_at <= until and since <= period.closes_at:
            last = period.closes_at - last_start
            yield from takewhile(last.__ge__, _starts_of_period(period, hours.zone, length))


def is_bookable(hours: OpeningHours, policy: SlotPolicy, now: datetime, start: datetime) -> bool:
    """Return whether this start is offered now; its capacity is checked elsewhere."""
    earliest, until = _window(policy, now)
    return earliest <= start < until and _is_start(hours, policy, start)


@lru_cache(maxsize=512)
def _is_start(hours: OpeningHours, policy: SlotPolicy, start: datetime) -> bool:
    return start in _starts(hours, policy, start, start)


def reserved_capacity(start: datetime, in_all: int, percent: int) -> int:
    """Return how many bookings of a start are reserved for networks that hold none.

    The share is kept over many starts, also where each has a capacity of 1: then whole starts are
    reserved, evenly spread.

    Args:
        in_all: the capacity of the start.
        percent: the share of all capacity that is reserved.
    """
    number = int(start.timestamp()) // _SHORTEST_SLOT_SECONDS
    return int(in_all * percent / 100 + number * _GOLDEN_RATIO % 1)


def parse_start(text: str) -> datetime | None:
    """Parse a chosen start; None if it is not an aware instant.

    Args:
        text: ISO 8601 with its UTC offset.
    """
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        return None
    return start if start.tzinfo is not None and is_in_calendar(start) else None


def is_in_calendar(moment: datetime) -> bool:
    """Return whether a time can be told in every time zone: in the first and the last year of the
    calendar it may fall outside.
    """
    return MINYEAR < moment.year < MAXYEAR


def nearest(starts: Iterable[datetime], wanted: datetime, count: int = 3) -> tuple[datetime, ...]:
    """Return the free starts closest to the one wanted, in order."""
    closest = sorted(starts, key=lambda start: (abs(start - wanted), start))[:count]
    return tuple(sorted(closest))


def _starts_of_period(period: Period, zone: ZoneInfo, length: timedelta) -> Iterator[datetime]:
    """From its opening or, if it is longer than a day, from each midnight."""
    anchors = [period.opens_at]
    if period.length > _DAY:
        anchors += _midnights(period, zone)
    for anchor, following in zip(anchors, [*anchors[1:], period.closes_at], strict=True):
        start = anchor
        while start < following:
            yield start
            start += length


def _midnights(period: Period, zone: ZoneInfo) -> Iterator[datetime]:
    day = period.opens_at.astimezone(zone).date() + _DAY
    while (midnight := datetime.combine(day, time(), zone).astimezone(UTC)) < period.closes_at:
        yield midnight
        day += _DAY
