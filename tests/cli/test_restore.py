"""A restore checks first, and touches the live database only when all is done."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from config import Settings
from helpline import clock
from helpline.callbacks import service as callbacks
from helpline.callbacks.models import Callback
from helpline.cli.backup import checksum_file
from helpline.db import db
from helpline.domain.lifecycle import Status
from helpline.erasure import restored_backup as restoring
from helpline.privacy import tombstone_file
from helpline.privacy.encryption import install_keys
from helpline.privacy.tombstone_file import OtherKeys, TombstoneCopy
from tests import factories
from tests.cast import ARJUN, KAVITA
from tests.support.clock import Clock
from tests.support.database import programs
from tests.support.settings import SECRETS


@pytest.fixture
def copy(app: Flask, at: Clock, tmp_path: Path) -> Path:
    """A backup in which Kavita waits; in the live database Arjun waits too."""
    at("2026-11-23 10:30")
    factories.link(KAVITA)
    file = tmp_path / "copy"
    assert _run(app, "backup", file).exit_code == 0
    factories.link(ARJUN)
    return file


def test_a_backup_that_does_not_fit_its_checksum_is_refused(app: Flask, copy: Path) -> None:
    content = bytearray(copy.read_bytes())
    content[len(content) // 2] ^= 1
    copy.write_bytes(content)
    _is_refused(
        _run(app, "restore", copy, "--replace"), "is damaged: it does not match copy.sha256"
    )


def test_a_damaged_backup_without_a_checksum_is_refused_too(app: Flask, copy: Path) -> None:
    checksum_file(copy).unlink()
    content = copy.read_bytes()
    copy.write_bytes(content[: len(content) // 2])
    _is_refused(_run(app, "restore", copy, "--replace"), "")


def test_a_rehearsal_restores_the_newest_backup_of_a_folder_and_deletes_it(
    app: Flask, copy: Path
) -> None:
    (copy.parent / "notes").write_text("not a backup")
    beside = databases_beside()
    done = _run(app, "rehearse-restore", copy.parent)
    assert done.exit_code == 0, done.output
    assert f"{copy} of " in done.output
    assert "Requests: 1." in done.output
    assert "Held: 1." in done.output
    assert "The live database was not changed." in done.output
    _live_is_untouched()
    assert databases_beside() == beside


def test_a_rehearsal_fails_where_the_backup_cannot_be_restored(app: Flask, copy: Path) -> None:
    empty = copy.parent / "empty"
    empty.mkdir()
    _is_refused(_run(app, "rehearse-restore", empty), "There is no backup with its checksum")
    damaged = copy.with_name("damaged")
    damaged.write_bytes(copy.read_bytes()[:-1])
    checksum_file(damaged).write_text(checksum_file(copy).read_text())
    _is_refused(_run(app, "rehearse-restore", damaged), "is damaged")


def databases_beside() -> set[str]:
    """What stands beside the live database: files, or databases of the server."""
    if db.engine.dialect.name == "sqlite":
        live = Path(db.engine.url.database or "")
        return {file.name for file in live.parent.glob(f"{live.name}*ing*")}
    with db.engine.connect() as connection:
        return set(connection.scalars(sa.text("SELECT datname FROM pg_database")))


def test_what_fails_while_it_is_restored_leaves_the_live_database(
    app: Flask, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_told: object, **_named: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(restoring, "apply_tombstones", fails)
    db.session.remove()
    done = _run(app, "restore", copy, "--replace")
    assert isinstance(done.exception, OSError)
    _live_is_untouched()


def test_a_backup_of_a_newer_version_or_with_other_keys_is_refused(
    app: Flask, copy: Path, tmp_path: Path
) -> None:
    with db.engine.begin() as connection:
        version = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    newer = tmp_path / "newer"
    assert _run(app, "backup", newer).exit_code == 0
    with db.engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE alembic_version SET version_num = :version"), {"version": version}
        )
    _is_refused(_run(app, "restore", newer, "--replace"), "from a newer version of this service")
    install_keys(app, [SECRETS["field_keys"]], "another-key-of-phone-hashes-for-tests", "l" * 32)
    try:
        refused = _run(app, "restore", copy, "--replace")
    finally:
        install_keys(
            app, [SECRETS["field_keys"]], SECRETS["phone_index_key"], SECRETS["secret_key"]
        )
    _is_refused(refused, "HELPLINE_PHONE_INDEX_KEY")


def test_while_something_uses_the_database_nothing_is_swapped(
    app: Flask, second_app: Flask, copy: Path
) -> None:
    with second_app.app_context(), db.engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        refused = _run(app, "restore", copy, "--replace")
    _is_refused(refused, "Stop the web processes and workers")


def test_the_database_from_before_is_kept_until_it_is_deleted(app: Flask, copy: Path) -> None:
    done = _run(app, "restore", copy, "--replace")
    assert done.exit_code == 0, done.output
    assert _waiting() == {KAVITA.phone}
    listed = _run(app, "previous-databases").stdout.split()
    assert len(listed) == 1
    assert listed[0] in done.output
    assert "Deleted" in _run(app, "previous-databases", "--delete").output
    assert "No previous databases found." in _run(app, "previous-databases").output


def test_where_tombstones_do_not_reach_back_it_is_refused_unless_asked_for(
    app: Flask, copy: Path, settings: Settings, tmp_path: Path
) -> None:
    token = factories.link(KAVITA)
    callbacks.cancel(token, now=clock.now())
    TombstoneCopy(settings.tombstones, 90).update(now=clock.now())
    later = tmp_path / "later"
    assert _run(app, "backup", later).exit_code == 0
    elsewhere = tmp_path / "elsewhere"
    settings.tombstones.rename(elsewhere)
    settings.tombstones.write_text(elsewhere.read_text().splitlines()[0] + "\n")
    with db.engine.begin() as connection:  # The live database has lost them too.
        connection.execute(sa.text("DELETE FROM tombstone"))
    _is_refused(_run(app, "restore", later, "--replace"), "--incomplete-tombstones")
    with_a_copy = _run(app, "restore", later, "--replace", "--tombstones", elsewhere)
    assert with_a_copy.exit_code == 0, with_a_copy.output
    settings.tombstones.unlink()
    assert _run(app, "restore", later, "--replace", "--incomplete-tombstones").exit_code == 0


def test_the_file_of_tombstones_survives_a_crash_in_the_middle_of_a_line(
    app: Flask, at: Clock, settings: Settings
) -> None:
    at("2026-11-23 10:30")
    first, second = factories.link(KAVITA), factories.link(ARJUN)
    callbacks.cancel(first, now=clock.now())
    file = settings.tombstones
    assert TombstoneCopy(file, 90).update(now=clock.now()) == 1
    assert file.stat().st_mode & 0o777 == 0o600
    assert KAVITA.phone not in file.read_text()
    whole = file.read_bytes()
    file.write_bytes(whole[:-20])
    copies = [TombstoneCopy(file, 90) for _ in range(2)]  # Two workers of one machine.
    assert [each.update(now=clock.now()) for each in copies] == [1, 0]
    callbacks.cancel(second, now=clock.now())
    assert [each.update(now=clock.now()) for each in copies] == [1, 0]
    found = tombstone_file.read(file)
    assert (len(found.stones), found.unreadable, found.has_all) == (2, 1, True)
    assert {stone.status for stone in found.stones} == {Status.CANCELLED}
    file.unlink()
    assert copies[1].update(now=clock.now()) == 2, "a lost file is written again"


def test_old_tombstones_go_and_a_file_of_other_keys_is_refused(
    app: Flask, at: Clock, settings: Settings
) -> None:
    at("2026-11-23 10:30")
    callbacks.cancel(factories.link(KAVITA), now=clock.now())
    TombstoneCopy(settings.tombstones, 90).update(now=clock.now())
    at("2027-03-03 10:30")
    kept = TombstoneCopy(settings.tombstones, 90)
    kept.update(now=clock.now())
    found = tombstone_file.read(settings.tombstones)
    assert (list(found.stones), found.has_all) == ([], False)
    kept.update(now=clock.now())
    with db.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM tombstone")) == 0
    install_keys(app, [SECRETS["field_keys"]], "another-key-of-phone-hashes-for-tests", "l" * 32)
    try:
        with pytest.raises(OtherKeys):
            tombstone_file.read(settings.tombstones)
    finally:
        install_keys(
            app, [SECRETS["field_keys"]], SECRETS["phone_index_key"], SECRETS["secret_key"]
        )


def _is_refused(done: Result, words: str) -> None:
    assert done.exit_code == 1, done.output
    assert words in done.output
    _live_is_untouched()


def _live_is_untouched() -> None:
    assert _waiting() == {KAVITA.phone, ARJUN.phone}
    if db.engine.dialect.name == "sqlite":
        folder = Path(str(db.engine.url.database)).parent
        name = os.path.basename(str(db.engine.url.database))
        assert [each for each in folder.iterdir() if each.name.startswith(f"{name}.")] == []


def _waiting() -> set[str]:
    db.session.remove()
    found = sa.select(Callback.phone).where(Callback.status == Status.WAITING)
    return set(db.session.scalars(found))


def _run(app: Flask, *words: object) -> Result:
    db.session.remove()
    tools = () if words[0] == "previous-databases" else ("--tools", str(programs()))
    return app.test_cli_runner().invoke(args=["helpline", *map(str, words), *tools])
