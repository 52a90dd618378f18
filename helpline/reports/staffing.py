"""Advisors needed for the calls of a range, compared with the rota."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from helpline.domain import report_figures
from helpline.domain.staffing import LiveCalls, booked_capacity
from helpline.policy.numbers import ASSUMPTIONS
from helpline.reports.daily_counts import Measure, day_bounds
from helpline.reports.figures import Days, Sums
from helpline.staff.rota import queries as rota_queries

FORECAST_MEASURES = (
    *(Measure.OPEN, Measure.INBOUND_WHILE_OPEN, Measure.ATTEMPTS, Measure.ANSWERED),
    *(Measure.ANSWERED_SECONDS, Measure.ATTEMPTS_BY_ADVISOR, Measure.HANDLED_SECONDS),
)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Assumptions:
    """The assumptions of the staffing forecast.

    Args:
        live_minutes: handling time of an inbound call.
        callback_minutes: handling time of an attempt, wrap-up included.
        answered_percent: percentage of callers to be answered within ``answered_seconds``.
        occupancy_percent: the highest share of desk time for calls and wrap-up.
        shrinkage_percent: the share of a shift away from the desk.
    """

    live_minutes: float
    callback_minutes: float
    answered_percent: int = ASSUMPTIONS["answered_percent"].default
    answered_seconds: int = ASSUMPTIONS["answered_seconds"].default
    occupancy_percent: int = ASSUMPTIONS["occupancy_percent"].default
    shrinkage_percent: int = ASSUMPTIONS["shrinkage_percent"].default


@dataclass(frozen=True, slots=True)
class HourForecast:
    """The forecast for one open hour of the week.

    Args:
        calls_in: average inbound calls per open hour.
        needed: advisors needed at the desk to reach the target.
        on_shift: average advisors on shift in the coming week.
        at_desk: these less shrinkage, rounded; at least one where anyone is on shift.
        answered: the share that they answer in time.
        average_wait_seconds: callers' expected wait; None: it grows without bound.
        tries: average attempts per open hour.
        capacity: attempts that those on shift can make.
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
    """Measured handling times of a range, in minutes; None without data."""

    live: float | None
    callback: float | None

    @property
    def assumptions(self) -> Assumptions:
        return Assumptions(
            _bounded("live_minutes", self.live), _bounded("callback_minutes", self.callback)
        )


def measured_minutes(totals: Sums) -> MeasuredMinutes:
    return MeasuredMinutes(
        live=report_figures.average(
            totals.all_of(Measure.ANSWERED_SECONDS), 60 * totals.all_of(Measure.ANSWERED)
        ),
        callback=report_figures.average(
            totals.all_of(Measure.HANDLED_SECONDS), 60 * totals.all_of(Measure.ATTEMPTS_BY_ADVISOR)
        ),
    )


def _bounded(name: str, minutes: float | None) -> float:
    number = ASSUMPTIONS[name]
    if minutes is None:
        return float(number.default)
    least, most = number.bounds
    return min(max(round(minutes, 1), least), most)


def forecast(
    session: Session, totals: Sums, assumed: Assumptions, days: Days, now: datetime
) -> Sequence[HourForecast]:
    """Return the forecast for every hour of the week with opening hours in a range.

    Args:
        days: the counted range, of which ``totals`` are the sums of ``FORECAST_MEASURES``.
        now: the rota is that of the seven days from now.
    """
    on_shift = _on_shift(session, days, now)
    rows = []
    for weekday in range(7):
        for hour in range(24):
            key = f"{weekday}{hour:02}"
            minutes = totals.of(Measure.OPEN).get(key, 0)
            if minutes:
                calls_in = totals.of(Measure.INBOUND_WHILE_OPEN).get(key, 0) * 60 / minutes
                attempts = totals.of(Measure.ATTEMPTS).get(key, 0) * 60 / minutes
                rows.append(
                    _forecast_hour(
                        weekday, hour, calls_in, attempts, on_shift.get(key, 0.0), assumed
                    )
                )
    return rows


def _forecast_hour(
    weekday: int, hour: int, calls_in: float, attempts: float, on_shift: float, assumed: Assumptions
) -> HourForecast:
    calls = LiveCalls(calls_in, 60 * assumed.live_minutes)
    present = on_shift * (1 - assumed.shrinkage_percent / 100)
    at_desk = max(int(present + 0.5), 1 if present else 0)
    wait = calls.average_wait_seconds(at_desk)
    return HourForecast(
        weekday=weekday,
        hour=hour,
        calls_in=calls_in,
        needed=calls.advisors_needed(assumed.answered_percent / 100, assumed.answered_seconds),
        on_shift=on_shift,
        at_desk=at_desk,
        answered=calls.answered_within(at_desk, assumed.answered_seconds),
        average_wait_seconds=None if wait == float("inf") else wait,
        tries=attempts,
        capacity=booked_capacity(
            on_shift,
            60,
            occupancy=assumed.occupancy_percent / 100,
            shrinkage=assumed.shrinkage_percent / 100,
            handling_minutes=assumed.callback_minutes,
        ),
    )


def _on_shift(session: Session, days: Days, now: datetime) -> dict[str, float]:
    first = now.astimezone(days.zone).date()
    start, end = day_bounds(first, days.zone)[0], day_bounds(first + 6 * _DAY, days.zone)[1]
    worked = [
        report_figures.OpenTime(shift.rota.at_work(days.zone, start, end))
        for shift in rota_queries.members(session)
    ]
    advisors_by_hour: dict[str, float] = {}
    at = start
    while at < end:
        local_time = at.astimezone(days.zone)
        key = f"{local_time.weekday()}{local_time.hour:02}"
        worked_time = sum((shift.between(at, at + _HOUR / 4) for shift in worked), timedelta(0))
        advisors_by_hour[key] = advisors_by_hour.get(key, 0.0) + worked_time / _HOUR
        at += _HOUR / 4
    return advisors_by_hour


COLUMNS = (
    *("weekday", "hour", "live_calls_an_hour", "advisors_needed_by_erlang_c", "on_shift"),
    *("at_desk", "answered_in_time_percent", "average_wait_seconds"),
    *("tries_an_hour", "tries_they_can_make"),
)


def export_row(hour: HourForecast) -> tuple[float | None, ...]:
    wait = hour.average_wait_seconds
    return (
        hour.weekday,
        hour.hour,
        round(hour.calls_in, 2),
        hour.needed,
        round(hour.on_shift, 2),
        hour.at_desk,
        round(100 * hour.answered, 1),
        None if wait is None else round(wait, 1),
        round(hour.tries, 2),
        round(hour.capacity, 2),
    )
