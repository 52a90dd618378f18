"""What we write in OpenStreetMap's syntax is read by two engines as it is meant, and what we read
is what both engines read. ``EXPLORE=500 pytest tests/opening_hours`` tries that many."""

from __future__ import annotations

import json
import os
import random
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from helpline.domain.errors import InvalidHours
from helpline.domain.hours_formats import CannotRead, Timetable, pieces_on, timetable_of
from helpline.domain.hours_plan import ExceptionKind, HoursException, HoursPlan
from helpline.domain.opening_hours import Interval, Week
from helpline.domain.osm_hours import from_osm, to_osm
from tests.opening_hours.engines import in_javascript, in_python, with_javascript

MANY = int(os.environ.get("EXPLORE", "40"))
TODAY = date(2026, 12, 1)
DAYS, STEP = 28, 30
VALUES = json.loads((Path(__file__).parent / "values.json").read_text(encoding="utf-8"))
AGREED = {each["value"]: each["changes"] for each in VALUES if "changes" in each}
DISAGREED = [each["value"] for each in VALUES if "changes" not in each]
REFUSED = {
    "Mo-Fr 10:00-18:00; Sa 10:00-14:00 unknown": "unknown",
    "Su[1] 10:00-14:00": "Su[1] 10:00-14:00",
    "week 50 Mo-Fr 10:00-18:00": "week 50 Mo-Fr 10:00-18:00",
}


def read(value: str) -> tuple[Timetable | None, str]:
    """The hours; or None, and the part that is refused."""
    try:
        return from_osm(value, today=TODAY), ""
    except CannotRead as refused:
        return None, refused.part


def states_of(hours: Timetable, days: int = DAYS, first: date = TODAY) -> str:
    """The state every half hour, as ours has it."""
    found = ""
    for number in range(days):
        pieces = pieces_on(hours, first + timedelta(days=number))
        for minute in range(0, 1440, STEP):
            found += "1" if any(start <= minute < end for start, end in pieces) else "0"
    return found


def changes_of(states: str) -> str:
    """The moments at which a state changes, as values.json has them."""
    told, before = [], ""
    for number, state in enumerate(states):
        if state != before:
            at = datetime.combine(TODAY, time()) + timedelta(minutes=number * STEP)
            told.append(f"{at:%m-%dT%H:%M}={'open' if state == '1' else 'closed'}")
        before = state
    return " ".join(told)


@pytest.mark.parametrize("value", AGREED)
def test_values_that_the_engines_agree_on_are_read_so_or_refused_by_name(value: str) -> None:
    if value in REFUSED:
        with pytest.raises(CannotRead) as told:
            from_osm(value, today=TODAY)
        assert told.value.part == REFUSED[value]
        return
    hours = from_osm(value, today=TODAY)
    assert changes_of(states_of(hours, 14)) == AGREED[value]
    assert hours.doubts == ()


@pytest.mark.parametrize("value", DISAGREED)
def test_values_that_the_engines_read_differently_are_refused_or_read_with_a_doubt(
    value: str,
) -> None:
    hours, refused = read(value)
    assert refused if hours is None else hours.doubts


def _times(dice: random.Random, most: int) -> tuple[Interval, ...]:
    chosen: list[Interval] = []
    at = dice.randrange(0, 20) * 30
    for _ in range(dice.randint(0, most)):
        start = at + dice.randrange(0, 8) * 30
        length = dice.choice((30, 120, 240, 480, 720, 1440))
        if start >= 1440:
            break
        chosen.append(Interval(start, start + length))
        at = start + length
    return tuple(chosen)


def random_plan(seed: int) -> HoursPlan:
    """A week with up to two times a day, often over midnight, and a few exceptions."""
    dice = random.Random(seed)
    while True:
        try:
            week = Week(tuple(_times(dice, dice.choice((0, 1, 2))) for _ in range(7)))
            break
        except InvalidHours:
            continue
    exceptions, first = [], TODAY
    for number in range(dice.randint(0, 5)):
        first += timedelta(days=dice.randint(1, 6))
        last = first + timedelta(days=dice.choice((0, 0, 1, 5)))
        times = _times(dice, 1)
        exceptions.append(
            HoursException(
                ExceptionKind.HOURS if times else ExceptionKind.CLOSED,
                first,
                last,
                times,
                {"en": "Diwali"} if dice.random() < 0.5 else {},
                number + 1,
            )
        )
        first = last
    return HoursPlan("UTC", week, exceptions=tuple(exceptions))


def states_of_plan(plan: HoursPlan) -> str:
    hours = plan.opening_hours()
    begins = datetime.combine(TODAY, time(), UTC)
    return "".join(
        "1" if hours.is_open(begins + timedelta(minutes=minute)) else "0"
        for minute in range(0, DAYS * 1440, STEP)
    )


def values_of(plans: list[HoursPlan]) -> list[str]:
    return [to_osm(timetable_of(plan, TODAY, "en")) for plan in plans]


def test_what_we_write_is_what_is_in_force_to_the_engine_in_python_and_to_us() -> None:
    plans = [random_plan(seed) for seed in range(MANY)]
    for plan, value in zip(plans, values_of(plans), strict=True):
        wanted = states_of_plan(plan)
        assert in_python(value, TODAY, DAYS, STEP) == wanted, value
        hours = from_osm(value, today=TODAY)
        assert states_of(hours) == wanted, value
        assert hours.doubts == ()


@with_javascript
def test_what_we_write_is_what_is_in_force_to_the_engine_in_javascript() -> None:
    plans = [random_plan(seed) for seed in range(MANY)]
    values = values_of(plans)
    for plan, value, states in zip(
        plans, values, in_javascript(values, TODAY, DAYS, STEP), strict=True
    ):
        assert states == states_of_plan(plan), value


def random_value(seed: int) -> str:
    """A value of a few rules, such as people write."""
    dice = random.Random(seed)
    days = ("Mo-Fr", "Sa,Su", "Mo", "We", "Fr", "Sa-Mo", "Mo-Su", "")
    dates = ("2026 Dec 04", "2026 Dec 08-13", "2026 Dec 24-2027 Jan 02", "Dec 20-Jan 03", "Dec 07")
    times = (
        *("10:00-18:00", "09:00-12:00,13:00-17:00", "22:00-02:00", "21:00-27:30", "00:00-24:00"),
        *("13:00-14:00", "10:00-14:00,12:00-16:00", "18:00-06:00"),
    )
    ends = ("", "", "", " open", ' open "walk in"')
    value = ""
    for number in range(dice.randint(1, 4)):
        selector = dice.choice(dates if number and dice.random() < 0.3 else days)
        if dice.random() < 0.2:
            rule = f"{selector} off"
        elif dice.random() < 0.15:
            rule = f"{selector} {dice.choice(times)} off"
        else:
            rule = f"{selector} {dice.choice(times)}{dice.choice(ends)}"
        value += ("" if not number else dice.choice(("; ", "; ", ", "))) + rule.strip()
    return value


@with_javascript
def test_what_both_engines_read_alike_is_read_so() -> None:
    values = sorted({random_value(seed) for seed in range(MANY * 2)})
    compared = 0
    for value, theirs in zip(values, in_javascript(values, TODAY, DAYS, STEP), strict=True):
        hours, refused = read(value)
        assert hours is not None or refused
        if (
            hours is not None
            and theirs is not None
            and in_python(value, TODAY, DAYS, STEP) == theirs
        ):
            assert states_of(hours) == theirs, value
            compared += 1
    assert compared > len(values) / 2
