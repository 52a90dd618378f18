"""Who is on shift when, across midnights and clock changes, and what that covers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpline.domain.errors import InvalidHours
from helpline.domain.opening_hours import Interval, OpeningHours, Period, Week
from helpline.domain.rota import (
    Member,
    Shift,
    ShiftsOverlap,
    capacity_on_shift,
    check_extra_overlap,
    check_overlap,
    cover,
    uncovered_periods,
    worked_while_closed,
)
from helpline.domain.slots import Capacity

KOLKATA, BERLIN = ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 11, 23)
DAY = Interval.parse("10:00", "18:00")
NIGHT = Interval.parse("22:00", "06:00")


def wall(day: date, clock: str, zone: ZoneInfo = KOLKATA) -> datetime:
    return datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=zone).astimezone(UTC)


def worked(member: Member, day: date, zone: ZoneInfo = KOLKATA) -> list[str]:
    """When somebody works between two midnights, as the wall says."""
    start = datetime(day.year, day.month, day.day, tzinfo=zone)
    end = datetime.combine(day + timedelta(days=1), start.timetz())
    return [
        f"{each.opens_at.astimezone(zone):%H:%M}-{each.closes_at.astimezone(zone):%H:%M}"
        for each in member.at_work(zone, start, end)
    ]


def test_a_shift_is_worked_on_its_weekday_between_its_dates() -> None:
    asha = Member((Shift(0, DAY, MONDAY, MONDAY + timedelta(days=7)),))
    weeks = [MONDAY + timedelta(days=7 * number) for number in (-1, 0, 1, 2)]
    assert [worked(asha, day) for day in weeks] == [[], ["10:00-18:00"], ["10:00-18:00"], []]
    assert worked(asha, MONDAY + timedelta(days=1)) == []


def test_a_day_off_takes_the_shift_that_begins_then_and_an_extra_adds_one() -> None:
    tuesday = MONDAY + timedelta(days=1)
    asha = Member(
        (Shift(0, NIGHT, MONDAY), Shift(1, NIGHT, MONDAY)),
        days_off=frozenset({tuesday}),
        extras=((tuesday, Interval.parse("12:00", "13:00")),),
    )
    assert worked(asha, MONDAY) == ["22:00-00:00"]
    assert worked(asha, tuesday) == ["00:00-06:00", "12:00-13:00"], "the night is worked to its end"
    assert worked(asha, tuesday + timedelta(days=1)) == []


def test_a_clock_change_moves_shifts_as_it_moves_the_day() -> None:
    spring, autumn = date(2026, 3, 29), date(2026, 10, 25)
    asha = Member((Shift(5, NIGHT, date(2026, 1, 1)), Shift(6, DAY, date(2026, 1, 1))))
    for sunday, hours in ((spring, 7), (autumn, 9)):
        night = asha.at_work(
            BERLIN,
            wall(sunday, "00:00", BERLIN) - timedelta(hours=2),
            wall(sunday, "09:00", BERLIN),
        )
        assert [each.length for each in night] == [timedelta(hours=hours)]
        assert worked(asha, sunday, BERLIN)[-1] == "10:00-18:00"


def test_two_shifts_of_one_person_may_touch_and_not_overlap() -> None:
    asha = Member((Shift(6, NIGHT, MONDAY, MONDAY + timedelta(days=30)),))
    check_overlap(asha, Shift(0, Interval.parse("06:00", "10:00"), MONDAY))
    check_overlap(asha, Shift(1, NIGHT, MONDAY))
    with pytest.raises(ShiftsOverlap) as clash:
        check_overlap(asha, Shift(0, Interval.parse("05:00", "10:00"), MONDAY))
    assert (clash.value.interval, clash.value.day) == (NIGHT, MONDAY + timedelta(days=7))
    # The last Sunday night runs into Monday 21 December, and into no later one.
    for first, clashes in ((date(2026, 12, 21), True), (date(2026, 12, 22), False)):
        early = Shift(0, Interval.parse("05:00", "10:00"), first)
        if clashes:
            with pytest.raises(ShiftsOverlap):
                check_overlap(asha, early)
        else:
            check_overlap(asha, early)
    extra = Member(extras=((MONDAY, Interval.parse("05:00", "07:00")),))
    for weekday, hours in ((0, Interval.parse("06:30", "09:00")), (6, NIGHT)):
        with pytest.raises(ShiftsOverlap):
            check_overlap(extra, Shift(weekday, hours, date(2026, 11, 1)))
    check_overlap(extra, Shift(0, Interval.parse("07:00", "09:00"), MONDAY))
    check_overlap(extra, Shift(0, Interval.parse("06:30", "09:00"), date(2026, 11, 24)))
    with pytest.raises(ShiftsOverlap):
        check_extra_overlap(asha, date(2026, 11, 30), Interval.parse("05:00", "07:00"))
    off = Member(asha.shifts, frozenset({date(2026, 11, 29)}))
    check_extra_overlap(off, date(2026, 11, 30), Interval.parse("05:00", "07:00"))


def test_a_shift_has_a_weekday_and_dates_in_order() -> None:
    for weekday, until in ((7, None), (0, MONDAY - timedelta(days=1))):
        with pytest.raises(InvalidHours):
            Shift(weekday, DAY, MONDAY, until)


def test_gaps_are_open_and_nobody_s_and_outside_is_worked_and_closed() -> None:
    hours = OpeningHours.weekly("Asia/Kolkata", Week.every_day(DAY))
    start, end = wall(MONDAY, "00:00"), wall(MONDAY, "23:59")
    asha = Member((Shift(0, Interval.parse("09:00", "12:00"), MONDAY),))
    ravi = Member((Shift(0, Interval.parse("13:00", "18:30"), MONDAY),))
    opened = hours.periods(start, end)
    work = [each for one in (ravi, asha) for each in one.at_work(KOLKATA, start, end)]
    assert uncovered_periods(opened, work) == (
        Period(wall(MONDAY, "12:00"), wall(MONDAY, "13:00")),
    )
    assert worked_while_closed(work, opened) == (
        Period(wall(MONDAY, "09:00"), wall(MONDAY, "10:00")),
        Period(wall(MONDAY, "18:00"), wall(MONDAY, "18:30")),
    )
    assert uncovered_periods(opened, []) == opened
    by_name = {1: asha.at_work(KOLKATA, start, end), 2: ravi.at_work(KOLKATA, start, end)}
    found = cover(opened, by_name, {1: ("hi", "en"), 2: ("en",)}, ("en", "hi"))
    assert found.nobody == (Period(wall(MONDAY, "12:00"), wall(MONDAY, "13:00")),)
    assert found.without == {"hi": (Period(wall(MONDAY, "13:00"), wall(MONDAY, "18:00")),)}
    assert {who: len(each) for who, each in found.outside.items()} == {1: 1, 2: 1}


def test_places_count_who_is_there_for_the_whole_slot_by_language() -> None:
    ten, half = wall(MONDAY, "10:00"), timedelta(minutes=30)
    whole = [Period(ten, ten + 2 * half)]
    at_work = {1: whole, 2: whole, 3: whole, 4: [Period(ten, ten + half / 2)]}
    spoken = {1: ("hi", "en"), 2: ("en",), 3: ("en",), 4: ("ta",)}
    all_of_them = capacity_on_shift(ten, half, at_work, spoken, 100)
    assert all_of_them == Capacity(3, {"hi": 1, "en": 3})
    assert [all_of_them.in_language(each) for each in ("hi", "en", "ta", None)] == [1, 3, 0, 3]
    assert capacity_on_shift(ten, half, at_work, spoken, 50) == Capacity(1, {"hi": 1, "en": 1})
    assert capacity_on_shift(ten, half, at_work, spoken, 67) == Capacity(2, {"hi": 1, "en": 2})
    assert capacity_on_shift(ten, half, at_work, spoken, 0).total == 0
    assert capacity_on_shift(ten + 3 * half, half, at_work, spoken, 100) == Capacity(0, {})
    assert Capacity(2).in_language("ta") == 2


_SHIFTS = st.builds(
    Shift,
    st.integers(0, 6),
    st.builds(
        lambda start, length: Interval(start, start + length),
        st.integers(0, 1439),
        st.integers(1, 1440),
    ),
    st.just(MONDAY),
    st.none() | st.integers(0, 20).map(lambda days: MONDAY + timedelta(days=days)),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_SHIFTS, max_size=6))
def test_what_was_let_in_never_overlaps_and_loses_no_minute(wanted: list[Shift]) -> None:
    member = Member()
    for each in wanted:
        try:
            check_overlap(member, each)
        except ShiftsOverlap:
            continue
        member = Member((*member.shifts, each))
    dates = [MONDAY + timedelta(days=number) for number in range(30)]
    begun = [each for day in dates for each in member.starting_on(day)]
    start, end = wall(MONDAY, "00:00"), wall(MONDAY + timedelta(days=30), "00:00")
    last_night = sum(max(0, each.end - 1440) for each in member.starting_on(dates[-1]))
    worked = sum((each.length for each in member.at_work(KOLKATA, start, end)), timedelta())
    assert worked == timedelta(minutes=sum(each.end - each.start for each in begun) - last_night)
