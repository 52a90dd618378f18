"""flask helpline restore: check a backup, restore it beside the live database, and swap them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from helpline import clock
from helpline.callbacks.models import Callback
from helpline.cli import migrations
from helpline.cli.backup import TOOLS_OPTION, checksum_file, sha256
from helpline.cli.keys import require_matching_keys
from helpline.cli.restore_target import PostgresqlTarget, beside_live, previous_files
from helpline.current import settings
from helpline.db import db, use_database
from helpline.erasure import restored_backup
from helpline.erasure.restored_backup import RestoreSummary
from helpline.migration import current_revision, revisions
from helpline.privacy import audit_chain, key_check, tombstone_file
from helpline.privacy.audit_chain import ChainRefused
from helpline.privacy.key_check import WrongKeys
from helpline.privacy.tombstone_file import Contents, OtherKeys, TombstoneCopy

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
    target = beside_live("restoring", tools)
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


@click.command("rehearse-restore")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@TOOLS_OPTION
@with_appcontext
def rehearse_restore_command(path: Path, tools: Path | None) -> None:
    """Restore a backup beside the live database, check it, and delete it again.

    PATH is a backup, or a folder of which the newest backup is taken. The service may run: the live
    database stays as it is. Exits with 1 if the backup could not be restored: if it is damaged, has
    other keys, or the tombstones do not go back to it.

    \b
    Examples:
      flask helpline rehearse-restore /backup
      flask helpline rehearse-restore /backup/helpline-2026-11-25
    """
    file = _newest_backup(path) if path.is_dir() else path
    began = time.monotonic()
    _check_file(file)
    _copy_newest_tombstones()
    contents = _read_tombstones((), may_lack=False)
    target = beside_live("rehearsing", tools)
    db.session.remove()
    try:
        target.fill(file)
        with use_database(target.engine()):
            carried = _finish(contents, may_lack=False)
            entries = _require_intact_audit_log()
            requests = db.session.scalar(sa.select(sa.func.count()).select_from(Callback))
    finally:
        target.clear()
    taken = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    click.echo(f"{file} of {taken:%Y-%m-%d %H:%M} UTC can be restored.")
    click.echo(f"It took {time.monotonic() - began:.0f} seconds. Requests: {requests}.")
    click.echo(f"Closed or erased again: {carried.ended + carried.erased}. Held: {carried.held}.")
    click.echo(f"Entries of the audit log, without a change: {entries}.")
    click.echo("The copy was deleted. The live database was not changed.")


def _newest_backup(folder: Path) -> Path:
    backups = [file for file in folder.iterdir() if checksum_file(file).exists()]
    if not backups:
        raise click.ClickException(f"There is no backup with its checksum in {folder}.")
    return max(backups, key=lambda file: file.stat().st_mtime)


def _require_intact_audit_log() -> int:
    """Return how many entries there are."""
    session = db.session()
    end = audit_chain.head_of(session)
    items = audit_chain.verify(session, end, recorded_ends=[])
    if any(not isinstance(item, int) for item in items):
        raise click.ClickException("The audit log of this backup was changed.")
    return end.seq


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
    migrations.upgrade()
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
    version = current_revision(connection)
    if version is None:
        raise click.ClickException(
            "This file is not a backup of this service. Nothing was changed."
        )
    if version not in revisions():
        raise click.ClickException(
            f"The backup is from a newer version of this service (database version {version}). "
            "Nothing was changed. Restore it with that version or a newer one."
        )


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
        databases = [str(live.with_name(file_name)) for file_name in previous_files(live)]
        drop: Callable[[str], None] = os.unlink
    else:
        target = PostgresqlTarget(None)
        databases, drop = list(target.kept()), target.drop
    for name in databases:
        if delete:
            drop(name)
        click.echo(f"Deleted {name}." if delete else name)
    if not databases:
        click.echo("No previous databases found.")
