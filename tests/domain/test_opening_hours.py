"""The opening hours engine, against a table written by hand, and against the wall clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpline.domain.errors import InvalidHours
from helpline.domain.opening_hours import (
    Closure,
    Interval,
    OpeningHours,
    Period,
    SpecialDay,
    Week,
    WeekVersion,
)

NEVER = None
MINUTE = timedelta(minutes=1)


def day(*hours: str) -> tuple[Interval, ...]:
    return tuple(Interval.parse(*each.split("-")) for each in hours)


def daily(zone: str, *hours: str) -> OpeningHours:
    return OpeningHours.weekly(zone, Week.every_day(*day(*hours)))


def on(zone: str, **days: str) -> OpeningHours:
    return OpeningHours.weekly(
        zone, Week.from_data({name: [hours.split("-")] for name, hours in days.items()})
    )


def but(hours: OpeningHours, **changes: object) -> OpeningHours:
    parts = {"zone": hours.zone, "versions": hours.versions} | changes
    return OpeningHours(**parts)  # type: ignore[arg-type]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


INDIA = daily("Asia/Kolkata", "10:00-18:00")
LUNCH = daily("Asia/Kolkata", "10:00-13:00", "14:00-18:00")
TO_MIDNIGHT = daily("Asia/Kolkata", "18:00-24:00")
OVER_MIDNIGHT = daily("Asia/Kolkata", "22:00-02:00")
AROUND_THE_CLOCK = daily("Asia/Kolkata", "00:00-24:00")
WEEKDAYS = on("Asia/Kolkata", mon="10:00-18:00", tue="10:00-18:00", fri="10:00-18:00")
FRIDAY_NIGHT = on("Asia/Kolkata", fri="22:00-02:00")
NOTHING = OpeningHours.weekly("Asia/Kolkata", Week.closed())
NEPAL = daily("Asia/Kathmandu", "10:00-18:00")
LONDON = daily("Europe/London", "10:00-18:00")
LONDON_NIGHT = daily("Europe/London", "00:00-01:30")
LONDON_SMALL_HOURS = daily("Europe/London", "01:15-01:45")
LONDON_PUB = daily("Europe/London", "22:00-03:00")

DIWALI = but(INDIA, special_days=(SpecialDay(date(2026, 11, 8), day("12:00-14:00")),))
HOLIDAY = but(INDIA, special_days=(SpecialDay(date(2026, 11, 24)),))
OPEN_SUNDAY = but(WEEKDAYS, special_days=(SpecialDay(date(2026, 11, 29), day("09:00-11:00")),))
HOLIDAY_AT_NIGHT = but(OVER_MIDNIGHT, special_days=(SpecialDay(date(2026, 11, 24)),))
LATE_ON_THE_24TH = but(
    OVER_MIDNIGHT, special_days=(SpecialDay(date(2026, 11, 24), day("20:00-21:00")),)
)
ONLY_A_SPECIAL_DAY = but(
    NOTHING, special_days=(SpecialDay(date(2026, 12, 24), day("10:00-12:00")),)
)
FIRE_DRILL = but(
    INDIA, closures=(Closure(at("2026-11-23T11:00+05:30"), at("2026-11-23T12:00+05:30")),)
)
SHUT_AT_OPENING = but(
    INDIA, closures=(Closure(at("2026-11-23T09:00+05:30"), at("2026-11-23T10:45+05:30")),)
)
TWO_CLOSURES_THAT_OVERLAP = but(
    INDIA,
    closures=(
        Closure(at("2026-11-23T15:00+05:30"), at("2026-11-23T17:00+05:30")),
        Closure(at("2026-11-23T16:00+05:30"), at("2026-11-24T12:00+05:30")),
    ),
)
SHUT_FOR_GOOD = but(INDIA, closures=(Closure(at("2026-01-01T00:00Z"), at("2036-01-01T00:00Z")),))
NEW_WEEK_ON_THE_24TH = OpeningHours(
    ZoneInfo("Asia/Kolkata"),
    (
        WeekVersion(None, Week.every_day(*day("10:00-18:00"))),
        WeekVersion(date(2026, 11, 24), Week.every_day(*day("08:00-12:00"))),
    ),
)
STARTS_IN_DECEMBER = OpeningHours(
    ZoneInfo("Asia/Kolkata"), (WeekVersion(date(2026, 12, 1), Week.every_day(*day("10:00-18:00"))),)
)

# what, hours, an instant, closes at (NEVER: shut now), opens next. 23 November 2026 is a Monday.
TABLE: list[tuple[str, OpeningHours, str, str | None, str | None]] = [
    ("the second before opening", INDIA,
     "2026-11-23T09:59:59+05:30", NEVER, "2026-11-23T10:00+05:30"),
    ("the moment of opening", INDIA,
     "2026-11-23T10:00:00+05:30", "2026-11-23T18:00+05:30", "2026-11-24T10:00+05:30"),
    ("the middle of the day", INDIA,
     "2026-11-23T13:00:00+05:30", "2026-11-23T18:00+05:30", "2026-11-24T10:00+05:30"),
    ("the last second", INDIA,
     "2026-11-23T17:59:59+05:30", "2026-11-23T18:00+05:30", "2026-11-24T10:00+05:30"),
    ("the last microsecond", INDIA,
     "2026-11-23T17:59:59.999999+05:30", "2026-11-23T18:00+05:30", "2026-11-24T10:00+05:30"),
    ("the moment of closing", INDIA,
     "2026-11-23T18:00:00+05:30", NEVER, "2026-11-24T10:00+05:30"),
    ("the night", INDIA,
     "2026-11-23T23:30:00+05:30", NEVER, "2026-11-24T10:00+05:30"),
    ("the same instant seen from elsewhere", INDIA,
     "2026-11-23T04:30:00+00:00", "2026-11-23T18:00+05:30", "2026-11-24T10:00+05:30"),
    ("before a lunch break", LUNCH,
     "2026-11-23T12:59:59+05:30", "2026-11-23T13:00+05:30", "2026-11-23T14:00+05:30"),
    ("in a lunch break", LUNCH,
     "2026-11-23T13:00:00+05:30", NEVER, "2026-11-23T14:00+05:30"),
    ("after a lunch break", LUNCH,
     "2026-11-23T14:00:00+05:30", "2026-11-23T18:00+05:30", "2026-11-24T10:00+05:30"),
    ("the last second before a midnight that closes", TO_MIDNIGHT,
     "2026-11-23T23:59:59+05:30", "2026-11-24T00:00+05:30", "2026-11-24T18:00+05:30"),
    ("a midnight that closes", TO_MIDNIGHT,
     "2026-11-24T00:00:00+05:30", NEVER, "2026-11-24T18:00+05:30"),
    ("before a midnight in opening hours", OVER_MIDNIGHT,
     "2026-11-23T23:59:00+05:30", "2026-11-24T02:00+05:30", "2026-11-24T22:00+05:30"),
    ("after a midnight in opening hours", OVER_MIDNIGHT,
     "2026-11-24T01:59:59+05:30", "2026-11-24T02:00+05:30", "2026-11-24T22:00+05:30"),
    ("the closing after midnight", OVER_MIDNIGHT,
     "2026-11-24T02:00:00+05:30", NEVER, "2026-11-24T22:00+05:30"),
    ("early on a day whose evening is open", FRIDAY_NIGHT,
     "2026-11-27T01:00:00+05:30", NEVER, "2026-11-27T22:00+05:30"),
    ("early on the day after", FRIDAY_NIGHT,
     "2026-11-28T01:00:00+05:30", "2026-11-28T02:00+05:30", "2026-12-04T22:00+05:30"),
    ("around the clock", AROUND_THE_CLOCK,
     "2026-11-23T00:00:00+05:30", NEVER, NEVER),
    ("the evening before two closed days", WEEKDAYS,
     "2026-11-24T18:00:00+05:30", NEVER, "2026-11-27T10:00+05:30"),
    ("noon on a closed day", WEEKDAYS,
     "2026-11-25T12:00:00+05:30", NEVER, "2026-11-27T10:00+05:30"),
    ("a special day before its own hours", DIWALI,
     "2026-11-08T11:00:00+05:30", NEVER, "2026-11-08T12:00+05:30"),
    ("a special day in its own hours", DIWALI,
     "2026-11-08T13:00:00+05:30", "2026-11-08T14:00+05:30", "2026-11-09T10:00+05:30"),
    ("a special day that is closed", HOLIDAY,
     "2026-11-24T12:00:00+05:30", NEVER, "2026-11-25T10:00+05:30"),
    ("the day before a closed special day", HOLIDAY,
     "2026-11-23T12:00:00+05:30", "2026-11-23T18:00+05:30", "2026-11-25T10:00+05:30"),
    ("a special day where the week is closed", OPEN_SUNDAY,
     "2026-11-28T12:00:00+05:30", NEVER, "2026-11-29T09:00+05:30"),
    ("a special day in a week without any opening", ONLY_A_SPECIAL_DAY,
     "2026-11-23T12:00:00+05:30", NEVER, "2026-12-24T10:00+05:30"),
    ("after the only special day", ONLY_A_SPECIAL_DAY,
     "2026-12-24T12:00:00+05:30", NEVER, NEVER),
    ("the night into a closed date ends at midnight", HOLIDAY_AT_NIGHT,
     "2026-11-23T23:00:00+05:30", "2026-11-24T00:00+05:30", "2026-11-25T22:00+05:30"),
    ("a closed date is closed from its first minute", HOLIDAY_AT_NIGHT,
     "2026-11-24T01:00:00+05:30", NEVER, "2026-11-25T22:00+05:30"),
    ("the night into a special day lasts as it does", LATE_ON_THE_24TH,
     "2026-11-24T01:00:00+05:30", "2026-11-24T02:00+05:30", "2026-11-24T20:00+05:30"),
    ("the night after a special day that closes early", LATE_ON_THE_24TH,
     "2026-11-25T01:00:00+05:30", NEVER, "2026-11-25T22:00+05:30"),
    ("before a closure", FIRE_DRILL,
     "2026-11-23T10:59:59+05:30", "2026-11-23T11:00+05:30", "2026-11-23T12:00+05:30"),
    ("in a closure", FIRE_DRILL,
     "2026-11-23T11:00:00+05:30", NEVER, "2026-11-23T12:00+05:30"),
    ("after a closure", FIRE_DRILL,
     "2026-11-23T12:00:00+05:30", "2026-11-23T18:00+05:30", "2026-11-24T10:00+05:30"),
    ("a closure over the opening", SHUT_AT_OPENING,
     "2026-11-23T10:00:00+05:30", NEVER, "2026-11-23T10:45+05:30"),
    ("closures that overlap and last overnight", TWO_CLOSURES_THAT_OVERLAP,
     "2026-11-23T14:00:00+05:30", "2026-11-23T15:00+05:30", "2026-11-24T12:00+05:30"),
    ("a closure without an end in sight", SHUT_FOR_GOOD,
     "2026-11-23T12:00:00+05:30", NEVER, NEVER),
    ("the last day of the old week", NEW_WEEK_ON_THE_24TH,
     "2026-11-23T12:00:00+05:30", "2026-11-23T18:00+05:30", "2026-11-24T08:00+05:30"),
    ("the first day of the new week", NEW_WEEK_ON_THE_24TH,
     "2026-11-24T12:00:00+05:30", NEVER, "2026-11-25T08:00+05:30"),
    ("before the first week of all", STARTS_IN_DECEMBER,
     "2026-11-23T12:00:00+05:30", NEVER, "2026-12-01T10:00+05:30"),
    ("no opening at all", NOTHING,
     "2026-11-23T12:00:00+05:30", NEVER, NEVER),
    ("Kathmandu, a quarter of an hour off the half hour", NEPAL,
     "2026-11-23T04:15:00+00:00", "2026-11-23T12:15+00:00", "2026-11-24T04:15+00:00"),
    ("Kathmandu, a second earlier", NEPAL,
     "2026-11-23T04:14:59+00:00", NEVER, "2026-11-23T04:15+00:00"),
    ("London, the day before the clocks go forward", LONDON,
     "2026-03-28T18:00:00+00:00", NEVER, "2026-03-29T09:00+00:00"),
    ("London, the day the clocks go forward", LONDON,
     "2026-03-29T09:00:00+00:00", "2026-03-29T17:00+00:00", "2026-03-30T09:00+00:00"),
    ("London, the day before the clocks go back", LONDON,
     "2026-10-24T17:00:00+00:00", NEVER, "2026-10-25T10:00+00:00"),
    ("London, the day the clocks go back", LONDON,
     "2026-10-25T10:00:00+00:00", "2026-10-25T18:00+00:00", "2026-10-26T10:00+00:00"),
    ("hours whose end is skipped close at the change", LONDON_NIGHT,
     "2026-03-29T00:30:00+00:00", "2026-03-29T01:00+00:00", "2026-03-29T23:00+00:00"),
    ("hours that are skipped as a whole do not open", LONDON_SMALL_HOURS,
     "2026-03-29T00:30:00+00:00", NEVER, "2026-03-30T00:15+00:00"),
    ("a night over the skipped hour is an hour shorter", LONDON_PUB,
     "2026-03-28T22:00:00+00:00", "2026-03-29T02:00+00:00", "2026-03-29T21:00+00:00"),
    ("a night over the repeated hour is an hour longer", LONDON_PUB,
     "2026-10-24T21:00:00+00:00", "2026-10-25T03:00+00:00", "2026-10-25T22:00+00:00"),
    ("the first of two half past midnights past one", LONDON_NIGHT,
     "2026-10-25T00:15:00+00:00", "2026-10-25T00:30+00:00", "2026-10-25T01:00+00:00"),
    ("between the two", LONDON_NIGHT,
     "2026-10-25T00:45:00+00:00", NEVER, "2026-10-25T01:00+00:00"),
    ("the second of the two", LONDON_NIGHT,
     "2026-10-25T01:15:00+00:00", "2026-10-25T01:30+00:00", "2026-10-26T00:00+00:00"),
    ("hours within the repeated hour, the first time", LONDON_SMALL_HOURS,
     "2026-10-25T00:20:00+00:00", "2026-10-25T00:45+00:00", "2026-10-25T01:15+00:00"),
    ("hours within the repeated hour, the second time", LONDON_SMALL_HOURS,
     "2026-10-25T01:20:00+00:00", "2026-10-25T01:45+00:00", "2026-10-26T01:15+00:00"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("hours", "instant", "closes", "opens"),
    [pytest.param(*row[1:], id=row[0]) for row in TABLE],
)
def test_the_written_table_holds(
    hours: OpeningHours, instant: str, closes: str | None, opens: str | None
) -> None:
    now = at(instant)
    is_open = closes is not None or hours is AROUND_THE_CLOCK
    next_opening = at(opens) if opens else None

    assert hours.is_open(now) is is_open
    assert hours.closes_at(now) == (at(closes) if closes else None)
    assert hours.next_opening(now) == next_opening
    assert hours.first_open_instant(now) == (now if is_open else next_opening)


def test_the_autumn_night_in_london_has_two_periods() -> None:
    night = LONDON_NIGHT.periods(at("2026-10-24T22:00Z"), at("2026-10-25T12:00Z"))
    assert night == (
        Period(at("2026-10-24T23:00Z"), at("2026-10-25T00:30Z")),
        Period(at("2026-10-25T01:00Z"), at("2026-10-25T01:30Z")),
    )


def test_periods_are_cut_at_the_window() -> None:
    assert INDIA.periods(at("2026-11-23T12:00+05:30"), at("2026-11-24T11:00+05:30")) == (
        Period(at("2026-11-23T12:00+05:30"), at("2026-11-23T18:00+05:30")),
        Period(at("2026-11-24T10:00+05:30"), at("2026-11-24T11:00+05:30")),
    )


def test_periods_that_touch_are_one() -> None:
    hours = daily("Asia/Kolkata", "10:00-13:00", "13:00-24:00", "00:00-02:00")
    assert hours.periods(at("2026-11-23T05:00+05:30"), at("2026-11-24T05:00+05:30")) == (
        Period(at("2026-11-23T10:00+05:30"), at("2026-11-24T02:00+05:30")),
    )


def test_answers_are_in_utc() -> None:
    opens = INDIA.next_opening(at("2026-11-23T12:00+05:30"))
    assert opens is not None
    assert opens.tzinfo is UTC


def test_a_week_that_comes_into_force_in_a_year_is_found_and_later_is_not() -> None:
    def opening_on(first_day: date) -> datetime | None:
        week = Week.every_day(*day("10:00-18:00"))
        hours = OpeningHours(ZoneInfo("Asia/Kolkata"), (WeekVersion(first_day, week),))
        return hours.next_opening(at("2026-11-23T12:00+05:30"))

    assert opening_on(date(2027, 12, 1)) == at("2027-12-01T10:00+05:30")
    assert opening_on(date(2028, 1, 1)) is None


def test_a_naive_instant_is_refused() -> None:
    aware = at("2026-11-23T12:00Z")
    naive = aware.replace(tzinfo=None)
    for question in (INDIA.is_open, INDIA.closes_at, INDIA.next_opening, INDIA.first_open_instant):
        with pytest.raises(ValueError, match="time zone"):
            question(naive)
    with pytest.raises(ValueError, match="time zone"):
        INDIA.periods(naive, aware)
    with pytest.raises(ValueError, match="time zone"):
        Closure(aware, naive)


# Intervals and weeks


@pytest.mark.parametrize(
    ("opens", "closes", "minutes", "text"),
    [
        ("10:00", "18:00", (600, 1080), "10:00-18:00"),
        ("9:05", "12:30", (545, 750), "09:05-12:30"),
        (" 10:00 ", "18:00", (600, 1080), "10:00-18:00"),
        ("18:00", "24:00", (1080, 1440), "18:00-24:00"),
        ("18:00", "00:00", (1080, 1440), "18:00-24:00"),
        ("22:00", "02:00", (1320, 1560), "22:00-02:00"),
        ("00:00", "24:00", (0, 1440), "00:00-24:00"),
        ("08:00", "08:00", (480, 1920), "08:00-08:00"),
    ],
)
def test_an_interval_is_read_and_shown(
    opens: str, closes: str, minutes: tuple[int, int], text: str
) -> None:
    interval = Interval.parse(opens, closes)
    assert (interval.start, interval.end) == minutes
    assert str(interval) == text
    assert Interval.parse(interval.opens, interval.closes) == interval


@pytest.mark.parametrize(
    ("opens", "closes"),
    [
        ("24:00", "02:00"),
        ("10:00", "24:01"),
        ("10:60", "18:00"),
        ("10", "18"),
        ("10:0", "18:00"),
        ("-1:00", "18:00"),
        ("ten", "six"),
        ("", ""),
        ("\u0967\u0966:\u0966\u0966", "18:00"),
    ],
)
def test_what_is_no_time_of_day_is_refused(opens: str, closes: str) -> None:
    with pytest.raises(InvalidHours):
        Interval.parse(opens, closes)


@pytest.mark.parametrize(("start", "end"), [(-1, 60), (1440, 1500), (60, 60), (60, 30), (60, 1501)])
def test_an_impossible_interval_cannot_be_made(start: int, end: int) -> None:
    with pytest.raises(InvalidHours):
        Interval(start, end)


@pytest.mark.parametrize(
    ("data", "wrong_day"),
    [
        ({"tue": [["10:00", "13:00"], ["12:59", "18:00"]]}, 1),
        ({"tue": [["14:00", "18:00"], ["10:00", "15:00"]]}, 1),
        ({"wed": [["22:00", "02:00"]], "thu": [["01:00", "05:00"]]}, 3),
        ({"sun": [["22:00", "02:00"]], "mon": [["01:59", "05:00"]]}, 0),
        ({"fri": [["10:00", "18:00"], ["10:00", "18:00"]]}, 4),
        ({"sat": [["10:00", "six"]]}, 5),
        ({"sat": [["10:00"]]}, 5),
        ({"sat": 7}, 5),
        ({"someday": []}, None),
    ],
)
def test_a_week_nobody_could_keep_is_refused_and_names_the_day(
    data: dict[str, list[list[str]]], wrong_day: int | None
) -> None:
    with pytest.raises(InvalidHours) as refused:
        Week.from_data(data)
    assert refused.value.day == wrong_day
    assert refused.value.message_key


def test_intervals_may_touch_also_over_midnight_and_over_the_week() -> None:
    week = Week.every_day(*day("02:00-13:00", "13:00-22:00", "22:00-02:00"))
    assert len(week.days[6]) == 3


def test_a_week_keeps_each_day_in_order() -> None:
    week = Week.every_day(*day("14:00-18:00", "10:00-13:00"))
    assert [str(each) for each in week.days[0]] == ["10:00-13:00", "14:00-18:00"]


def test_a_week_has_seven_days() -> None:
    with pytest.raises(InvalidHours):
        Week(((),) * 6)


def test_a_week_survives_json() -> None:
    week = Week.every_day(*day("10:00-13:00", "18:00-24:00"))
    assert week.to_data()["mon"] == [["10:00", "13:00"], ["18:00", "24:00"]]
    assert Week.from_data(week.to_data()) == week
    assert Week.from_data({}) == Week.closed()
    assert Week.closed().is_closed


def test_a_date_has_one_set_of_special_hours_and_one_new_week() -> None:
    christmas = SpecialDay(date(2026, 12, 25))
    with pytest.raises(InvalidHours):
        but(INDIA, special_days=(christmas, christmas))
    with pytest.raises(InvalidHours):
        but(INDIA, versions=INDIA.versions * 2)
    with pytest.raises(InvalidHours) as refused:
        SpecialDay(date(2026, 12, 25), day("10:00-12:00", "11:00-13:00"))
    assert refused.value.day == 4


def test_a_closure_ends_after_it_starts() -> None:
    with pytest.raises(InvalidHours):
        Closure(at("2026-11-23T12:00Z"), at("2026-11-23T12:00Z"))


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd"])
def test_a_zone_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(InvalidHours):
        OpeningHours.weekly(name, Week.closed())


# Properties. Windows lie around the hour at which a zone changes its clock: by an hour, by half
# an hour (Lord Howe), at midnight (Cairo, Havana), by a whole day (Apia had no 30 December 2011).

CHANGES = [
    ("Europe/London", at("2026-03-29T01:00Z")),
    ("Europe/London", at("2026-10-25T01:00Z")),
    ("America/New_York", at("2026-11-01T06:00Z")),
    ("Australia/Lord_Howe", at("2026-04-04T15:00Z")),
    ("Africa/Cairo", at("2026-04-23T22:00Z")),
    ("America/Havana", at("2026-11-01T05:00Z")),
    ("Pacific/Apia", at("2011-12-30T10:00Z")),
    ("Asia/Kolkata", at("2026-11-23T18:30Z")),
    ("Asia/Kathmandu", at("2026-11-23T18:15Z")),
]
WINDOW = 26 * 60

quarters = st.integers(0, 95).map(lambda quarter: quarter * 15)
intervals = st.builds(
    lambda start, length: Interval(start, start + length),
    st.one_of(st.integers(0, 1439), quarters),
    st.one_of(st.integers(1, 1440), st.sampled_from([15, 60, 240, 480, 1440])),
)


def apart(spans: list[Interval], limit: int) -> tuple[Interval, ...]:
    """As many of these as fit into a day one after the other, ending before the limit."""
    kept: list[Interval] = []
    for span in sorted(spans):
        if span.end <= limit and (not kept or kept[-1].end <= span.start):
            kept.append(span)
    return tuple(kept)


@st.composite
def weeks(draw: st.DrawFn) -> Week:
    """Any week: drawn from Sunday back, so that no day runs into the next one's hours."""
    days: list[tuple[Interval, ...]] = []
    limit = 1440
    for _ in range(7):
        hours = apart(draw(st.lists(intervals, max_size=3)), limit)
        days.insert(0, hours)
        limit = 1440 + min((each.start for each in hours), default=1440)
    return Week(tuple(days))


@st.composite
def hours_around_a_change(draw: st.DrawFn) -> tuple[OpeningHours, datetime]:
    """Hours in a zone, and the start of a window around a change of its clock."""
    zone_name, change = draw(st.sampled_from(CHANGES))
    start = change - timedelta(minutes=draw(st.integers(60, WINDOW - 60)))
    nearby = change.astimezone(ZoneInfo(zone_name)).date()
    dates = st.integers(-2, 2).map(lambda days: nearby + timedelta(days=days))
    special_days = draw(
        st.lists(
            st.builds(
                SpecialDay,
                dates,
                st.lists(intervals, max_size=2).map(lambda spans: apart(spans, 2880)),
            ),
            max_size=2,
            unique_by=lambda each: each.date,
        )
    )
    closures = draw(
        st.lists(
            st.builds(
                lambda begins, lasts: Closure(start + begins * MINUTE, start + lasts * MINUTE),
                st.integers(-100, WINDOW // 2),
                st.integers(WINDOW // 2 + 1, WINDOW + 100),
            ),
            max_size=2,
        )
    )
    versions = [WeekVersion(None, draw(weeks()))]
    if draw(st.booleans()):
        versions.append(WeekVersion(draw(dates), draw(weeks())))
    hours = OpeningHours(ZoneInfo(zone_name), tuple(versions), tuple(special_days), tuple(closures))
    return hours, start


def the_wall_says_open(hours: OpeningHours, now: datetime) -> bool:
    """Being open, said again in the plainest way: a clock on the wall and a list of hours."""
    if any(each.starts_at <= now < each.ends_at for each in hours.closures):
        return False
    wall = now.astimezone(hours.zone).replace(tzinfo=None)
    special = {each.date: each.intervals for each in hours.special_days}
    today, yesterday = wall.date(), wall.date() - timedelta(days=1)
    if special.get(today) == ():
        return False
    for begun in (today, yesterday):
        in_force = max(
            (each for each in hours.versions if (each.effective_from or date.min) <= begun),
            key=lambda each: each.effective_from or date.min,
        )
        midnight = datetime.combine(begun, time())
        for each in special.get(begun, in_force.week.days[begun.weekday()]):
            if midnight + each.start * MINUTE <= wall < midnight + each.end * MINUTE:
                return True
    return False


@settings(max_examples=60, deadline=None)
@given(hours_around_a_change())
def test_at_every_minute_periods_and_is_open_say_what_the_wall_clock_says(
    case: tuple[OpeningHours, datetime],
) -> None:
    hours, start = case
    periods = hours.periods(start, start + WINDOW * MINUTE)
    for minute in range(WINDOW):
        now = start + minute * MINUTE
        expected = the_wall_says_open(hours, now)
        assert hours.is_open(now) is expected
        assert any(each.opens_at <= now < each.closes_at for each in periods) is expected


@settings(max_examples=200, deadline=None)
@given(hours_around_a_change())
def test_periods_are_in_order_and_as_long_as_they_can_be(
    case: tuple[OpeningHours, datetime],
) -> None:
    hours, start = case
    end = start + WINDOW * MINUTE
    edges = [edge for each in hours.periods(start, end) for edge in (each.opens_at, each.closes_at)]
    assert edges == sorted(set(edges))
    for opens_at, closes_at in zip(edges[::2], edges[1::2], strict=True):
        assert start <= opens_at < closes_at <= end
        assert opens_at == start or not hours.is_open(opens_at - timedelta(microseconds=1))
        assert closes_at == end or not hours.is_open(closes_at)


@settings(max_examples=200, deadline=None)
@given(hours_around_a_change(), st.integers(0, WINDOW * 60))
def test_closing_and_opening_are_edges_with_nothing_between(
    case: tuple[OpeningHours, datetime], seconds: int
) -> None:
    hours, start = case
    now = start + timedelta(seconds=seconds)
    instant = timedelta(microseconds=1)
    closes_at, opens_at = hours.closes_at(now), hours.next_opening(now)

    if closes_at is not None:
        assert now < closes_at
        assert hours.is_open(now)
        assert hours.is_open(closes_at - instant)
        assert not hours.is_open(closes_at)
        assert hours.periods(now, closes_at) == (Period(now, closes_at),)
    if opens_at is not None:
        assert now < opens_at
        assert hours.is_open(opens_at)
        assert not hours.is_open(opens_at - instant)
        assert hours.periods(closes_at or now, opens_at) == ()
    first = hours.first_open_instant(now)
    assert first == (now if hours.is_open(now) else opens_at)


@settings(deadline=None)
@given(weeks())
def test_any_week_survives_json(week: Week) -> None:
    assert Week.from_data(week.to_data()) == week
