"""A worker with nothing to do: what it asks of the database, writes to the disk and uses of a core.

Beside it procrastinate's worker, also idle, where BENCH_PROCRASTINATE names a Python that has it.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
import sqlalchemy as sa

from bench.database import durable
from bench.plan import Plan, say
from bench.services import WORKER, Program, environment, running
from bench.table import Row
from tests.journeys.live_services import clean_environment, free_port, prepare
from tests.support.settings import settings_for_tests

_SETTLE_SECONDS = 30
"""Until connections are open, statements are prepared and what is due once a day is done."""
_THEIRS = """
import sys, procrastinate
app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=sys.argv[1]))
with app.open():
    if not app.check_connection():
        app.schema_manager.apply_schema()
app.run_worker()
"""
_COMMITS = sa.text(
    "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
)


def worker(plan: Plan) -> Sequence[Row]:
    """Transactions, bytes written and CPU time of an idle worker, at the default settings."""
    seconds = 60 if plan.rounds == 1 else 120
    with durable() as server, tempfile.TemporaryDirectory() as folder:
        ours = _measured(server.fresh(), Path(folder), seconds)
        theirs = _theirs(server.empty(), seconds)
    with tempfile.TemporaryDirectory() as folder:
        on_sqlite = _measured(f"sqlite:///{folder}/helpline.db", Path(folder), seconds)
    say(f"ours {ours}, procrastinate's {theirs}, on SQLite {on_sqlite}")
    commits, _written, busy = ours
    what = "idle worker, PostgreSQL, transactions a minute"
    return [
        Row(what, commits, at_most=124)
        if theirs is None
        else Row(f"{what}, beside procrastinate's", commits, theirs, at_most=2),
        Row("idle worker, PostgreSQL, of a core", busy, unit="%", at_most=0.5),
        Row("idle worker, SQLite, written in an hour", on_sqlite[1], unit="MB", at_most=5),
        Row("idle worker, SQLite, of a core", on_sqlite[2], unit="%", at_most=0.5),
    ]


def _measured(url: str, folder: Path, seconds: float) -> tuple[float, float, float]:
    """Transactions a minute (0 on SQLite), MB written an hour, percent of a core."""
    carrier = f"http://127.0.0.1:{free_port()}"  # Not there; only the preflight checks ask it.
    settings = settings_for_tests(folder / "instance", url, twilio_base_url=carrier)
    prepare(settings)
    with running([program := Program(WORKER, environment(settings))]):
        return _watched(program.pid, url, seconds)


def _theirs(url: str, seconds: float) -> float | None:
    python = os.environ.get("BENCH_PROCRASTINATE")
    if python is None:
        return None
    plain = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with running([program := Program((python, "-c", _THEIRS, plain), clean_environment())]):
        return _watched(program.pid, url, seconds)[0]


def _watched(pid: int, url: str, seconds: float) -> tuple[float, float, float]:
    time.sleep(_SETTLE_SECONDS)
    process, engine = psutil.Process(pid), sa.create_engine(url, poolclass=sa.NullPool)

    def figures() -> tuple[float, float, float]:
        used, commits = process.cpu_times(), 0
        if engine.dialect.name == "postgresql":
            time.sleep(1.5)  # Statistics are reported once a second.
            with engine.connect() as connection:
                commits = connection.scalar(_COMMITS) or 0
        return commits, process.io_counters().write_bytes, used.user + used.system

    before = figures()
    time.sleep(seconds)
    commits, written, used = (end - begin for begin, end in zip(before, figures(), strict=True))
    return 60 / seconds * commits, 3600 / seconds * written / 2**20, 100 * used / seconds
