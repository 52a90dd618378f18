"""Every page, poll and job with very many finished callbacks, beside the same with 1,000."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from bench.database import durable, swept
from bench.plan import Plan, say
from bench.table import Row
from helpline import clock
from helpline.calls import attempts
from helpline.calls import service as calls
from helpline.cli.worker import carrier_contexts
from helpline.db import Base, db, transaction
from helpline.domain.call_progress import AttemptResult
from helpline.domain.retries import Disposition
from helpline.factory import create_app
from helpline.hours import service as hours
from helpline.worker import runner
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, LEELA, MEERA, VIKRAM
from tests.support.clock import Clock
from tests.support.database import PostgresDatabases, SqliteDatabases
from tests.support.settings import settings_for_tests
from tests.support.web import Client
from tests.web.routes import pages_without_parameters

_ENDED, _NOW = "2026-11-21 11:00", "2026-11-23 11:00"
_FEW = 1_000
_ON_SQLITE = 100_000
_TABLES = ("callback", "callback_event", "attempt")
_STEP = 1_000
"""Between the ids of a row and of its copy."""
_TIMES = 9
_MOST_REPEATS = 8
_MUCH = 1.1
_MOST_RUNS = 200
_RETENTION = "/admin/privacy"
"""Counts what the next run of the retention erases, which grows with what is kept."""

Action = Callable[[], object]


def many_finished(plan: Plan) -> Sequence[Row]:
    """How long each page, poll and job takes with very many finished callbacks and with few."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name, durable() as server:
        folder = Path(name)
        files = SqliteDatabases(folder)
        many = min(plan.finished, _ON_SQLITE)
        rows += _compared("SQLite", files, many, folder / "sqlite", plan.rounds)
        rows += _compared("PostgreSQL", server, plan.finished, folder / "postgresql", plan.rounds)
    return rows


def _compared(
    kind: str, databases: PostgresDatabases | SqliteDatabases, many: int, folder: Path, rounds: int
) -> Iterator[Row]:
    with ExitStack() as stack:
        at = Clock()
        stack.callback(at.stop)
        apps = []
        for count in (many, _FEW):
            say(f"{kind}: creating {count:,} finished callbacks")
            app = stack.enter_context(_filled(databases.fresh(), folder / str(count), count, at))
            apps.append(app)
        at(_NOW)
        for words, actions in (("page or poll", _pages), ("job", _jobs)):
            found = _shortest_times([actions(app) for app in apps], apps, rounds * _TIMES)
            worst = max(found, key=lambda name: found[name][0] / found[name][1])
            say(f"{kind}: of {len(found)} the worst {words} is {worst}")
            what = f"{kind}, worst {words} with {many:,} finished against {_FEW:,}"
            yield Row(what, *found[worst], "ms", at_most=1.2)


@contextmanager
def _filled(url: str, folder: Path, count: int, at: Clock) -> Iterator[Flask]:
    """Open the application on a database with finished callbacks, one claimed and two waiting."""
    app = create_app(settings_for_tests(folder, url))
    app.testing, app.test_client_class = True, Client
    with app.app_context():
        at(_ENDED)
        hours.create_first_hours("Asia/Kolkata", now=clock.now())
        finish(factories.calling(ASHA, KAVITA).id)
        with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
            for name in _TABLES:
                copy_rows(connection, name, count)
        db.session.remove()
        if url.startswith("postgresql"):
            swept(url)
        at(_NOW)
        factories.claimed(ASHA, ARJUN)
        for member in (VIKRAM, MEERA):
            factories.staff(member)
        db.session.remove()
    yield app
    with app.app_context():
        db.engine.dispose()


def finish(attempt_id: int) -> None:
    with transaction() as session:
        attempt = session.get_one(factories.Attempt, attempt_id)
        attempts.end_attempt(session, attempt, AttemptResult.TALKED, rang=True, now=clock.now())
        callback_id, advisor_id = attempt.callback_id, attempt.advisor_id
    calls.record_disposition(
        callback_id, advisor_id, Disposition.REACHED, "They slept.", now=clock.now()
    )
    db.session.remove()


def copy_rows(connection: sa.Connection, name: str, count: int) -> None:
    """Copy each row so many times; ids, references and unique codes differ from copy to copy."""
    table = Base.metadata.tables[name]
    alone = {column for index in table.indexes if index.unique for column in index.columns}
    alone |= {column for column in table.columns if column.unique}
    number = "to_hex(n)" if connection.dialect.name == "postgresql" else "printf('%x', n)"

    def copied(column: sa.Column[object]) -> str:
        leads_to_copies = any(key.column.table.name in _TABLES for key in column.foreign_keys)
        if column.primary_key or leads_to_copies:
            return f"{column.name} + n * {_STEP}"
        if column in alone and isinstance(column.type, sa.String):
            return f"{number} || substr({column.name}, 7)"
        return column.name

    columns = ", ".join(column.name for column in table.columns)
    copies = ", ".join(copied(column) for column in table.columns)
    connection.execute(
        sa.text(
            f"INSERT INTO {name} ({columns}) "
            "WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < :count) "
            f"SELECT {copies} FROM {name} CROSS JOIN k"
        ),
        {"count": count},
    )
    if connection.dialect.name == "postgresql":
        connection.execute(
            sa.text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}")
        )


def _pages(app: Flask) -> Mapping[str, Action]:
    """Return each page and poll without parameters, and the page of a request."""
    with app.app_context():
        token = factories.link(LEELA)
        browsers = [app.test_client()]
        for member in (ASHA, VIKRAM, MEERA):
            browser = app.test_client()
            browser.sign_in(member)  # type: ignore[attr-defined] it is tests.support.web.Client
            browsers.append(browser)
        paths = [path for path in pages_without_parameters(app) if path != _RETENTION]
        found: dict[str, Action] = {}
        for path in (*paths, f"/request/{token}"):
            for browser in browsers:
                if browser.get(path).status_code == 200:
                    name = "the page of a request" if token in path else path
                    found[name] = lambda b=browser, p=path: b.get(p)  # type: ignore[misc]
                    break
    return found


def _jobs(app: Flask) -> Mapping[str, Action]:
    """Return each job of a worker, which has nothing to do."""
    with app.app_context():
        settings = app.extensions["helpline"].settings
        jobs = runner.build_jobs("bench", carrier_contexts(app), settings.published_crisis_file)
        for job in jobs.values():
            runs = 0
            while job() and runs < _MOST_RUNS:
                runs += 1
            db.session.remove()
    return jobs


def _shortest_times(
    actions: Sequence[Mapping[str, Action]], apps: Sequence[Flask], times: int
) -> Mapping[str, tuple[float, float]]:
    """The shortest milliseconds of each action on both, measured in turn.

    Where they differ much they are measured again: most take less than a millisecond, and the worst
    of fifty would be what else the machine did meanwhile.
    """
    found: dict[str, tuple[float, float]] = {}
    for name in actions[0].keys() & actions[1].keys():
        shortest = [float("inf"), float("inf")]
        for turn in range(_MOST_REPEATS * times):
            if turn >= times and shortest[0] <= _MUCH * shortest[1]:
                break
            for place, app in enumerate(apps):
                with app.app_context():
                    began = time.perf_counter()
                    actions[place][name]()
                    shortest[place] = min(shortest[place], 1000 * (time.perf_counter() - began))
                    db.session.remove()
        found[name] = (shortest[0], shortest[1])
    return found
