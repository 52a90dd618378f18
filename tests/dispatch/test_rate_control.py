"""The account's calls per second, kept by all workers together."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from flask import Flask

from helpline import clock
from helpline.calls import rate_control
from helpline.calls import service as calls
from helpline.calls.attempt_jobs import ATTEMPTS
from helpline.cli.worker import carrier_contexts
from helpline.db import transaction
from helpline.messaging import carrier_alerts
from helpline.messaging.carrier_jobs import start_next
from helpline.telephony import carrier_limits
from helpline.telephony.adapters import FIRST
from tests import factories
from tests.cast import ARJUN, ASHA, IMRAN, KAVITA, LEELA, RAVI, Member
from tests.phonesim.fixtures import Sim
from tests.support.clock import Clock

SECOND = timedelta(seconds=1)


def wait_of(now: datetime) -> timedelta:
    """How long it is until the next turn, at one call a second; nothing when it is taken."""
    with transaction() as session:
        return carrier_limits.acquire_slot(session, FIRST, now=now, interval=SECOND)


def test_of_two_workers_one_has_the_turn(at: Clock, app: Flask, second_app: Flask) -> None:
    now = at("2026-11-23 11:00")
    assert not wait_of(now)
    with second_app.app_context():
        assert wait_of(now) == SECOND
        assert wait_of(now + SECOND / 2) == SECOND / 2
        assert not wait_of(now + SECOND)
    assert wait_of(now + SECOND) == SECOND


def test_a_quiet_time_saves_up_no_turns(at: Clock, app: Flask) -> None:
    wait_of(at("2026-11-23 11:00"))
    now = at.later(hours=1)
    assert [wait_of(now), wait_of(now)] == [timedelta(0), SECOND]


def test_a_worker_that_was_late_pushes_the_next_turn_back(at: Clock, app: Flask) -> None:
    now = at("2026-11-23 11:00")
    wait_of(now)
    wait_of(now + 1.4 * SECOND)
    assert wait_of(now + 2 * SECOND) == 0.4 * SECOND


def test_a_carrier_that_is_too_busy_is_left_alone_for_longer_each_time(
    at: Clock, app: Flask
) -> None:
    now = at("2026-11-23 11:00")
    waits = []
    for _ in range(6):
        carrier_alerts.slow_down(FIRST, now=now)
        waits.append(wait_of(now) // SECOND)
        now = at.later(seconds=waits[-1])
    assert waits == [2, 4, 8, 16, 30, 30]
    with transaction() as session:
        carrier_limits.restore_rate(session, FIRST)
    carrier_alerts.slow_down(FIRST, now=now)
    assert wait_of(now) == 2 * SECOND


def test_no_turn_is_used_up_while_there_is_nothing_to_place(at: Clock, app: Flask) -> None:
    now = at("2026-11-23 11:00")
    assert rate_control.acquire_slot(FIRST, now=now, calls_per_second=1) is None
    factories.calling(ASHA, KAVITA)
    assert rate_control.acquire_slot(FIRST, now=now, calls_per_second=1) == timedelta(0)


def test_twenty_turns_of_two_workers_never_come_too_close(app: Flask, second_app: Flask) -> None:
    taken: list[datetime] = []

    def worker(process: Flask) -> None:
        with process.app_context():
            while len(taken) < 20:
                now = clock.now()
                with transaction() as session:
                    wait = carrier_limits.acquire_slot(
                        session, FIRST, now=now, interval=SECOND / 50
                    )
                if not wait:
                    taken.append(now)

    workers = [threading.Thread(target=worker, args=(each,)) for each in (app, second_app)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    gaps = [after - before for before, after in pairwise(sorted(taken))]
    assert min(gaps) >= SECOND / 50


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
        telephone = carrier_contexts(process)[0]
        assert telephone is not None
        for _ in range(12):
            with process.app_context():
                start_next(ATTEMPTS, telephone)

    workers = [threading.Thread(target=worker, args=(each,)) for each in (app, second_app)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    made = sim.get("/calls")["calls"]
    seen = [datetime.fromisoformat(call["statuses"][0]["at"]) for call in made]
    assert len(seen) == 4
    # The first may take long on its way; that turns keep their distance is proven above.
    assert max(seen) - min(seen) > 3 * SECOND / 4 - SECOND / 3


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
