"""flask helpline backup and restore: a whole copy of the database, and the way back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from flask_migrate import upgrade

from helpline.cli.keys import need_right_keys
from helpline.db import db
from helpline.house import settings
from helpline.privacy import key_check
from helpline.privacy.key_check import WrongKeys

_PAGES_AT_ONCE = 200
_TOOLS = click.option(
    "--tools",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="PostgreSQL only: the folder of pg_dump and pg_restore, where they are not on the path.",
)


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_TOOLS
@with_appcontext
def backup_command(file: Path, tools: Path | None) -> None:
    """Copy the whole database to FILE while the service goes on.

    The copy is of one moment, and readable by you alone. Names, numbers and notes in it are as
    encrypted as in the database: keep helpline.env elsewhere. Keep copies no longer than the
    retention that an admin has set (docs/running.md).

    \b
    Examples:
      flask helpline backup /backup/helpline-2026-11-25
      flask helpline backup helpline.dump --tools /usr/lib/postgresql/18/bin
    """
    if file.exists():
        raise click.UsageError(f"{file} is there already. Choose another name.")
    unfinished = file.with_name(f".{file.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        if db.engine.dialect.name == "sqlite":
            _copy_sqlite(Path(db.engine.url.database or ""), unfinished)
        else:
            _run(tools, "pg_dump", "--format=custom", "--no-owner", f"--file={unfinished}")
        unfinished.rename(file)
    finally:
        unfinished.unlink(missing_ok=True)
    click.echo(f"Copied to {file}, {file.stat().st_size:,} bytes.")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Put it in the place of what the database holds.")
@_TOOLS
@with_appcontext
def restore_command(file: Path, replace: bool, tools: Path | None) -> None:
    """Fill the database from a FILE that backup wrote, and bring it up to date.

    Stop web and worker first. A database that holds anything is left alone unless you say
    --replace.

    \b
    Examples:
      flask helpline restore /backup/helpline-2026-11-25
      flask helpline restore helpline.dump --replace
    """
    if sa.inspect(db.engine).get_table_names() and not replace:
        raise click.UsageError("The database is not empty. To replace what is there: --replace")
    db.engine.dispose()
    if db.engine.dialect.name == "sqlite":
        _need_a_copy_of_ours(file)
        _need_its_keys(file)
        _copy_sqlite(file, Path(db.engine.url.database or ""))
    else:
        options = ("--clean", "--if-exists", "--no-owner", "--single-transaction")
        _run(tools, "pg_restore", "--exit-on-error", *options, str(file))
    need_right_keys()
    upgrade()
    need_right_keys()
    click.echo("Restored, and up to date.")


def _copy_sqlite(source: Path, target: Path) -> None:
    """SQLite's own online backup: whole and of one moment, whoever writes meanwhile."""
    with (
        closing(sqlite3.connect(source)) as old,
        closing(sqlite3.connect(target)) as new,
        click.progressbar(length=1, label="Copying") as bar,
    ):

        def tell(_status: int, left: int, pages: int) -> None:
            bar.length = max(pages, 1)
            bar.update(pages - left - bar.pos)

        old.backup(new, pages=_PAGES_AT_ONCE, progress=tell)
        if new.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise click.ClickException("The copy is damaged. Nothing was kept of it.")


def _need_a_copy_of_ours(file: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as copy:
            copy.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as problem:
        raise click.UsageError(f"{file} is no backup of a helpline.") from problem


def _need_its_keys(file: Path) -> None:
    """A SQLite backup is checked before anything is overwritten."""
    engine = sa.create_engine(f"sqlite:///file:{file}?mode=ro&uri=true")
    try:
        with engine.connect() as connection:
            key_check.check(connection)
    except WrongKeys as wrong:
        raise click.ClickException(str(wrong)) from wrong
    finally:
        engine.dispose()


def _run(tools: Path | None, program: str, *options: str) -> None:
    """Runs one of PostgreSQL's own programs on our database. The password goes by the
    environment, where other users of the machine do not see it."""
    found = shutil.which(program, path=str(tools) if tools else None)
    if found is None:
        raise click.UsageError(
            f"{program} is not here. On Debian: apt-get install postgresql-client. "
            "Or name its folder with --tools."
        )
    url = sa.make_url(settings().sqlalchemy_url).set(drivername="postgresql")
    address = url.set(password=None).render_as_string()
    password = {"PGPASSWORD": url.password} if url.password else {}
    done = subprocess.run(  # noqa: S603 - our own address and options
        [found, f"--dbname={address}", *options],
        env={**os.environ, **password},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise click.ClickException(f"{program} says:\n{done.stderr.strip()}")
