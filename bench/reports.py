"""A year of 1,000,000 callbacks on PostgreSQL: how long each page of measures takes, through the
whole application, and how much memory it takes to take every row out.

Run it with `make bench-reports`. It ends with 1 when a page takes longer than it may.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import sqlalchemy as sa
import time_machine
from flask import Flask
from flask_security.utils import hash_password

from bench.cores import cores
from config import ROOT
from helpline import clock
from helpline.db import db
from helpline.factory import create_app
from helpline.hours import service as hours
from helpline.staff import service as accounts
from helpline.worker import count_job
from tests.cast import MEERA
from tests.support.database import PostgresDatabases
from tests.support.settings import settings_for_tests
from tests.support.web import Client, form_of

NOW = "2026-11-23T15:00:00+05:30"
PAGES = {
    "Overview": "/admin/measures",
    "Waits and calls": "/admin/measures/calls",
    "Advisors": "/admin/measures/advisors",
    "Demand by hour": "/admin/measures/when",
    "Staffing": "/admin/measures/staffing",
}
RANGES = {
    "today": "range=today",
    "week": "range=week",
    "last month": "range=last_month",
    "100 days": "first=2026-08-16&last=2026-11-23",
    "12 months": "range=year",
}
AT_MOST_MS = 300
ADVISORS = 30
HISTORY = ROOT / "bench" / "history.sql"


def main(arguments: Sequence[str] | None = None) -> int:
    """Makes the history, counts it, and asks for every page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--callbacks", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=40, help="number of requests per page")
    told = parser.parse_args(arguments)
    server = PostgresDatabases()
    try:
        with tempfile.TemporaryDirectory() as folder, time_machine.travel(NOW):
            url = server.fresh()
            app = create_app(settings_for_tests(Path(folder) / "instance", url))
            app.testing = True
            app.test_client_class = Client
            with app.app_context():
                return _run(app, told.callbacks, told.times)
    finally:
        server.stop()


def _run(app: Flask, callbacks: int, times: int) -> int:
    _say(f"creating {callbacks:,} callbacks ...")
    made = _timed(lambda: _make(callbacks))
    _say(f"created in {made:.0f} s, counting the days ...")
    days = 0
    started = time.perf_counter()
    while count_job.count_day():
        days += 1
        db.session.rollback()
    a_day = 1000 * (time.perf_counter() - started) / days
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))
        postgres = connection.scalar(sa.text("SHOW server_version"))
        tallies = connection.scalar(sa.text("SELECT count(*) FROM tally"))
    client = app.test_client()
    client.sign_in(MEERA)
    print(
        f"{callbacks:,} callbacks over a year, {tallies:,} totals for {days} days, "
        f"{a_day:.0f} ms to count a day.\n"
        f"{cores()} cores, {platform.machine()}, Python {platform.python_version()}, "
        f"PostgreSQL {postgres}, SQLAlchemy {version('sqlalchemy')}, "
        f"load {os.getloadavg()[0]:.0f}.\n"
    )
    print("| page | range | p50, ms | p95, ms |\n| --- | --- | ---: | ---: |")
    slow = [
        f"{page}, {name}"
        for page, address in PAGES.items()
        for name, query in RANGES.items()
        if _page(client, page, name, f"{address}?{query}", times) > AT_MOST_MS
    ]
    _take_out(client)
    if slow:
        print(f"\nLonger than {AT_MOST_MS} ms at the 95th percentile: {'; '.join(slow)}.")
    return 1 if slow else 0


def _page(client: Client, page: str, name: str, address: str, times: int) -> float:
    assert client.get(address).status_code == 200
    spent = sorted(1000 * _timed(lambda: client.get(address)) for _ in range(times))
    p95 = spent[-(-95 * len(spent) // 100) - 1]
    print(f"| {page} | {name} | {statistics.median(spent):.0f} | {p95:.0f} |", flush=True)
    return p95


def _take_out(client: Client) -> None:
    """Every callback as a file: nothing of it is kept, as a slow line would take it in."""
    form = form_of(client.get("/admin/measures?range=year"), "callbacks")
    token = form.fields["csrf_token"]
    told = {"csrf_token": token, "first": "2025-11-01", "last": "2026-11-23"}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started, lines = time.perf_counter(), 0
    answer = client.post("/admin/measures/take-out/callbacks.csv", data=told, buffered=False)
    for chunk in answer.response:
        lines += chunk.count(b"\n")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(
        f"\nExporting {lines - 1:,} rows as CSV: {time.perf_counter() - started:.0f} s, and "
        f"{grown / 1024:.0f} MB more memory at most."
    )


def _make(callbacks: int) -> None:
    hours.create_first_hours("Asia/Kolkata", now=clock.now())
    accounts.add_staff(
        name=MEERA.name,
        email=MEERA.email,
        roles=MEERA.roles,
        phone=None,
        languages=MEERA.languages,
        password_hash=hash_password(MEERA.password),
        now=clock.now(),
        actor="operator",
    )
    advisors = [
        accounts.add_staff(
            name=f"Advisor {number}",
            email=f"advisor{number}@helpline.example",
            roles=("advisor",),
            phone=None,
            languages=("en",),
            password_hash="!",
            now=clock.now(),
            actor="operator",
        )
        for number in range(ADVISORS)
    ]
    values = {"many": callbacks, "advisors": ADVISORS, "first_advisor": advisors[0]}
    with db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE week_save SET saved_at = '2025-01-01'"))
        for statement in HISTORY.read_text(encoding="utf-8").split(";\n"):
            if statement.strip():
                connection.execute(sa.text(statement), _needed(statement, values))
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))


def _needed(statement: str, values: dict[str, int]) -> dict[str, int]:
    return {name: value for name, value in values.items() if f":{name}" in statement}


def _timed(deed: Callable[[], object]) -> float:
    started = time.perf_counter()
    deed()
    return time.perf_counter() - started


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
