"""In whatever order people ask and leave and backups are restored, nobody who left is due."""

from __future__ import annotations

import itertools
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from cryptography.fernet import Fernet
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy.exc import NoResultFound

from helpline import clock
from helpline.callbacks import queue, restore_hold
from helpline.callbacks import service as callbacks
from helpline.callbacks.errors import NoSuchCallback, StateChanged
from helpline.callbacks.models import Callback
from helpline.callbacks.phone_limits import service as numbers
from helpline.db import Base, db
from helpline.domain.lifecycle import ENDED, Status
from helpline.erasure import service as erasure
from helpline.privacy.encryption import install_keys
from tests import factories
from tests.cast import ARJUN, KAVITA, VIKRAM, Visitor
from tests.support.clock import Clock
from tests.support.database import programs, wipe
from tests.support.settings import SECRETS

VISITORS = (KAVITA, ARJUN)
_places = itertools.count(1)
_visitor = st.sampled_from(VISITORS)
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), _visitor),
        st.tuples(st.sampled_from(("erase", "cancel", "block")), _visitor),
        st.tuples(st.just("backup"), st.none()),
        st.tuples(st.just("restore"), st.integers(0, 3)),
        st.tuples(st.sampled_from(("rotate", "release")), st.none()),
    ),
    min_size=3,
    max_size=12,
).map(lambda deeds: [("ask", KAVITA), ("backup", None), *deeds, ("restore", 0), ("release", None)])


@dataclass
class World:
    """One helpline, its backups, and who left."""

    app: Flask
    at: Clock
    folder: Path
    tokens: dict[Visitor, str] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    cancelled: set[str] = field(default_factory=set)
    blocked: dict[Visitor, object] = field(default_factory=dict)
    backups: list[Path] = field(default_factory=list)
    keys: list[str] = field(default_factory=lambda: [SECRETS["field_keys"]])

    def play(self, deed: str, what: object) -> None:
        """One deed; one that cannot be done now is left out."""
        self.at.later(minutes=1)
        db.session.rollback()
        with suppress(KeyError, NoSuchCallback, NoResultFound, StateChanged):
            getattr(self, deed)(what)
        self.check()

    def ask(self, visitor: Visitor) -> None:
        self.tokens[visitor] = factories.link(visitor)

    def erase(self, visitor: Visitor) -> None:
        erasure.erase_everything(self.tokens[visitor], now=clock.now())
        self.erased.add(self.tokens[visitor])

    def cancel(self, visitor: Visitor) -> None:
        callbacks.cancel(self.tokens[visitor], now=clock.now())
        self.cancelled.add(self.tokens[visitor])

    def block(self, visitor: Visitor) -> None:
        numbers.block(
            factories.by_token(self.tokens[visitor]).id,
            days=30,
            reason="pestered",
            supervisor_id=factories.staff(VIKRAM).id,
            now=clock.now(),
        )
        self.blocked[visitor] = clock.now() + timedelta(days=30)

    def backup(self, _nothing: None) -> None:
        self.backups.append(self.folder / f"backup-{len(self.backups)}")
        self.run("backup", self.backups[-1])

    def restore(self, which: int) -> None:
        self.run("restore", self.backups[which % len(self.backups)], "--replace")
        assert queue.due_count(db.session(), clock.now()) == 0, "until a supervisor reviews"

    def rotate(self, _nothing: None) -> None:
        self.keys.insert(0, Fernet.generate_key().decode())
        install_keys(self.app, self.keys, SECRETS["phone_index_key"], SECRETS["secret_key"])
        self.run("rotate-keys")

    def release(self, _nothing: None) -> None:
        ids = [each.id for each in restore_hold.held_callbacks(db.session())]
        restore_hold.release_held(ids, supervisor_id=factories.staff(VIKRAM).id, now=clock.now())

    def run(self, *words: object) -> Result:
        db.session.remove()
        tools = () if words[0] == "rotate-keys" else ("--tools", str(programs()))
        done = self.app.test_cli_runner().invoke(args=["helpline", *map(str, words), *tools])
        assert done.exit_code == 0, done.output
        return done

    def check(self) -> None:
        """Nobody who left is open, and nobody who is blocked is due."""
        db.session.rollback()
        for token in self.erased | self.cancelled:
            with suppress(NoResultFound):
                found = factories.by_token(token)
                assert found.status in ENDED
                assert found.phone is None or token not in self.erased
        due = [each.id for each in queue.waiting_list(db.session(), clock.now())]
        callbacks_due = [db.session.get_one(Callback, each) for each in due]
        assert all(each.status == Status.WAITING for each in callbacks_due)
        assert not {each.phone for each in callbacks_due} & {each.phone for each in self.blocked}


def _play(app: Flask, at: Clock, folder: Path, deeds: list[tuple[str, object]]) -> None:
    at("2026-11-23 10:30")
    db.session.remove()
    wipe(db.engine, Base.metadata)
    app.extensions["helpline"].settings.tombstones.unlink(missing_ok=True)
    install_keys(app, [SECRETS["field_keys"]], SECRETS["phone_index_key"], SECRETS["secret_key"])
    place = folder / str(next(_places))
    place.mkdir()
    world = World(app, at, place)
    for deed, what in deeds:
        world.play(deed, what)


_SLOW = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large)


@pytest.mark.parametrize("database_kind", ["sqlite"])
@given(deeds=DEEDS)
@hypothesis_settings(max_examples=12, deadline=None, suppress_health_check=_SLOW)
def test_nobody_who_left_is_ever_due_on_sqlite(
    app: Flask, at: Clock, tmp_path: Path, deeds: list[tuple[str, object]]
) -> None:
    _play(app, at, tmp_path, deeds)


@pytest.mark.parametrize("database_kind", ["postgresql"])
@given(deeds=DEEDS)
@hypothesis_settings(max_examples=3, deadline=None, suppress_health_check=_SLOW)
def test_nobody_who_left_is_ever_due_on_postgresql(
    app: Flask, at: Clock, tmp_path: Path, deeds: list[tuple[str, object]]
) -> None:
    _play(app, at, tmp_path, deeds)
