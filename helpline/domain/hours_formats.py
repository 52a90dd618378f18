"""Opening hours in exchange formats: what OpenStreetMap's opening_hours (osm_hours) and schema.org
(schema_org_hours) have in common.

An admin imports hours that are published elsewhere, and maps and search engines read ours. What
cannot be read is named; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

from helpline.domain.errors import DomainError, InvalidHours
from helpline.domain.hours_plan import HoursPlan
from helpline.domain.opening_hours import DAY_MINUTES, Interval, SpecialDay, Week, WeekVersion

Intervals = tuple[Interval, ...]
Pieces = tuple[tuple[int, int], ...]
"""The open parts of one calendar day, in minutes from 0 to 1440, in order and not touching;
includes what began the evening before, ends at midnight.
"""

DAY = timedelta(days=1)
MAX_LENGTH = 20_000
EVERY_DAY = tuple(range(7))
OPEN_ALL_DAY: Pieces = ((0, DAY_MINUTES),)
SHORT_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")

NOT_UNDERSTOOD = "This part cannot be read."
NO_SUCH_DATE = "This date does not exist."
DATE_TWICE = "One date has two sets of hours."
NOT_POSSIBLE = "These times are not valid."
TOO_LONG = "This text is too long."
NO_HOURS_FOUND = "No opening hours were found."
NO_WEEK = "It contains no weekly hours."
NOT_EXPRESSIBLE = "These hours cannot be saved in this form."


class CannotRead(DomainError):
    """A text whose hours cannot be read, or cannot be represented here.

    Args:
        part: the piece of the text concerned.
        message_key: why, in English; also the message id of its translation.
    """

    def __init__(self, part: str, message_key: str = NOT_UNDERSTOOD) -> None:
        super().__init__(part, message_key)
        self.part = part.strip()[:200]
        self.message_key = message_key

    def __str__(self) -> str:
        return f"{self.message_key} {self.part}"


@dataclass(frozen=True, slots=True, order=True)
class DatedHours:
    """Dates with their own hours, first and last included; no intervals means closed.

    Raises:
        InvalidHours: the last date is before the first, or two intervals overlap.
    """

    first: date
    last: date
    intervals: Intervals = ()
    reason: str = ""

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise InvalidHours("The last date must not be before the first date.")
        object.__setattr__(self, "intervals", SpecialDay(self.first, self.intervals).intervals)


@dataclass(frozen=True, slots=True)
class Timetable:
    """Opening hours as the exchange formats express them.

    Args:
        week: the weekly hours in force now.
        dates: dates with their own hours, in order and without overlap.
        closed_on_holidays: whether public holidays are closed, whichever dates those are.
        later: weeks that come into force on a later date, in order. Not written to OpenStreetMap.
        doubts: parts that were read, but that other programs read differently or not at all.

    Raises:
        InvalidHours: a date occurs twice in ``dates``.
    """

    week: Week
    dates: tuple[DatedHours, ...] = ()
    closed_on_holidays: bool = False
    later: tuple[WeekVersion, ...] = ()
    doubts: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "dates", tuple(sorted(self.dates)))
        if any(after.first <= before.last for before, after in pairwise(self.dates)):
            raise InvalidHours(DATE_TWICE)


def timetable_of(plan: HoursPlan, today: date, language: str) -> Timetable:
    """Return the part of a plan that the formats can express: weeks and whole dates.

    Closures of part of a date and the emergency closure are left out.
    """
    return Timetable(
        plan.week_on(today),
        tuple(
            DatedHours(
                exception.first, exception.last, exception.intervals, exception.reason(language)
            )
            for exception in plan.exceptions
            if exception.replaces_hours and exception.last >= today
        ),
        later=tuple(
            version
            for version in plan.later
            if version.effective_from and version.effective_from > today
        ),
    )


def pieces_of_week(week: Week) -> tuple[Pieces, ...]:
    """Return each weekday as a calendar day, including what began the evening before."""
    return tuple(
        merge_pieces(*_until_midnight(week.days[day]), *_after_midnight(week.days[day - 1]))
        for day in EVERY_DAY
    )


def pieces_on(hours: Timetable, day: date) -> Pieces:
    """Return a date as a calendar day. A closed date ends what began the evening before."""
    intervals = _dated_intervals(hours, day)
    if intervals is not None and not intervals:
        return ()
    evening = _dated_intervals(hours, day - DAY)
    if intervals is None:
        intervals = hours.week.days[day.weekday()]
    if evening is None:
        evening = hours.week.days[(day - DAY).weekday()]
    return merge_pieces(*_until_midnight(intervals), *_after_midnight(evening))


def merge_pieces(*pieces: tuple[int, int]) -> Pieces:
    """Return the pieces in order, overlapping and touching ones merged."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(pieces):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)


def subtract_pieces(pieces: Pieces, *removed: tuple[int, int]) -> Pieces:
    """Return the pieces with others cut out."""
    for start, end in removed:
        pieces = tuple(
            piece
            for first, last in pieces
            for piece in ((first, min(last, start)), (max(first, end), last))
            if piece[0] < piece[1]
        )
    return pieces


def timetable_from(
    week: Sequence[Pieces],
    on_date: Mapping[date, Pieces],
    reasons: Mapping[date, str],
) -> Timetable:
    """Return the hours that produce these calendar days.

    Args:
        week: the weekdays, Monday first.
        on_date: consecutive dates; those that differ from the week become dated hours.
        reasons: why a date differs.

    Raises:
        CannotRead: no opening hours produce exactly these days.
    """
    weekly = Week(
        tuple(
            _intervals_starting(
                week[number],
                week[number - 6],
                joined=_continues_past_midnight(week[number - 1], week[number]),
                joins=_continues_past_midnight(week[number], week[number - 6]),
            )
            for number in EVERY_DAY
        )
    )
    dates = sorted(on_date)
    calendar = {day: on_date.get(day, week[day.weekday()]) for day in _with_neighbours(dates)}
    joins = {
        day: _continues_past_midnight(calendar[day], calendar[day + DAY])
        and (len(calendar[day + DAY]) > 1 or not weekly.days[(day + DAY).weekday()])
        for day in calendar
        if day + DAY in calendar
    }
    intervals_of = {
        day: _intervals_starting(
            calendar[day], calendar[day + DAY], joined=joins[day - DAY], joins=joins[day]
        )
        for day in dates
    }
    dated = [
        DatedHours(day, day, intervals_of[day], reasons.get(day, ""))
        for day in dates
        if _needs_own_hours(day, intervals_of, weekly)
    ]
    hours = Timetable(weekly, tuple(_merge_consecutive(dated)))
    for day in dates:
        if pieces_on(hours, day) != on_date[day]:
            raise CannotRead(f"{day:%Y-%m-%d}", NOT_EXPRESSIBLE)
    return hours


def _with_neighbours(dates: Sequence[date]) -> list[date]:
    return [dates[0] - DAY, *dates, dates[-1] + DAY] if dates else []


def _continues_past_midnight(day: Pieces, following: Pieces) -> bool:
    """Whether what is open at midnight is one interval of at most a day."""
    if not day or not following or day[-1][1] != DAY_MINUTES or following[0][0] != 0:
        return False
    begins, ends = day[-1][0], following[0][1]
    return ends < DAY_MINUTES and ends <= begins


def _intervals_starting(day: Pieces, following: Pieces, *, joined: bool, joins: bool) -> Intervals:
    stretches = list(day[1:] if joined else day)
    if joins:
        stretches[-1] = (stretches[-1][0], DAY_MINUTES + following[0][1])
    return tuple(Interval(start, end) for start, end in stretches)


def _needs_own_hours(day: date, intervals_of: Mapping[date, Intervals], weekly: Week) -> bool:
    """Not an evening that ends at midnight only because the next date is closed."""
    weekly_intervals = weekly.days[day.weekday()]
    if intervals_of[day] == weekly_intervals:
        return False
    following = day + DAY
    is_closed = (
        following in intervals_of
        and not intervals_of[following]
        and weekly.days[following.weekday()]
    )
    return not (is_closed and intervals_of[day] == _cut_at_midnight(weekly_intervals))


def _cut_at_midnight(intervals: Intervals) -> Intervals:
    return tuple(Interval(interval.start, min(interval.end, DAY_MINUTES)) for interval in intervals)


def _merge_consecutive(dates: Sequence[DatedHours]) -> Iterator[DatedHours]:
    current: DatedHours | None = None
    for dated in dates:
        if current is not None and (dated.first - current.last, dated.intervals, dated.reason) == (
            DAY,
            current.intervals,
            current.reason,
        ):
            current = DatedHours(current.first, dated.last, current.intervals, current.reason)
            continue
        if current is not None:
            yield current
        current = dated
    if current is not None:
        yield current


def _dated_intervals(hours: Timetable, day: date) -> Intervals | None:
    return next(
        (dated.intervals for dated in hours.dates if dated.first <= day <= dated.last), None
    )


def _until_midnight(intervals: Intervals) -> Iterator[tuple[int, int]]:
    return ((interval.start, min(interval.end, DAY_MINUTES)) for interval in intervals)


def _after_midnight(intervals: Intervals) -> Iterator[tuple[int, int]]:
    return ((0, interval.end - DAY_MINUTES) for interval in intervals if interval.end > DAY_MINUTES)
