"""What is on the disk of the machine: who can read it, and when erased data is gone from it."""

from __future__ import annotations

import configparser
import os
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

import pytest
from flask import Flask

from config import ROOT
from helpline import clock
from helpline.cli.commands import group
from helpline.db import MAX_WAL_BYTES, db
from helpline.erasure import service as erasure
from helpline.factory import create_app
from helpline.privacy import wal
from helpline.worker import runner
from tests import factories
from tests.cast import ARJUN, KAVITA
from tests.support.clock import Clock
from tests.support.settings import settings_for_tests

on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@on_sqlite
def test_nothing_erased_is_left_in_any_file_once_the_worker_has_been_there(
    app: Flask, at: Clock
) -> None:
    at("2026-11-23 11:00")
    file = app.extensions["helpline"].settings.published_crisis_file
    empty = runner.build_jobs("w", [], file)["empty_wal"]
    empty()
    token = factories.link(KAVITA)
    factories.link(ARJUN)
    secrets = _as_stored(factories.by_token(token).id)
    assert all(each in _on_disk() for each in secrets)

    erasure.erase_everything(token, now=clock.now())

    assert any(each in _on_disk() for each in secrets), "SQLite alone keeps it in its log"
    empty()
    assert not any(each in _on_disk() for each in secrets)
    assert _file("-wal").stat().st_size == 0


@on_sqlite
def test_the_log_is_emptied_every_hour_and_when_somebody_reads_in_the_next_round(
    app: Flask, at: Clock
) -> None:
    at("2026-11-23 11:00")
    emptying = wal.WalTruncation()
    emptying.truncate_if_due(now=clock.now())
    factories.link(KAVITA)
    emptying.truncate_if_due(now=clock.now())
    assert _file("-wal").stat().st_size > 0, "nothing was erased, and it is early"
    at.later(minutes=61)
    with closing(connect(_file(""), isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM callback").fetchone()
        factories.link(ARJUN)
        emptying.truncate_if_due(now=clock.now())
        assert _file("-wal").stat().st_size > 0
    emptying.truncate_if_due(now=clock.now())
    assert _file("-wal").stat().st_size == 0


@on_sqlite
def test_the_log_that_grew_is_cut_when_it_begins_anew(app: Flask) -> None:
    with db.engine.connect() as connection:
        limit = connection.exec_driver_sql("PRAGMA journal_size_limit").scalar_one()
    assert limit == MAX_WAL_BYTES


def test_no_other_user_of_the_machine_reads_any_file(usual_umask: None, tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o755)
    for name in ("helpline.sqlite3", "helpline.sqlite3-wal"):  # As an older version left them.
        (folder / name).touch(mode=0o644)
    settings = settings_for_tests(folder, "")
    app = create_app(settings)
    with app.app_context():
        assert app.test_cli_runner().invoke(group, ["set-up"]).exit_code == 0
        factories.link(KAVITA)
        found = {each.name: stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()}
        db.session.remove()
        db.engine.dispose()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    data = {name: mode for name, mode in found.items() if "sqlite3" in name}
    assert set(data) == {f"helpline.sqlite3{each}" for each in ("", "-wal", "-shm", "-queue")}
    assert set(data.values()) == {0o600}


@pytest.mark.parametrize("unit", ["helpline-web.service", "helpline-worker@.service"])
def test_the_units_make_files_for_their_user_alone(unit: str) -> None:
    told = configparser.ConfigParser(strict=False)
    told.optionxform = str  # type: ignore[assignment,method-assign]
    told.read(ROOT / "deploy" / unit)
    assert told["Service"]["UMask"] == "0077"
    assert told["Service"]["StateDirectoryMode"] == "0700"


def _as_stored(callback_id: int) -> list[bytes]:
    query = f"SELECT phone, name, phone_hash FROM callback WHERE id = {callback_id}"
    with closing(connect(_file(""))) as connection:
        return [each.encode() for each in connection.execute(query).fetchone()]


def _on_disk() -> bytes:
    return b"".join(_file(each).read_bytes() for each in ("", "-wal"))


def _file(ending: str) -> Path:
    return Path(f"{db.engine.url.database}{ending}")


def test_a_worker_is_not_started_with_a_path_that_depends_on_where_it_runs(app: Flask) -> None:
    with pytest.raises(ValueError, match="relative path"):
        runner.build_jobs("w", [], Path("crisis_directory.json"))
