"""The first run after retention over very many rows, and how late it makes the worker's calls."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

import sqlalchemy as sa

from bench.database import durable, swept
from bench.growth import copy_rows, finish
from bench.outbox import delays_of_presses, settings_for_worker, worker_running
from bench.plan import Plan, say
from bench.table import Row
from config import Settings
from helpline import clock
from helpline.callbacks.models import Callback
from helpline.calls.models import Attempt
from helpline.db import db, transaction
from helpline.factory import create_app
from helpline.hours import service as hours
from helpline.policy import retention
from tests import factories
from tests.cast import ASHA, KAVITA
from tests.journeys.live_services import prepare, until
from tests.support.clock import Clock
from tests.support.database import SqliteDatabases
from tests.support.settings import settings_for_tests

_ENDED = "2025-10-01 11:00"
"""Longer ago than anything is kept."""
_TABLES = ("callback", "attempt")
_ON_SQLITE = 100_000
_START_SECONDS = 60


def first_run(plan: Plan) -> Sequence[Row]:
    """From a press on Call until the carrier is asked, while very much is erased and before."""
    rows: list[Row] = []
    presses = 5 if plan.rounds == 1 else 8
    with durable() as server, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        on_sqlite = SqliteDatabases(folder).fresh()
        for kind, url, count in (
            ("SQLite", on_sqlite, min(plan.finished, _ON_SQLITE)),
            ("PostgreSQL", server.fresh(), plan.finished),
        ):
            say(f"{kind}: creating {count:,} callbacks to erase")
            settings = settings_for_worker(url, folder / kind, calls_per_second=1)
            _fill(settings, folder / "filled" / kind, count)
            with create_app(settings).app_context():
                _erase_from(clock.now() + timedelta(days=1))
                before, during, rate = _measured(settings, presses)
                db.session.remove()
                db.engine.dispose()
            what = (
                f"{kind}, press Call until the carrier is asked, later while {count:,} are erased"
            )
            rows += [
                Row(f"{what}, median", median(during) - median(before), unit="ms", at_most=100),
                Row(f"{what}, longest", max(during) - max(before), unit="ms", at_most=100),
                Row(f"{kind}, callbacks erased by the retention", rate, unit="/s"),
            ]
    return rows


def _fill(settings: Settings, folder: Path, count: int) -> None:
    """So many finished callbacks with names, numbers and notes, of which the retention is over."""
    at, url = Clock(), settings.sqlalchemy_url
    try:
        at(_ENDED)
        with create_app(settings_for_tests(folder, url)).app_context():
            hours.create_first_hours("Asia/Kolkata", now=clock.now())
            prepare(settings)
            finish(factories.calling(ASHA, KAVITA).id)
            with db.engine.connect().execution_options(writes=True) as writer, writer.begin():
                for name in _TABLES:
                    copy_rows(writer, name, count)
            db.session.remove()
            db.engine.dispose()
    finally:
        at.stop()
    if url.startswith("postgresql"):
        swept(url)


def _erase_from(when: datetime) -> None:
    with transaction() as session:
        retention.reserve_run(session, now=clock.now())
        retention.set_next_run(session, until=when)


def _measured(settings: Settings, presses: int) -> tuple[Sequence[float], Sequence[float], float]:
    """The delays before the erasure and during it, and the callbacks erased in a second."""
    with worker_running(settings):
        before = delays_of_presses(settings, presses)
        _erase_from(clock.now())
        until(_erased, "the erasure has begun", _START_SECONDS)
        began, erased = time.monotonic(), _erased()
        during = delays_of_presses(settings, presses, first=presses)
        more, seconds = _erased() - erased, time.monotonic() - began
        say(f"{more:,} callbacks in {seconds:.0f} s")
    return before, during, more / seconds


def _erased() -> int:
    db.session.rollback()
    erased = sa.select(sa.func.count(Callback.id)).where(Callback.erased_at.is_not(None))
    notes = sa.select(sa.func.count(Attempt.id)).where(
        Attempt.notes.is_(None), Attempt.ended_at.is_not(None)
    )
    return sum(db.session.scalar(each) or 0 for each in (erased, notes)) // len(_TABLES)
