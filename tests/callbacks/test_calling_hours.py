"""Hours in which the law of a country allows calls: kept where an admin says so or the law does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.callbacks import claims, queue
from helpline.callbacks.claims import QueueEmpty
from helpline.callbacks.errors import NumberNotCallable
from helpline.callbacks.models import Callback
from helpline.calls import service as calls
from helpline.db import db
from helpline.domain.queue_order import Priority
from helpline.policy.models import SalesHours
from helpline.telephony import regions
from helpline.telephony.regions import Fact
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA, LEELA, MEERA
from tests.support.clock import Clock
from tests.support.web import Client, form_of

EVENING, MORNING = "2026-11-23 21:00", "2026-11-24 09:00"
WORDS = "Your country allows no calls like ours at this hour."


@pytest.fixture(autouse=True)
def _open_all_day(app: Flask, at: Clock) -> None:
    at("2026-11-23 20:30")
    factories.staff(ASHA)
    factories.opening_hours(("00:00", "24:00"))


def keep() -> None:
    factories.policy(sales_hours=SalesHours.KEEP)


def next_for_asha() -> int | None:
    try:
        return claims.claim_next(factories.staff(ASHA).id, now=clock.now())
    except QueueEmpty:
        return None


def test_a_visitor_waits_for_the_hours_and_keeps_the_place(client: Client, at: Clock) -> None:
    keep()
    token = factories.link(KAVITA)
    first, urgent = factories.by_token(token), factories.callback(ARJUN)
    db.session.execute(
        sa.update(Callback).where(Callback.id == urgent.id).values(priority=Priority.URGENT)
    )
    db.session.commit()
    assert WORDS not in client.get(f"/request/{token}").text
    at(EVENING)
    assert queue.due_count(db.session(), clock.now()) == 1
    assert WORDS in client.get(f"/request/{token}").text
    assert next_for_asha() == urgent.id, "urgent callbacks are called at any hour"
    db.session.rollback()
    at(MORNING)
    assert queue.due_count(db.session(), clock.now()) == 1
    assert WORDS not in client.get(f"/request/{token}").text
    assert first.id


def test_a_follower_reads_the_same_and_who_booked_reads_of_their_time(
    client: Client, at: Clock
) -> None:
    first, behind = factories.link(KAVITA), factories.link(KAVITA)
    booked = factories.link(ARJUN, slot_at=factories.slot("2026-11-24 11:00"))
    too_late = factories.link(LEELA, slot_at=factories.slot("2026-11-24 22:00"))
    keep()  # After they asked.
    at(EVENING)
    asked = (first, behind, booked, too_late)
    told = [WORDS in client.get(f"/request/{token}").text for token in asked]
    assert told == [True, True, False, True]


def test_a_callback_claimed_before_the_hours_end_is_not_called_after_them(at: Clock) -> None:
    keep()
    held = factories.claimed(ASHA, KAVITA)
    at(EVENING)
    with pytest.raises(NumberNotCallable):
        calls.start_call(held.id, factories.staff(ASHA).id, now=clock.now())


def test_hours_for_sales_calls_do_not_bind_unless_an_admin_says_so(at: Clock) -> None:
    waiting = factories.callback(KAVITA)
    at(EVENING)
    assert next_for_asha() == waiting.id


@pytest.fixture
def strict_law(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    india = regions.facts("IN")
    law = india.calling_hours.value
    assert law is not None
    stricter = replace(india, calling_hours=Fact(replace(law, requested_calls=True)))
    monkeypatch.setattr(regions, "known_regions", lambda: {"IN": stricter})
    yield


@pytest.mark.usefixtures("strict_law")
def test_a_law_that_binds_requested_calls_is_always_kept(at: Clock) -> None:
    factories.callback(KAVITA)
    at(EVENING)
    assert next_for_asha() is None
    at(MORNING)
    assert next_for_asha() is not None


def test_a_time_outside_the_hours_cannot_be_chosen(client: Client, at: Clock) -> None:
    keep()
    at("2026-11-23 18:00")
    late, fine = factories.slot("22:00").isoformat(), factories.slot("20:30").isoformat()
    form = form_of(client.get("/"), "/?").fill(phone=KAVITA.phone, consent=True)
    wrong = client.submit(form, when=late)
    assert wrong.status_code == 422
    assert "We may not call this number at that time." in wrong.text
    body = {"phone": KAVITA.phone, "consent": True, "slot_at": late}
    told = client.post("/api/v1/callbacks", json=body, headers={"Idempotency-Key": str(uuid4())})
    assert [each["field"] for each in told.json["errors"]] == ["slot_at"]
    done = client.submit(form_of(wrong, "/?"), when=fine)
    assert done.status_code == 303
    move = form_of(client.get(done.headers["Location"] + "/move"), "/move")
    moved = client.submit(move, when=late)
    assert "We may not call this number at that time." in moved.text


def test_an_admin_sees_the_hours_and_chooses(client: Client) -> None:
    factories.staff(MEERA)
    client.sign_in(MEERA)
    page = client.get("/admin/callbacks")
    assert "India: Mo-Su 09:00-21:00" in page.text
    assert "For commercial calls." in page.text
    client.submit(page, "/callbacks", sales_hours="keep")
    kept = form_of(client.get("/admin/callbacks"), "/callbacks").fields["sales_hours"]
    assert kept == ["keep"]
