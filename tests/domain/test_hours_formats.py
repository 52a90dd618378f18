"""Hours in the words of other programs: what we write we read, and what we cannot read we name."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpline.domain.errors import InvalidHours
from helpline.domain.hours_formats import CannotRead, DatedHours, Timetable, pieces_on
from helpline.domain.opening_hours import Interval, Week, WeekVersion
from helpline.domain.osm_hours import from_osm, to_osm
from helpline.domain.schema_org_hours import fixed_offset, from_schema_org, to_schema_org

TODAY = date(2026, 11, 1)
YEARS = (2026, 2027)
KOLKATA = ZoneInfo("Asia/Kolkata")


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
    ("Mo-Fr 10:00-18:00; PH off", Timetable(week(**OFFICE), closed_on_holidays=True)),
    ("Mo-Su 10:00-18:00; Sa,Su off", Timetable(week(**OFFICE))),
    ("Sa-Mo 09:00-12:00,13:00-14:00", Timetable(
        week(**dict.fromkeys(("sat", "sun", "mon"), "09:00-12:00,13:00-14:00")))),
    ("Fr 22:00-02:00", Timetable(week(fri="22:00-02:00"))),
    ("Fr 22:00-26:00", Timetable(week(fri="22:00-02:00"))),
    ("Mo 10:00-12:00, We 12:00-14:00, Mo 15:00-16:00", Timetable(
        week(mon="10:00-12:00,15:00-16:00", wed="12:00-14:00"))),
    ('Mo 10:00-12:00; 2026 Nov 09 off "Diwali; lamps"', Timetable(
        week(mon="10:00-12:00"),
        (DatedHours(date(2026, 11, 9), date(2026, 11, 9), (), "Diwali; lamps"),))),
    ("Mo 10:00-12:00; 2026 Dec 30-2027 Jan 02 11:00-13:00", Timetable(
        week(mon="10:00-12:00"),
        (DatedHours(date(2026, 12, 30), date(2027, 1, 2), day("11:00-13:00")),))),
    ("10:00-12:00; Dec 24-26 off", Timetable(
        Week.every_day(*day("10:00-12:00")),
        tuple(DatedHours(date(y, 12, 24), date(y, 12, 26)) for y in YEARS))),
    ("10:00-12:00; 2026 Dec 24-26 off; 2026 Dec 25 10:00-11:00", Timetable(
        Week.every_day(*day("10:00-12:00")),
        (DatedHours(date(2026, 12, 24), date(2026, 12, 24)),
         DatedHours(date(2026, 12, 25), date(2026, 12, 25), day("10:00-11:00")),
         DatedHours(date(2026, 12, 26), date(2026, 12, 26))))),
    ("Mo 10:00-12:00,11:00-13:00", Timetable(week(mon="10:00-13:00"))),
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
    ("Mo 10:00-12:00 14:00-16:00", "14:00-16:00"),
    ("Mo Tu 10:00-12:00", "Mo Tu 10:00-12:00"),
    ("Mo-Fr,PH 10:00-18:00", "Mo-Fr,PH 10:00-18:00"),
    ("Mo-Fr 10:00-18:00; PH 10:00-14:00", "PH 10:00-14:00"),
    ('Mo-Fr 10:00-18:00 "by appointment"', '10:00-18:00 "by appointment"'),
    ("2099 Dec 24 off", "2099 Dec 24 off"),
    ("2026 Feb 30 off", "2026 Feb 30"),
    ("2026 Dec 24 Mo 10:00-12:00", "2026 Dec 24 Mo 10:00-12:00"),
    ("", ""),
    (";;", ";;"),
]


@pytest.mark.parametrize(("text", "hours"), READ)
def test_the_maps_words_are_read(text: str, hours: Timetable) -> None:
    assert from_osm(text, today=TODAY) == hours


@pytest.mark.parametrize(("text", "part"), UNREADABLE)
def test_what_cannot_be_read_is_named(text: str, part: str) -> None:
    with pytest.raises(CannotRead) as told:
        from_osm(text, today=TODAY)
    assert told.value.part == part


def test_a_range_over_new_year_is_read_on_new_years_day() -> None:
    hours = from_osm("10:00-12:00; Dec 24-Jan 02 off", today=date(2027, 1, 1))
    assert hours.dates[0] == DatedHours(date(2027, 1, 1), date(2027, 1, 2))


def test_a_range_of_dates_is_written_as_every_engine_reads_it() -> None:
    dates = (
        DatedHours(date(2026, 12, 8), date(2026, 12, 13), (), "Snow"),
        DatedHours(date(2026, 12, 28), date(2027, 1, 2), day("11:00-13:00"), "Short days"),
    )
    hours = Timetable(week(fri="22:00-02:00", sun="10:00-12:00"), dates)
    assert to_osm(hours) == (
        "Fr 22:00-24:00; Sa 00:00-02:00; Su 10:00-12:00; "
        '2026 Dec 08-13 off "Snow"; '
        '2026 Dec 28-2027 Jan 02 11:00-13:00 open "Short days"'
    )
    closed_evening = Timetable(
        week(fri="22:00-02:00"), (DatedHours(date(2026, 12, 11), date(2026, 12, 11)),)
    )
    assert to_osm(closed_evening).endswith("; 2026 Dec 11-12 off")


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
    assert from_schema(theirs) == Timetable(
        week(mon="00:00-24:00", tue="09:00-17:00", fri="09:00-17:00"), closed_on_holidays=True
    )
    for text in ("{", "[]", '[{"opens": "9", "closes": "17:00", "dayOfWeek": "Monday"}]',
                 '[{"opens": "09:00", "closes": "17:00", "dayOfWeek": "Caturday"}]',
                 '[{"opens": "09:00", "closes": "17:00"}]', "[" * 19_000,
                 '[{"opens": "09:00", "closes": "10:00", "validFrom": "soon"}]'):  # fmt: skip
        with pytest.raises(CannotRead):
            from_schema_org(text, today=TODAY, zone=KOLKATA)


def from_schema(document: Any) -> Timetable:
    return from_schema_org(json.dumps(document), today=TODAY, zone=KOLKATA)


ALL_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
DAILY = {"dayOfWeek": ALL_DAYS, "opens": "10:00", "closes": "18:00"}
EVERY_DAY = Week.every_day(*day("10:00-18:00"))
CHRISTMAS = {"validFrom": "2026-12-25", "validThrough": "2026-12-25"}
CHRISTMAS_CLOSED = (DatedHours(date(2026, 12, 25), date(2026, 12, 25)),)


def place(*regular: Any, special: Any = (), **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"@type": "LocalBusiness", **more}
    if regular:
        found["openingHoursSpecification"] = list(regular)
    if special:
        found["specialOpeningHoursSpecification"] = special
    return found


SCHEMA_READ = [
    ("one closed date with its weekday",
     place(DAILY, special=[{"dayOfWeek": "Friday", **CHRISTMAS, "opens": "00:00",
                            "closes": "00:00"}]),
     Timetable(EVERY_DAY, CHRISTMAS_CLOSED)),
    ("a date without times", place(DAILY, special={**CHRISTMAS}),
     Timetable(EVERY_DAY, CHRISTMAS_CLOSED)),
    ("a season with an end",
     place({**DAILY, "dayOfWeek": "Monday"},
           {"dayOfWeek": "Sunday", "opens": "12:00", "closes": "16:00",
            "validFrom": "2026-12-20", "validThrough": "2026-12-27"}),
     Timetable(week(mon="10:00-18:00"),
               tuple(DatedHours(date(2026, 12, n), date(2026, 12, n), day("12:00-16:00"))
                     for n in (20, 27)))),
    ("weeks that have ended, hold, and are to come",
     place({**DAILY, "opens": "08:00", "validFrom": "2025-01-01", "validThrough": "2025-12-31"},
           {**DAILY, "validFrom": "2026-01-01", "validThrough": "2027-03-31"},
           {**DAILY, "opens": "09:00", "validFrom": "2027-04-01"}),
     Timetable(EVERY_DAY, later=(
         WeekVersion(date(2027, 4, 1), Week.every_day(*day("09:00-18:00"))),))),
    ("text beside a special date",
     place(special=[{"opens": "00:00", "closes": "00:00", **CHRISTMAS}],
           openingHours=["Mo-Fr 10:00-18:00", "Sa 10:00-12:00"]),
     Timetable(week(**OFFICE, sat="10:00-12:00"), CHRISTMAS_CLOSED)),
    ("small letters, prefixes and short hours",
     place({"dayOfWeek": ["monday", "schema:Tuesday"], "opens": "9:00", "closes": "17:00"}),
     Timetable(week(mon="09:00-17:00", tue="09:00-17:00"))),
    ("the offset of the helpline's own zone",
     place({**DAILY, "opens": "10:00:00+05:30", "closes": "18:00+0530"}), Timetable(EVERY_DAY)),
    ("the same place twice", {"@graph": [place(DAILY, name="A"), place(DAILY, name="A")]},
     Timetable(EVERY_DAY)),
]  # fmt: skip

SCHEMA_REFUSED = [
    ("another offset", place({**DAILY, "opens": "04:30:00Z"}), "04:30:00Z"),
    ("impossible minutes", place({**DAILY, "opens": "10:75"}), "10:75"),
    ("two organisations", {"@graph": [place(DAILY, name="A"),
                                      place({**DAILY, "opens": "11:00"}, name="B")]}, "A, B"),
    ("a department", place(DAILY, name="A", department=place({**DAILY, "opens": "11:00"},
                                                             name="B")), "A, B"),
    ("hours that end", place({**DAILY, "validThrough": "2027-01-31"}), "validThrough 2027-01-31"),
    ("hours that begin later", place({**DAILY, "validFrom": "2027-01-01"}),
     "validFrom 2027-01-01"),
    ("nothing but a date", place(special=[{**CHRISTMAS}]), None),
    ("hours of public holidays", place(DAILY, {**DAILY, "dayOfWeek": "PublicHolidays"}), None),
    ("two weeks that differ", place(DAILY, openingHours="Mo-Fr 10:00-18:00"), None),
    ("a date twice", place(DAILY, special=[{**CHRISTMAS}, {"validFrom": "2026-12-24",
     "validThrough": "2026-12-26", "opens": "10:00", "closes": "11:00"}]), "2026-12-25"),
    ("only an opening time", place({"dayOfWeek": "Monday", "opens": "10:00"}), None),
]  # fmt: skip


@pytest.mark.parametrize(("document", "hours"), [each[1:] for each in SCHEMA_READ],
                         ids=[each[0] for each in SCHEMA_READ])  # fmt: skip
def test_published_hours_are_read_as_they_hold(document: Any, hours: Timetable) -> None:
    assert from_schema(document) == hours


@pytest.mark.parametrize(("document", "part"), [each[1:] for each in SCHEMA_REFUSED],
                         ids=[each[0] for each in SCHEMA_REFUSED])  # fmt: skip
def test_published_hours_that_would_be_misread_are_refused(document: Any, part: str | None) -> None:
    with pytest.raises(CannotRead) as told:
        from_schema(document)
    if part is not None:
        assert told.value.part == part


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
    return Timetable(draw(_weeks()), tuple(dates), draw(st.booleans()))


@settings(max_examples=60, deadline=None)
@given(_timetables())
def test_what_we_write_we_read(hours: Timetable) -> None:
    for read in (
        from_osm(to_osm(hours), today=TODAY),
        from_schema_org(json.dumps(to_schema_org(hours)), today=TODAY, zone=KOLKATA),
    ):
        for number in range(420):
            on_date = TODAY + timedelta(days=number)
            assert pieces_on(read, on_date) == pieces_on(hours, on_date)
        assert read.closed_on_holidays == hours.closed_on_holidays


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40) | st.text('MoTuFr PH0124:-,;"offDec [{}]', max_size=40))
def test_whatever_is_pasted_is_read_or_refused_by_name(text: str) -> None:
    for pasted in (text, json.dumps(text), json.dumps([{"opens": text, "closes": text}])):
        with suppress(CannotRead):
            assert isinstance(from_osm(pasted, today=TODAY), Timetable)
        with suppress(CannotRead):
            assert isinstance(from_schema_org(pasted, today=TODAY, zone=KOLKATA), Timetable)


def test_an_offset_is_told_only_where_clocks_never_change() -> None:
    assert fixed_offset(ZoneInfo("Asia/Kathmandu"), 2026) == "+05:45"
    assert fixed_offset(ZoneInfo("America/Phoenix"), 2026) == "-07:00"
    assert fixed_offset(ZoneInfo("UTC"), 2026) == "+00:00"
    assert fixed_offset(ZoneInfo("Europe/London"), 2026) is None
