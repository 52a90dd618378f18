"""How many advisors the calls of a range would need, beside how many the rota has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from helpline.domain import report_figures
from helpline.domain.staffing import LiveCalls, booked_capacity
from helpline.reports.daily_counts import Measure, bounds
from helpline.reports.figures import Days, Sums
from helpline.staff.rota import queries as rota

NEEDED = (
    *(Measure.OPEN, Measure.RANG_IN, Measure.ATTEMPTS, Measure.ANSWERED),
    *(Measure.ANSWERED_SECONDS, Measure.BY_ADVISOR, Measure.HANDLED_SECONDS),
)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What the sums rest on besides what was counted.

    Args:
        live_minutes: how long a call that comes in keeps an advisor.
        callback_minutes: how long a try to ring somebody keeps one, with its wrap-up.
        answered_percent: of callers, how many are to be answered in time.
        answered_seconds: within how many seconds that is.
        occupancy_percent: of the time at the desk, how much may be calls and wrap-up.
        shrinkage_percent: of a shift, how much is not at the desk.
    """

    live_minutes: float
    callback_minutes: float
    answered_percent: int = 80
    answered_seconds: int = 20
    occupancy_percent: int = 85
    shrinkage_percent: int = 30


USUAL_MINUTES = 20.0
"""A call of which nothing is known yet."""

CALL_MINUTES = (0.1, 240.0)
"""The shortest and the longest call that can be assumed."""


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of the week in which we are open.

    Args:
        calls_in: calls that came in, an hour we were open, on average.
        needed: advisors needed at the desk to answer them as wanted.
        on_shift: advisors on shift in the week that was asked for, on average over the hour.
        at_desk: how many of these are at the desk: without the shrinkage, rounded to whole
            advisors, and one at least where anybody is on shift.
        answered: the share that those at the desk answer in time.
        average_wait_seconds: how long callers would wait then; None: the line grows for ever.
        tries: tries to ring somebody, an hour we were open, on average.
        capacity: how many tries those on shift can make.
    """

    weekday: int
    hour: int
    calls_in: float
    needed: int
    on_shift: float
    at_desk: int
    answered: float
    average_wait_seconds: float | None
    tries: float
    capacity: float


@dataclass(frozen=True, slots=True)
class MeasuredMinutes:
    """How long calls took in a range, in minutes; None where there were none."""

    live: float | None
    callback: float | None

    @property
    def assumptions(self) -> Assumptions:
        """What is assumed unless somebody says otherwise."""
        return Assumptions(_bounded(self.live), _bounded(self.callback))


def measured(found: Sums) -> MeasuredMinutes:
    """How long calls took in a range."""
    return MeasuredMinutes(
        live=report_figures.average(
            found.all_of(Measure.ANSWERED_SECONDS), 60 * found.all_of(Measure.ANSWERED)
        ),
        callback=report_figures.average(
            found.all_of(Measure.HANDLED_SECONDS), 60 * found.all_of(Measure.BY_ADVISOR)
        ),
    )


def _bounded(minutes: float | None) -> float:
    if minutes is None:
        return USUAL_MINUTES
    least, most = CALL_MINUTES
    return min(max(round(minutes, 1), least), most)


def table(
    session: Session, found: Sums, assumed: Assumptions, days: Days, now: datetime
) -> Sequence[Hour]:
    """Every hour of the week in which we were open in a range.

    Args:
        days: the range that was counted, of which ``found`` are the sums of ``NEEDED``.
        now: the rota is that of the week from this day on.
    """
    on_shift = _on_shift(session, days, now)
    rows = []
    for weekday in range(7):
        for hour in range(24):
            key = f"{weekday}{hour:02}"
            minutes = found.of(Measure.OPEN).get(key, 0)
            if minutes:
                each = found.of(Measure.RANG_IN).get(key, 0) * 60 / minutes
                tries = found.of(Measure.ATTEMPTS).get(key, 0) * 60 / minutes
                rows.append(_hour(weekday, hour, each, tries, on_shift.get(key, 0.0), assumed))
    return rows


def _hour(
    weekday: int, hour: int, calls_in: float, tries: float, on_shift: float, assumed: Assumptions
) -> Hour:
    calls = LiveCalls(calls_in, 60 * assumed.live_minutes)
    there = on_shift * (1 - assumed.shrinkage_percent / 100)
    at_desk = max(int(there + 0.5), 1 if there else 0)
    wait = calls.average_wait_seconds(at_desk)
    return Hour(
        weekday=weekday,
        hour=hour,
        calls_in=calls_in,
        needed=calls.advisors_needed(assumed.answered_percent / 100, assumed.answered_seconds),
        on_shift=on_shift,
        at_desk=at_desk,
        answered=calls.answered_within(at_desk, assumed.answered_seconds),
        average_wait_seconds=None if wait == float("inf") else wait,
        tries=tries,
        capacity=booked_capacity(
            on_shift,
            60,
            occupancy=assumed.occupancy_percent / 100,
            shrinkage=assumed.shrinkage_percent / 100,
            handling_minutes=assumed.callback_minutes,
        ),
    )


def _on_shift(session: Session, days: Days, now: datetime) -> dict[str, float]:
    """Advisors on shift by hour of the week, in the seven days from today on."""
    first = now.astimezone(days.zone).date()
    start, end = bounds(first, days.zone)[0], bounds(first + 6 * _DAY, days.zone)[1]
    worked = [
        report_figures.OpenTime(each.rota.at_work(days.zone, start, end))
        for each in rota.members(session)
    ]
    found: dict[str, float] = {}
    at = start
    while at < end:
        wall = at.astimezone(days.zone)
        key = f"{wall.weekday()}{wall.hour:02}"
        there = sum((each.between(at, at + _HOUR / 4) for each in worked), timedelta(0))
        found[key] = found.get(key, 0.0) + there / _HOUR
        at += _HOUR / 4
    return found


COLUMNS = (
    *("weekday", "hour", "live_calls_an_hour", "advisors_needed_by_erlang_c", "on_shift"),
    *("at_desk", "answered_in_time_percent", "average_wait_seconds"),
    *("tries_an_hour", "tries_they_can_make"),
)


def row_of(each: Hour) -> tuple[float | None, ...]:
    """One hour as a file has it."""
    wait = each.average_wait_seconds
    return (
        each.weekday,
        each.hour,
        round(each.calls_in, 2),
        each.needed,
        round(each.on_shift, 2),
        each.at_desk,
        round(100 * each.answered, 1),
        None if wait is None else round(wait, 1),
        round(each.tries, 2),
        round(each.capacity, 2),
    )
