"""A backup of an earlier moment is restored: nobody who left since is called again."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy.exc import NoResultFound

from config import Settings
from helpline import clock
from helpline.callbacks import claims, queue, restore_hold
from helpline.callbacks import service as callbacks
from helpline.callbacks.phone_limits import service as numbers
from helpline.calls import service as calls
from helpline.db import db, transaction
from helpline.domain.lifecycle import Status
from helpline.domain.retries import Disposition
from helpline.erasure import service as erasure
from helpline.messaging import sms
from helpline.privacy.encryption import phone_hash
from tests import factories
from tests.cast import ARJUN, ASHA, VIKRAM, Visitor
from tests.privacy.fixtures import been_through_everything, left_of
from tests.support.clock import Clock
from tests.support.database import programs

OPEN = "2026-11-23 10:30"
REACHED, CANCELLED, ERASED, ON_REQUEST, BLOCKED, STOPPED, WAITS = (
    Visitor(f"Visitor {number}", f"+9198765431{number:02d}", "en") for number in range(7)
)


@pytest.fixture(autouse=True)
def _morning(at: Clock) -> None:
    at(OPEN)


def test_nobody_who_left_after_the_backup_is_called_again(
    app: Flask, at: Clock, settings: Settings, tmp_path: Path
) -> None:
    reached, cancelled, erased, on_request, blocked, stopped, waits = (
        factories.link(each)
        for each in (REACHED, CANCELLED, ERASED, ON_REQUEST, BLOCKED, STOPPED, WAITS)
    )
    been_through_everything(factories.by_token(erased))
    _run(app, "backup", tmp_path / "copy")

    at.later(minutes=1)
    supervisor, advisor = factories.staff(VIKRAM).id, factories.staff(ASHA).id
    talked = claims.claim_next(advisor, now=clock.now())
    assert talked == factories.by_token(reached).id
    calls.start_own_phone_call(talked, advisor, now=clock.now(), longest_minutes=30)
    calls.record_disposition(talked, advisor, Disposition.REACHED, "", now=clock.now())
    callbacks.cancel(cancelled, now=clock.now())
    erasure.erase_everything(erased, now=clock.now())
    erasure.erase_number(ON_REQUEST.phone, also_open=True, staff_id=supervisor, now=clock.now())
    numbers.block(
        factories.by_token(blocked).id,
        days=7,
        reason="pestered",
        supervisor_id=supervisor,
        now=clock.now(),
    )
    with transaction() as session:
        sms.opt_out(session, phone_hash(STOPPED.phone), now=clock.now())
    after = factories.link(ARJUN)

    done = _run(app, "restore", tmp_path / "copy", "--replace")

    assert "closed again: 4" in done.output
    assert "erased again: 2" in done.output
    assert "Requests held until a supervisor reviews them: 3." in done.output
    assert _status(reached) == Status.REACHED
    assert _status(cancelled) == Status.CANCELLED
    assert left_of(factories.by_token(erased).id, factories.by_token(on_request).id) == []
    with db.session() as session:
        assert sms.has_opted_out(session, phone_hash(STOPPED.phone))
    for token in (blocked, stopped, waits):
        assert _status(token) == Status.WAITING
    assert queue.due_count(db.session(), clock.now()) == 0
    with pytest.raises(claims.QueueEmpty):
        claims.claim_next(factories.staff(ASHA).id, now=clock.now())
    with pytest.raises(NoResultFound):
        factories.by_token(after)

    ids = [each.id for each in restore_hold.held_callbacks(db.session())]
    assert (
        restore_hold.release_held(ids, supervisor_id=factories.staff(VIKRAM).id, now=clock.now())
        == 3
    )
    due = [each.id for each in queue.waiting_list(db.session(), clock.now())]
    assert due == [factories.by_token(each).id for each in (stopped, waits)], "all but the block"


def _status(token: str) -> Status:
    db.session.rollback()
    return factories.by_token(token).status


def _run(app: Flask, *words: object) -> Result:
    db.session.remove()
    tools = ("--tools", str(programs()))
    done = app.test_cli_runner().invoke(args=["helpline", *map(str, words), *tools])
    assert done.exit_code == 0, done.output
    return done
