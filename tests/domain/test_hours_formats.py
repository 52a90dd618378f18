"""Hours in the words of other programs: what we write we read, and what we cannot read we name."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpline.domain.errors import InvalidHours
from helpline.domain.hours_formats import (
    CannotRead,
    DatedHours,
    Timetable,
    from_osm,
    from_schema_org,
    to_osm,
    to_schema_org,
)
from helpline.domain.opening_hours import Interval, Week, WeekVersion

YEARS = (2026, 2027)


def day(*hours: str) -> tuple[Interval, ...]:
    return tuple(Interval.parse(*each.split("-")) for each in hours)


def week(**days: str) -> Week:
    return Week.from_data({n: [h.split("-") for h in told.split(",")] for n, told in days.items()})


OFFICE = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "10:00-18:00")
READ = [
    ("24/7", Timetable(Week.every_day(*day("00:00-24:00")))),
    ("10:00-18:00", Timetable(Week.every_day(*day("10:00-18:00")))),
    ("Mo-Su off", Timetable(Week.closed())),
    ("Mo-Fr 10:00-18:00", Timetable(week(**OFFICE))),
    ("mo-fr 10:00 - 18:00;", Timetable(week(**OFFICE))),
    ("Mo-Fr 10:00-18:00; PH off", Timetable(week(**OFFICE), public_holidays=())),
    ("Mo-Fr,PH 10:00-18:00", Timetable(week(**OFFICE), public_holidays=day("10:00-18:00"))),
    ("Mo-Su 10:00-18:00; Sa,Su off", Timetable(week(**OFFICE))),
    ("Sa-Mo 09:00-12:00,13:00-14:00", Timetable(
        week(**dict.fromkeys(("sat", "sun", "mon"), "09:00-12:00,13:00-14:00")))),
    ("Fr 22:00-02:00", Timetable(week(fri="22:00-02:00"))),
    ("Fr 22:00-26:00", Timetable(week(fri="22:00-02:00"))),
    ("Mo 10:00-12:00, We 12:00-14:00, Mo 15:00-16:00", Timetable(
        week(mon="10:00-12:00,15:00-16:00", wed="12:00-14:00"))),
    ('Mo 10:00-12:00; 2026 Nov 08 off "Diwali; lamps"', Timetable(
        week(mon="10:00-12:00"),
        (DatedHours(date(2026, 11, 8), date(2026, 11, 8), (), "Diwali; lamps"),))),
    ("Mo 10:00-12:00; 2026 Dec 30-2027 Jan 02 11:00-13:00", Timetable(
        week(mon="10:00-12:00"),
        (DatedHours(date(2026, 12, 30), date(2027, 1, 2), day("11:00-13:00")),))),
    ("Mo 10:00-12:00; Dec 24-26 off", Timetable(
        week(mon="10:00-12:00"),
        tuple(DatedHours(date(y, 12, 24), date(y, 12, 26)) for y in YEARS))),
]  # fmt: skip

UNREADABLE = [
    ("Mo-Fr sunrise-18:00", "sunrise-18:00"),
    ("Mo-Fr 10:00-18:00; SH off", "SH off"),
    ("Mo-Fr 10:00+", "10:00+"),
    ("Mo[1] 10:00-12:00", "Mo[1] 10:00-12:00"),
    ("week 1-10 Mo 10:00-12:00", "week 1-10 Mo 10:00-12:00"),
    ("Mo-Fr 10:00-18:00 || off", "|| off"),
    ("Mo-Fr", "Mo-Fr"),
    ("Mo-Fr 10:75-18:00", "10:75-18:00"),
    ("Mo 10:00-12:00,11:00-13:00", "Mo 10:00-12:00,11:00-13:00"),
    ("2026 Feb 30 off", "2026 Feb 30"),
    ("2026 Dec 24 Mo 10:00-12:00", "2026 Dec 24 Mo 10:00-12:00"),
    ("2026 Dec 24-26 off; 2026 Dec 25 10:00-12:00", "2026 Dec 24-26 off; 2026 Dec 25 10:00-12:00"),
    ("", ""),
    (";;", ";;"),
]


@pytest.mark.parametrize(("text", "hours"), READ)
def test_the_maps_words_are_read(text: str, hours: Timetable) -> None:
    assert from_osm(text, years=YEARS) == hours


@pytest.mark.parametrize(("text", "part"), UNREADABLE)
def test_what_cannot_be_read_is_named(text: str, part: str) -> None:
    with pytest.raises(CannotRead) as told:
        from_osm(text, years=YEARS)
    assert told.value.part == part


def test_search_engines_are_told_as_they_want_it() -> None:
    hours = Timetable(
        week(mon="10:00-18:00", tue="10:00-18:00", fri="22:00-02:00", sun="00:00-24:00"),
        (DatedHours(date(2026, 11, 8), date(2026, 11, 9), (), "Diwali"),),
        later=(WeekVersion(date(2027, 4, 1), Week.every_day(*day("09:00-20:00"))),),
    )
    told = to_schema_org(hours)
    assert told[0] == {
        "@type": "OpeningHoursSpecification",
        "dayOfWeek": ["https://schema.org/Monday", "https://schema.org/Tuesday"],
        "validThrough": "2027-03-31",
        "opens": "10:00:00",
        "closes": "18:00:00",
    }
    assert (told[1]["opens"], told[1]["closes"]) == ("22:00:00", "02:00:00")
    assert (told[2]["opens"], told[2]["closes"]) == ("00:00:00", "23:59:59")
    assert told[3]["validFrom"] == "2027-04-01"
    assert told[4] == {
        "@type": "OpeningHoursSpecification",
        "validFrom": "2026-11-08",
        "validThrough": "2026-11-09",
        "description": "Diwali",
        "opens": "00:00:00",
        "closes": "00:00:00",
    }


def test_what_others_write_for_search_engines_is_read() -> None:
    theirs = {
        "@context": "https://schema.org",
        "@graph": [{
            "@type": "LocalBusiness",
            "openingHoursSpecification": [
                {"@type": "OpeningHoursSpecification", "dayOfWeek": "Monday",
                 "opens": "00:00", "closes": "23:59"},
                {"@type": "OpeningHoursSpecification", "opens": "09:00", "closes": "17:00",
                 "dayOfWeek": ["http://schema.org/Tuesday", {"@id": "https://schema.org/Friday"}]},
                {"dayOfWeek": "https://schema.org/PublicHolidays", "opens": "00:00",
                 "closes": "00:00"},
            ],
        }],
    }  # fmt: skip
    assert from_schema_org(json.dumps(theirs)) == Timetable(
        week(mon="00:00-24:00", tue="09:00-17:00", fri="09:00-17:00"), public_holidays=()
    )
    for text in ("{", "[]", '[{"opens": "9", "closes": "17:00", "dayOfWeek": "Monday"}]',
                 '[{"opens": "09:00", "closes": "17:00", "dayOfWeek": "Caturday"}]',
                 '[{"opens": "09:00", "closes": "17:00"}]', "[" * 19_000,
                 '[{"opens": "09:00", "closes": "10:00", "validFrom": "soon"}]'):  # fmt: skip
        with pytest.raises(CannotRead):
            from_schema_org(text)


_minute = st.integers(0, 1439)
_interval = st.builds(lambda start, length: Interval(start, start + length), _minute,
                      st.integers(1, 1440))  # fmt: skip
_reason = st.text("abc ;,'\u0926\u0940", max_size=8).map(lambda text: " ".join(text.split()))


@st.composite
def _weeks(draw: st.DrawFn) -> Week:
    chosen: list[tuple[Interval, ...]] = []
    for _ in range(7):
        kept: list[Interval] = []
        for each in sorted(draw(st.lists(_interval, max_size=3))):
            before = kept[-1] if kept else (chosen[-1][-1] if chosen and chosen[-1] else None)
            late = 1440 if not kept else 0
            if before is None or before.end <= each.start + late:
                kept.append(each)
        chosen.append(tuple(kept))
    try:
        return Week(tuple(chosen))
    except InvalidHours:
        return Week((*chosen[:6], ()))  # Sunday ran into Monday


@st.composite
def _timetables(draw: st.DrawFn) -> Timetable:
    first, dates = date(2026, 11, 20), []
    for _ in range(draw(st.integers(0, 3))):
        first += timedelta(days=draw(st.integers(1, 60)))
        last = first + timedelta(days=draw(st.integers(0, 40)))
        times = draw(st.lists(_interval, max_size=1))
        dates.append(DatedHours(first, last, tuple(times), draw(_reason)))
        first = last
    holidays = draw(st.none() | st.lists(_interval, max_size=1).map(tuple))
    return Timetable(draw(_weeks()), tuple(dates), holidays)


@settings(max_examples=60, deadline=None)
@given(_timetables())
def test_what_we_write_we_read(hours: Timetable) -> None:
    assert from_osm(to_osm(hours), years=()) == hours
    assert from_schema_org(json.dumps(to_schema_org(hours))) == hours


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40) | st.text('MoTuFr PH0124:-,;"offDec [{}]', max_size=40))
def test_whatever_is_pasted_is_read_or_refused_by_name(text: str) -> None:
    for read in (lambda: from_osm(text, years=YEARS), lambda: from_schema_org(text)):
        with suppress(CannotRead):
            assert isinstance(read(), Timetable)
