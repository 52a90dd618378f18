"""The plan of hours: every part of it holds minute by minute as a plain reading of it says."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpline.domain.errors import InvalidHours
from helpline.domain.hours_plan import (
    DateTaken,
    EmergencyClosure,
    ExceptionKind,
    HoursException,
    HoursPlan,
    NotInPlan,
)
from helpline.domain.opening_hours import Interval, Week, WeekVersion

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ZONES = {
    "Asia/Kolkata": date(2026, 11, 23),
    "Europe/London": date(2026, 10, 25),  # the clock goes back
    "America/New_York": date(2027, 3, 14),  # and forward
    "Australia/Lord_Howe": date(2026, 10, 4),  # by half an hour
}


def day(*hours: str) -> tuple[Interval, ...]:
    return tuple(Interval.parse(*each.split("-")) for each in hours)


def apart(found: list[Interval]) -> tuple[Interval, ...]:
    kept: list[Interval] = []
    for each in sorted(found):
        if not kept or kept[-1].end <= each.start:
            kept.append(each)
    return tuple(kept)


_interval = st.builds(
    lambda start, length: Interval(start, min(start + length, 1440 + start)),
    st.integers(0, 1439),
    st.integers(20, 600),
)
_times = st.lists(_interval, min_size=1, max_size=2).map(apart)
_weeks = st.lists(_interval.filter(lambda each: each.end <= 1440), min_size=7, max_size=7).map(
    lambda found: Week(tuple((each,) for each in found))
)


@st.composite
def plans(draw: st.DrawFn) -> tuple[HoursPlan, datetime]:
    zone, around = draw(st.sampled_from(sorted(ZONES.items())))
    nearby = st.integers(-3, 4).map(lambda days: around + days * DAY)
    now = datetime.combine(around, time(12), ZoneInfo(zone)).astimezone(UTC)
    now += draw(st.integers(-20 * 60, 20 * 60)) * MINUTE
    plan = HoursPlan(zone, draw(_weeks))
    for _ in range(draw(st.integers(0, 2))):
        plan = plan.with_later_week(draw(_weeks), draw(nearby))
    for kind in draw(st.lists(st.sampled_from(list(ExceptionKind)), max_size=3)):
        first = draw(nearby)
        times = () if kind == ExceptionKind.CLOSED else draw(_times)
        each = HoursException(kind, first, first + draw(st.integers(0, 2)) * DAY, times)
        with suppress(DateTaken):
            plan = plan.with_exception(each)
    if draw(st.booleans()):
        begins = now - draw(st.integers(0, 600)) * MINUTE
        shut = EmergencyClosure(begins, begins + draw(st.integers(1, 900)) * MINUTE)
        plan = HoursPlan(zone, plan.week, plan.later, plan.exceptions, shut)
    return plan, now


def says(plan: HoursPlan, now: datetime) -> bool:
    """Being open, said again in the plainest way."""
    wall = now.astimezone(plan.zone).replace(tzinfo=None, fold=0)
    today = wall.date()
    if plan.shut and plan.shut.starts_at <= now < plan.shut.ends_at:
        return False

    def inside(begun: date, times: tuple[Interval, ...]) -> bool:
        midnight = datetime.combine(begun, time())
        return any(
            midnight + each.start * MINUTE <= wall < midnight + each.end * MINUTE for each in times
        )

    def on(begun: date, kind: ExceptionKind) -> list[HoursException]:
        return [e for e in plan.exceptions if e.kind == kind and e.first <= begun <= e.last]

    if on(today, ExceptionKind.CLOSED):
        return False
    for begun in (today, today - DAY):
        if any(inside(begun, each.intervals) for each in on(begun, ExceptionKind.PART)):
            return False
    for begun in (today, today - DAY):
        if on(begun, ExceptionKind.CLOSED):
            continue
        other = on(begun, ExceptionKind.HOURS)
        in_force = plan.week
        for version in plan.later:
            assert version.effective_from is not None
            if version.effective_from <= begun:
                in_force = version.week
        times = other[0].intervals if other else in_force.days[begun.weekday()]
        if inside(begun, times):
            return True
    return False


@settings(max_examples=40, deadline=None)
@given(plans())
def test_it_holds_minute_by_minute_and_tidying_changes_nothing_to_come(
    case: tuple[HoursPlan, datetime],
) -> None:
    plan, now = case
    hours, tidy = plan.opening_hours(), plan.without_past(now).opening_hours()
    for minute in range(-26 * 60, 26 * 60, 7):
        then = now + minute * MINUTE
        assert hours.is_open(then) is says(plan, then), then.astimezone(plan.zone)
        if minute >= 0:
            assert tidy.is_open(then) is hours.is_open(then)
    again = HoursPlan.from_data(json.loads(json.dumps(plan.to_data())))
    assert again == plan


LONDON = HoursPlan("Europe/London", Week.every_day(*day("00:00-24:00")))


def test_a_part_that_is_closed_when_the_clock_is_changed() -> None:
    night = HoursException(
        ExceptionKind.PART, date(2026, 10, 25), date(2026, 10, 25), day("01:00-02:00")
    )
    hours = LONDON.with_exception(night).opening_hours()
    closes = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)  # 01:00, the first time
    assert hours.is_open(closes - MINUTE)
    assert not any(hours.is_open(closes + minute * MINUTE) for minute in range(120))
    assert hours.is_open(closes + 120 * MINUTE)  # 02:00 after the clock went back
    for part, closed in (("00:00-01:00", [(0, 60)]), ("00:00-01:30", [(0, 90), (120, 150)])):
        before = HoursException(
            ExceptionKind.PART, date(2026, 10, 25), date(2026, 10, 25), day(part)
        )
        hours = LONDON.with_exception(before).opening_hours()
        midnight = datetime(2026, 10, 24, 23, 0, tzinfo=UTC)
        for minute in range(240):
            shut = any(begins <= minute < ends for begins, ends in closed)
            assert hours.is_open(midnight + minute * MINUTE) is not shut, (part, minute)
    skipped = HoursException(
        ExceptionKind.PART, date(2027, 3, 28), date(2027, 3, 28), day("01:10-01:50")
    )
    hours = LONDON.with_exception(skipped).opening_hours()
    assert (
        len(hours.periods(datetime(2027, 3, 27, tzinfo=UTC), datetime(2027, 3, 29, tzinfo=UTC)))
        == 1
    )


def test_weeks_come_and_go() -> None:
    now = datetime(2027, 3, 20, 6, tzinfo=UTC)
    april, longer = date(2027, 4, 1), Week.every_day(*day("09:00-20:00"))
    plan = HoursPlan("Asia/Kolkata", Week.every_day(*day("10:00-18:00")))
    planned = plan.with_later_week(longer, april)
    assert planned.week_on(date(2027, 3, 31)) == plan.week
    assert planned.week_on(april) == longer
    assert planned.without_past(now) == planned
    assert planned.without_past(now + 20 * DAY) == HoursPlan("Asia/Kolkata", longer)
    assert planned.without_later_week(april) == plan
    assert planned.with_later_week(plan.week, april).later == (WeekVersion(april, plan.week),)
    assert planned.with_week(Week.closed(), today=april) == HoursPlan("Asia/Kolkata", Week.closed())
    with pytest.raises(NotInPlan):
        plan.without_later_week(april)


def test_exceptions_are_numbered_changed_and_removed() -> None:
    diwali = HoursException(
        ExceptionKind.CLOSED,
        date(2026, 11, 8),
        date(2026, 11, 9),
        (),
        {"en": "Diwali", "hi": "दिवाली"},
    )
    plan = LONDON.with_exception(diwali)
    (kept,) = plan.exceptions
    assert (kept.number, kept.reason("hi"), kept.reason("ta")) == (1, "दिवाली", "Diwali")
    with pytest.raises(DateTaken) as told:
        plan.with_exception(
            HoursException(
                ExceptionKind.HOURS, date(2026, 11, 9), date(2026, 11, 9), day("10:00-12:00")
            )
        )
    assert told.value.other == kept
    part = HoursException(
        ExceptionKind.PART, date(2026, 11, 9), date(2026, 11, 9), day("10:00-12:00")
    )
    assert [each.number for each in plan.with_exception(part).exceptions] == [1, 2]
    shorter = HoursException(ExceptionKind.CLOSED, date(2026, 11, 8), date(2026, 11, 8), number=1)
    assert plan.with_exception(shorter).exceptions == (shorter,)
    assert plan.without_exception(1) == LONDON
    for wrong in (
        lambda: plan.without_exception(7),
        lambda: plan.with_exception(
            HoursException(ExceptionKind.CLOSED, date(2026, 12, 8), date(2026, 12, 8), number=7)
        ),
    ):
        with pytest.raises(NotInPlan):
            wrong()


NINTH = date(2026, 11, 9)
CLOSED, PART, HOURS = ExceptionKind
UNKEEPABLE = [
    lambda: HoursException(CLOSED, NINTH, NINTH - DAY),
    lambda: HoursException(CLOSED, NINTH, NINTH + 366 * DAY),
    lambda: HoursException(CLOSED, NINTH, NINTH, day("10:00-12:00")),
    lambda: HoursException(PART, NINTH, NINTH),
    lambda: HoursException(HOURS, NINTH, NINTH, day("10:00-12:00", "11:00-13:00")),
    lambda: EmergencyClosure(datetime(2026, 11, 9, tzinfo=UTC), datetime(2026, 11, 9, tzinfo=UTC)),
    lambda: EmergencyClosure(datetime(2026, 11, 9, tzinfo=UTC), datetime(2026, 12, 11, tzinfo=UTC)),
    lambda: HoursPlan("Mars/Olympus", Week.closed()).opening_hours(),
]


def test_what_nobody_could_keep_is_refused() -> None:
    for wrong in UNKEEPABLE:
        with pytest.raises(InvalidHours):
            wrong()
