"""A worker with nothing to do only reads, by indexes, and finds in one read what there is to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from flask import Flask

from config import Settings
from helpline import clock
from helpline.callbacks import service as callbacks
from helpline.cli.worker import carrier_contexts
from helpline.db import READ_COMMITTED, db
from helpline.privacy.tombstone_file import TombstoneCopy
from helpline.worker import due, runner
from helpline.worker.schedule import Job
from tests import factories
from tests.cast import ARJUN, ASHA, IMRAN, KAVITA, RAVI
from tests.dispatch.fixtures import at_desk
from tests.support.clock import Clock
from tests.support.query_plans import scanned
from tests.support.sql_recorder import listening

pytestmark = pytest.mark.settings(texts_enabled=True)


@pytest.fixture
def jobs(app: Flask, settings: Settings) -> dict[str, Job]:
    tombstones = TombstoneCopy(settings.tombstones, settings.tombstone_days)
    file = settings.published_crisis_file
    carriers = carrier_contexts(app)
    return runner.build_jobs("test", carriers, file, tombstones=tombstones)


@contextmanager
def write_transactions() -> Iterator[list[str]]:
    """How each transaction that is begun to write meanwhile is begun."""
    begun: list[str] = []

    def note(connection: sa.Connection) -> None:
        options = connection.get_execution_options()
        if options.get("writes") or options.get("isolation_level") == READ_COMMITTED:
            begun.append(connection.dialect.name)

    sa.event.listen(db.engine, "begin", note)
    try:
        yield begun
    finally:
        sa.event.remove(db.engine, "begin", note)


def run(app: Flask, job: Job) -> None:
    with app.app_context():
        while job():
            pass


def test_a_job_with_nothing_to_do_begins_no_transaction_to_write(
    app: Flask, at: Clock, jobs: dict[str, Job]
) -> None:
    """Requests are ended, booked for later, and claimed by an advisor a minute ago."""
    at("2026-11-23 11:00")
    at_desk(ASHA, RAVI)
    factories.callback(KAVITA, slot_at=factories.slot("2026-11-24 11:00"))
    callbacks.cancel(factories.link(IMRAN), now=clock.now())
    factories.claimed(RAVI, ARJUN)
    for job in jobs.values():
        run(app, job)
    at("2026-11-23 11:00:30")
    for name, job in jobs.items():
        with write_transactions() as begun:
            run(app, job)
        assert bool(begun) == (name == "beat"), name


def test_what_is_due_is_found_by_one_read(app: Flask, at: Clock, jobs: dict[str, Job]) -> None:
    at("2026-11-23 11:00")
    factories.calling(visitor=KAVITA)
    rounds = runner.rounds_of(jobs)
    for seldom in (True, False, False, False, False, True):
        with listening(db.engine) as statements:
            found = rounds.find()
        reads = [text for text, _params in statements if text.startswith("SELECT")]
        assert len(reads) == 1 and "place_call" in found
        assert ("preflight" in found) == seldom
        db.session.rollback()


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_round_after_a_lost_connection_finds_what_is_due(
    app: Flask, at: Clock, jobs: dict[str, Job]
) -> None:
    at("2026-11-23 11:00")
    factories.calling(visitor=KAVITA)
    rounds = runner.rounds_of(jobs)
    rounds.find()
    others = sa.text("pid <> pg_backend_pid() AND datname = current_database()")
    end = sa.select(sa.func.pg_terminate_backend(sa.column("pid"))).where(others)
    db.session.execute(end.select_from(sa.table("pg_stat_activity")))
    with pytest.raises(sa.exc.OperationalError):
        rounds.find()
    assert "place_call" in rounds.find()


def test_every_kind_of_job_has_a_condition_or_runs_by_the_clock(jobs: dict[str, Job]) -> None:
    kinds = {name.partition(":")[0] for name in jobs}
    assert kinds == set(due.CONDITIONS) | set(runner.CLOCK_JOBS)


def test_the_read_goes_by_indexes(app: Flask, at: Clock) -> None:
    at("2026-11-23 11:00")
    with listening(db.engine) as statements:
        due.DueWork(due.CONDITIONS).find()
    assert len([text for text, _params in statements if text.startswith("SELECT")]) == 1
    assert scanned(statements) == {}
