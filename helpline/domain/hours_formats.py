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
LONGEST_TEXT = 20_000
EVERY_DAY = tuple(range(7))
OPEN_ALL_DAY: Pieces = ((0, DAY_MINUTES),)
SHORT_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")

NOT_UNDERSTOOD = "This part cannot be read."
NO_SUCH_DATE = "This date does not exist."
DATE_TWICE = "One date has two sets of hours."
NOT_POSSIBLE = "These times are not valid."
TOO_LONG = "This text is too long."
NOTHING_THERE = "No opening hours were found."
NO_WEEK = "It contains no weekly hours."
NOT_KEPT = "These hours cannot be saved in this form."


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
            DatedHours(each.first, each.last, each.intervals, each.reason(language))
            for each in plan.exceptions
            if each.takes_the_day and each.last >= today
        ),
        later=tuple(
            each for each in plan.later if each.effective_from and each.effective_from > today
        ),
    )


def pieces_of_week(week: Week) -> tuple[Pieces, ...]:
    """Return each weekday as a calendar day, including what began the evening before."""
    return tuple(
        merged(*_until_midnight(week.days[day]), *_after_midnight(week.days[day - 1]))
        for day in EVERY_DAY
    )


def pieces_on(hours: Timetable, day: date) -> Pieces:
    """Return a date as a calendar day. A closed date ends what began the evening before."""
    own = _dated(hours, day)
    if own is not None and not own:
        return ()
    evening = _dated(hours, day - DAY)
    if own is None:
        own = hours.week.days[day.weekday()]
    if evening is None:
        evening = hours.week.days[(day - DAY).weekday()]
    return merged(*_until_midnight(own), *_after_midnight(evening))


def merged(*pieces: tuple[int, int]) -> Pieces:
    """Return the pieces in order, overlapping and touching ones merged."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(pieces):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple(found)


def without(pieces: Pieces, *taken: tuple[int, int]) -> Pieces:
    """Return the pieces with others cut out."""
    for start, end in taken:
        pieces = tuple(
            each
            for first, last in pieces
            for each in ((first, min(last, start)), (max(first, end), last))
            if each[0] < each[1]
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
            _starting(
                week[number],
                week[number - 6],
                joined=_joins(week[number - 1], week[number]),
                joins=_joins(week[number], week[number - 6]),
            )
            for number in EVERY_DAY
        )
    )
    dates = sorted(on_date)
    calendar = {day: on_date.get(day, week[day.weekday()]) for day in _with_neighbours(dates)}
    joins = {
        day: _joins(calendar[day], calendar[day + DAY])
        and (len(calendar[day + DAY]) > 1 or not weekly.days[(day + DAY).weekday()])
        for day in calendar
        if day + DAY in calendar
    }
    own = {
        day: _starting(
            calendar[day], calendar[day + DAY], joined=joins[day - DAY], joins=joins[day]
        )
        for day in dates
    }
    found = [
        DatedHours(day, day, own[day], reasons.get(day, ""))
        for day in dates
        if _differs(day, own, weekly)
    ]
    hours = Timetable(weekly, tuple(_in_ranges(found)))
    for day in dates:
        if pieces_on(hours, day) != on_date[day]:
            raise CannotRead(f"{day:%Y-%m-%d}", NOT_KEPT)
    return hours


def _with_neighbours(dates: Sequence[date]) -> list[date]:
    return [dates[0] - DAY, *dates, dates[-1] + DAY] if dates else []


def _joins(day: Pieces, following: Pieces) -> bool:
    """Whether what is open at midnight is one interval of at most a day."""
    if not day or not following or day[-1][1] != DAY_MINUTES or following[0][0] != 0:
        return False
    begins, ends = day[-1][0], following[0][1]
    return ends < DAY_MINUTES and ends <= begins


def _starting(day: Pieces, following: Pieces, *, joined: bool, joins: bool) -> Intervals:
    stretches = list(day[1:] if joined else day)
    if joins:
        stretches[-1] = (stretches[-1][0], DAY_MINUTES + following[0][1])
    return tuple(Interval(start, end) for start, end in stretches)


def _differs(day: date, own: Mapping[date, Intervals], weekly: Week) -> bool:
    """Whether a date needs hours of its own.

    An evening that ends at midnight only because the next date is closed does not.
    """
    usual = weekly.days[day.weekday()]
    if own[day] == usual:
        return False
    following = day + DAY
    is_closed = following in own and not own[following] and weekly.days[following.weekday()]
    return not (is_closed and own[day] == _until_its_midnight(usual))


def _until_its_midnight(intervals: Intervals) -> Intervals:
    return tuple(Interval(each.start, min(each.end, DAY_MINUTES)) for each in intervals)


def _in_ranges(dates: Sequence[DatedHours]) -> Iterator[DatedHours]:
    """Merge consecutive dates with the same hours and reason."""
    found: DatedHours | None = None
    for each in dates:
        if found is not None and (each.first - found.last, each.intervals, each.reason) == (
            DAY,
            found.intervals,
            found.reason,
        ):
            found = DatedHours(found.first, each.last, found.intervals, found.reason)
            continue
        if found is not None:
            yield found
        found = each
    if found is not None:
        yield found


def _dated(hours: Timetable, day: date) -> Intervals | None:
    return next((each.intervals for each in hours.dates if each.first <= day <= each.last), None)


def _until_midnight(intervals: Intervals) -> Iterator[tuple[int, int]]:
    return ((each.start, min(each.end, DAY_MINUTES)) for each in intervals)


def _after_midnight(intervals: Intervals) -> Iterator[tuple[int, int]]:
    return ((0, each.end - DAY_MINUTES) for each in intervals if each.end > DAY_MINUTES)
