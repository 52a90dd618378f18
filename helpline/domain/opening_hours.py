"""When the helpline is open, as a clock on the wall of its office would say.

Hours are local wall time, so a clock change moves them as it moves everybody's day: a minute that
the change skips is never open, and a minute that it repeats is open both times.
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
"""How far ahead anyone looks for an opening or a closing: a year, and some days to spare."""

_DAY = timedelta(days=1)
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_NOT_A_TIME = "Write times as hours and minutes, such as 10:00."
_OVERLAP = "Two opening times overlap."


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """One stretch of opening hours that starts on a day and may run past its midnight.

    Args:
        start: minutes after local midnight, 0 to 1439.
        end: minutes after the same midnight, later than start by at most a day; over 1440 it
            ends on the next day.

    Raises:
        InvalidHours: the minutes are outside those bounds.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < DAY_MINUTES:
            raise InvalidHours(_NOT_A_TIME)
        if not self.start < self.end <= self.start + DAY_MINUTES:
            raise InvalidHours("An opening time lasts more than nothing and at most a day.")

    @classmethod
    def parse(cls, opens: str, closes: str) -> Self:
        """Reads what an admin typed.

        Args:
            opens: "H:MM" or "HH:MM".
            closes: the same, or "24:00". Not later than ``opens``: on the next day.

        Raises:
            InvalidHours: one of them is not a time of day.
        """
        start, end = _minutes(opens), _minutes(closes)
        return cls(start, end if end > start else end + DAY_MINUTES)

    @property
    def opens(self) -> str:
        """The time of opening, "HH:MM"."""
        return _clock(self.start)

    @property
    def closes(self) -> str:
        """The time of closing, "HH:MM": "24:00" for midnight, "02:00" when it crosses it."""
        return _clock(self.end if self.end <= DAY_MINUTES else self.end - DAY_MINUTES)

    def __str__(self) -> str:
        return f"{self.opens}-{self.closes}"


@dataclass(frozen=True, slots=True)
class Week:
    """The hours of the seven days, Monday first; each day's are kept in order.

    Args:
        days: seven tuples of intervals; an empty one is a closed day.

    Raises:
        InvalidHours: there are not seven days, or two intervals overlap (Sunday's may run into
            Monday's). It names the day whose interval begins inside another. Touching is fine.
    """

    days: tuple[tuple[Interval, ...], ...]

    def __post_init__(self) -> None:
        if len(self.days) != len(DAY_NAMES):
            raise InvalidHours("A week has seven days.")
        object.__setattr__(self, "days", tuple(tuple(sorted(day)) for day in self.days))
        week = len(DAY_NAMES) * DAY_MINUTES
        spans = [
            (day * DAY_MINUTES + each.start, day * DAY_MINUTES + each.end, day)
            for day, intervals in enumerate(self.days)
            for each in intervals
        ]
        round_again = [(start + week, end + week, day) for start, end, day in spans[:1]]
        for (_, end, _), (start, _, day) in pairwise(spans + round_again):
            if start < end:
                raise InvalidHours(_OVERLAP, day)

    @classmethod
    def every_day(cls, *intervals: Interval) -> Self:
        """The same hours on all seven days."""
        return cls((intervals,) * len(DAY_NAMES))

    @classmethod
    def closed(cls) -> Self:
        """A week without any opening."""
        return cls.every_day()

    @property
    def is_closed(self) -> bool:
        """Whether the week has no opening at all."""
        return not any(self.days)

    @property
    def never_closes(self) -> bool:
        """Whether every minute of the week is open. Intervals never overlap, so lengths add up."""
        minutes = sum(each.end - each.start for day in self.days for each in day)
        return minutes == len(DAY_NAMES) * DAY_MINUTES

    def to_data(self) -> dict[str, list[list[str]]]:
        """The week as JSON can hold it: {"mon": [["10:00", "18:00"]], ...}."""
        return {
            name: [[each.opens, each.closes] for each in intervals]
            for name, intervals in zip(DAY_NAMES, self.days, strict=True)
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Reads what ``to_data`` wrote; a day that is missing is closed.

        Raises:
            InvalidHours: it is no such week; names the day where it can.
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
    """Reads a day's hours from JSON: [["10:00", "18:00"], ...].

    Raises:
        InvalidHours: it is no list of such pairs.
    """
    try:
        pairs = [(opens, closes) for opens, closes in data]
    except (TypeError, ValueError) as problem:
        raise InvalidHours("An opening time has a start and an end.") from problem
    return tuple(Interval.parse(opens, closes) for opens, closes in pairs)


@dataclass(frozen=True, slots=True)
class WeekVersion:
    """A week and the first local date on which it counts (None: from ever)."""

    effective_from: date | None
    week: Week


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A date with its own hours in place of the weekday's; none at all: closed that date.

    They replace what *starts* on that date. What the evening before left open past midnight
    stays open, unless the date is closed: a closed date is closed from midnight to midnight.

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
    """A stretch of time during which the helpline is shut, whatever the week says.

    Args:
        starts_at: the first instant it is shut.
        ends_at: the first instant it is not shut any more.

    Raises:
        ValueError: an instant without a zone.
        InvalidHours: it ends before it starts.
    """

    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        if not _utc(self.starts_at) < _utc(self.ends_at):
            raise InvalidHours("A closure ends after it starts.")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A stretch of being open, from the first open instant to the first closed one, in UTC."""

    opens_at: datetime
    closes_at: datetime

    @property
    def length(self) -> timedelta:
        """How long it lasts."""
        return self.closes_at - self.opens_at


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """The hours in force: weekly ones by date, special days, and closures.

    Args:
        zone: the helpline's own time zone; all hours are its wall time.
        versions: weeks by the date they come into force. Before the first of them: closed.
        special_days: at most one a date.
        closures: instants with a zone; they may overlap.

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
        weeks = {each.effective_from or date.min: each.week for each in self.versions}
        if len(weeks) != len(self.versions):
            raise InvalidHours("Two weeks come into force on the same date.")
        special = {each.date: each.intervals for each in self.special_days}
        if len(special) != len(self.special_days):
            raise InvalidHours("A date has two sets of special hours.")
        shut = sorted(Period(_utc(each.starts_at), _utc(each.ends_at)) for each in self.closures)
        object.__setattr__(self, "_weeks", tuple(sorted(weeks.items(), reverse=True)))
        object.__setattr__(self, "_special", special)
        object.__setattr__(self, "_shut", tuple(shut))

    @classmethod
    def weekly(cls, zone_name: str, week: Week) -> Self:
        """Hours that are the same every week.

        Args:
            zone_name: an IANA name, such as "Asia/Kolkata".
            week: the weekly hours.

        Raises:
            InvalidHours: there is no such time zone.
        """
        try:
            zone = ZoneInfo(zone_name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
            raise InvalidHours("There is no such time zone.") from problem
        return cls(zone, (WeekVersion(None, week),))

    def is_open(self, at: datetime) -> bool:
        """Whether somebody may be rung at this instant.

        Args:
            at: an instant with a zone.

        Raises:
            ValueError: the instant has no zone.
        """
        at = _utc(at)
        local = at.astimezone(self.zone)
        wall = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
        return any(
            opens <= wall < closes for opens, closes in self._wall(local.date())
        ) and not any(shut.opens_at <= at < shut.closes_at for shut in self._shut)

    def periods(self, start: datetime, end: datetime) -> tuple[Period, ...]:
        """The stretches of being open within a window, in time order, as long as they can be.

        A stretch that reaches over an edge of the window is cut there; ``closes_at`` tells when
        it truly ends.

        Args:
            start: the first instant of the window, with a zone.
            end: the first instant after it.

        Raises:
            ValueError: an instant without a zone.
        """
        return tuple(self._periods(_utc(start), _utc(end)))

    def closes_at(self, at: datetime) -> datetime | None:
        """When the helpline, open at this instant, closes.

        Args:
            at: an instant with a zone.

        Returns:
            The first closed instant, in UTC; None when it is closed at ``at``, or does not close
            within 400 days.

        Raises:
            ValueError: the instant has no zone.
        """
        at = _utc(at)
        if not self.is_open(at):
            return None
        closes_at = next(self._periods(at, at + HORIZON)).closes_at
        return closes_at if closes_at < at + HORIZON else None

    def next_opening(self, at: datetime) -> datetime | None:
        """When the helpline opens next; if it is open now, when it opens again after closing.

        Args:
            at: an instant with a zone.

        Returns:
            The instant after ``at`` at which a period begins, in UTC; None when there is none
            within 400 days.

        Raises:
            ValueError: the instant has no zone.
        """
        at = _utc(at)
        coming = self._periods(at, at + HORIZON)
        return next((each.opens_at for each in coming if each.opens_at > at), None)

    def first_open_instant(self, at: datetime) -> datetime | None:
        """The earliest instant, not before this one, at which somebody may be rung.

        Args:
            at: an instant with a zone.

        Returns:
            ``at`` itself while open, else the next opening, in UTC; None when there is none
            within 400 days.

        Raises:
            ValueError: the instant has no zone.
        """
        return _utc(at) if self.is_open(at) else self.next_opening(at)

    def _periods(self, start: datetime, end: datetime) -> Iterator[Period]:
        return _merged(_without(self._shut, self._weekly_periods(start, end)))

    def _weekly_periods(self, start: datetime, end: datetime) -> Iterator[Period]:
        """What the wall clock calls open, in order, cut wherever a date or the zone's offset ends.

        Within a stretch of one offset, wall time is an instant moved by it; so each date's hours
        are moved back by that offset and cut to the stretch.
        """
        if not any(self._special.values()) and all(week.is_closed for _, week in self._weeks):
            return
        for begins, ends, offset in stretches_of_one_offset(self.zone, start, end):
            day = (begins + offset).date()
            while (midnight := datetime.combine(day, time(), UTC) - offset) < ends:
                for opens, closes in self._wall(day):
                    opens_at, closes_at = (
                        max(begins, midnight + opens),
                        min(ends, midnight + closes),
                    )
                    if opens_at < closes_at:
                        yield Period(opens_at, closes_at)
                day += _DAY

    def _wall(self, day: date) -> Iterator[tuple[timedelta, timedelta]]:
        """The open stretches of one local date, from its midnight to the next, closures apart."""
        intervals = self.starting_on(day)
        if intervals or day not in self._special:
            for each in self.starting_on(day - _DAY):
                if each.end > DAY_MINUTES:
                    yield timedelta(0), timedelta(minutes=each.end - DAY_MINUTES)
        for each in intervals:
            yield timedelta(minutes=each.start), timedelta(minutes=min(each.end, DAY_MINUTES))

    def starting_on(self, day: date) -> tuple[Interval, ...]:
        """The hours that start on a date, closures apart."""
        if (special := self._special.get(day)) is not None:
            return special
        for effective_from, week in self._weeks:
            if effective_from <= day:
                return week.days[day.weekday()]
        return ()


def _minutes(text: str) -> int:
    """A time of day as minutes after midnight; "24:00" is 1440."""
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
    """Cuts a window into stretches of at most a day during which the zone's clock is not changed.

    No zone changes its clock twice within a day, so comparing a day's two ends finds every change.
    """
    while start < end:
        offset, ahead = _offset(zone, start), min(start + _DAY, end)
        if _offset(zone, ahead) != offset:
            ahead = _first_instant_after_change(zone, start, ahead)
        yield start, ahead, offset
        start = ahead


def _first_instant_after_change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Halves the search until the second of the change is found; zones change on whole seconds."""
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


def joined(periods: Iterable[Period]) -> tuple[Period, ...]:
    """The same time as stretches that are as long as they can be, in order."""
    return tuple(_merged(sorted(periods)))


def _merged(periods: Iterable[Period]) -> Iterator[Period]:
    """Joins ordered periods that touch or overlap."""
    current: Period | None = None
    for each in periods:
        if current is None or each.opens_at > current.closes_at:
            if current is not None:
                yield current
            current = each
        elif each.closes_at > current.closes_at:
            current = Period(current.opens_at, each.closes_at)
    if current is not None:
        yield current


def _without(shut: tuple[Period, ...], periods: Iterable[Period]) -> Iterator[Period]:
    """Cuts the shut stretches, ordered too, out of ordered periods."""
    for each in periods:
        opens_at = each.opens_at
        for closure in shut:
            if closure.opens_at >= each.closes_at:
                break
            if closure.opens_at > opens_at:
                yield Period(opens_at, closure.opens_at)
            opens_at = max(opens_at, closure.closes_at)
        if opens_at < each.closes_at:
            yield Period(opens_at, each.closes_at)
