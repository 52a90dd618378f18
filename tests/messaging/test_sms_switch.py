"""Whether text messages are on: an admin's to say, the setting until then."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import notifications, transitions
from helpline.callbacks.models import Callback
from helpline.db import db, transaction
from helpline.domain.sms_progress import SmsKind
from helpline.messaging import sms
from helpline.privacy.models import AuditEntry
from helpline.telephony.problems import SmsProblem
from helpline.worker.preflight_job import _deployment
from tests import factories
from tests.cast import ARJUN, KAVITA, MEERA
from tests.messaging.fixtures import comes, texts_out, work
from tests.phonesim.fixtures import Sim
from tests.support.clock import Clock
from tests.support.web import Client

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])
ASKS = "May we send you text messages?"


@pytest.fixture(autouse=True)
def _admin(app: Flask, client: Client, at: Clock) -> None:
    at("2026-11-23 11:00")
    factories.staff(MEERA)
    client.sign_in(MEERA)


def switch(client: Client, *, on: bool) -> None:
    form = client.get("/admin/service")
    answer = client.submit(
        form, "/admin/service", follow=True, sends_texts="yes" if on else [], **{"names-en": "Line"}
    )
    assert "Saved. Your changes apply now." in answer.text


def queued(callback: Callback) -> bool:
    """Whether a message to the visitor is written."""
    with transaction() as session:
        stored = session.get_one(Callback, callback.id)
        return notifications.notify(session, stored, SmsKind.MOVED, now=clock.now(), once="test")


def is_on_everywhere(client: Client) -> set[bool]:
    db.session.rollback()
    return {
        ASKS in client.get("/").text,
        "Text messages are off" not in client.get("/admin/alerts").text,
        sms.enabled(db.session()),
        _deployment().texts_enabled,
    }


def test_an_admin_turns_them_off_and_on_and_everything_follows(
    app: Flask, client: Client, sim: Sim
) -> None:
    waiting = factories.callback(ARJUN, may_text=True)
    assert is_on_everywhere(client) == {True}
    switch(client, on=False)
    assert is_on_everywhere(client) == {False}
    work(app)
    assert not queued(waiting)
    assert [(text.status, text.problem) for text in texts_out()] == [("not_sent", SmsProblem.OFF)]
    assert comes(sim, 0, ARJUN) == []
    switch(client, on=True)
    assert is_on_everywhere(client) == {True}
    factories.callback(KAVITA, may_text=True)
    work(app)
    assert len(comes(sim, 1, KAVITA)) == 1
    entries = db.session.scalars(
        sa.select(AuditEntry)
        .where(AuditEntry.deed == "service_profile_changed")
        .order_by(AuditEntry.id)
    )
    changes = [(each.detail["before"], each.detail["after"]) for each in entries]
    assert [(before["sends_texts"], after["sends_texts"]) for before, after in changes] == [
        (True, False),
        (False, True),
    ]


@pytest.mark.parametrize("ends", [True, False], ids=["ended", "moved"])
def test_what_is_no_longer_true_is_not_sent_once_they_are_on_again(
    app: Flask, client: Client, sim: Sim, ends: bool
) -> None:
    factories.callback(ARJUN, may_text=True)  # Its text waits: no worker runs.
    switch(client, on=False)
    with transaction() as session:
        stored = session.scalars(sa.select(Callback)).one()
        if ends:
            transitions.cancel(session, stored, at=clock.now(), actor="visitor")
        else:
            notifications.notify(session, stored, SmsKind.MOVED, now=clock.now(), once="test")
    switch(client, on=True)
    work(app)
    assert comes(sim, 0, ARJUN) == []
    assert [text.problem for text in texts_out()] == [SmsProblem.NO_LONGER_TRUE]


@pytest.mark.settings(twilio_account_sid="", texts_enabled=False)
def test_without_a_phone_company_the_switch_says_why_it_is_off(client: Client) -> None:
    page = client.get("/admin/service")
    assert "They cannot be turned on: the service has no account with a phone company." in page.text
    switch(client, on=True)
    assert is_on_everywhere(client) == {False}
