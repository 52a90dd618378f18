"""The database that a backup is restored into, beside the live one."""

from __future__ import annotations

import os
import re
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path

import click
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from helpline.atomic_files import make_private_file
from helpline.cli.backup import copy_sqlite, run_postgresql
from helpline.db import SQLITE_ENDINGS, db, sqlstate
from helpline.web import db_bulkhead

_STAMP = "%Y%m%d_%H%M%S"
_MAX_NAME = 40
"""Longest name of a database, to which a suffix is added: PostgreSQL truncates at 63 bytes."""
_OBJECT_IN_USE = "55006"
_STILL_IN_USE = (
    "The database is still in use. Stop the web processes and workers, then restore again."
)


class RestoreTarget(ABC):
    """The database restored beside the live one."""

    @abstractmethod
    def fill(self, file: Path) -> None:
        """Restore a backup into it."""

    @abstractmethod
    def engine(self) -> sa.Engine:
        """Return an engine for it."""

    @abstractmethod
    def swap(self, *, keep: bool, now: datetime) -> str | None:
        """Replace the live database; return the name under which that one was kept, if it was."""

    @abstractmethod
    def clear(self) -> None:
        """Remove what is left of it."""


def beside_live(name: str, tools: Path | None) -> RestoreTarget:
    """Return a database beside the live one.

    Args:
        name: what it is for, as one word: two of different names do not touch each other.
        tools: folder of pg_dump and pg_restore.
    """
    if db.engine.dialect.name == "sqlite":
        return SqliteTarget(name)
    return PostgresqlTarget(tools, name)


class SqliteTarget(RestoreTarget):
    def __init__(self, name: str) -> None:
        self._live = Path(db.engine.url.database or "")
        self._beside = _with_suffix(self._live, f".{name}")

    def fill(self, file: Path) -> None:
        self.clear()
        make_private_file(self._beside)
        try:
            copy_sqlite(file, self._beside)
        except sqlite3.DatabaseError as problem:
            raise click.ClickException(
                f"{file} is damaged or not a backup: {problem}. Nothing was changed."
            ) from problem

    def engine(self) -> sa.Engine:
        return _engine(db.engine.url.set(database=str(self._beside)))

    def swap(self, *, keep: bool, now: datetime) -> str | None:
        _merge_wal(self._beside)
        name = _unused_name(f"{self._live.name}.before_", previous_files(self._live), now)
        previous = self._live.with_name(name) if keep else None
        if previous is not None:
            self._require_unused()
            log = _with_suffix(self._live, "-wal")
            if log.exists():  # The file is damaged, so its log could not be merged.
                log.rename(_with_suffix(previous, "-wal"))
            _with_suffix(self._live, "-shm").unlink(missing_ok=True)
            try:
                os.link(self._live, previous)
            except OSError:
                self._live.rename(previous)
        self._beside.replace(self._live)
        _sync(self._live.parent)
        return str(previous) if previous is not None else None

    def _require_unused(self) -> None:
        """Leaving WAL mode needs exclusive access to the file."""
        try:
            _merge_wal(self._live)
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise click.ClickException(_STILL_IN_USE) from error
        except sqlite3.DatabaseError:
            pass  # Damaged, which may be the reason for the restore.

    def clear(self) -> None:
        for ending in ("", *SQLITE_ENDINGS, "-journal"):
            _with_suffix(self._beside, ending).unlink(missing_ok=True)


class PostgresqlTarget(RestoreTarget):
    def __init__(self, tools: Path | None, name: str = "restoring") -> None:
        self._tools = tools
        self._live = str(db.engine.url.database)
        self._beside = _derived_name(self._live, f"_{name}")
        self._server = _engine(db.engine.url.set(database="postgres"), autocommit=True)

    def fill(self, file: Path) -> None:
        self.clear()
        like = self._rows(
            "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database "
            "WHERE datname = :name",
            name=self._live,
        )
        encoding, collate, ctype = (_sql_literal(value) for value in like[0])
        try:
            self._do(
                f"CREATE DATABASE {{}} TEMPLATE template0 ENCODING {encoding} "
                f"LC_COLLATE {collate} LC_CTYPE {ctype}",
                self._beside,
            )
        except DBAPIError as error:
            raise click.ClickException(
                "Could not create a database to restore into "
                f"({type(error.orig).__name__}). The user of DATABASE_URL needs CREATEDB. "
                "Nothing was changed."
            ) from error
        run_postgresql(
            self._tools,
            "pg_restore",
            "--exit-on-error",
            "--no-owner",
            "--single-transaction",
            str(file),
            database=self._beside,
        )

    def engine(self) -> sa.Engine:
        return _engine(db.engine.url.set(database=self._beside))

    def swap(self, *, keep: bool, now: datetime) -> str | None:
        previous = _unused_name(_derived_name(self._live, "_before_"), self.kept(), now)
        try:
            self._do("ALTER DATABASE {} RENAME TO {}", self._live, previous)
        except DBAPIError as error:
            if sqlstate(error) == _OBJECT_IN_USE:
                raise click.ClickException(_STILL_IN_USE) from error
            raise
        try:
            self._do("ALTER DATABASE {} RENAME TO {}", self._beside, self._live)
        except DBAPIError:
            self._do("ALTER DATABASE {} RENAME TO {}", previous, self._live)
            raise
        if not keep:
            self._do("DROP DATABASE {}", previous)
        return previous if keep else None

    def clear(self) -> None:
        self._do("DROP DATABASE IF EXISTS {} WITH (FORCE)", self._beside)
        self._server.dispose()

    def kept(self) -> Sequence[str]:
        like = _derived_name(self._live, "_before_")
        rows = self._rows("SELECT datname FROM pg_database ORDER BY datname")
        return [
            name for (name,) in rows if re.fullmatch(rf"{re.escape(like)}\d{{8}}_\d{{6}}", name)
        ]

    def drop(self, name: str) -> None:
        self._do("DROP DATABASE {}", name)

    def _do(self, command: str, *names: str) -> None:
        quote = self._server.dialect.identifier_preparer.quote_identifier
        with self._server.connect() as connection:
            connection.exec_driver_sql(command.format(*map(quote, names)))

    def _rows(self, query: str, **params: str) -> Sequence[Sequence[str]]:
        with self._server.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(query), params)]


def _engine(url: sa.URL, *, autocommit: bool = False) -> sa.Engine:
    options = db_bulkhead.engine_options(url.render_as_string())
    connect_args = options.get("connect_args", {})
    isolation = {"isolation_level": "AUTOCOMMIT"} if autocommit else {}
    if url.get_backend_name() == "postgresql" and not autocommit:
        isolation = {"isolation_level": str(options["isolation_level"])}
    return sa.create_engine(
        url, poolclass=NullPool, hide_parameters=True, connect_args=connect_args, **isolation
    )


def _merge_wal(file: Path) -> None:
    """Merge the write-ahead log of a SQLite file into it."""
    with closing(sqlite3.connect(file, timeout=1)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE").fetchone()


def previous_files(live: Path) -> Sequence[str]:
    return sorted(file.name for file in live.parent.glob(f"{live.name}.before_*"))


def _unused_name(start: str, existing: Collection[str], now: datetime) -> str:
    while (name := f"{start}{now:{_STAMP}}") in existing:
        now += timedelta(seconds=1)
    return name


def _with_suffix(file: Path, ending: str) -> Path:
    return file.with_name(file.name + ending)


def _derived_name(database: str, ending: str) -> str:
    return database[:_MAX_NAME] + ending


def _sql_literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    with suppress(OSError):
        os.fsync(handle)
    os.close(handle)
