"""The database's machine dies, its standby takes over, and nothing that was promised is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from helpline.db import db
from helpline.factory import create_app
from tests import factories
from tests.cast import ARJUN, KAVITA
from tests.support.settings import settings_for_tests
from tests.support.two_processes import Pair
from tests.support.web import Client
from tools.check_migrations import migrated


@pytest.fixture
def pair() -> Iterator[Pair]:
    pair = Pair()
    yield pair
    pair.stop()


@pytest.fixture
def house(pair: Pair, tmp_path: Path) -> Iterator[Flask]:
    """The application, with an address that names both servers."""
    app = create_app(settings_for_tests(tmp_path / "instance", pair.url()))
    app.test_client_class = Client
    with app.app_context():
        migrated(str(app.config["SQLALCHEMY_DATABASE_URI"]))
        yield app
        db.session.remove()
        db.engine.dispose()


def test_a_standby_takes_over_and_nothing_is_lost(house: Flask, pair: Pair) -> None:
    client = house.test_client()
    asked = factories.link(KAVITA)
    assert client.get(f"/request/{asked}").status_code == 200

    pair.kill_primary()
    down = client.get(f"/request/{asked}")
    assert (down.status_code, "112" in down.text) == (503, True)
    assert client.get("/crisis").status_code == 200

    pair.promote()
    db.session.rollback()
    assert client.get(f"/request/{asked}").status_code == 200
    assert factories.by_token(asked).phone == KAVITA.phone
    assert factories.by_token(factories.link(ARJUN)).phone == ARJUN.phone


def test_several_hosts_are_written_as_operators_write_them(tmp_path: Path) -> None:
    written = "postgresql://who:secret@one:6432,two/helpline?target_session_attrs=read-write"
    assert settings_for_tests(tmp_path, written).sqlalchemy_url == (
        "postgresql+psycopg://who:secret@/helpline?host=one,two&port=6432,5432"
        "&target_session_attrs=read-write"
    )
    single = "postgres://who@one:6432/helpline"
    assert settings_for_tests(tmp_path, single).sqlalchemy_url == (
        "postgresql+psycopg://who@one:6432/helpline"
    )
