"""How often a worker's pieces of work are done."""

from __future__ import annotations

import time
from contextlib import nullcontext

import pytest

from helpline.worker import schedule


def test_what_takes_long_rests_so_that_it_takes_a_tenth_of_the_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    done = 0

    def count() -> bool:
        nonlocal now, done
        now += 2
        done += 1
        return True

    tick = schedule.resting(count)
    assert tick() is True
    assert tick() is False
    now += 17.9
    assert (tick(), done) == (False, 1)
    now += 0.2
    assert (tick(), done) == (True, 2)


def test_what_is_not_urgent_runs_in_every_fifth_round_only() -> None:
    scheduler = schedule.build(
        {"urgent": bool, "unhurried": bool}, nullcontext, 2, unhurried={"unhurried"}
    )
    seconds = {job.id: job.trigger.interval.total_seconds() for job in scheduler.get_jobs()}
    assert seconds == {"urgent": 2, "unhurried": 10}
