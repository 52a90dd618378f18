"""After an outcome is saved: what happens next, the next callback, and undo."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from helpline import clock
from helpline.callbacks import service as callbacks
from helpline.callbacks.models import Callback
from helpline.calls.models import Attempt
from helpline.db import db
from helpline.domain.lifecycle import Status
from helpline.domain.safe_times import IfMissed
from helpline.privacy.models import AuditEntry
from tests import factories
from tests.cast import ARJUN, KAVITA, RAVI
from tests.support.clock import Clock
from tests.support.web import Client, form_of

TOO_LATE = "The outcome can no longer be undone"


@pytest.fixture(autouse=True)
def morning(at: Clock, app: Flask) -> None:
    at("2026-11-23 11:00")
    factories.staff(RAVI)


def save(client: Client, disposition: str, **fields: Any) -> TestResponse:
    form = form_of(client.get("/desk/"), "/disposition")
    return client.submit(form, disposition=disposition, follow=True, **fields)


def undo(client: Client, saved: TestResponse) -> TestResponse:
    return client.submit(saved, "/disposition/undo", follow=True)


def fresh(callback: Callback) -> Callback:
    db.session.rollback()
    return db.session.get_one(Callback, callback.id, populate_existing=True)


@pytest.mark.parametrize(
    ("disposition", "line"),
    [
        ("reached", "Saved. This request is closed."),
        ("no_answer", "Saved. Next attempt today at 11:15 AM."),
        ("wrong_number", "Saved. The number is wrong, so they are not called again."),
    ],
)
def test_a_line_says_what_happens_next(asha: Client, disposition: str, line: str) -> None:
    factories.wrapping_up()
    assert line in save(asha, disposition).text


def test_no_next_attempt_is_promised_where_none_is_left(asha: Client) -> None:
    factories.wrapping_up(if_missed=IfMissed.NEVER)
    assert "Saved. No attempt is left, so they are not called again." in save(asha, "busy").text


def test_save_and_next_claims_the_next_callback(asha: Client) -> None:
    factories.wrapping_up()
    factories.link(ARJUN)
    page = save(asha, "reached", then="next")
    assert "Saved. This request is closed." in page.text
    assert "Undo" in page.text
    assert ARJUN.name in page.text
    asha.submit(page, "/own-phone")
    page = save(asha, "reached", then="next")
    assert "No one is waiting." in page.text
    assert "No current callback" in page.text


@pytest.mark.parametrize("wrong", ["reached", "declined", "wrong_number"])
def test_a_request_ended_by_mistake_is_called_after_all(asha: Client, wrong: str) -> None:
    held = factories.wrapping_up()
    page = undo(asha, save(asha, wrong, notes="Line was bad."))
    assert page.request.path == "/desk/unfinished"
    assert "Line was bad." in page.text
    assert fresh(held).status in (Status.REACHED, Status.UNREACHED), "until another is chosen"
    asha.submit(page, "/desk/unfinished", disposition="no_answer")
    again = db.session.scalars(sa.select(Callback).where(Callback.again_of == held.id)).one()
    assert (again.status, again.phone) == (Status.WAITING, KAVITA.phone)
    deeds = db.session.scalars(sa.select(AuditEntry.deed).order_by(AuditEntry.id)).all()
    assert deeds[-3:].count("disposition_undone") == 1


def test_a_next_attempt_planned_by_mistake_is_dropped(asha: Client) -> None:
    held = factories.wrapping_up()
    page = undo(asha, save(asha, "no_answer"))
    asha.submit(page, "/desk/unfinished", disposition="reached")
    assert fresh(held).status == Status.REACHED
    assert db.session.scalars(sa.select(Attempt.disposition)).one() == "reached"


def test_after_half_a_minute_nothing_is_undone(asha: Client, at: Clock) -> None:
    factories.wrapping_up()
    saved = save(asha, "reached")
    at.later(seconds=36)
    assert TOO_LATE in undo(asha, saved).text
    assert db.session.scalars(sa.select(Attempt.unfinished_at)).one() is None


def test_nothing_is_undone_when_something_has_happened_since(asha: Client) -> None:
    token = factories.link(KAVITA)
    asha.submit(asha.get("/desk/"), "/desk/next")
    asha.submit(asha.get("/desk/"), "/own-phone")
    saved = save(asha, "no_answer")
    callbacks.cancel(token, now=clock.now())
    assert TOO_LATE in undo(asha, saved).text


def test_nothing_is_undone_twice_or_by_another(asha: Client, new_client: type[Client]) -> None:
    held = factories.wrapping_up()
    saved = save(asha, "reached")
    ravi = new_client()
    ravi.sign_in(RAVI)
    token = form_of(ravi.get("/desk/"), "/next").fields
    address = f"/desk/{held.id}/disposition/undo"
    assert TOO_LATE in ravi.post(address, data=token, follow_redirects=True).text
    undo(asha, saved)
    assert TOO_LATE in undo(asha, saved).text


def test_an_outcome_with_a_follow_up_is_not_undone(asha: Client) -> None:
    held = factories.wrapping_up()
    slot = factories.slot("2026-11-24 11:00").astimezone(UTC).isoformat()
    saved = save(asha, "reached", follow_up_at=slot, follow_up_agreed=True)
    assert "The follow-up is booked. Next call tomorrow at 11:00 AM." in saved.text
    assert "Undo" not in saved.text
    address = f"/desk/{held.id}/disposition/undo"
    told = form_of(saved, "/next").fields
    assert TOO_LATE in asha.post(address, data=told, follow_redirects=True).text
