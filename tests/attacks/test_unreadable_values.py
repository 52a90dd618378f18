"""Replay: one stored value that no key opens, at the head of everything that reads it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from flask import Flask
from werkzeug.test import TestResponse

from helpline import clock
from helpline.callbacks import claims
from helpline.callbacks.models import Callback
from helpline.calls import service as calls
from helpline.calls.errors import NumberUnreadable
from helpline.db import db
from helpline.domain.lifecycle import Status
from helpline.messaging import job_failures
from helpline.messaging.models import Notice, NoticeKind
from helpline.privacy import key_rotation
from helpline.privacy.encryption import UnreadableText
from helpline.worker import runner
from helpline.worker.schedule import run_until_idle
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, LEELA, RAVI, VIKRAM, Visitor
from tests.support.clock import Clock
from tests.support.database import writing
from tests.support.web import Client, Form, forms_of

LOST = Fernet(Fernet.generate_key())


def spoil(table: str, row_id: int) -> dict[str, str]:
    """Every encrypted text of a row as it is with a key that is gone; what was there comes back."""
    [part] = [each for each in key_rotation.encrypted_tables() if each.table == table]
    key, columns = key_rotation.raw_columns(part)
    with writing(db.engine).begin() as connection:
        row = connection.execute(sa.select(*columns).where(key == row_id)).mappings().one()
        before = {name: value for name, value in row.items() if value is not None}
        put(connection, table, row_id, dict.fromkeys(before, LOST.encrypt(b"x").decode()))
    db.session.rollback()
    db.session.expire_all()
    return before


def put(connection: sa.Connection, table: str, row_id: int, values: dict[str, str]) -> None:
    for name, value in values.items():
        statement = sa.text(f"UPDATE {table} SET {name} = :value WHERE id = :id")
        connection.execute(statement, {"value": value, "id": row_id})


def repair(table: str, row_id: int, before: dict[str, str]) -> None:
    with writing(db.engine).begin() as connection:
        put(connection, table, row_id, before)
    db.session.rollback()
    db.session.expire_all()


def form_at(page: TestResponse, end: str) -> Form:
    """The form of a page whose address ends so."""
    [found] = [each for each in forms_of(page) if each.action.endswith(end)]
    return found


def notices(kind: NoticeKind) -> list[Notice]:
    db.session.rollback()
    open_ones = sa.select(Notice).where(Notice.kind == kind, Notice.dismissed_at.is_(None))
    return list(db.session.scalars(open_ones))


@pytest.fixture
def two_wait(app: Flask, at: Clock) -> int:
    """Kavita and Arjun wait, Kavita first; what Kavita told us cannot be read."""
    at("2026-11-23 10:50")
    factories.staff(ASHA)
    factories.staff(RAVI)
    first = factories.callback(KAVITA, name="Kavita", language="en").id
    at("2026-11-23 10:51")
    factories.callback(ARJUN)
    at("2026-11-23 11:00")
    spoil("callback", first)
    return first


def test_at_the_head_of_the_queue_it_is_shown_released_reported_and_ended(
    app: Flask, at: Clock, two_wait: int, new_client: Callable[[], Client]
) -> None:
    asha, ravi = new_client(), new_client()
    asha.sign_in(ASHA)
    ravi.sign_in(RAVI)
    for advisor in (asha, ravi):
        desk = advisor.submit(advisor.get("/desk/"), action="/next", follow=True)
        assert desk.status_code == 200
        assert "Number cannot be decrypted" in desk.text
        assert "cannot be decrypted" in desk.text
        assert advisor.get("/desk/hand").status_code == 200
        member = ASHA if advisor is asha else RAVI
        with pytest.raises(NumberUnreadable):
            calls.start_call(two_wait, factories.staff(member).id, now=clock.now())
        released = advisor.submit(desk, action="/release", follow=True)
        assert (released.status_code, "Callback released" in released.text) == (200, True)

    desk = asha.submit(asha.get("/desk/"), action="/next", follow=True)
    reported = asha.submit(form_at(desk, "/unreadable"), follow=True)
    assert "Callback reported" in reported.text
    [told] = notices(NoticeKind.UNREADABLE)
    assert told.subject == f"callback:{two_wait}"
    desk = asha.submit(reported, action="/next", follow=True)
    assert ARJUN.phone[-4:] in desk.text.replace(" ", ""), "the next one comes"

    at.later(minutes=31)
    claims.claim_next(factories.staff(RAVI).id, now=clock.now())
    db.session.rollback()
    desk = ravi.get("/desk/")
    ended = ravi.submit(desk, action="/unreadable/end", follow=True)
    assert "Request closed" in ended.text
    db.session.rollback()
    assert db.session.get_one(Callback, two_wait).status == Status.EXPIRED


def test_the_pages_of_visitors_and_supervisors_show_it(
    app: Flask, at: Clock, new_client: Callable[[], Client]
) -> None:
    at("2026-11-23 11:00")
    token = factories.link(KAVITA)
    callback_id = factories.by_token(token).id
    spoil("callback", callback_id)
    visitor, vikram = new_client(), new_client()
    assert visitor.get(f"/request/{token}").status_code == 200
    number = visitor.get(f"/request/{token}/number")
    assert "We cannot show your number at the moment." in number.text
    factories.staff(VIKRAM)
    vikram.sign_in(VIKRAM)
    assert vikram.get("/floor/").status_code == 200
    assert vikram.get(f"/floor/callbacks/{callback_id}").status_code == 200
    gone = visitor.submit(visitor.get(f"/request/{token}"), action="/cancel", follow=True)
    assert gone.status_code == 200


def test_what_cannot_be_read_is_kept_as_it_is_stored(app: Flask, at: Clock) -> None:
    at("2026-11-23 11:00")
    callback = factories.callback(KAVITA, name="Kavita")
    before = spoil("callback", callback.id)
    found = db.session.get_one(Callback, callback.id)
    assert isinstance(found.name, UnreadableText)
    lost = found.name.token
    assert found.source_title is None
    found.source_title = found.name
    db.session.commit()
    stored = db.session.scalar(sa.text("SELECT source_title FROM callback"))
    assert stored == lost
    repair("callback", callback.id, before)
    assert db.session.get_one(Callback, callback.id).name == "Kavita"


def test_any_job_that_always_fails_is_set_aside_and_the_next_one_goes_on(
    app: Flask, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A callback whose expiry raises does not keep those behind it from expiring."""
    from helpline.callbacks import transitions

    at("2026-11-23 11:00")
    visitors: tuple[Visitor, ...] = (KAVITA, ARJUN, LEELA)
    bad, *others = [factories.callback(visitor).id for visitor in visitors]
    at("2027-02-23 11:00")
    expire = transitions.expire

    def fails(session: sa.orm.Session, callback: Callback, **told: object) -> None:
        if callback.id == bad:
            raise ZeroDivisionError
        expire(session, callback, **told)  # type: ignore[arg-type]

    monkeypatch.setattr("helpline.callbacks.service.transitions.expire", fails)
    ticks = runner.build_jobs("one", [], app.extensions["helpline"].settings.published_crisis_file)
    run_until_idle(ticks["expire_callback"], app.app_context)
    db.session.rollback()
    db.session.expire_all()
    assert {db.session.get_one(Callback, each).status for each in others} == {Status.EXPIRED}
    for _ in range(job_failures.MAX_FAILURES):
        at.later(minutes=1)
        run_until_idle(ticks["expire_callback"], app.app_context)
    [told] = notices(NoticeKind.SET_ASIDE)
    assert told.subject == f"expire_callback:{bad}"
