"""The clock of a machine is set back by an hour: the worker goes on within a moment."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from datetime import datetime, timedelta, tzinfo
from typing import Any

import apscheduler.executors.base
import apscheduler.schedulers.base
import pytest

from helpline.worker import schedule

MODULES: tuple[Any, ...] = (schedule, apscheduler.schedulers.base, apscheduler.executors.base)


class Jumping(datetime):
    """The time, and what was added to it."""

    jumped = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        return datetime.now(tz) + cls.jumped


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_worker_goes_on_after_its_clock_jumped(
    monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    monkeypatch.setattr(Jumping, "jumped", timedelta())
    for module in MODULES:
        monkeypatch.setattr(module, "datetime", Jumping)
    done = threading.Semaphore(0)

    def tick() -> bool:
        done.release()
        return False

    scheduler = schedule.build_scheduler({"tick": tick}, nullcontext, 0.05)
    working = threading.Thread(target=scheduler.start, daemon=True)
    working.start()
    assert done.acquire(timeout=20)

    monkeypatch.setattr(Jumping, "jumped", timedelta(hours=hours))
    for _ in range(10):
        assert done.acquire(timeout=20), "the worker waits for the clock to catch up"
    scheduler.shutdown(wait=False)
    working.join(timeout=20)
