"""At closing: what the carrier still holds back is cancelled there; a talk goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from helpline import clock
from helpline.callbacks import claims, queries
from helpline.callbacks.models import Callback
from helpline.calls import cancel_at_closing
from helpline.calls.attempt_jobs import ATTEMPTS
from helpline.calls.models import Attempt
from helpline.db import db
from helpline.domain.lifecycle import Event, Status
from helpline.messaging.carrier_jobs import CarrierContext, start_next
from helpline.telephony.adapters import FIRST
from tests import factories
from tests.cast import ASHA, HELPLINE, KAVITA
from tests.dispatch.fixtures import all_well, fresh, post
from tests.phonesim.fixtures import Sim, until
from tests.support.clock import Clock
from tests.support.web import Client

SLOW = [{"calls_per_second": 0.001}]


@pytest.fixture(autouse=True)
def evening(at: Clock, app: Flask) -> None:
    """It is a minute before closing."""
    at("2026-11-23 09:00")
    factories.opening_hours(("10:00", "18:00"))
    at("2026-11-23 17:59")


def placed(telephone: CarrierContext) -> tuple[Callback, Attempt]:
    """Asha pressed Call, and the carrier took it."""
    attempt = factories.calling(ASHA, KAVITA)
    start_next(ATTEMPTS, telephone)
    db.session.rollback()
    assert attempt.advisor_call
    return db.session.get_one(Callback, attempt.callback_id), attempt


def close(at: Clock, telephone: CarrierContext) -> bool:
    """Six o'clock; the worker looks."""
    at("2026-11-23 18:00")
    found = cancel_at_closing.cancel_next(telephone)
    db.session.rollback()
    return found


@pytest.mark.parametrize("sim", SLOW, indirect=True)
def test_a_call_the_carrier_holds_queued_is_cancelled_there(
    at: Clock, telephone: CarrierContext, sim: Sim
) -> None:
    # It takes the one start that the account has.
    sim.client.calls.create(to="+919812399999", from_=HELPLINE, twiml="<Response/>")
    wanted, attempt = placed(telephone)
    due_at = wanted.due_at
    assert sim.call(attempt.advisor_call or "")["status"] == "queued"
    assert close(at, telephone)
    assert sim.call(attempt.advisor_call or "")["status"] == "canceled"
    assert sim.phone(ASHA.phone or "")["rings"] == []
    assert (attempt.result, attempt.counted) == ("closed", False)
    wanted = fresh(wanted)
    assert (wanted.status, wanted.due_at, wanted.attempts_used) == (Status.WAITING, due_at, 0)
    assert queries.events_of(db.session(), wanted.id)[-1].event == Event.CALL_ABANDONED
    assert not close(at, telephone), "once is enough"
    all_well()


def test_an_advisors_phone_that_rings_at_closing_stops(
    at: Clock, telephone: CarrierContext, client: Client, sim: Sim
) -> None:
    wanted, attempt = placed(telephone)
    call = attempt.advisor_call or ""
    until(lambda: sim.call(call)["status"] == "ringing", what="ringing")
    assert close(at, telephone)
    assert sim.phone(ASHA.phone or "")["state"] == "idle"
    told = {"CallSid": call, "CallStatus": "canceled", "SequenceNumber": "2"}
    post(client, f"/webhooks/voice/{attempt.ref}/status/advisor", **told)
    assert factories.attempt_of(fresh(wanted)).result == "closed"
    all_well()


def test_the_carriers_word_that_comes_first_says_closed_too(
    at: Clock, telephone: CarrierContext, client: Client, sim: Sim
) -> None:
    wanted, attempt = placed(telephone)
    at("2026-11-23 18:00")
    held = cancel_at_closing.next_to_cancel(
        FIRST, now=clock.now(), again_after=timedelta(seconds=45)
    )
    assert held is not None and held.carrier_id == attempt.advisor_call
    told = {"CallSid": held.carrier_id or "", "CallStatus": "canceled", "SequenceNumber": "2"}
    post(client, f"/webhooks/voice/{attempt.ref}/status/advisor", **told)
    wanted = fresh(wanted)
    assert (wanted.status, factories.attempt_of(wanted).result) == (Status.WAITING, "closed")
    cancel_at_closing.record_cancelled(held.job_id, held.carrier_id or "", now=clock.now())
    assert fresh(wanted).status == Status.WAITING
    all_well()


def test_a_1_pressed_at_that_very_moment_rings_nobody(
    at: Clock, telephone: CarrierContext, client: Client
) -> None:
    wanted, attempt = placed(telephone)
    close(at, telephone)
    told = {"CallSid": attempt.advisor_call or "", "CallStatus": "in-progress", "Digits": "1"}
    heard = post(client, f"/webhooks/voice/{attempt.ref}/pressed", **told).text
    assert "<Dial" not in heard
    assert fresh(wanted).status == Status.WAITING


def test_a_talk_outlives_the_closing_hour(
    at: Clock, telephone: CarrierContext, client: Client, sim: Sim
) -> None:
    wanted, attempt = placed(telephone)
    told = {"CallSid": attempt.advisor_call or "", "CallStatus": "in-progress", "Digits": "1"}
    assert "<Dial" in post(client, f"/webhooks/voice/{attempt.ref}/pressed", **told).text
    assert not close(at, telephone)
    assert sim.call(attempt.advisor_call or "")["status"] in ("queued", "initiated", "ringing")
    assert fresh(wanted).status == Status.CALLING
    all_well()


def test_a_carrier_that_cannot_be_told_is_told_again(
    at: Clock, telephone: CarrierContext, sim: Sim
) -> None:
    wanted, attempt = placed(telephone)
    right = telephone.carrier._client.api.base_url
    telephone.carrier._client.api.base_url = "http://127.0.0.1:9"
    assert close(at, telephone)
    assert fresh(wanted).status == Status.CALLING
    assert not cancel_at_closing.cancel_next(telephone), "not at once"
    telephone.carrier._client.api.base_url = right
    at.later(minutes=1)
    assert cancel_at_closing.cancel_next(telephone)
    assert sim.call(attempt.advisor_call or "")["status"] == "canceled"
    assert fresh(wanted).status == Status.WAITING
    all_well()


def test_at_the_next_opening_it_is_due_in_its_old_place(
    at: Clock, telephone: CarrierContext, sim: Sim
) -> None:
    wanted, _attempt = placed(telephone)
    close(at, telephone)
    at("2026-11-24 10:00")
    assert claims.claim_next(factories.staff(ASHA).id, now=clock.now()) == wanted.id
    all_well()
