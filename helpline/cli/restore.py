"""flask helpline restore: check a backup, restore it beside the live database, and swap them."""

from __future__ import annotations

import os
import re
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path

import click
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from helpline import clock
from helpline.atomic_files import make_private_file
from helpline.cli.backup import TOOLS_OPTION, checksum_file, copy_sqlite, run_postgresql, sha256
from helpline.cli.keys import require_matching_keys
from helpline.current import settings
from helpline.db import db, sqlstate, use_database
from helpline.erasure import restored_backup
from helpline.erasure.restored_backup import RestoreSummary
from helpline.privacy import audit_chain, key_check, tombstone_file
from helpline.privacy.audit_chain import ChainRefused
from helpline.privacy.key_check import WrongKeys
from helpline.privacy.tombstone_file import Contents, OtherKeys, TombstoneCopy
from helpline.web import db_bulkhead

_STAMP = "%Y%m%d_%H%M%S"
_MAX_NAME = 40
"""Longest name of a database, to which a suffix is added: PostgreSQL truncates at 63 bytes."""
_OBJECT_IN_USE = "55006"
_STILL_IN_USE = (
    "The database is still in use. Stop the web processes and workers, then restore again."
)
_INCOMPLETE = (
    "The tombstone file does not go back to the time of this backup, so requests that were "
    "cancelled or erased since then could reopen. Nothing was changed. Pass another copy of the "
    "file with --tombstones. If there is none, use --incomplete-tombstones."
)


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Replace the current contents of the database.")
@click.option(
    "--tombstones",
    "others",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Another copy of the tombstone file, for example from another machine. May be repeated.",
)
@click.option(
    "--incomplete-tombstones",
    "may_lack",
    is_flag=True,
    help="Restore even if the tombstones do not go back to the time of the backup.",
)
@TOOLS_OPTION
@with_appcontext
def restore_command(
    file: Path, replace: bool, others: tuple[Path, ...], may_lack: bool, tools: Path | None
) -> None:
    """Restore the database from a backup FILE, and upgrade it.

    Stop the web processes and workers first. The backup is checked and restored beside the live
    database, which stays unchanged until the end and is kept afterwards. Requests that were closed
    or erased after the backup are closed or erased again. Open requests are held until a supervisor
    reviews them.

    \b
    Examples:
      flask helpline restore /backup/helpline-2026-11-25
      flask helpline restore helpline.dump --replace
      flask helpline restore helpline.dump --replace \\
          --tombstones /mnt/other/tombstones.jsonl
    """
    holds_data = _holds_data()
    if holds_data and not replace:
        raise click.UsageError("The database is not empty. To replace its contents, add --replace.")
    _check_file(file)
    if holds_data:
        _copy_newest_tombstones()
    contents = _read_tombstones(others, may_lack=may_lack)
    target: _RestoreTarget = _Sqlite() if db.engine.dialect.name == "sqlite" else _Postgresql(tools)
    db.session.remove()
    db.engine.dispose()
    try:
        target.fill(file)
        with use_database(target.engine()):
            carried = _finish(contents, may_lack=may_lack)
        previous = target.swap(keep=holds_data, now=clock.now())
    finally:
        target.clear()
    _accept_audit_end()
    _print_summary(carried, previous)


def _accept_audit_end() -> None:
    """The audit log of the backup ends earlier; this machine's worker continues from there."""
    try:
        audit_chain.accept_end(audit_chain.KnownEnd(settings().instance_dir))
    except ChainRefused:
        click.echo(
            "The end of the audit log in this backup is not valid, so workers will not continue "
            "it. Run flask helpline verify-audit."
        )


def _finish(contents: Sequence[Contents], *, may_lack: bool) -> RestoreSummary:
    with db.engine.connect() as connection:
        has_tombstones = sa.inspect(connection).has_table("tombstone")
        _require_known_version(connection)
        try:
            key_check.check(connection)
        except WrongKeys as wrong:
            raise click.ClickException(str(wrong)) from wrong
    upgrade()
    require_matching_keys()
    if not may_lack and not (has_tombstones and _covers_backup(contents)):
        raise click.ClickException(_INCOMPLETE)
    return restored_backup.apply_tombstones(tombstone_file.merge(contents), now=clock.now())


def _covers_backup(contents: Collection[Contents]) -> bool:
    """Return whether a file has the backup's newest tombstone or, without one there, all ever
    written.
    """
    newest = tombstone_file.newest_ref()
    if newest is None:
        return any(content.has_all for content in contents)
    return any(stone.ref == newest for content in contents for stone in content.stones)


def _require_known_version(connection: sa.Connection) -> None:
    scripts = ScriptDirectory.from_config(current_app.extensions["migrate"].migrate.get_config())
    if not sa.inspect(connection).has_table("alembic_version"):
        raise click.ClickException(
            "This file is not a backup of this service. Nothing was changed."
        )
    for version in connection.scalars(sa.text("SELECT version_num FROM alembic_version")):
        try:
            scripts.get_revision(version)
        except CommandError as unknown:
            raise click.ClickException(
                f"The backup is from a newer version of this service (database version {version}). "
                "Nothing was changed. Restore it with that version or a newer one."
            ) from unknown


def _holds_data() -> bool:
    try:
        return bool(sa.inspect(db.engine).get_table_names())
    except DBAPIError:  # Damaged, so not empty.
        return True


def _check_file(file: Path) -> None:
    noted = checksum_file(file)
    if not noted.exists():
        click.echo(f"No checksum file {noted.name} found beside the backup.", err=True)
    elif noted.read_text().split(maxsplit=1)[:1] != [sha256(file)]:
        raise click.ClickException(
            f"{file} is damaged: it does not match {noted.name}. Nothing was changed."
        )


def _copy_newest_tombstones() -> None:
    """What ended in the last seconds may not be in the file yet."""
    config = settings()
    try:
        TombstoneCopy(config.tombstones, config.tombstone_days).update(now=clock.now())
    except (OSError, OtherKeys, SQLAlchemyError) as error:
        click.echo(
            "The newest tombstones of the live database could not be read "
            f"({type(error).__name__}). Requests closed in its last seconds may reopen.",
            err=True,
        )


def _read_tombstones(others: Sequence[Path], *, may_lack: bool) -> Sequence[Contents]:
    contents = []
    for file in (settings().tombstones, *others):
        try:
            contents.append(tombstone_file.read(file))
        except FileNotFoundError:
            continue
        except OtherKeys as error:
            if not may_lack:
                raise click.ClickException(
                    f"{file} was written with a different HELPLINE_PHONE_INDEX_KEY. "
                    "Nothing was changed."
                ) from error
    unreadable = sum(content.unreadable for content in contents)
    if unreadable:
        click.echo(f"{unreadable} lines of the tombstone file could not be read and were skipped.")
    return contents


def _print_summary(carried: RestoreSummary, name: str | None) -> None:
    click.echo("The database is restored and up to date.")
    click.echo(f"Requests closed after the backup, closed again: {carried.ended}.")
    click.echo(f"Requests erased after the backup, erased again: {carried.erased}.")
    click.echo(f"Block list changes applied: {carried.blocks}.")
    click.echo(f"STOP and START requests applied: {carried.stops}.")
    if carried.unknown:
        click.echo(f"Tombstones of requests made after the backup: {carried.unknown}.")
    click.echo(
        f"Requests held until a supervisor reviews them: {carried.held}. "
        f"{settings().public_url}/floor/held"
    )
    if name is not None:
        click.echo(
            f"The previous database is kept as {name}. It contains personal data. When everything "
            "works, delete it: flask helpline previous-databases --delete"
        )


class _RestoreTarget(ABC):
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


class _Sqlite(_RestoreTarget):
    def __init__(self) -> None:
        self._live = Path(db.engine.url.database or "")
        self._beside = _with_suffix(self._live, ".restoring")

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
        name = _unused_name(f"{self._live.name}.before_", _previous_files(self._live), now)
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
        for ending in ("", "-wal", "-shm", "-queue", "-journal"):
            _with_suffix(self._beside, ending).unlink(missing_ok=True)


class _Postgresql(_RestoreTarget):
    def __init__(self, tools: Path | None) -> None:
        self._tools = tools
        self._live = str(db.engine.url.database)
        self._beside = _derived_name(self._live, "_restoring")
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


@click.command("previous-databases")
@click.option("--delete", is_flag=True, help="Delete them instead of listing them.")
@with_appcontext
def previous_databases_command(delete: bool) -> None:
    """List or delete the previous databases that restore kept.

    They contain personal data, and retention does not apply to them.

    \b
    Examples:
      flask helpline previous-databases
      flask helpline previous-databases --delete
    """
    if db.engine.dialect.name == "sqlite":
        live = Path(db.engine.url.database or "")
        databases = [str(live.with_name(file_name)) for file_name in _previous_files(live)]
        drop: Callable[[str], None] = os.unlink
    else:
        target = _Postgresql(None)
        databases, drop = list(target.kept()), target.drop
    for name in databases:
        if delete:
            drop(name)
        click.echo(f"Deleted {name}." if delete else name)
    if not databases:
        click.echo("No previous databases found.")


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


def _previous_files(live: Path) -> Sequence[str]:
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
