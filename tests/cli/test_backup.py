"""A copy of the database, and the way back."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import service as callbacks
from helpline.callbacks.models import Callback
from helpline.db import db
from helpline.domain.phone_numbers import PhoneNumber
from tests import factories
from tests.cast import ARJUN, KAVITA
from tests.support.clock import Clock
from tests.support.database import PostgresDatabases, SqliteDatabases, programs

NUMBERS = [f"+9198765{number:05d}" for number in range(200, 260)]


def test_a_copy_made_while_people_ask_brings_everything_back(
    app: Flask,
    at: Clock,
    databases: SqliteDatabases | PostgresDatabases,
    tmp_path: Path,
) -> None:
    at("2026-11-23 11:00")
    token = factories.link(KAVITA)
    copy = tmp_path / "copy"
    asking = threading.Thread(target=_ask_on, args=(app,))
    asking.start()
    done = _run(app, "backup", str(copy))
    asking.join()
    assert done.exit_code == 0, done.output
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert KAVITA.phone.encode() not in copy.read_bytes()
    assert [each.name for each in tmp_path.iterdir() if "unfinished" in each.name] == []

    factories.link(ARJUN)
    before = _run(app, "restore", str(copy))
    assert before.exit_code == 2
    assert "--replace" in before.output
    assert _run(app, "restore", str(copy), "--replace").exit_code == 0

    db.session.rollback()
    found = factories.by_token(token)
    assert (found.phone, found.name) == (KAVITA.phone, KAVITA.name)
    phones = set(db.session.scalars(sa.select(Callback.phone)))
    assert ARJUN.phone not in phones  # asked after the copy
    again = factories.link(ARJUN)  # and the restored service takes requests
    assert factories.by_token(again).phone == ARJUN.phone


def test_an_empty_database_is_filled_and_what_is_no_copy_is_refused(
    app: Flask, tmp_path: Path
) -> None:
    copy, other = tmp_path / "copy", tmp_path / "other"
    assert _run(app, "backup", str(copy)).exit_code == 0
    again = _run(app, "backup", str(copy))
    assert (again.exit_code, "already exists" in again.output) == (2, True)

    other.write_text("not a database")
    refused = _run(app, "restore", str(other), "--replace")
    assert refused.exit_code != 0
    assert db.session.scalar(sa.select(sa.func.count(Callback.id))) == 0  # still whole


def _ask_on(app: Flask) -> None:
    with app.app_context():
        for number in NUMBERS:
            wish = callbacks.CallbackRequest(phone=PhoneNumber(number))
            callbacks.request_callback(wish, request_key=f"form-of-{number}", now=clock.now())


def _run(app: Flask, *words: str):
    tools = ("--tools", str(programs()))
    return app.test_cli_runner().invoke(args=["helpline", *words, *tools])
