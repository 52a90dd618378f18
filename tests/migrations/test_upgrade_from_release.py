"""A database of an earlier release: migrated to head, it serves that release and this one.

``releases/`` has a dump for each database; see release_dump.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import claims
from helpline.callbacks.models import Callback
from helpline.cli import commands
from helpline.db import db
from helpline.domain.lifecycle import Status
from tests import factories
from tests.cast import RAVI
from tests.migrations.release_dump import DUMPED_AT, RELEASES, load
from tests.support.clock import Clock
from tests.support.database import PostgresDatabases, SqliteDatabases
from tests.support.web import Client
from tools.check_migrations import bare_app, migrated

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
            assert (new_kind, new_default) == (kind, default), f"{table}.{name}"
            assert new_nullable or not nullable, f"{table}.{name} must still take NULL"
        for name in after[table].keys() - columns.keys():
            _kind, nullable, default = after[table][name]
            assert nullable or default is not None, f"the release does not fill {table}.{name}"


def test_the_migrated_database_serves(app: Flask, client: Client, at: Clock) -> None:
    at(DUMPED_AT)
    commands.set_up()
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
