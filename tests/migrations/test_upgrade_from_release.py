"""A database of an earlier release: migrated to head, it serves that release and this one.

``releases/`` has a dump for each database; see release_dump.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import claims
from helpline.callbacks.models import Callback
from helpline.cli import set_up
from helpline.db import db
from helpline.domain.lifecycle import Status
from tests import factories
from tests.cast import RAVI
from tests.migrations.release_dump import DUMPED_AT, RELEASES, load, wheel_file
from tests.support.clock import Clock
from tests.support.database import PostgresDatabases, SqliteDatabases
from tests.support.settings import environment_of, settings_for_tests
from tests.support.web import Client
from tools.check_migrations import bare_app, migrated

PLAY = """
import json, sys
import app, helpline
from helpline import clock
from helpline.callbacks import claims
from helpline.db import db
from helpline.staff.models import Staff

served = app.create_app()
with served.app_context():
    client = served.test_client()
    asked = client.post(
        "/api/v1/callbacks",
        json={"phone": "+919876500077", "consent": True},
        headers={"Idempotency-Key": "7b0c1f0e-8d53-4a54-9c0e-5b8f2f6f3a11"},
    )
    ravi = db.session.scalar(db.select(Staff).where(Staff.email == sys.argv[1])).id
    db.session.rollback()
    told = {
        "version": helpline.__version__,
        "from": helpline.__file__,
        "page": client.get("/").status_code,
        "asked": asked.status_code,
        "claimed": claims.claim_next(ravi, now=clock.now()),
        "audit": served.test_cli_runner().invoke(args=["helpline", "verify-audit"]).exit_code,
    }
print(json.dumps(told))
"""
"""Run with the code of a release: a visitor asks, an advisor claims."""

VERSIONS = sorted({file.name.split("-")[0] for file in RELEASES.glob("*.sql")})


def schema(url: str) -> Mapping[str, Mapping[str, Any]]:
    """Every column, by table: type, whether it may be empty, default."""
    with bare_app(url) as engine:
        inspector = sa.inspect(engine)
        return {
            table: {
                column["name"]: (str(column["type"]), column["nullable"], column["default"])
                for column in inspector.get_columns(table)
            }
            for table in inspector.get_table_names()
        }


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database_url(databases: SqliteDatabases | PostgresDatabases, version: str) -> Iterator[str]:
    """A database as that release left it."""
    url = databases.empty()
    load(url, version)
    yield url
    databases.drop(url)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder with the code of a version; it is compiled once for both databases."""
    folder = tmp_path_factory.mktemp("releases")

    def extracted(version: str) -> Path:
        with zipfile.ZipFile(wheel_file(version)) as wheel:
            wheel.extractall(folder / version)
        return folder / version

    return cache(extracted)


def is_as_wide(new: str, old: str) -> bool:
    """Whether a column takes what the release writes: its kind, or a longer text."""
    lengths = [re.fullmatch(r"VARCHAR\((\d+)\)", kind) for kind in (new, old)]
    if all(lengths):
        return int(lengths[0][1]) >= int(lengths[1][1])  # type: ignore[index]
    return new == old


def test_the_release_finds_what_it_expects_after_the_migration(database_url: str) -> None:
    """So that it serves on while this one is rolled out, and after a rollback."""
    before = schema(database_url)
    migrated(database_url)
    after = schema(database_url)
    assert before.keys() <= after.keys(), "a table is dropped one release later"
    for table, columns in before.items():
        for name, (kind, nullable, default) in columns.items():
            assert name in after[table], f"{table}.{name} is dropped one release later"
            new_kind, new_nullable, new_default = after[table][name]
            assert is_as_wide(new_kind, kind), f"{table}.{name}: {new_kind}, was {kind}"
            assert new_default == default, f"{table}.{name}"
            assert new_nullable or not nullable, f"{table}.{name} must still take NULL"
        for name in after[table].keys() - columns.keys():
            _kind, nullable, default = after[table][name]
            assert nullable or default is not None, f"the release does not fill {table}.{name}"


def test_the_migrated_database_serves(app: Flask, client: Client, at: Clock) -> None:
    at(DUMPED_AT)
    set_up.set_up()
    found = db.session.scalars(sa.select(Callback).order_by(Callback.id)).all()
    assert [row.status for row in found] == [
        Status.CLAIMED,
        Status.WAITING,
        Status.WAITING,
        Status.CANCELLED,
    ]
    assert [row.name for row in found[:3]] == ["Kavita", "Arjun", "Leela"], "the keys fit"
    assert client.get("/").status_code == 200
    assert claims.claim_next(factories.staff(RAVI).id, now=clock.now()) == found[1].id
    told = app.test_cli_runner().invoke(args=["helpline", "verify-audit"])
    assert told.exit_code == 0, told.output


def test_the_code_of_the_release_serves_on_the_migrated_database(
    database_url: str, version: str, release: Callable[[str], Path], tmp_path: Path
) -> None:
    """While this one is rolled out, and after a rollback of the code alone."""
    migrated(database_url)
    code = str(release(version))
    ahead = (datetime.fromisoformat(f"{DUMPED_AT}+05:30") - datetime.now(UTC)).total_seconds()
    settings = settings_for_tests(
        tmp_path / "instance", database_url, clock_offset_seconds=ahead, log_level="warning"
    )
    run = subprocess.run(
        [sys.executable, "-c", PLAY, RAVI.email],
        cwd=tmp_path,
        env=os.environ | environment_of(settings) | {"PYTHONPATH": code},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout.splitlines()[-1])
    assert told.pop("from").startswith(code)
    assert told.pop("claimed") is not None
    assert told == {"version": version, "page": 200, "asked": 201, "audit": 0}
