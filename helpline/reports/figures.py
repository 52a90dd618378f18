"""Key figures of a range of days, from the daily counts: a few short queries for any range."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.domain import report_figures
from helpline.domain.report_figures import Waits
from helpline.reports.daily_counts import COUNTING_VERSION, Measure, day_bounds
from helpline.reports.models import CountedDay, Tally
from helpline.staff.models import Staff

_DAY = timedelta(days=1)
_QUARTER = timedelta(minutes=15)
_FULL_WEEK = timedelta(days=8)
"""A week, and a clock change in it."""

_WAIT_MINUTES = sa.cast(Tally.part, sa.Integer)


@dataclass(frozen=True, slots=True)
class Days:
    """A range of whole days in a time zone, both ends included."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def number(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class CountingState:
    """How far a range has been counted.

    Args:
        until: the instant up to which its newest day is counted; None when none is.
        missing: days that have begun and are not yet counted.
        begins: the first day with data; None without any.
    """

    until: datetime | None
    missing: int
    begins: date | None


@dataclass(frozen=True, slots=True)
class Target:
    """The service level target: a percentage to be called within some minutes."""

    within_minutes: int
    percent: int


class Sums:
    """The counts of a range, added up over its days."""

    def __init__(self, numbers: Mapping[str, Mapping[str, int]]) -> None:
        self._numbers = numbers

    def of(self, measure: Measure) -> Mapping[str, int]:
        return self._numbers.get(measure, {})

    def all_of(self, measure: Measure) -> int:
        return sum(self.of(measure).values())

    def waits(self, measure: Measure) -> Waits:
        return {int(minutes): number for minutes, number in self.of(measure).items()}


@dataclass(frozen=True, slots=True)
class Share:
    """A share as numerator and denominator, such as 45 of 50."""

    part: int
    whole: int

    @property
    def share(self) -> Fraction | None:
        """Return the share; None when the denominator is 0."""
        return report_figures.share(self.part, self.whole)


@dataclass(frozen=True, slots=True)
class Summary:
    """The key figures of a range.

    Args:
        requests: follow-ups agreed during calls included.
        service_level: called within the target, of those called in time or past the target time.
        average_wait: in minutes; None without first calls.
        median_wait, wait_90th_percentile: in whole minutes.
        left: cancelled or expired before the first call, of those called, ended or still waiting.
        cancelled_early: of these, cancelled before their promised time.
        longest_waiting: minutes that the oldest waiting callback has waited; None without any.
        waiting_overdue: waiting callbacks that have waited longer than the target.
        tries: average attempts of the callbacks reached.
        talk, wrap_up, handling: average minutes; None when unknown.
    """

    requests: int
    asked_closed: Share
    rung: int
    service_level: Share
    average_wait: float | None
    median_wait: int | None
    wait_90th_percentile: int | None
    left: Share
    cancelled_early: int
    waiting: int
    longest_waiting: int | None
    waiting_overdue: int
    first_reached: Share
    tries: float | None
    reached: int
    not_reached: int
    attempts: int
    talk: float | None
    wrap_up: float | None
    handling: float | None
    calls_in: int
    answered: int


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    requests: int = 0
    rung: int = 0
    left: int = 0
    reached: int = 0
    wait_seconds: int = 0
    service_level: Share = Share(0, 0)

    @property
    def average_wait(self) -> float | None:
        """Return the average wait in minutes; None without first calls."""
        return report_figures.average(self.wait_seconds, 60 * self.rung)


def counting_state(session: Session, days: Days, today: date) -> CountingState:
    begins = session.scalar(
        sa.select(sa.func.min(CountedDay.day)).where(*_current_rules(days.zone))
    )
    if begins is None:
        return CountingState(None, 0, None)
    first, last = max(days.first, begins), min(days.last, today)
    number, until = session.execute(
        sa.select(sa.func.count(), sa.func.max(CountedDay.counted_at)).where(
            *_current_rules(days.zone), CountedDay.day >= first, CountedDay.day <= last
        )
    ).one()
    return CountingState(until, max((last - first).days + 1 - number, 0), begins)


def hours_passed(session: Session, days: Days) -> frozenset[str]:
    """Return the hours of the week that began within the counted part of a range.

    "014" is Monday, 14:00 to 15:00. Nothing is known about other hours.
    """
    until = session.scalar(
        sa.select(sa.func.max(CountedDay.counted_at)).where(
            *_current_rules(days.zone), CountedDay.day >= days.first, CountedDay.day <= days.last
        )
    )
    if until is None:
        return frozenset()
    at, end = day_bounds(days.first, days.zone)[0], day_bounds(days.last, days.zone)[1]
    end = min(end, at + _FULL_WEEK)
    passed = set()
    while at < end and at <= until:
        local_time = at.astimezone(days.zone)
        passed.add(f"{local_time.weekday()}{local_time.hour:02}")
        at = (at.astimezone(UTC) + _QUARTER).astimezone(days.zone)
    return frozenset(passed)


def load_sums(session: Session, days: Days, measures: Iterable[Measure]) -> Sums:
    """Return the sums of measures over a range; of callbacks waiting, those of its last day."""
    last_day = (
        sa.select(sa.func.max(CountedDay.day))
        .where(
            *_current_rules(days.zone), CountedDay.day >= days.first, CountedDay.day <= days.last
        )
        .scalar_subquery()
    )
    totals: dict[str, dict[str, int]] = {}
    rows = session.execute(
        sa.select(Tally.measure, Tally.part, sa.func.sum(Tally.number))
        .join(CountedDay, CountedDay.day == Tally.day)
        .where(
            Tally.measure.in_(list(measures)),
            Tally.day >= days.first,
            Tally.day <= days.last,
            sa.or_(Tally.measure != Measure.WAITING, Tally.day == last_day),
            *_current_rules(days.zone),
        )
        .group_by(Tally.measure, Tally.part)
    )
    for measure, part, number in rows:
        totals.setdefault(measure, {})[part] = int(number)
    return Sums(totals)


SUMMARY_MEASURES = (
    Measure.REQUESTS,
    Measure.ASKED,
    Measure.REQUESTS_WHILE_CLOSED,
    Measure.FIRST_CALLS,
    Measure.FIRST_CALL_WAIT_SECONDS,
    Measure.OVERDUE,
    Measure.WAITING,
    Measure.FIRST,
    Measure.LEFT,
    Measure.OUTCOMES,
    Measure.ATTEMPTS_UNTIL_REACHED,
    Measure.ATTEMPTS,
    Measure.TALKS,
    Measure.TALK_SECONDS,
    Measure.WRAP_UPS,
    Measure.WRAP_UP_SECONDS,
    Measure.ATTEMPTS_BY_ADVISOR,
    Measure.HANDLED_SECONDS,
    Measure.INBOUND_CALLS,
    Measure.ANSWERED,
)


def summarize(totals: Sums, target: Target) -> Summary:
    """Return the key figures of a range from its sums of ``SUMMARY_MEASURES``."""
    rung, waiting = totals.waits(Measure.FIRST_CALLS), totals.waits(Measure.WAITING)
    still_waiting = sum(waiting.values())
    in_all, all_left = totals.all_of(Measure.FIRST_CALLS), totals.all_of(Measure.LEFT)
    first, attempts = totals.of(Measure.FIRST), totals.of(Measure.ATTEMPTS_UNTIL_REACHED)
    outcomes = totals.of(Measure.OUTCOMES)
    return Summary(
        requests=totals.all_of(Measure.REQUESTS),
        asked_closed=Share(
            totals.all_of(Measure.REQUESTS_WHILE_CLOSED), totals.all_of(Measure.ASKED)
        ),
        rung=in_all,
        service_level=Share(
            *report_figures.within(rung, totals.waits(Measure.OVERDUE), target.within_minutes)
        ),
        average_wait=report_figures.average(
            totals.all_of(Measure.FIRST_CALL_WAIT_SECONDS), 60 * in_all
        ),
        median_wait=report_figures.percentile(rung, 50),
        wait_90th_percentile=report_figures.percentile(rung, 90),
        left=Share(all_left, in_all + all_left + still_waiting),
        cancelled_early=totals.of(Measure.LEFT).get("cancelled_early", 0),
        waiting=still_waiting,
        longest_waiting=max(waiting, default=None),
        waiting_overdue=sum(
            number for minutes, number in waiting.items() if minutes > target.within_minutes
        ),
        first_reached=Share(
            first.get("reached", 0), first.get("reached", 0) + first.get("not_reached", 0)
        ),
        tries=report_figures.average(
            sum(int(count) * number for count, number in attempts.items()), sum(attempts.values())
        ),
        reached=outcomes.get("reached", 0),
        not_reached=outcomes.get("unreached", 0),
        attempts=totals.all_of(Measure.ATTEMPTS),
        talk=_average_minutes(totals, Measure.TALK_SECONDS, Measure.TALKS),
        wrap_up=_average_minutes(totals, Measure.WRAP_UP_SECONDS, Measure.WRAP_UPS),
        handling=_average_minutes(totals, Measure.HANDLED_SECONDS, Measure.ATTEMPTS_BY_ADVISOR),
        calls_in=totals.all_of(Measure.INBOUND_CALLS),
        answered=totals.all_of(Measure.ANSWERED),
    )


def _average_minutes(totals: Sums, seconds: Measure, times: Measure) -> float | None:
    return report_figures.average(totals.all_of(seconds), 60 * totals.all_of(times))


def by_day(session: Session, days: Days, target: Target) -> Sequence[Day]:
    """Return every day of a range in order, also those without any event."""
    late = target.within_minutes < _WAIT_MINUTES
    rows = session.execute(
        sa.select(
            Tally.day,
            _sum(Tally.measure == Measure.REQUESTS).label("requests"),
            _sum(Tally.measure == Measure.FIRST_CALLS).label("rung"),
            _sum(Tally.measure == Measure.LEFT).label("left"),
            _sum(Tally.measure == Measure.OUTCOMES, Tally.part == "reached").label("reached"),
            _sum(Tally.measure == Measure.FIRST_CALL_WAIT_SECONDS).label("wait_seconds"),
            _sum(_is_wait(Measure.FIRST_CALLS, sa.not_(late))).label("met"),
            _sum(_is_wait(Measure.OVERDUE, late)).label("missed"),
        )
        .join(CountedDay, CountedDay.day == Tally.day)
        .where(
            Tally.measure.in_(_DAY_MEASURES),
            Tally.day >= days.first,
            Tally.day <= days.last,
            *_current_rules(days.zone),
        )
        .group_by(Tally.day)
    )
    figures = {
        row.day: Day(
            row.day,
            requests=int(row.requests),
            rung=int(row.rung),
            left=int(row.left),
            reached=int(row.reached),
            wait_seconds=int(row.wait_seconds),
            service_level=Share(int(row.met), int(row.met + row.missed)),
        )
        for row in rows
    }
    every = (days.first + number * _DAY for number in range(days.number))
    return [figures.get(day, Day(day)) for day in every]


_DAY_MEASURES = (
    Measure.REQUESTS,
    Measure.FIRST_CALLS,
    Measure.LEFT,
    Measure.OUTCOMES,
    Measure.FIRST_CALL_WAIT_SECONDS,
    Measure.OVERDUE,
)


def _sum(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((sa.and_(*conditions), Tally.number), else_=0))


def _is_wait(measure: Measure, bound: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Read a part as minutes only where it is a number of minutes."""
    return sa.case((Tally.measure == measure, bound), else_=sa.false())


@dataclass(frozen=True, slots=True)
class AdvisorWorkload:
    """The workload of one advisor in a range.

    Args:
        talk, wrap_up: average minutes; None when unknown.
        hours: from the Call button to the end of the wrap-up, in total.
        answered: inbound calls answered.
    """

    name: str
    attempts: int
    reached: int
    talk: float | None
    wrap_up: float | None
    hours: float
    answered: int


ADVISOR_MEASURES = (
    Measure.ATTEMPTS_BY_ADVISOR,
    Measure.REACHED_BY_ADVISOR,
    Measure.TALKS,
    Measure.TALK_SECONDS,
    Measure.WRAP_UPS,
    Measure.WRAP_UP_SECONDS,
    Measure.HANDLED_SECONDS,
    Measure.ANSWERED,
)


def advisor_workloads(session: Session, totals: Sums) -> Sequence[AdvisorWorkload]:
    """Return advisors' workloads by name, from their sums of ``ADVISOR_MEASURES``."""
    advisor_ids = {advisor_id for measure in ADVISOR_MEASURES for advisor_id in totals.of(measure)}
    names = session.execute(
        sa.select(Staff.id, Staff.name)
        .where(Staff.id.in_([int(advisor_id) for advisor_id in advisor_ids]))
        .order_by(Staff.name, Staff.id)
    )
    return [_workload(totals, str(advisor_id), name) for advisor_id, name in names]


def _workload(totals: Sums, advisor_id: str, name: str) -> AdvisorWorkload:
    def number(measure: Measure) -> int:
        return totals.of(measure).get(advisor_id, 0)

    return AdvisorWorkload(
        name=name,
        attempts=number(Measure.ATTEMPTS_BY_ADVISOR),
        reached=number(Measure.REACHED_BY_ADVISOR),
        talk=report_figures.average(number(Measure.TALK_SECONDS), 60 * number(Measure.TALKS)),
        wrap_up=report_figures.average(
            number(Measure.WRAP_UP_SECONDS), 60 * number(Measure.WRAP_UPS)
        ),
        hours=number(Measure.HANDLED_SECONDS) / 3600,
        answered=number(Measure.ANSWERED),
    )


def _current_rules(zone: ZoneInfo) -> tuple[sa.ColumnElement[bool], ...]:
    """Select days counted by the current rules and in the current time zone."""
    return (
        CountedDay.zone == zone.key,
        CountedDay.counting == COUNTING_VERSION,
        CountedDay.counted_at.is_not(None),
    )
