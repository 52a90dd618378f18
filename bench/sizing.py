"""Memory of each process at rest and after some use: ``python -m bench.sizing --write``.

A proportional share (PSS) counts what processes share once, so that the numbers add up.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil
import requests

from config import ROOT
from tests.journeys.live_services import clean_environment, end, free_port, prepare, until
from tests.support.database import PostgresDatabases, SqliteDatabases
from tests.support.settings import environment_of, settings_for_tests

PAGES = ("/", "/crisis", "/hi/", "/login", "/api/v1/availability")
ROUNDS = 300
REST_SECONDS = 20
FILE = Path(__file__).with_name("SIZING.md")
HEAD = """\
# What machine it needs

Written by `python -m bench.sizing --write`. Memory in MB that a process adds to a machine (PSS), at
rest and after 1,500 pages, as `deploy/gunicorn.conf.py` and the systemd units start it.

| process | SQLite, at rest | after use | PostgreSQL, at rest | after use |
| --- | ---: | ---: | ---: | ---: |
"""
Memory = dict[str, tuple[float, float]]


def _megabytes(process: psutil.Process) -> float:
    return process.memory_full_info().pss / 2**20


def measure(url: str, folder: Path) -> Memory:
    """Return the memory of each process, at rest and after use."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    settings = settings_for_tests(folder / "instance", url, public_url=address)
    prepare(settings)
    environment = {
        **clean_environment(),
        **environment_of(settings),
        "WEB_CONCURRENCY": "1",
        "PROMETHEUS_MULTIPROC_DIR": str(folder / "instance"),
    }
    web = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]
    programs = [
        [*web, "--bind", f"127.0.0.1:{port}", "app:create_app()"],
        [sys.executable, "-m", "flask", "--app", "app:create_app", "helpline", "worker"],
    ]
    running = [
        subprocess.Popen(
            program, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for program in programs
    ]
    try:
        until(lambda: _is_ready(address), "web and worker are up", 160)
        time.sleep(REST_SECONDS)
        gunicorn, worker = (psutil.Process(process.pid) for process in running)
        processes = {
            "web: a process (`WEB_CONCURRENCY`)": gunicorn.children()[0],
            "web: gunicorn itself": gunicorn,
            "worker": worker,
        }
        rest = {name: _megabytes(process) for name, process in processes.items()}
        session = requests.Session()
        for _ in range(ROUNDS):
            for page in PAGES:
                session.get(address + page, timeout=60)
        return {name: (rest[name], _megabytes(process)) for name, process in processes.items()}
    finally:
        end(running)


def _is_ready(address: str) -> bool:
    try:
        return requests.get(f"{address}/readyz", timeout=10).ok
    except requests.RequestException:
        return False


def page(sqlite: Memory, postgresql: Memory) -> str:
    """Return the page: the table, and what follows for a machine."""
    rows = [
        [name, *(f"{value:.0f}" for value in (*sqlite[name], *postgresql[name]))] for name in sqlite
    ]
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    total, with_postgresql = (
        sum(used for _, used in memory.values()) for memory in (sqlite, postgresql)
    )
    machine = f"{os.cpu_count()} cores, {sys.platform.capitalize()}"
    return f"""{HEAD}{table}
- **512 MB, one core**: SQLite, `WEB_CONCURRENCY=1` and one worker take {total:.0f} MB. The rest
  is for the system and the front web server. `app.py run`, with a supervisor and two web
  processes, does not fit.
- **1 GB, one core**: the same with PostgreSQL on the machine: {with_postgresql:.0f} MB and about
  50 MB of its own.
- **2 GB, two cores**: two web processes and two workers, so that each is replaced while the other
  works.
- One web process serves hundreds of pages a second ([RESULTS.md](RESULTS.md)): memory decides, not
  the processor.
- At the carrier a call costs two legs by the minute, to the advisor and to the visitor, and a text
  message its segments. The daily budget limits both.

{datetime.now(UTC):%Y-%m-%d}, {machine}, Python {sys.version.split()[0]}
"""


def main() -> int:
    """Measure on both databases; ``--write`` saves the page."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sqlite = measure(SqliteDatabases(folder).fresh(), folder / "sqlite")
        server = PostgresDatabases(durable=True)
        try:
            postgresql = measure(server.fresh(), folder / "postgresql")
        finally:
            server.stop()
    text = page(sqlite, postgresql)
    if "--write" in sys.argv[1:]:
        FILE.write_text(text)
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
