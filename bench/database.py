"""A durable PostgreSQL, filled in bulk, and pgbench beside us on the same rows."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import sqlalchemy as sa
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy.engine import Connection, Engine

from helpline.factory import create_app
from helpline.hours import service as hours
from tests.support.database import PostgresDatabases, programs
from tests.support.settings import SECRETS, settings_for_tests
from tests.support.sql_recorder import Said

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=ZoneInfo("Asia/Kolkata"))
"""A Monday on which the helpline is open."""
_RATE = re.compile(r"tps = ([0-9.]+) \(without")
_PHONE = Fernet(SECRETS["field_keys"]).encrypt(b"+919876500001").decode()

_STAFF = """
INSERT INTO staff (email, active, fs_uniquifier, name, languages, version)
SELECT 'a' || n || '@helpline.example', true, 'u' || n, 'Advisor ' || n, '["en"]', 1
FROM generate_series(1, :count) AS n;
"""
_PRESENCE = """
INSERT INTO presence (staff_id, state, since, last_seen_at, missed_offers, away_by_misses)
SELECT id, 'available', :now, :now, 0, false FROM staff;
"""
_CALLBACKS = """
INSERT INTO callback (token_hash, status, priority, requested_at, due_at, phone, phone_hash,
    phone_region, language, may_leave_voicemail, may_say_who, may_text, attempts_used, ended_at)
SELECT :kind || md5(n::text), :status, 5, CAST(:now AS timestamptz),
    CAST(:now AS timestamptz) - n * interval '1 ms', :phone, :kind || md5(n::text), 'IN', 'en',
    false, false, false, 0, CAST(:ended_at AS timestamptz)
FROM generate_series(1, :count) AS n;
"""


@contextmanager
def durable() -> Iterator[PostgresDatabases]:
    """A server as a deployment has it, ended in any case."""
    server = PostgresDatabases(durable=True)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def opened(url: str, folder: Path) -> Iterator[Flask]:
    """The application on a database, with its first week of hours."""
    app = create_app(settings_for_tests(folder, url))
    with app.app_context():
        hours.create_first_hours("Asia/Kolkata", now=NOW)
    yield app
    with app.app_context():
        from helpline.db import db  # noqa: PLC0415 of this application

        db.engine.dispose()


def add_advisors(connection: Connection, count: int) -> None:
    """So many advisors, all there."""
    connection.execute(sa.text(_STAFF), {"count": count})
    connection.execute(sa.text(_PRESENCE), {"now": NOW})


def add_callbacks(connection: Connection, count: int, *, status: str = "waiting") -> None:
    """So many callbacks, due now or over."""
    ended_at = NOW if status == "reached" else None
    told = {"count": count, "status": status, "now": NOW, "phone": _PHONE, "ended_at": ended_at}
    connection.execute(sa.text(_CALLBACKS), {**told, "kind": status})


def swept(url: str) -> None:
    """As autovacuum leaves it once it has had the time."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))
        connection.execute(sa.text("CHECKPOINT"))
    engine.dispose()


def as_put(engine: Engine, said: Sequence[Said]) -> list[str]:
    """Return statements with their parameters filled in, one per line, as pgbench takes them."""
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as plain:
        cursor = psycopg.ClientCursor(plain)
        return [" ".join(cursor.mogrify(text, told or None).split()) for text, told in said]


def pgbench(url: str, script: str, *, clients: int, seconds: float) -> float:
    """How many of these transactions pgbench makes in a second, prepared."""
    told = sa.make_url(url)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        options = ("--no-vacuum", "--protocol", "prepared", "--time", str(max(1, round(seconds))))
        done = subprocess.run(
            [
                *(programs() / "pgbench", *options, "--file", file.name),
                *("--client", str(clients), "--jobs", str(min(4, clients))),
                *("--host", str(told.query["host"]), "--username", "postgres"),
                str(told.database),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    found = _RATE.search(done.stdout)
    if done.returncode or found is None:
        raise RuntimeError(f"pgbench:\n{done.stdout}{done.stderr}")
    return float(found[1])
