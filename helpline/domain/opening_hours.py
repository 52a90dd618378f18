"""Opening hours: weekly hours by date, special days and closures, in one time zone.

All wall-clock times are the zone's. A skipped minute (spring) is never open, a repeated one
(autumn) is open both times.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from helpline.domain.errors import InvalidHours

DAY_MINUTES = 24 * 60
DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HORIZON = timedelta(days=400)
"""How far ahead the next opening or closing is searched: a year, with a margin."""

_DAY = timedelta(days=1)
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_NOT_A_TIME = "Enter times as hours and minutes, such as 10:00."
_OVERLAP = "Two opening times overlap. Change one of them."


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """One opening that starts on a day and may end after its midnight.

    Args:
        start: minutes after local midnight, 0 to 1439.
        end: minutes after the same midnight, after ``start`` by at most a day.

    Raises:
        InvalidHours: the minutes are out of those bounds.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < DAY_MINUTES:
            raise InvalidHours(_NOT_A_TIME)
        if not self.start < self.end <= self.start + DAY_MINUTES:
            raise InvalidHours("Opening times must last more than 0 minutes and at most 24 hours.")

    @classmethod
    def parse(cls, opens: str, closes: str) -> Self:
        """Read two times as an admin types them.

        Args:
            opens: "H:MM" or "HH:MM".
            closes: the same, or "24:00". Not later than ``opens`` means on the next day.

        Raises:
            InvalidHours: one of them is not a time of day.
        """
        start, end = _minutes(opens), _minutes(closes)
        return cls(start, end if end > start else end + DAY_MINUTES)

    @property
    def opens(self) -> str:
        """Opening time, "HH:MM"."""
        return _clock(self.start)

    @property
    def closes(self) -> str:
        """Closing time, "HH:MM"; "24:00" for midnight, "02:00" on the next day."""
        return _clock(self.end if self.end <= DAY_MINUTES else self.end - DAY_MINUTES)

    def __str__(self) -> str:
        return f"{self.opens}-{self.closes}"


@dataclass(frozen=True, slots=True)
class Week:
    """The hours of seven days, Monday first, each day's in order.

    Args:
        days: seven tuples of intervals; an empty one is a closed day.

    Raises:
        InvalidHours: not seven days, or two intervals overlap (Sunday's may run into Monday's);
            names the day whose interval begins inside another. Touching intervals are allowed.
    """

    days: tuple[tuple[Interval, ...], ...]

    def __post_init__(self) -> None:
        if len(self.days) != len(DAY_NAMES):
            raise InvalidHours("A week has seven days.")
        object.__setattr__(self, "days", tuple(tuple(sorted(day)) for day in self.days))
        week = len(DAY_NAMES) * DAY_MINUTES
        spans = [
            (day * DAY_MINUTES + interval.start, day * DAY_MINUTES + interval.end, day)
            for day, intervals in enumerate(self.days)
            for interval in intervals
        ]
        round_again = [(start + week, end + week, day) for start, end, day in spans[:1]]
        for (_, end, _), (start, _, day) in pairwise(spans + round_again):
            if start < end:
                raise InvalidHours(_OVERLAP, day)

    @classmethod
    def every_day(cls, *intervals: Interval) -> Self:
        """Return a week with the same hours every day."""
        return cls((intervals,) * len(DAY_NAMES))

    @classmethod
    def closed(cls) -> Self:
        """Return a week that is always closed."""
        return cls.every_day()

    @property
    def is_closed(self) -> bool:
        """Whether the week has no opening."""
        return not any(self.days)

    @property
    def never_closes(self) -> bool:
        """Whether every minute is open. Intervals never overlap, so their lengths add up."""
        minutes = sum(interval.end - interval.start for day in self.days for interval in day)
        return minutes == len(DAY_NAMES) * DAY_MINUTES

    def to_data(self) -> dict[str, list[list[str]]]:
        """Return the week as JSON data: {"mon": [["10:00", "18:00"]], ...}."""
        return {
            name: [[interval.opens, interval.closes] for interval in intervals]
            for name, intervals in zip(DAY_NAMES, self.days, strict=True)
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``to_data`` returned; a missing day is closed.

        Raises:
            InvalidHours: the data is no such week; names the day where it can.
        """
        if not isinstance(data, Mapping) or not set(data) <= set(DAY_NAMES):
            raise InvalidHours("A week names its days mon, tue, wed, thu, fri, sat, sun.")
        days = []
        for number, name in enumerate(DAY_NAMES):
            try:
                days.append(intervals_from_data(data.get(name, ())))
            except InvalidHours as problem:
                raise InvalidHours(problem.message_key, number) from problem
        return cls(tuple(days))


def intervals_from_data(data: Any) -> tuple[Interval, ...]:
    """Read a day's hours from JSON data: [["10:00", "18:00"], ...].

    Raises:
        InvalidHours: the data is no list of such pairs.
    """
    try:
        pairs = [(opens, closes) for opens, closes in data]
    except (TypeError, ValueError) as problem:
        raise InvalidHours("Enter both a start time and an end time.") from problem
    return tuple(Interval.parse(opens, closes) for opens, closes in pairs)


@dataclass(frozen=True, slots=True)
class WeekVersion:
    """A week and the first local date it applies to; None for no limit."""

    effective_from: date | None
    week: Week


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A date with its own hours in place of the weekday's; no intervals means closed.

    They replace what *starts* on that date. What the evening before left open past midnight stays
    open, unless the date is closed: a closed date is closed from midnight to midnight.

    Raises:
        InvalidHours: two of its intervals overlap.
    """

    date: date
    intervals: tuple[Interval, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "intervals", tuple(sorted(self.intervals)))
        if any(after.start < before.end for before, after in pairwise(self.intervals)):
            raise InvalidHours(_OVERLAP, self.date.weekday())


@dataclass(frozen=True, slots=True)
class Closure:
    """A time during which the helpline is closed whatever the hours, from ``starts_at`` until
    before ``ends_at``.

    Raises:
        ValueError: an instant has no zone.
        InvalidHours: it ends before it starts.
    """

    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        if not _utc(self.starts_at) < _utc(self.ends_at):
            raise InvalidHours("A closure must end after it starts.")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """An open period, from the first open instant to the first closed one, in UTC."""

    opens_at: datetime
    closes_at: datetime

    @property
    def length(self) -> timedelta:
        return self.closes_at - self.opens_at


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """The effective opening hours.

    Args:
        zone: the helpline's time zone; all hours are its wall-clock time.
        versions: weeks by the date they come into force; closed before the first.
        special_days: at most one for a date.
        closures: may overlap.

    Raises:
        InvalidHours: two weeks come into force on one date, or a date is special twice.
    """

    zone: ZoneInfo
    versions: tuple[WeekVersion, ...]
    special_days: tuple[SpecialDay, ...] = ()
    closures: tuple[Closure, ...] = ()
    _weeks: tuple[tuple[date, Week], ...] = field(init=False, repr=False, compare=False)
    _special: Mapping[date, tuple[Interval, ...]] = field(init=False, repr=False, compare=False)
    _shut: tuple[Period, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        weeks = {version.effective_from or date.min: version.week for version in self.versions}
        if len(weeks) != len(self.versions):
            raise InvalidHours("Two sets of weekly hours start on the same date.")
        special = {version.date: version.intervals for version in self.special_days}
        if len(special) != len(self.special_days):
            raise InvalidHours("One date has two exceptions.")
        shut = sorted(
            Period(_utc(version.starts_at), _utc(version.ends_at)) for version in self.closures
        )
        object.__setattr__(self, "_weeks", tuple(sorted(weeks.items(), reverse=True)))
        object.__setattr__(self, "_special", special)
        object.__setattr__(self, "_shut", tuple(shut))

    @classmethod
    def weekly(cls, zone_name: str, week: Week) -> Self:
        """Return hours that are the same every week.

        Args:
            zone_name: an IANA name such as "Asia/Kolkata".

        Raises:
            InvalidHours: there is no such time zone.
        """
        try:
            zone = ZoneInfo(zone_name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
            raise InvalidHours("This time zone does not exist.") from problem
        return cls(zone, (WeekVersion(None, week),))

    def is_open(self, at: datetime) -> bool:
        """Return whether visitors may be called at an instant.

        Raises:
            ValueError: the instant has no zone.
        """
        at = _utc(at)
        local = at.astimezone(self.zone)
        wall = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
        return any(
            opens <= wall < closes for opens, closes in self._local_stretches(local.date())
        ) and not any(shut.opens_at <= at < shut.closes_at for shut in self._shut)

    def periods(self, start: datetime, end: datetime) -> tuple[Period, ...]:
        """Return the open periods from ``start`` until before ``end``, both aware, merged and in
        order.

        A period that crosses an edge is cut there; ``closes_at`` returns when it really ends.
        """
        return tuple(self._periods(_utc(start), _utc(end)))

    def closes_at(self, at: datetime) -> datetime | None:
        """Return when the helpline, open at an aware instant, closes, in UTC.

        None when it is closed at ``at``, or does not close within 400 days.
        """
        at = _utc(at)
        if not self.is_open(at):
            return None
        closes_at = next(self._periods(at, at + HORIZON)).closes_at
        return closes_at if closes_at < at + HORIZON else None

    def next_opening(self, at: datetime) -> datetime | None:
        """Return the start of the next period after an aware instant, in UTC; None for none
        within 400 days.
        """
        at = _utc(at)
        coming = self._periods(at, at + HORIZON)
        return next((period.opens_at for period in coming if period.opens_at > at), None)

    def first_open_instant(self, at: datetime) -> datetime | None:
        """Return the first instant from an aware one on at which visitors may be called, in UTC.

        That is ``at`` itself while open, else the next opening; None for none within 400 days.
        """
        return _utc(at) if self.is_open(at) else self.next_opening(at)

    def _periods(self, start: datetime, end: datetime) -> Iterator[Period]:
        return _merge_sorted(_subtract_closures(self._shut, self._weekly_periods(start, end)))

    def _weekly_periods(self, start: datetime, end: datetime) -> Iterator[Period]:
        """Before closures, cut where a date or a UTC offset ends: within a stretch of one
        offset, wall-clock time is UTC plus that offset.
        """
        if not any(self._special.values()) and all(week.is_closed for _, week in self._weeks):
            return
        for begins, ends, offset in stretches_of_one_offset(self.zone, start, end):
            day = (begins + offset).date()
            while (midnight := datetime.combine(day, time(), UTC) - offset) < ends:
                for opens, closes in self._local_stretches(day):
                    opens_at, closes_at = (
                        max(begins, midnight + opens),
                        min(ends, midnight + closes),
                    )
                    if opens_at < closes_at:
                        yield Period(opens_at, closes_at)
                day += _DAY

    def _local_stretches(self, day: date) -> Iterator[tuple[timedelta, timedelta]]:
        """Open stretches of a local date, from midnight to midnight, before closures."""
        intervals = self.starting_on(day)
        if intervals or day not in self._special:
            for interval in self.starting_on(day - _DAY):
                if interval.end > DAY_MINUTES:
                    yield timedelta(0), timedelta(minutes=interval.end - DAY_MINUTES)
        for interval in intervals:
            yield (
                timedelta(minutes=interval.start),
                timedelta(minutes=min(interval.end, DAY_MINUTES)),
            )

    def starting_on(self, day: date) -> tuple[Interval, ...]:
        """Return the hours that start on a date, before closures."""
        if (special := self._special.get(day)) is not None:
            return special
        for effective_from, week in self._weeks:
            if effective_from <= day:
                return week.days[day.weekday()]
        return ()


def _minutes(text: str) -> int:
    match = _CLOCK.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        raise InvalidHours(_NOT_A_TIME)
    hours, minutes = int(match[1]), int(match[2])
    if minutes > 59 or hours * 60 + minutes > DAY_MINUTES:
        raise InvalidHours(_NOT_A_TIME)
    return hours * 60 + minutes


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _utc(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise ValueError("an instant needs a time zone")
    return at.astimezone(UTC)


def stretches_of_one_offset(
    zone: ZoneInfo, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """Cut a window into stretches of at most a day with one UTC offset each.

    No zone changes its clock twice within a day, so comparing both ends of a day finds every
    change.
    """
    while start < end:
        offset, ahead = _offset(zone, start), min(start + _DAY, end)
        if _offset(zone, ahead) != offset:
            ahead = _first_instant_after_change(zone, start, ahead)
        yield start, ahead, offset
        start = ahead


def _first_instant_after_change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Binary search to the second; zones change on whole seconds."""
    offset = _offset(zone, before)
    low, high = int(before.timestamp()), -int(-after.timestamp() // 1)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, datetime.fromtimestamp(middle, UTC)) == offset:
            low = middle
        else:
            high = middle
    return datetime.fromtimestamp(high, UTC)


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)


def merge_periods(periods: Iterable[Period]) -> tuple[Period, ...]:
    """Return the periods in order, overlapping and touching ones merged."""
    return tuple(_merge_sorted(sorted(periods)))


def _merge_sorted(periods: Iterable[Period]) -> Iterator[Period]:
    current: Period | None = None
    for period in periods:
        if current is None or period.opens_at > current.closes_at:
            if current is not None:
                yield current
            current = period
        elif period.closes_at > current.closes_at:
            current = Period(current.opens_at, period.closes_at)
    if current is not None:
        yield current


def _subtract_closures(closures: tuple[Period, ...], periods: Iterable[Period]) -> Iterator[Period]:
    """Both are in order."""
    for period in periods:
        opens_at = period.opens_at
        for closure in closures:
            if closure.opens_at >= period.closes_at:
                break
            if closure.opens_at > opens_at:
                yield Period(opens_at, closure.opens_at)
            opens_at = max(opens_at, closure.closes_at)
        if opens_at < period.closes_at:
            yield Period(opens_at, period.closes_at)
