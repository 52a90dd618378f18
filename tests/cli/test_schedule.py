"""How often a worker's pieces of work are done."""

from __future__ import annotations

import threading
import time
from contextlib import nullcontext

import pytest

from helpline.worker import schedule


def test_what_takes_long_rests_so_that_it_takes_a_twentieth_of_the_time(
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

    tick = schedule.throttled(count)
    assert tick() is True
    assert tick() is False
    now += 37.9
    assert (tick(), done) == (False, 1)
    now += 0.2
    assert (tick(), done) == (True, 2)


def test_what_goes_on_in_the_background_rests_after_each_piece(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, pieces = 100.0, iter([True, True, False])
    rests: list[float] = []

    def erase() -> bool:
        nonlocal now
        now += 0.1
        return next(pieces)

    monkeypatch.setattr(time, "monotonic", lambda: now)
    monkeypatch.setattr(time, "sleep", rests.append)
    assert schedule.run_until_idle(schedule.unhurried(erase), nullcontext) == 2
    assert rests == pytest.approx([0.4, 0.4])


@pytest.mark.parametrize(("every", "beat"), [(0.5, 15), (1, 30), (2, 30), (30, 30)])
def test_jobs_by_the_clock_run_at_their_interval_and_others_when_due(
    every: float, beat: float
) -> None:
    scheduler = schedule.build_scheduler(
        {"urgent": bool, "beat": bool}, nullcontext, every, by_clock={"beat": 30}, find_due=list
    )
    seconds = {job.id: job.trigger.interval.total_seconds() for job in scheduler.get_jobs()}
    assert seconds == {"find_due": every, "beat": beat}


def test_a_job_that_is_due_runs_once_for_each_round_that_finds_it() -> None:
    rounds = iter([["call"], [], ["call", "text"]])
    ran: list[str] = []
    jobs = {name: (lambda name=name: ran.append(name)) for name in ("call", "call:other", "text")}
    scheduler = schedule.build_scheduler(
        jobs,  # type: ignore[arg-type]
        nullcontext,
        0.01,
        find_due=lambda: next(rounds, []),
    )
    running = threading.Thread(target=scheduler.start, daemon=True)
    running.start()
    until = time.monotonic() + 10
    while "text" not in ran and time.monotonic() < until:
        time.sleep(0.01)
    scheduler.shutdown(wait=True)
    assert sorted(ran) == ["call", "call", "call:other", "call:other", "text"]


def test_a_worker_that_is_stopped_finishes_an_item_and_begins_no_other() -> None:
    done: list[bool] = []

    def erase() -> bool:
        done.append(True)
        if len(done) == 2:
            scheduler.shutdown(wait=False)
        return True

    scheduler = schedule.build_scheduler({"erase": erase}, nullcontext, 3600)
    scheduler.start()
    for thread in threading.enumerate():
        if thread.name.startswith("ThreadPoolExecutor"):
            thread.join(timeout=10)
    assert len(done) == 2


def test_what_waits_for_others_runs_beside_itself_and_nothing_else_does() -> None:
    """Three must meet at a gate; who comes to it alone would wait there for ever."""
    gate = threading.Barrier(3)
    met, alone, most = [], 0, 0

    def meets() -> bool:
        if not met:
            gate.wait(timeout=60)
            met.append(True)
        return False

    def counts() -> bool:
        nonlocal alone, most
        alone += 1
        most = max(most, alone)
        time.sleep(0.03)
        alone -= 1
        return False

    ticks = {"meets": meets, "counts": counts}
    scheduler = schedule.build_scheduler(ticks, nullcontext, 0.01, concurrency={"meets": 3})
    running = threading.Thread(target=scheduler.start, daemon=True)
    running.start()
    until = time.monotonic() + 10
    while not (met and most) and time.monotonic() < until:
        time.sleep(0.01)
    scheduler.shutdown(wait=True)
    assert met and most == 1
