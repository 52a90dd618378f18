"""flask helpline backup: copy the whole database."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import click
import sqlalchemy as sa
from flask.cli import with_appcontext

from helpline import clock
from helpline.atomic_files import write_atomic
from helpline.current import settings
from helpline.db import db
from helpline.privacy.tombstone_file import OtherKeys, TombstoneCopy

_PAGES_AT_ONCE = 200
TOOLS_OPTION = click.option(
    "--tools",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="PostgreSQL only: folder of pg_dump and pg_restore, if they are not on PATH.",
)


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@TOOLS_OPTION
@with_appcontext
def backup_command(file: Path, tools: Path | None) -> None:
    """Back up the whole database to FILE while the service runs.

    The backup is a consistent snapshot that only you can read. Names, numbers and notes in it stay
    encrypted, so store helpline.env elsewhere. Do not keep backups longer than the retention
    period that an admin has set (docs/running.md).

    \b
    Examples:
      flask helpline backup /backup/helpline-2026-11-25
      flask helpline backup helpline.dump --tools /usr/lib/postgresql/18/bin
    """
    if file.exists():
        raise click.UsageError(f"{file} already exists. Choose another name.")
    unfinished = file.with_name(f".{file.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        if db.engine.dialect.name == "sqlite":
            copy_sqlite(Path(db.engine.url.database or ""), unfinished)
        else:
            run_postgresql(
                tools, "pg_dump", "--format=custom", "--no-owner", f"--file={unfinished}"
            )
        write_checksum(unfinished, file)
        unfinished.rename(file)
    finally:
        unfinished.unlink(missing_ok=True)
    _copy_tombstones()
    click.echo(f"Backup written to {file} ({file.stat().st_size:,} bytes).")


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy by SQLite's online backup: a consistent snapshot, whatever is written meanwhile."""
    with (
        closing(sqlite3.connect(source)) as old,
        closing(sqlite3.connect(target)) as new,
        click.progressbar(length=1, label="Copying") as bar,
    ):

        def tell(_status: int, remaining: int, pages: int) -> None:
            bar.length = max(pages, 1)
            bar.update(pages - remaining - bar.pos)

        old.backup(new, pages=_PAGES_AT_ONCE, progress=tell)
        if new.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise click.ClickException("The copy is damaged and was deleted.")


def write_checksum(content: Path, file: Path) -> None:
    """Write the SHA-256 of a backup next to it, in the format of ``sha256sum --check``."""
    write_atomic(checksum_file(file), f"{sha256(content)}  {file.name}\n", mode=0o600)


def checksum_file(file: Path) -> Path:
    return file.with_name(f"{file.name}.sha256")


def sha256(file: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _copy_tombstones() -> None:
    """Update the tombstone file too, also where no worker runs."""
    config = settings()
    try:
        TombstoneCopy(config.tombstones, config.tombstone_days).update(now=clock.now())
    except (OSError, OtherKeys, sa.exc.SQLAlchemyError) as error:
        click.echo(f"The tombstone file was not updated: {type(error).__name__}.", err=True)


def run_postgresql(
    tools: Path | None, program: str, *options: str, database: str | None = None
) -> None:
    """Run a PostgreSQL client program on our database, or another one of its server.

    The password is passed in the environment, which other users of the machine cannot read.
    """
    program_path = shutil.which(program, path=str(tools) if tools else None)
    if program_path is None:
        raise click.UsageError(
            f"{program} was not found. On Debian: apt-get install postgresql-client. "
            "Or pass its folder with --tools."
        )
    url = sa.make_url(settings().sqlalchemy_url).set(drivername="postgresql")
    if database is not None:
        url = url.set(database=database)
    address = url.set(password=None).render_as_string()
    password = {"PGPASSWORD": url.password} if url.password else {}
    done = subprocess.run(  # noqa: S603 - our own address and options
        [program_path, f"--dbname={address}", *options],
        env={**os.environ, **password},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise click.ClickException(f"{program} failed:\n{done.stderr.strip()}")
