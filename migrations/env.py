"""How Alembic meets the database: the application's own engine, one transaction, one at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.runtime.migration import MigrationContext
from flask import current_app
from sqlalchemy.engine import Connection
from sqlalchemy.types import TypeDecorator

from helpline.db import LEFT_FOR_THE_RELEASE_BEFORE, READ_COMMITTED

_ONE_AT_A_TIME = 5_400_2026  # any number, the same in every process that migrates


def render_plain_type(kind: str, item: Any, _: AutogenContext) -> str | Literal[False]:
    """Writes our own column types as what they are in the database.

    A migration says what the table was like on its day, so it must not change with our code.
    """
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


def differs_by_default(
    _context: MigrationContext,
    _inspected: sa.Column[Any],
    column: sa.Column[Any],
    inspected_default: str | None,
    _default: object,
    rendered_default: str | None,
) -> bool | None:
    """Compares defaults of JSON as text, since PostgreSQL has no = for JSON."""
    if not isinstance(column.type, sa.JSON):
        return None  # Alembic's own comparison
    return (inspected_default or "").removesuffix("::json") != (rendered_default or "")


def include_name(name: str | None, _kind: str, _parents: object) -> bool:
    """Leaves out tables that no model has and the release before still reads."""
    return name not in LEFT_FOR_THE_RELEASE_BEFORE


@contextmanager
def _alone_on_sqlite(connection: Connection) -> Iterator[None]:
    """Foreign keys are off while tables are made anew, which can only be said outside of a
    transaction, and all of them are checked before the end."""
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        with context.begin_transaction():
            yield
            if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise RuntimeError("the migration would leave rows that point at nothing")
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


@contextmanager
def _alone_on_postgresql(connection: Connection) -> Iterator[None]:
    with context.begin_transaction():
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
        yield


def migrate() -> None:
    """Runs what was asked for. Two that migrate at once do it one after the other."""
    migrations = current_app.extensions["migrate"]
    engine = migrations.db.engine
    on_sqlite = engine.dialect.name == "sqlite"
    told = {} if on_sqlite else {"isolation_level": READ_COMMITTED}
    with engine.connect().execution_options(writes=True, **told) as connection:
        context.configure(
            connection=connection,
            target_metadata=migrations.db.metadata,
            transactional_ddl=True,
            render_as_batch=on_sqlite,
            compare_type=True,
            compare_server_default=differs_by_default,
            include_name=include_name,
            render_item=render_plain_type,
        )
        with _alone_on_sqlite(connection) if on_sqlite else _alone_on_postgresql(connection):
            context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Migrations run against a database; --sql is not supported.")
migrate()
