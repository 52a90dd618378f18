"""A new field key: all is made anew with it while people go on, however often it is stopped."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from cryptography.fernet import Fernet
from flask import Flask, current_app
from pydantic import SecretStr

from config import Settings
from helpline import clock
from helpline.cli.keys import rotate_keys_command
from helpline.db import Base, db, transaction
from helpline.domain.unreadable import UNREADABLE_TEXT
from helpline.factory import create_app
from helpline.privacy import key_check, key_rotation
from helpline.privacy.encryption import install_keys
from tests import factories
from tests.cast import KAVITA, LEELA
from tests.privacy.fixtures import been_through_everything
from tests.support import programs
from tests.support.clock import Clock
from tests.support.database import writing
from tests.support.settings import SECRETS, environment_of

OLD = SECRETS["field_keys"]
NEW = Fernet.generate_key().decode()


def use(*keys: str) -> None:
    """What a process has after it was started anew with these keys."""
    install_keys(current_app, keys, SECRETS["phone_index_key"], SECRETS["secret_key"])
    db.session.rollback()
    db.session.expire_all()


@pytest.fixture(autouse=True)
def _some_secrets(app: Flask, at: Clock) -> Iterator[None]:
    at("2026-11-23 12:00")
    for visitor in (KAVITA, LEELA):
        been_through_everything(factories.callback(visitor))
    yield
    use(OLD)


class Process:
    """A process of the service with field keys of its own, which is started anew to change them.

    It is a fork, so that it starts at once; its keys and its connections are its own.
    """

    def __init__(self, settings: Settings, *keys: str) -> None:
        context = multiprocessing.get_context("fork")
        self._ours, theirs = context.Pipe()
        told = settings.model_copy(update={"field_keys": tuple(SecretStr(each) for each in keys)})
        self._process = context.Process(target=_serve, args=(told, theirs), daemon=True)
        self._process.start()
        self.started = self._ours.recv()

    def write(self, callback_id: int, name: str) -> None:
        """Writes a name, as a request would."""
        self._ours.send((callback_id, name))
        assert self._ours.recv() == "written"

    def read(self) -> list[str]:
        """Every name."""
        self._ours.send(None)
        return list(self._ours.recv())

    def stop(self) -> None:
        """Ends it."""
        self._ours.send("stop")
        self._process.join(timeout=20)
        assert self._process.exitcode == 0


def _serve(settings: Settings, pipe: Connection) -> None:
    db.engine.dispose(close=False)
    app = create_app(settings)
    with app.app_context():
        try:
            key_check.check_and_record(db.engine, now=clock.now())
        except key_check.WrongKeys as wrong:
            pipe.send(wrong.settings)
            return
        pipe.send("")
        while (asked := pipe.recv()) != "stop":
            if asked is None:
                db.session.expire_all()
                names = db.session.scalars(sa.select(factories.Callback.name))
                pipe.send([str(each) for each in names])
                db.session.rollback()
            else:
                with transaction() as session:
                    session.get_one(factories.Callback, asked[0]).name = asked[1]
                pipe.send("written")


def test_in_the_documented_order_every_process_reads_what_every_other_writes(
    app: Flask, make_settings: Callable[..., Settings]
) -> None:
    """Two processes, restarted one after the other, so that they never change at once."""
    settings, name = make_settings(), iter(range(1000))
    callback = db.session.scalars(sa.select(factories.Callback)).first()
    assert callback is not None
    callback_id = callback.id
    db.session.rollback()
    processes = [Process(settings, OLD), Process(settings, OLD)]

    def everybody_reads_everybody() -> None:
        for writer in processes:
            written = f"name {next(name)}"
            writer.write(callback_id, written)
            for reader in processes:
                assert written in reader.read()
                assert UNREADABLE_TEXT not in reader.read()

    everybody_reads_everybody()
    for keys in ((OLD, NEW), (NEW, OLD)):
        for place in (0, 1):
            processes[place].stop()
            processes[place] = Process(settings, *keys)
            assert processes[place].started == ""
            everybody_reads_everybody()
    use(NEW, OLD)
    assert rotated(app).exit_code == 0
    for place in (0, 1):
        processes[place].stop()
        processes[place] = Process(settings, NEW)
        assert processes[place].started == ""
        everybody_reads_everybody()
    for each in processes:
        each.stop()


def test_in_another_order_a_process_without_the_new_key_is_not_started(
    app: Flask, make_settings: Callable[..., Settings]
) -> None:
    """new,old on one machine while another has old: what the first writes the other cannot read."""
    settings = make_settings()
    Process(settings, OLD).stop()
    first = Process(settings, NEW, OLD)
    assert first.started == ""
    assert Process(settings, OLD).started == "HELPLINE_FIELD_KEYS"
    first.stop()
    assert Process(settings, NEW).started == "HELPLINE_FIELD_KEYS", "nothing is made anew yet"


def rotated(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(rotate_keys_command, arguments, prog_name="rotate-keys")


def all_secrets() -> list[object]:
    """Everything that is encrypted, opened."""
    db.session.rollback()
    found: list[object] = []
    for part in key_rotation.encrypted_tables():
        table = Base.metadata.tables[part.table]
        (key,) = table.primary_key
        for name in part.columns:
            found += db.session.scalars(sa.select(table.c[name]).order_by(key))
    return found


def left_with_old(part: key_rotation.EncryptedTable) -> int:
    return sum(each.old for each in key_rotation.rotate_table(part, renew=False))


def test_all_is_made_anew_and_the_old_key_may_go(app: Flask) -> None:
    before = all_secrets()
    use(NEW, OLD)
    needed = rotated(app, "--check")
    assert (needed.exit_code, "still need an older key" in needed.output) == (1, True)
    done = rotated(app)
    assert done.exit_code == 0, done.output
    assert "You can remove the older keys." in done.output
    assert "0 of 0 old values" in rotated(app).output
    use(NEW)
    assert all_secrets() == before
    assert rotated(app, "--check").exit_code == 0


def test_a_value_that_no_key_opens_is_told_and_left_alone(app: Flask) -> None:
    use(NEW)
    told = rotated(app)
    assert told.exit_code == 1
    assert "cannot be read" in told.output
    use(NEW, OLD)
    assert rotated(app).exit_code == 0


def test_what_somebody_changes_meanwhile_is_not_overwritten(app: Flask) -> None:
    use(NEW, OLD)
    callback = key_rotation.EncryptedTable("callback", ("name",))
    key, columns = key_rotation.raw_columns(callback)
    with writing(db.engine).begin() as connection:
        rows = connection.execute(sa.select(key, *columns).order_by(key)).all()
    changes = [each for row in rows for each in key_rotation._changes(row, key_rotation.Progress())]
    kavita = factories.db.session.get_one(factories.Callback, rows[0][0])
    kavita.name = "Kavita, written by somebody else just now"
    db.session.commit()
    with key_rotation.transaction() as session:
        assert key_rotation._apply_changes(session, key, columns, changes) == len(changes) - 1
    assert db.session.get_one(factories.Callback, rows[0][0]).name == kavita.name


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_row_in_somebodys_hands_is_left_for_the_next_walk_and_nobody_waits(app: Flask) -> None:
    use(NEW, OLD)
    part = key_rotation.EncryptedTable("callback", ("name", "phone", "note"))
    with sa.orm.Session(writing(db.engine)) as other:
        held = sa.select(factories.Callback).limit(1).with_for_update()
        assert other.scalars(held).one().name
        found = next(key_rotation.rotate_table(part, renew=True))
        assert 0 < found.renewed < found.old
    assert next(key_rotation.rotate_table(part, renew=True)).old == found.old - found.renewed
    assert left_with_old(part) == 0


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_killed_in_the_middle_it_goes_on_where_it_was(
    app: Flask, make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    """A real process, ended by SIGKILL as soon as the first rows are done."""
    before, part = all_secrets(), key_rotation.EncryptedTable("callback", ("name", "phone", "note"))
    kavita = db.session.scalars(sa.select(factories.Callback)).first()
    assert kavita is not None
    own = {"id", "token_hash", "phone_hash", "reference", "reference_hash", "reference_token_hash"}
    columns = {
        each.name: getattr(kavita, each.name)
        for each in kavita.__table__.columns
        if each.name not in own
    }
    rows = [
        columns | {"token_hash": f"t{number}", "phone_hash": f"p{number}"} for number in range(900)
    ]
    db.session.execute(sa.insert(factories.Callback), rows)
    db.session.commit()
    environment = environment_of(make_settings(field_keys=f"{NEW},{OLD}"))
    command = ["app", "rotate-keys"]
    use(NEW, OLD)
    first = sa.text("SELECT name FROM callback ORDER BY id LIMIT 1")
    was = db.session.scalar(first)
    db.session.rollback()
    with (tmp_path / "output").open("w") as output:
        started = programs.start(command, env=dict(os.environ) | environment, output=output)
    until = time.monotonic() + 60
    while db.session.scalar(first) == was and time.monotonic() < until:
        db.session.rollback()
        time.sleep(0.002)
    started.kill()
    started.wait()

    left = left_with_old(part)
    assert 0 < left < 3 * 902, "it was in the middle"
    made = rotated(app)
    assert made.exit_code == 0
    assert left_with_old(part) == 0
    use(NEW)
    assert set(before) <= set(all_secrets())
