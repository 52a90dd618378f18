"""A press on Call wakes the worker, which looks for work itself only now and then."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock, wakeups
from helpline.calls import service as calls
from helpline.db import db, transaction, wake_workers
from helpline.worker import schedule
from tests import factories
from tests.support.clock import Clock

LATE_SECONDS = 20
LISTENERS = "FROM pg_stat_activity WHERE query LIKE 'LISTEN %' AND datname = current_database()"


def wakes(engine: sa.Engine, looked: threading.Semaphore) -> bool:
    """Send wake-ups until the worker looks for work; whether it did."""
    for _ in range(20 * LATE_SECONDS):
        wakeups.send(engine)
        if looked.acquire(timeout=0.05):
            return True
    return False


@contextmanager
def worker(app: Flask) -> Iterator[threading.Semaphore]:
    """A worker that looks for work only when woken; released at each time it does."""
    looked, is_over = threading.Semaphore(0), threading.Event()

    def find_due() -> list[str]:
        if is_over.is_set():
            raise SystemExit
        looked.release()
        return []

    engine = db.engine
    scheduler = schedule.build_scheduler({}, nullcontext, 3600)

    def run() -> None:
        with suppress(SystemExit):
            scheduler.run_when_woken(engine, find_due)

    listen = threading.Thread(target=run, daemon=True)
    listen.start()
    assert wakes(engine, looked), "it listens"
    while looked.acquire(timeout=0.2):
        pass
    try:
        yield looked
    finally:
        is_over.set()
        wakeups.send(engine)
        listen.join(LATE_SECONDS)


def test_a_press_on_call_wakes_the_worker_once_it_is_committed(app: Flask, at: Clock) -> None:
    at("2026-11-23 11:00")
    with worker(app) as looked:
        held = factories.claimed()
        with suppress(KeyError), transaction() as session:
            wake_workers(session)
            raise KeyError
        with transaction():
            pass
        assert not looked.acquire(timeout=0.1), "nothing is due at once"
        calls.start_call(held.id, factories.staff().id, now=clock.now())
        assert looked.acquire(timeout=LATE_SECONDS)


def test_without_a_worker_or_with_many_wakeups_nothing_fails(app: Flask) -> None:
    with app.app_context():
        for _ in range(3):
            wakeups.send(db.engine)
        with wakeups.listening(db.engine) as wait:
            assert wait is not None
            for _ in range(3):
                wakeups.send(db.engine)
            wait()


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_worker_that_lost_its_connection_listens_again(
    app: Flask, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at("2026-11-23 11:00")
    monkeypatch.setattr(schedule, "_LISTEN_AGAIN_SECONDS", 0.02)
    with worker(app) as looked:
        with db.engine.connect() as connection:
            connection.execute(sa.text(f"SELECT pg_terminate_backend(pid) {LISTENERS}"))
        assert wakes(db.engine, looked), "it listens again"


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_file_in_place_of_the_pipe_is_refused_and_calls_are_started(
    app: Flask, at: Clock
) -> None:
    at("2026-11-23 11:00")
    pipe = wakeups.pipe_file(db.engine.url.database)
    assert pipe is not None
    Path(pipe).write_text("A note.")
    with pytest.raises(FileExistsError), wakeups.listening(db.engine):
        pass
    assert factories.calling().id
