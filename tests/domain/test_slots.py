"""Which times a visitor may choose."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpline.domain.errors import InvalidPolicy
from helpline.domain.opening_hours import Closure, Interval, OpeningHours, SpecialDay, Week
from helpline.domain.slots import SlotPolicy, is_bookable, nearest, slot_starts

INDIA = ZoneInfo("Asia/Kolkata")
TODAY = SlotPolicy(days_ahead=1)


def daily(*hours: str, zone: str = "Asia/Kolkata") -> OpeningHours:
    intervals = [Interval.parse(*each.split("-")) for each in hours]
    return OpeningHours.weekly(zone, Week.every_day(*intervals))


def at(clock: str, day: int = 23) -> datetime:
    hour, minute = clock.split(":")
    return datetime(2026, 11, day, int(hour), int(minute), tzinfo=INDIA)


def clocks(starts: tuple[datetime, ...], zone: ZoneInfo = INDIA) -> list[str]:
    return [start.astimezone(zone).strftime("%H:%M") for start in starts]


DEFAULT = daily("10:00-18:00")


def test_a_day_is_cut_from_its_opening_and_the_last_start_leaves_time_to_talk() -> None:
    offered = clocks(slot_starts(DEFAULT, TODAY, at("00:00")))
    assert offered == [f"{hour}:{minute}" for hour in range(10, 18) for minute in ("00", "30")]


def test_a_slot_needs_its_lead_time() -> None:
    assert clocks(slot_starts(DEFAULT, TODAY, at("16:00")))[:2] == ["16:30", "17:00"]
    assert clocks(slot_starts(DEFAULT, TODAY, at("16:01")))[:2] == ["17:00", "17:30"]


def test_days_ahead_is_the_end_of_what_is_offered() -> None:
    starts = slot_starts(DEFAULT, SlotPolicy(days_ahead=7), at("12:00"))
    assert starts[0] == at("12:30")
    assert starts[-1] == at("11:30", day=30)


def test_starts_count_from_the_opening_even_when_it_was_before_now() -> None:
    odd = SlotPolicy(length_minutes=50, days_ahead=1)
    opened_at_ten = slot_starts(DEFAULT, odd, at("08:00"))
    looked_at_noon = slot_starts(DEFAULT, odd, at("12:10"))
    assert clocks(opened_at_ten)[:4] == ["10:00", "10:50", "11:40", "12:30"]
    assert clocks(looked_at_noon)[:2] == ["13:20", "14:10"]


def test_a_lunch_break_starts_a_new_count() -> None:
    odd = SlotPolicy(length_minutes=45, days_ahead=1, last_start_before_close_minutes=0)
    starts = slot_starts(daily("10:00-12:00", "13:10-15:00"), odd, at("00:00"))
    assert clocks(starts) == ["10:00", "10:45", "11:30", "13:10", "13:55", "14:40"]


def test_closing_time_itself_is_never_offered() -> None:
    policy = SlotPolicy(days_ahead=1, last_start_before_close_minutes=0)
    assert clocks(slot_starts(daily("10:00-11:00"), policy, at("00:00"))) == ["10:00", "10:30"]


def test_a_night_is_one_count_over_its_midnight() -> None:
    starts = slot_starts(
        daily("22:00-02:00"), SlotPolicy(length_minutes=50, days_ahead=1), at("12:00")
    )
    assert clocks(starts) == ["22:00", "22:50", "23:40", "00:30", "01:20"]


def test_around_the_clock_counts_from_midnight_whenever_one_looks() -> None:
    hours, policy = daily("00:00-24:00"), SlotPolicy(length_minutes=50, lead_minutes=0)
    early = slot_starts(hours, policy, at("00:00"))
    late = slot_starts(hours, policy, at("15:07"))
    assert clocks(early)[:3] == ["00:00", "00:50", "01:40"]
    assert set(late) >= {start for start in early if start >= at("15:07")}


def test_a_closed_day_a_closure_and_a_week_without_opening_offer_nothing() -> None:
    holiday = OpeningHours(
        INDIA,
        DEFAULT.versions,
        (SpecialDay(date(2026, 11, 24)),),
        (Closure(at("00:00"), at("15:45")),),
    )
    starts = slot_starts(holiday, SlotPolicy(days_ahead=2), at("09:00"))
    assert clocks(starts)[:4] == ["15:45", "16:15", "16:45", "17:15"]
    assert {start.astimezone(INDIA).day for start in starts} == {23}
    assert slot_starts(daily(), SlotPolicy(), at("09:00")) == ()


def test_a_repeated_hour_can_be_booked_twice() -> None:
    london = ZoneInfo("Europe/London")
    midnight = datetime(2026, 10, 25, tzinfo=london)
    policy = SlotPolicy(days_ahead=1, lead_minutes=0, last_start_before_close_minutes=0)
    starts = slot_starts(daily("00:00-02:00", zone="Europe/London"), policy, midnight)
    assert clocks(starts, london) == ["00:00", "00:30", "01:00", "01:30", "01:00", "01:30"]


def test_a_start_is_bookable_only_as_offered() -> None:
    now = at("09:00")
    assert is_bookable(DEFAULT, TODAY, now, at("10:30"))
    assert not is_bookable(DEFAULT, TODAY, now, at("10:31"))
    assert not is_bookable(DEFAULT, TODAY, now, at("18:00"))
    assert not is_bookable(DEFAULT, TODAY, at("10:01"), at("10:30"))


def test_hours_that_changed_while_the_visitor_typed_are_the_hours_that_count() -> None:
    now, wanted = at("09:00"), at("17:00")
    assert is_bookable(DEFAULT, TODAY, now, wanted)
    assert not is_bookable(daily("10:00-14:00"), TODAY, now, wanted)


def test_the_nearest_three_are_told_in_time_order() -> None:
    starts = [at("10:00"), at("10:30"), at("11:30"), at("12:00"), at("17:00")]
    assert nearest(starts, at("11:10")) == (at("10:30"), at("11:30"), at("12:00"))
    assert nearest(starts, at("17:30")) == (at("11:30"), at("12:00"), at("17:00"))
    assert nearest(starts, at("11:00"), count=1) == (at("10:30"),)  # the earlier of two as near
    assert nearest([], at("11:00")) == ()


@pytest.mark.parametrize(
    "field",
    ["length_minutes", "days_ahead", "lead_minutes", "last_start_before_close_minutes"],
)
def test_a_policy_out_of_bounds_names_its_field(field: str) -> None:
    with pytest.raises(InvalidPolicy) as refused:
        SlotPolicy(**{field: -1})
    assert refused.value.field == field


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["10:00-18:00", "22:00-03:00", "00:00-24:00", "00:30-01:45"]),
    st.integers(5, 240),
    st.integers(0, 120),
    st.integers(0, 120),
    st.integers(0, 4 * 24 * 60),
)
def test_every_start_offered_is_open_in_time_and_before_the_last_start(
    interval: str, length: int, lead: int, last_start: int, minutes: int
) -> None:
    hours = daily(interval, zone="Europe/London")
    policy = SlotPolicy(length, 3, lead, last_start)
    now = datetime(2026, 10, 23, tzinfo=ZoneInfo("Europe/London")) + timedelta(minutes=minutes)
    starts = slot_starts(hours, policy, now)
    assert list(starts) == sorted(set(starts))
    open_for = hours.periods(now, now + timedelta(days=5))
    for start in starts:
        assert now + timedelta(minutes=lead) <= start < now + timedelta(days=3)
        assert hours.is_open(start)
        (closes_at,) = (
            each.closes_at for each in open_for if each.opens_at <= start < each.closes_at
        )
        assert start + timedelta(minutes=last_start) <= closes_at
    some = {now, now + timedelta(minutes=lead), now + timedelta(days=3), *starts[:2], *starts[-2:]}
    around = {each + timedelta(minutes=minutes) for each in some for minutes in (-1, 0, 1, length)}
    assert {each for each in around if is_bookable(hours, policy, now, each)} == around & set(
        starts
    )
