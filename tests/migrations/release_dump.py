"""The wheel of this release and dumps of its database, for the tests of the next ones. Run once a
release, without changes that are not committed:

.venv/bin/python -m tests.migrations.release_dump

It writes ``releases/helpline-VERSION-py3-none-any.whl``, ``VERSION-sqlite.sql`` and
``VERSION-postgresql.sql``, with made-up people and the keys of the tests.
"""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from config import ROOT
from helpline import __version__, clock, factory
from helpline.callbacks import service as callbacks
from helpline.cli import set_up
from helpline.db import db
from tests import factories
from tests.cast import ARJUN, ASHA, IMRAN, KAVITA, LEELA, MEERA, RAVI, VIKRAM
from tests.support import app_cache
from tests.support.clock import Clock
from tests.support.database import PostgresDatabases, SqliteDatabases, programs
from tests.support.settings import settings_for_tests

RELEASES = Path(__file__).with_name("releases")
DUMPED_AT = "2026-11-23 11:00"


def dump_file(version: str, url: str) -> Path:
    return RELEASES / f"{version}-{sa.make_url(url).get_backend_name()}.sql"


def wheel_file(version: str) -> Path:
    return RELEASES / f"helpline-{version}-py3-none-any.whl"


def load(url: str, version: str) -> None:
    """Fill an empty database from a dump."""
    address = sa.make_url(url)
    if address.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(str(address.database))) as connection:
            connection.executescript(dump_file(version, url).read_text())
    else:
        _postgresql(
            "psql", url, "-qX", "--set=ON_ERROR_STOP=1", f"--file={dump_file(version, url)}"
        )


def dump(url: str, version: str) -> None:
    """Write a dump."""
    address = sa.make_url(url)
    if address.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(str(address.database))) as connection:
            text = "".join(f"{line}\n" for line in connection.iterdump())
    else:
        text = _postgresql("pg_dump", url, "--no-owner", "--no-privileges", "--inserts")
        text = re.sub(r"^\\(un)?restrict .*\n", "", text, flags=re.MULTILINE)
    RELEASES.mkdir(exist_ok=True)
    dump_file(version, url).write_text(text)


def fill(url: str, folder: Path) -> None:
    """Let a small team work: a callback of most states, an edited week, an audit log."""
    app = factory.create_app(settings_for_tests(folder / "instance", url))
    app_cache.use_cheap_password_hashes(app)
    with app.app_context():
        set_up.set_up()
        for member in (ASHA, RAVI, VIKRAM, MEERA):
            factories.staff(member)
        factories.claimed(ASHA, KAVITA)
        factories.link(ARJUN)
        factories.link(LEELA)
        callbacks.cancel(factories.link(IMRAN), now=clock.now())
        db.session.remove()
        db.engine.dispose()


def build_wheel() -> None:
    """Build the wheel, without the files of tests and of this machine."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        subprocess.run(["git", "clone", "--quiet", ROOT, source], check=True)
        build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", RELEASES]
        subprocess.run([*build, source], check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    """Make all three."""
    build_wheel()
    at = Clock()
    at(DUMPED_AT)
    with tempfile.TemporaryDirectory() as folder:
        server = PostgresDatabases()
        for databases in (SqliteDatabases(Path(folder)), server):
            url = databases.fresh()
            fill(url, Path(folder))
            dump(url, __version__)
        server.stop()
    at.stop()


def _postgresql(program: str, url: str, *options: str) -> str:
    address = sa.make_url(url).set(drivername="postgresql").render_as_string()
    done = subprocess.run(
        [programs() / program, f"--dbname={address}", *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


if __name__ == "__main__":
    main()
