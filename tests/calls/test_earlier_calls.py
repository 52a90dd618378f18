"""Earlier calls of a visitor: read only where they agree during a call, and on record."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from helpline import clock
from helpline.callbacks import claims
from helpline.calls import carrier_events
from helpline.calls import service as calls
from helpline.calls.models import Attempt
from helpline.calls.queries import answered_at
from helpline.db import db
from helpline.domain.call_progress import CarrierStatus, Leg
from helpline.domain.retries import Disposition
from helpline.privacy.models import AuditEntry
from tests import factories
from tests.cast import ASHA, RAVI
from tests.support.clock import Clock
from tests.support.web import Client, form_of

NOTES = "Her brother drinks."
AGREES = "They agree: show earlier calls"


@pytest.fixture(autouse=True)
def morning(at: Clock, app: Flask) -> None:
    at("2026-11-23 11:00")
    ravi = factories.staff(RAVI)
    held = factories.wrapping_up(RAVI)
    calls.record_disposition(held.id, ravi.id, Disposition.REACHED, NOTES, now=clock.now())
    at("2026-11-25 11:00")


def agree(client: Client, page: TestResponse, address: str, **typed: str) -> TestResponse:
    """Press the button, which sends the form around it."""
    fields = form_of(page, "/disposition").fill(**typed).fields
    return client.post(address, data=fields, follow_redirects=True)


def audited() -> list[str]:
    db.session.rollback()
    entries = sa.select(AuditEntry.deed).where(AuditEntry.deed.like("earlier_calls_%"))
    return list(db.session.scalars(entries.order_by(AuditEntry.id)))


def test_notes_of_earlier_calls_are_shown_once_the_visitor_agrees(asha: Client) -> None:
    held = factories.claimed(ASHA)
    address = f"/desk/{held.id}/earlier-calls"
    page = asha.get("/desk/")
    assert NOTES not in page.text
    assert AGREES not in page.text, "nobody can be asked before the call"
    page = asha.submit(page, "/own-phone", follow=True)
    assert NOTES not in page.text
    page = agree(asha, page, address, notes="She sounds calm.")
    assert NOTES in page.text and AGREES not in page.text
    assert "She sounds calm." in page.text, "what was typed is kept"
    assert audited() == ["earlier_calls_agreed", "earlier_calls_shown"]


def test_another_advisor_asks_again(asha: Client, new_client: type[Client], at: Clock) -> None:
    held = factories.wrapping_up(ASHA)
    agree(asha, asha.get("/desk/"), f"/desk/{held.id}/earlier-calls")
    asha_id = factories.staff(ASHA).id
    calls.record_disposition(held.id, asha_id, Disposition.BUSY, "", now=clock.now())
    at.later(minutes=20)
    claims.claim_next(factories.staff(RAVI).id, now=clock.now())
    ravi = new_client()
    ravi.sign_in(RAVI)
    page = ravi.submit(ravi.get("/desk/"), "/own-phone", follow=True)
    assert NOTES not in page.text
    assert AGREES in page.text


def test_consent_is_recorded_only_during_a_call(asha: Client) -> None:
    held = factories.claimed(ASHA)
    token = form_of(asha.get("/desk/"), "/own-phone").fields
    asha.post(f"/desk/{held.id}/earlier-calls", data=token)
    assert NOTES not in asha.get("/desk/").text
    assert audited() == []


def test_calls_of_another_extension_are_not_theirs(asha: Client) -> None:
    factories.wrapping_up(ASHA, phone_extension="12")
    assert AGREES not in asha.get("/desk/").text


@pytest.mark.parametrize(
    ("occurred", "answered"),
    [
        (timedelta(seconds=-20), timedelta(seconds=-20)),
        (None, timedelta()),
        (timedelta(minutes=5), timedelta()),
        (timedelta(days=-1), timedelta()),
    ],
)
def test_the_call_timer_goes_by_the_carrier_where_it_can_be_right(
    at: Clock, occurred: timedelta | None, answered: timedelta
) -> None:
    attempt = factories.calling(ASHA)
    now = at.later(minutes=1)
    occurred_at: datetime | None = None if occurred is None else now + occurred
    carrier_events.advisor_answered(attempt.ref, "CAadvisor", now=now)
    carrier_events.status_received(
        attempt.ref,
        Leg.VISITOR,
        "CAvisitor",
        CarrierStatus.IN_PROGRESS,
        sequence=1,
        error_code=None,
        problem=None,
        now=now,
        occurred_at=occurred_at,
    )
    since = db.session.scalar(sa.select(answered_at()).where(Attempt.id == attempt.id))
    assert since == now + answered
