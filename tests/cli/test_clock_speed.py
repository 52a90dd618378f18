"""The clock of a development machine may run faster; every process then has the same time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from helpline import clock
from phonesim.clock import SimClock
from tests.support.clock import Clock

MORNING = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    yield
    clock.set_ahead(0)


def test_its_seconds_pass_so_many_times_as_fast_from_where_it_was_put(at: Clock) -> None:
    real = at("2026-11-25 03:00")
    offset = MORNING.timestamp() - real.timestamp() * 75
    clock.set_ahead(offset, speed=75)
    phones = SimClock(offset, scale=75, speed=75)
    a_moment = timedelta(milliseconds=1)
    assert abs(clock.now() - MORNING) < a_moment
    at.later(seconds=60)
    assert abs(clock.now() - MORNING - timedelta(minutes=75)) < a_moment
    assert abs(phones.now() - clock.now()) < a_moment, "the carrier's is the same"
    assert abs(clock.ahead() - (clock.now() - datetime.now(UTC))) < a_moment
    assert phones.real(150) == 2


def test_a_wait_by_it_is_a_shorter_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    clock.wait(timedelta(seconds=3))
    clock.set_ahead(0, speed=50)
    clock.wait(timedelta(seconds=3))
    assert slept == [3, 0.06]


def test_at_the_usual_speed_it_is_exactly_as_far_ahead_as_was_said(at: Clock) -> None:
    real = at("2026-11-25 03:00")
    clock.set_ahead(90)
    assert clock.now() == real + timedelta(seconds=90)
    assert clock.ahead() == timedelta(seconds=90)
