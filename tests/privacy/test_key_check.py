"""A database says which keys it was written with, and a process with others is refused."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import click
import pytest
import sqlalchemy as sa
from click.testing import Result
from cryptography.fernet import Fernet
from flask import Flask, current_app

from config import Settings
from helpline import clock
from helpline.cli import settings_file
from helpline.cli.commands import group
from helpline.db import db
from helpline.preflight.checks import Check, Level
from helpline.privacy import key_check
from helpline.privacy.encryption import install_keys
from helpline.privacy.key_check import Key, WrongKeys
from helpline.privacy.models import KeyCanary
from helpline.web import key_check as web_key_check
from helpline.worker import preflight_job
from tests import factories
from tests.cast import KAVITA
from tests.support.settings import SECRETS
from tests.support.web import Client

OLD = SECRETS["field_keys"]
NEW = Fernet.generate_key().decode()
INDEX, LINKS = SECRETS["phone_index_key"], SECRETS["secret_key"]
OTHER = "another-secret-for-tests-and-nothing-else"


def plant() -> None:
    key_check.check_and_record(db.engine, now=clock.now())


def check() -> tuple[Key, ...]:
    """The keys that differ."""
    try:
        with db.engine.connect() as connection:
            key_check.check(connection)
    except WrongKeys as wrong:
        return wrong.keys
    return ()


@pytest.mark.parametrize("planted", [True, False])
def test_each_key_that_differs_is_named(app: Flask, planted: bool) -> None:
    assert check() == (), "an empty database fits every key"
    factories.callback(KAVITA)
    if planted:
        plant()
    assert check() == ()
    install_keys(current_app, [NEW], INDEX, LINKS)
    assert check() == (Key.FIELDS,)
    install_keys(current_app, [OLD], OTHER, LINKS)
    assert check() == (Key.PHONE_INDEX,)
    if planted:
        install_keys(current_app, [NEW], OTHER, OTHER)
        assert check() == tuple(Key)


def test_a_key_is_recorded_before_it_is_written_with_and_until_nothing_needs_it(app: Flask) -> None:
    factories.callback(KAVITA)
    plant()
    install_keys(current_app, [OLD, NEW], INDEX, LINKS)
    plant()
    install_keys(current_app, [OLD], INDEX, LINKS)
    assert check() == (), "nothing was written with the new key yet"

    install_keys(current_app, [NEW, OLD], INDEX, LINKS)
    plant()
    install_keys(current_app, [OLD], INDEX, LINKS)
    assert check() == (Key.FIELDS,), "a process that is still without the new key"
    install_keys(current_app, [NEW], INDEX, LINKS)
    assert check() == (Key.FIELDS,), "the old key was removed too early"

    install_keys(current_app, [NEW, OLD], INDEX, LINKS)
    assert run(app, "rotate-keys").exit_code == 0
    install_keys(current_app, [NEW], INDEX, LINKS)
    assert check() == ()


def test_commands_refuse_wrong_keys_and_say_which(app: Flask) -> None:
    factories.callback(KAVITA)
    plant()
    install_keys(current_app, [NEW], INDEX, OTHER)
    for command in ("set-up", "worker", "check-keys", "verify-audit"):
        answer = run(app, command)
        assert answer.exit_code == 1, command
        assert "HELPLINE_FIELD_KEYS, HELPLINE_SECRET_KEY" in answer.output
    accepted = run(app, "check-keys", "--accept", "links", "--yes")
    assert (accepted.exit_code, "HELPLINE_FIELD_KEYS" in accepted.output) == (1, True)
    install_keys(current_app, [OLD], INDEX, OTHER)
    assert run(app, "check-keys").exit_code == 0
    assert run(app, "set-up").exit_code == 0


def test_preflight_names_the_key_that_differs(app: Flask) -> None:
    plant()
    install_keys(current_app, [OLD], OTHER, LINKS)
    [finding] = [each for each in preflight_job.run_checks() if each.check == Check.KEYS]
    assert (finding.level, finding.about) == (Level.WRONG, "HELPLINE_PHONE_INDEX_KEY")
    assert "FAIL  Keys" in run(app, "doctor").output


def test_a_web_process_with_wrong_keys_shows_the_crisis_page_until_they_are_right(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant()
    install_keys(current_app, [NEW], INDEX, LINKS)
    web_key_check.install(app)
    refused = client.get("/")
    assert refused.status_code == 503
    assert "112" in refused.text
    assert client.get("/crisis").status_code == 200
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").json["keys"] is False
    assert client.get("/readyz").json["database"] is True

    install_keys(current_app, [OLD], INDEX, LINKS)
    monkeypatch.setattr("helpline.web.key_check.time.monotonic", lambda: 1e9)
    assert client.get("/").status_code == 200


def test_a_web_process_records_the_key_that_it_writes_with(app: Flask, client: Client) -> None:
    install_keys(current_app, [NEW, OLD], INDEX, LINKS)
    web_key_check.install(app)
    assert client.get("/").status_code == 200
    assert db.session.scalar(sa.select(sa.func.count()).select_from(KeyCanary)) == 4


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_write_between_the_check_and_its_record_fails_no_request(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite refuses at once to write in a transaction that has read what is no longer so."""
    web_key_check.install(app)
    check, checks = key_check.check, []

    def check_and_let_another_write(connection: sa.Connection) -> None:
        check(connection)
        if not checks:
            with closing(sqlite3.connect(str(db.engine.url.database))) as other, other:
                other.execute("INSERT INTO role (name, description) VALUES ('a', 'b')")
        checks.append(connection)

    monkeypatch.setattr(key_check, "check", check_and_let_another_write)
    assert client.get("/").status_code == 200
    assert checks
    assert db.session.scalar(sa.select(sa.func.count()).select_from(KeyCanary)) == 3


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_process_whose_keys_are_recorded_waits_for_no_writer(app: Flask, client: Client) -> None:
    plant()
    web_key_check.install(app)
    with closing(sqlite3.connect(str(db.engine.url.database))) as other:
        other.execute("BEGIN IMMEDIATE")
        assert client.get("/").status_code == 200
        other.rollback()


def test_a_backup_of_other_keys_is_refused(app: Flask, tmp_path: Path) -> None:
    token = factories.link(KAVITA)
    plant()
    copy = tmp_path / "copy"
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL: tests/cli/test_backup.py")
    assert run(app, "backup", str(copy)).exit_code == 0
    install_keys(current_app, [NEW], INDEX, LINKS)
    refused = run(app, "restore", str(copy), "--replace")
    assert (refused.exit_code, "HELPLINE_FIELD_KEYS" in refused.output) == (1, True)
    install_keys(current_app, [OLD], INDEX, LINKS)
    db.session.rollback()
    assert factories.by_token(token).phone == KAVITA.phone


def test_fresh_secrets_are_never_written_beside_a_database_with_rows(
    app: Flask,
    make_settings: Callable[..., Settings],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    instance = tmp_path / "new"
    monkeypatch.setenv("DATABASE_URL", make_settings().sqlalchemy_url)
    factories.callback(KAVITA)
    with pytest.raises(click.ClickException, match="Restore your copy"):
        settings_file.make_secrets(instance)
    assert not (instance / "helpline.env").exists()

    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    with pytest.raises(click.ClickException, match="is not available"):
        settings_file.make_secrets(instance)
    assert not (instance / "helpline.env").exists()


def test_secrets_that_the_environment_has_are_not_made_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HELPLINE_SECRET_KEY", "given")
    settings_file.make_secrets(tmp_path)
    text = (tmp_path / "helpline.env").read_text()
    assert "HELPLINE_SECRET_KEY" not in text
    assert "HELPLINE_PHONE_INDEX_KEY=" in text


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(group, words, prog_name="helpline")
