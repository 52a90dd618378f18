"""Erlang C against the textbook, at its edges, and where naive factorials would overflow."""

from __future__ import annotations

from math import exp, factorial, inf, isclose

import pytest
from hypothesis import given
from hypothesis import strategies as some

from helpline.domain.staffing import LiveCalls, booked_capacity

TEXTBOOK = LiveCalls(an_hour=200, handling_seconds=180)


def test_the_textbook_case() -> None:
    """200 calls an hour, 180 seconds each, 14 advisors."""
    assert TEXTBOOK.load == 10
    assert round(100 * TEXTBOOK.waits(14), 1) == 17.4
    assert round(100 * TEXTBOOK.answered_within(14, 20), 1) == 88.8
    assert round(TEXTBOOK.average_wait_seconds(14), 1) == 7.8
    assert TEXTBOOK.advisors_needed(0.80, 20) == 14
    assert TEXTBOOK.answered_within(13, 20) < 0.80


def test_without_calls_nobody_waits_and_nobody_is_needed() -> None:
    none = LiveCalls(0, 180)
    assert (none.waits(0), none.answered_within(0, 20), none.average_wait_seconds(0)) == (0, 1, 0)
    assert none.advisors_needed(0.8, 20) == 0


def test_with_too_few_advisors_the_line_grows_for_ever() -> None:
    for advisors in (0, 1, 9, 10):
        assert TEXTBOOK.waits(advisors) == 1
        assert TEXTBOOK.answered_within(advisors, 20) == 0
        assert TEXTBOOK.average_wait_seconds(advisors) == inf


def test_thousands_of_advisors_are_no_trouble() -> None:
    many = LiveCalls(an_hour=40_000, handling_seconds=360)
    needed = many.advisors_needed(0.8, 20)
    assert 4000 < needed < 4100
    assert 0.8 <= many.answered_within(needed, 20) < 1


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: LiveCalls(-1, 180),
        lambda: LiveCalls(10, 0),
        lambda: TEXTBOOK.advisors_needed(1, 20),
        lambda: TEXTBOOK.answered_within(14, -1),
        lambda: LiveCalls(10_000_000, 3600).advisors_needed(0.8, 20),
        lambda: booked_capacity(1, 60, occupancy=1.1, shrinkage=0, handling_minutes=20),
        lambda: booked_capacity(1, 60, occupancy=1, shrinkage=0, handling_minutes=0),
    ],
)
def test_what_makes_no_sense_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError):
        wrong()  # type: ignore[operator]


@given(some.integers(1, 60), some.integers(1, 900), some.integers(0, 120))
def test_it_is_the_formula_as_erlang_wrote_it(advisors: int, an_hour: int, seconds: int) -> None:
    calls = LiveCalls(an_hour, 200)
    load = calls.load
    if advisors <= load:
        return
    top = load**advisors / factorial(advisors) * advisors / (advisors - load)
    waits = top / (sum(load**k / factorial(k) for k in range(advisors)) + top)
    assert isclose(calls.waits(advisors), waits, rel_tol=1e-9)
    within = 1 - waits * exp(-(advisors - load) * seconds / 200)
    assert isclose(calls.answered_within(advisors, seconds), within, abs_tol=1e-9)
    assert calls.answered_within(advisors + 1, seconds) >= calls.answered_within(advisors, seconds)


def test_what_booked_slots_can_bear() -> None:
    """Three advisors, an hour, 85 % of it calls, 30 % of the shift away, 25 minutes a callback."""
    found = booked_capacity(3, 60, occupancy=0.85, shrinkage=0.30, handling_minutes=25)
    assert round(found, 2) == 4.28
    assert booked_capacity(0, 60, occupancy=0.85, shrinkage=0.3, handling_minutes=25) == 0
