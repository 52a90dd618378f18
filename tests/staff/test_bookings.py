"""The bookings of today and tomorrow, and rescheduling one for a visitor."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import claims, slot_booking
from helpline.callbacks.errors import SlotUnavailable, StateChanged
from helpline.callbacks.models import Callback
from helpline.calls.errors import EarlierNotAgreed
from helpline.calls.supervision import bookings
from helpline.db import db
from helpline.domain.sms_progress import SmsKind
from helpline.messaging.models import OutboundSms
from helpline.privacy.models import AuditEntry
from tests import factories
from tests.cast import ARJUN, ASHA, IMRAN, KAVITA, LEELA, VIKRAM
from tests.invariants.together import at_once
from tests.stateful.rules import broken_rules
from tests.support.clock import Clock
from tests.support.web import Client, form_of
from tests.web.page import Page

ONCE = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture(autouse=True)
def morning(app: Flask, at: Clock) -> None:
    at("2026-11-23 10:00")
    factories.staff(VIKRAM)
    factories.staff(ASHA)


def move(callback_id: int, wall: str, seen: datetime, **changes: Any) -> None:
    agreed = changes.pop("agreed", False)
    bookings.reschedule(
        callback_id,
        factories.slot(wall),
        seen_due_at=seen,
        visitor_agreed=agreed,
        supervisor_id=factories.staff(VIKRAM).id,
        now=clock.now(),
    )


def due_at(callback: Callback) -> datetime:
    db.session.rollback()
    return db.session.get_one(Callback, callback.id, populate_existing=True).due_at


@ONCE
def test_bookings_are_listed_by_time_without_names(client: Client, at: Clock) -> None:
    later = factories.callback(KAVITA, slot_at=factories.slot("14:00"))
    sooner = factories.callback(ARJUN, slot_at=factories.slot("10:30"))
    tomorrow = factories.callback(LEELA, slot_at=factories.slot("2026-11-24 11:00"))
    other = factories.callback(IMRAN, slot_at=factories.slot("2026-11-25 11:00"))
    at("2026-11-23 10:31")
    claims.claim_next(factories.staff(ASHA).id, now=clock.now())
    client.sign_in(VIKRAM)
    page = client.get("/floor/bookings")
    words = Page(page.text).text
    found = [words.index(f"Callback {each.id}") for each in (sooner, later, tomorrow)]
    assert found == sorted(found)
    assert f"Callback {other.id}" not in words
    assert "claimed by Asha" in words
    links = Page(page.text).links("/floor/set-aside")
    assert links == [f"/floor/set-aside?callback={each.id}" for each in (later, tomorrow)]
    for visitor in (KAVITA, ARJUN, LEELA):
        assert visitor.name not in page.text
        assert visitor.phone[-5:] not in page.text


@ONCE
@pytest.mark.settings(texts_enabled=True)
def test_a_booking_is_rescheduled_and_the_visitor_hears_of_it(
    client: Client, new_client: type[Client]
) -> None:
    token = factories.link(KAVITA, slot_at=factories.slot("14:00"), may_text=True)
    callback = factories.by_token(token)
    client.sign_in(VIKRAM)
    address = f"/floor/callbacks/{callback.id}/reschedule"
    page = client.get(address)
    form = form_of(page, address)
    for typed, wrong in (
        ({}, "Choose a time."),
        ({"time": "noon"}, "Choose a time."),
        ({"time": factories.slot("11:00").isoformat()}, "earlier than the visitor expects"),
        ({"time": factories.slot("15:10").isoformat()}, "That time is no longer free"),
    ):
        refused = client.submit(form, **typed)
        assert refused.status_code in (409, 422)
        assert wrong in Page(refused.text).the("div", cls="error-summary").text
    moved = client.submit(form, time=factories.slot("15:00").isoformat(), follow=True)
    assert "Rescheduled to today at 3:00 PM." in moved.text
    assert due_at(callback) == factories.slot("15:00")
    visitor = Page(new_client().get(f"/request/{token}").text).text
    assert "3:00 PM" in visitor
    kinds = db.session.scalars(sa.select(OutboundSms.kind)).all()
    assert SmsKind.MOVED in kinds
    again = client.submit(form, time=factories.slot("16:00").isoformat(), follow=True)
    assert "Someone else changed this callback first" in again.text
    assert due_at(callback) == factories.slot("15:00")
    [entry] = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.deed == "booking_rescheduled")
    )
    assert entry.detail["visitor_agreed"] is False
    assert client.get("/floor/callbacks/999/reschedule").status_code == 404


@ONCE
def test_what_the_visitor_was_promised_is_respected(app: Flask, at: Clock) -> None:
    callback = factories.callback(KAVITA, slot_at=factories.slot("14:00"))
    seen = callback.due_at
    with pytest.raises(EarlierNotAgreed):
        move(callback.id, "11:00", seen)
    with pytest.raises(SlotUnavailable):
        move(callback.id, "21:00", seen)
    move(callback.id, "11:00", seen, agreed=True)
    assert due_at(callback) == factories.slot("11:00")
    at("2026-11-23 11:01")
    claims.claim_next(factories.staff(ASHA).id, now=clock.now())
    with pytest.raises(StateChanged):
        move(callback.id, "15:00", factories.slot("11:00"))
    assert broken_rules(db.session()) == []


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_two_supervisors_and_a_full_slot_at_once(app: Flask) -> None:
    factories.policy(slot_capacity=1)
    first = factories.callback(KAVITA, slot_at=factories.slot("14:00"))
    second = factories.callback(ARJUN, slot_at=factories.slot("14:30"))
    seen = {each.id: each.due_at for each in (first, second)}
    found = at_once(
        app,
        [
            partial(move, first.id, "15:00", seen[first.id]),
            partial(move, first.id, "15:30", seen[first.id]),
            partial(move, second.id, "15:00", seen[second.id]),
        ],
    )
    assert all(
        each is None or isinstance(each, StateChanged | SlotUnavailable) for each in found
    ), found
    moved = {due_at(first), due_at(second)}
    assert len(moved) == 2
    assert due_at(first) in (factories.slot("15:00"), factories.slot("15:30"))
    booked = slot_booking.booked_starts(db.session(), clock.now())
    assert set(booked) == moved
    assert broken_rules(db.session()) == []
