"""Shifts and coverage.

Shifts are local wall-clock time, as opening hours are: a skipped minute is not worked, a repeated
one is worked both times.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from helpline.domain.errors import DomainError, InvalidHours
from helpline.domain.opening_hours import (
    DAY_MINUTES,
    Interval,
    OpeningHours,
    Period,
    SpecialDay,
    Week,
    WeekVersion,
)
from helpline.domain.slots import Capacity

_DAY = timedelta(days=1)
_WEEK_DAYS = 7


class ShiftsOverlap(DomainError):
    """An advisor would be on two shifts at once.

    Args:
        interval: the hours of the existing shift.
        day: the first date of the overlap.
    """

    def __init__(self, interval: Interval, day: date) -> None:
        super().__init__(interval, day)
        self.interval = interval
        self.day = day


@dataclass(frozen=True, slots=True)
class Shift:
    """A weekly shift.

    Args:
        weekday: the day it begins, 0 for Monday to 6 for Sunday.
        interval: its hours; may run past midnight.
        valid_from: the first date on which it may begin.
        valid_until: the last one; None until further notice.

    Raises:
        InvalidHours: there is no such weekday, or the last date is before the first.
    """

    weekday: int
    interval: Interval
    valid_from: date
    valid_until: date | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.weekday < _WEEK_DAYS:
            raise InvalidHours("A week has seven days.")
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise InvalidHours("The last date must not be before the first date.", self.weekday)

    def begins_on(self, day: date) -> bool:
        """Return whether it begins on this date."""
        until = self.valid_until or date.max
        return day.weekday() == self.weekday and self.valid_from <= day <= until


@dataclass(frozen=True, slots=True)
class Member:
    """One advisor's rota.

    Args:
        shifts: weekly shifts.
        days_off: dates on which no weekly shift begins. One that began the evening before is still
            worked to its end.
        extras: hours on one date, besides or in place of the weekly ones.
    """

    shifts: tuple[Shift, ...] = ()
    days_off: frozenset[date] = frozenset()
    extras: tuple[tuple[date, Interval], ...] = ()

    def starting_on(self, day: date) -> tuple[Interval, ...]:
        """Return the hours that begin on a date, in order."""
        weekly = [
            shift.interval
            for shift in self.shifts
            if day not in self.days_off and shift.begins_on(day)
        ]
        return tuple(sorted([*weekly, *(hours for at, hours in self.extras if at == day)]))

    def at_work(self, zone: ZoneInfo, start: datetime, end: datetime) -> tuple[Period, ...]:
        """Return when the advisor is on shift within a window, in order and cut at its edges.

        Args:
            zone: the helpline's time zone.
            start, end: aware instants.
        """
        first = start.astimezone(zone).date() - _DAY
        dates = (end.astimezone(zone).date() - first).days + 1
        worked = []
        for day in (first + number * _DAY for number in range(dates)):
            if hours := self.starting_on(day):
                worked.append(SpecialDay(day, _merge_intervals(hours)))
        nothing = WeekVersion(None, Week.closed())
        return OpeningHours(zone, (nothing,), tuple(worked)).periods(start, end)


def check_overlap(member: Member, added: Shift) -> None:
    """Raise ShiftsOverlap if a weekly shift overlaps the advisor's other hours on any date."""
    for other in member.shifts:
        for days_later in (-1, 0, 1):
            if (other.weekday - added.weekday - days_later) % _WEEK_DAYS:
                continue
            if not _overlap(added.interval, other.interval, days_later):
                continue
            if (day := _first_overlap(added, other, days_later)) is not None:
                raise ShiftsOverlap(other.interval, day)
    for on, hours in member.extras:
        for days_later in (-1, 0, 1):
            begins = on - days_later * _DAY
            is_worked = added.begins_on(begins) and begins not in member.days_off
            if is_worked and _overlap(added.interval, hours, days_later):
                raise ShiftsOverlap(hours, on)


def check_extra_overlap(member: Member, day: date, hours: Interval) -> None:
    """Raise ShiftsOverlap if hours on one date overlap the advisor's other hours."""
    for days_later in (-1, 0, 1):
        for other in member.starting_on(day + days_later * _DAY):
            if _overlap(hours, other, days_later):
                raise ShiftsOverlap(other, day)


@dataclass(frozen=True, slots=True)
class Cover:
    """Where the rota and the opening hours differ.

    Args:
        nobody: open, without anyone on shift.
        without: by language, open with someone on shift, but no one who speaks it.
        outside: by advisor, on shift while closed.
    """

    nobody: tuple[Period, ...]
    without: Mapping[str, tuple[Period, ...]]
    outside: Mapping[int, tuple[Period, ...]]


def cover(
    open_periods: Sequence[Period],
    at_work: Mapping[int, Sequence[Period]],
    spoken: Mapping[int, Collection[str]],
    languages: Iterable[str],
) -> Cover:
    """Compare the rota with the opening hours.

    Args:
        open_periods: when the helpline is open, in order.
        at_work: shifts by advisor id.
        spoken: languages by advisor id.
        languages: languages that visitors may choose.
    """
    nobody = uncovered_periods(
        open_periods, [period for periods in at_work.values() for period in periods]
    )
    covered = uncovered_periods(open_periods, nobody)
    without = {
        language: uncovered_periods(
            covered,
            [
                period
                for advisor, periods in at_work.items()
                if language in spoken[advisor]
                for period in periods
            ],
        )
        for language in languages
    }
    return Cover(
        nobody,
        {language: periods for language, periods in without.items() if periods},
        {
            advisor: outside_hours
            for advisor, period in at_work.items()
            if (outside_hours := worked_while_closed(period, open_periods))
        },
    )


def uncovered_periods(
    open_periods: Iterable[Period], at_work: Iterable[Period]
) -> tuple[Period, ...]:
    """Return the open times without anyone on shift, in order. ``open_periods`` must be in
    order.
    """
    return _subtract_periods(open_periods, at_work)


def worked_while_closed(
    at_work: Iterable[Period], open_periods: Iterable[Period]
) -> tuple[Period, ...]:
    """Return the parts of shifts outside the opening hours, in order."""
    return _subtract_periods(sorted(at_work), open_periods)


def _subtract_periods(wanted: Iterable[Period], removed: Iterable[Period]) -> tuple[Period, ...]:
    covered, remaining = sorted(removed), []
    for period in wanted:
        begins = period.opens_at
        for other in covered:
            if other.opens_at >= period.closes_at:
                break
            if other.opens_at > begins:
                remaining.append(Period(begins, other.opens_at))
            begins = max(begins, other.closes_at)
        if begins < period.closes_at:
            remaining.append(Period(begins, period.closes_at))
    return tuple(remaining)


def capacity_on_shift(
    start: datetime,
    length: timedelta,
    at_work: Mapping[int, Sequence[Period]],
    languages: Mapping[int, Collection[str]],
    share_percent: int,
) -> Capacity:
    """Return how many callbacks the advisors on shift can take at one start.

    Only advisors on shift for the whole slot count, and only a share of them, so that some remain
    for requests "as soon as possible". The share is rounded down, but with anyone on shift the
    capacity is at least 1, so that a helpline with one advisor can be booked.

    Args:
        start, length: the slot.
        at_work: shifts by advisor id.
        languages: languages by advisor id.
        share_percent: 0 to 100; 0 offers none.
    """
    end = start + length
    on_shift = [
        advisor
        for advisor, periods in at_work.items()
        if any(shift.opens_at <= start and end <= shift.closes_at for shift in periods)
    ]
    spoken = {language for advisor in on_shift for language in languages[advisor]}
    return Capacity(
        _share(len(on_shift), share_percent),
        {
            language: _share(
                sum(language in languages[advisor] for advisor in on_shift), share_percent
            )
            for language in spoken
        },
    )


def _share(advisors: int, percent: int) -> int:
    return max(min(advisors, 1, percent), advisors * percent // 100)


def _merge_intervals(hours: Sequence[Interval]) -> tuple[Interval, ...]:
    merged: list[Interval] = []
    for interval in hours:
        if merged and interval.start <= merged[-1].end:
            start, end = merged[-1].start, max(merged[-1].end, interval.end)
            merged[-1] = Interval(start, min(end, start + DAY_MINUTES))
        else:
            merged.append(interval)
    return tuple(merged)


def _overlap(one: Interval, other: Interval, days_later: int) -> bool:
    """Whether they do when the other begins so many days later."""
    shift = days_later * DAY_MINUTES
    return one.start < other.end + shift and other.start + shift < one.end


def _first_overlap(added: Shift, other: Shift, days_later: int) -> date | None:
    """The first date on which ``added`` begins and, ``days_later`` later, ``other``."""
    later = timedelta(days=days_later)
    day = max(added.valid_from, other.valid_from - later)
    day += timedelta(days=(added.weekday - day.weekday()) % _WEEK_DAYS)
    added_until = added.valid_until or date.max
    other_until = date.max if other.valid_until is None else other.valid_until - later
    return day if day <= min(added_until, other_until) else None
