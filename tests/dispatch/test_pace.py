"""The account's calls per second, kept by all workers together."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from flask import Flask

from helpline import clock
from helpline.calls import pace
from helpline.calls import service as calls
from helpline.cli.commands import telephone_of
from helpline.db import transaction
from helpline.telephony import allowance
from helpline.worker import ticks
from tests import factories
from tests.cast import ARJUN, ASHA, IMRAN, KAVITA, LEELA, RAVI, Member
from tests.phonesim.world import Sim
from tests.support.clock import Clock

SECOND = timedelta(seconds=1)


def turn(now: datetime, patience: timedelta = 10 * SECOND) -> datetime | None:
    """One turn at one call a second."""
    with transaction() as session:
        return allowance.take_turn(session, now=now, interval=SECOND, patience=patience)


def test_no_two_workers_have_the_same_instant(at: Clock, app: Flask, second_app: Flask) -> None:
    now = at("2026-11-23 11:00")
    first = turn(now)
    with second_app.app_context():
        second = turn(now)
    assert (first, second, turn(now)) == (now, now + SECOND, now + 2 * SECOND)


def test_an_instant_too_far_ahead_is_left_to_others(at: Clock, app: Flask) -> None:
    now = at("2026-11-23 11:00")
    assert [turn(now, patience=SECOND) for _ in range(3)] == [now, now + SECOND, None]
    later = at.later(seconds=2)
    assert turn(later, patience=SECOND) == later


def test_a_quiet_time_saves_up_no_turns(at: Clock, app: Flask) -> None:
    turn(at("2026-11-23 11:00"))
    now = at.later(hours=1)
    assert [turn(now), turn(now)] == [now, now + SECOND]


def test_a_carrier_that_is_too_busy_is_left_alone_for_longer_each_time(
    at: Clock, app: Flask
) -> None:
    now = at("2026-11-23 11:00")
    waits = []
    for _ in range(6):
        pace.carrier_too_busy(now=now)
        found = turn(now, patience=timedelta(hours=1))
        assert found is not None
        waits.append((found - now) // SECOND)
        now = at.later(seconds=waits[-1] + 1)
    assert waits == [2, 4, 8, 16, 30, 30]
    pace.carrier_took_it()
    pace.carrier_too_busy(now=now)
    found = turn(now, patience=timedelta(hours=1))
    assert found is not None and found - now <= 2 * SECOND


def test_no_turn_is_used_up_while_there_is_nothing_to_place(at: Clock, app: Flask) -> None:
    now = at("2026-11-23 11:00")
    assert pace.next_turn(now=now, calls_per_second=1) is None
    factories.calling(ASHA, KAVITA)
    assert pace.next_turn(now=now, calls_per_second=1) == now


def test_a_turn_that_was_slept_through_is_not_used(at: Clock, app: Flask) -> None:
    now = at("2026-11-23 11:00")
    assert not pace.is_over(now, now=now + SECOND / 5, calls_per_second=1)
    assert pace.is_over(now, now=now + SECOND * 0.6, calls_per_second=1)


@pytest.mark.settings(calls_per_second=4)
def test_two_workers_together_never_ask_for_more_than_the_account_may(
    app: Flask, second_app: Flask, sim: Sim
) -> None:
    factories.opening_hours(("00:00", "24:00"))
    for number, visitor in enumerate((KAVITA, ARJUN, LEELA, IMRAN)):
        advisor = _advisor(number)
        held = factories.claimed(advisor, visitor)
        calls.start_call(held.id, factories.staff(advisor).id, now=clock.now())

    def worker(process: Flask) -> None:
        telephone = telephone_of(process)
        assert telephone is not None
        for _ in range(12):
            with process.app_context():
                ticks.place_call(telephone)

    workers = [threading.Thread(target=worker, args=(each,)) for each in (app, second_app)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    made = sim.get("/calls")["calls"]
    seen = [datetime.fromisoformat(call["statuses"][0]["at"]) for call in made]
    assert len(seen) == 4
    gaps = [after - before for before, after in pairwise(sorted(seen))]
    assert min(gaps) > SECOND / 4 - SECOND / 10, gaps
    assert max(seen) - min(seen) > 3 * SECOND / 4 - SECOND / 10


def _advisor(number: int) -> Member:
    if number < 2:
        return (ASHA, RAVI)[number]
    return Member(
        name=f"Advisor {number}",
        email=f"advisor{number}@helpline.example",
        password="rings people back every day",
        roles=("advisor",),
        languages=("en", "hi"),
        phone=f"+91981230001{number}",
    )
