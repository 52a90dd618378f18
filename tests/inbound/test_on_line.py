"""Whoever is on the phone with us is not called at that moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from helpline import clock
from helpline.callbacks import claims, queue
from helpline.callbacks.errors import VisitorOnCall
from helpline.callbacks.models import Callback
from helpline.callbacks.phone_limits import service as numbers
from helpline.callbacks.phone_limits.models import ActiveCall
from helpline.calls import attempt_jobs, carrier_events
from helpline.calls import service as calls
from helpline.calls.attempt_jobs import ATTEMPTS
from helpline.calls.carrier_events import Connect, Decline
from helpline.calls.dispatch import offers, rounds
from helpline.calls.dispatch.offer_jobs import OFFERS
from helpline.calls.dispatch.offers import OfferRefused
from helpline.calls.models import Offer, OfferResult
from helpline.db import db
from helpline.domain.call_progress import AttemptResult, AttemptState, CarrierStatus, Leg
from helpline.domain.lifecycle import Status
from helpline.messaging.carrier_jobs import Request
from helpline.telephony.adapters import FIRST
from helpline.telephony.problems import Problem
from tests import factories
from tests.cast import ASHA, KAVITA, RAVI
from tests.dispatch.fixtures import decide
from tests.inbound.caller import Caller, at_desk, sid
from tests.support import carrier_jobs
from tests.support.clock import Clock
from tests.support.web import Client

A_MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _open(at: Clock) -> Iterator[None]:
    at("2026-11-23 11:00")
    yield


def fresh(callback: Callback) -> Callback:
    db.session.rollback()
    return db.session.get_one(Callback, callback.id, populate_existing=True)


def caller(client: Client) -> Caller:
    """Kavita, whose callback is due, calls us and waits for an advisor or for what to choose."""
    return Caller(client, KAVITA.phone).ring()


def test_a_live_callers_callback_is_given_to_nobody_else(client: Client) -> None:
    callback = factories.callback(KAVITA)
    ravi = factories.staff(RAVI).id
    call = caller(client)
    with pytest.raises(claims.QueueEmpty):
        claims.claim_next(ravi, now=clock.now())
    assert queue.due_count(db.session(), clock.now()) == 0
    call.hangs_up()
    assert claims.claim_next(ravi, now=clock.now()) == callback.id


def test_a_live_callers_callback_goes_to_whoever_takes_their_call(client: Client) -> None:
    callback = factories.callback(KAVITA)
    at_desk(ASHA)
    call = caller(client)
    call.connects()
    held = fresh(callback)
    assert (held.status, held.claimed_by) == (Status.CALLING, factories.staff(ASHA).id)
    assert call.row.callback_id == callback.id


def test_a_live_callers_callback_rings_no_advisor(client: Client) -> None:
    decide()
    factories.callback(KAVITA)
    caller(client)
    at_desk(ASHA)
    assert not rounds.offer_next(now=clock.now())


def test_an_offer_that_rings_is_withdrawn_when_the_visitor_calls(client: Client) -> None:
    decide()
    at_desk(ASHA)
    factories.callback(KAVITA)
    assert rounds.offer_next(now=clock.now())
    placement = carrier_jobs.take_offer()
    assert isinstance(placement, Request)
    call = sid("CA")
    OFFERS.accepted(placement.job_id, call, now=clock.now())
    caller(client)
    unwanted = OFFERS.next_unwanted(FIRST, now=clock.now())
    assert unwanted == call, "the worker ends it at the carrier"
    assert offers.accept(placement.ref, call, now=clock.now()) == OfferRefused.GONE
    db.session.rollback()
    assert db.session.scalars(sa.select(Offer)).one().result == OfferResult.WITHDRAWN


@pytest.mark.parametrize("own_phone", [False, True])
def test_pressing_call_says_that_the_visitor_is_calling(client: Client, own_phone: bool) -> None:
    held = factories.claimed(visitor=KAVITA)
    call = caller(client)
    client.sign_in(ASHA)
    button = "/own-phone" if own_phone else "/call"
    client.submit(client.get("/desk/"), button)
    page = client.get("/desk/")
    assert "This visitor is calling the helpline now" in page.text
    assert fresh(held).status == Status.CLAIMED
    with pytest.raises(VisitorOnCall):
        calls.start_call(held.id, factories.staff(ASHA).id, now=clock.now())
    call.hangs_up()
    calls.start_call(held.id, factories.staff(ASHA).id, now=clock.now())
    assert fresh(held).status == Status.CALLING


def test_a_call_that_waits_to_be_placed_is_not_placed(client: Client) -> None:
    attempt = factories.calling(visitor=KAVITA)
    caller(client)
    taken = carrier_jobs.take_attempt()
    assert taken is True
    db.session.rollback()
    db.session.refresh(attempt)
    assert (attempt.result, attempt.counted) == (AttemptResult.VISITOR_ON_LINE, False)
    assert fresh(attempt.callback).status == Status.CLAIMED


def placed(attempt_id: int, ref: str) -> str:
    taken = carrier_jobs.take_attempt()
    assert isinstance(taken, Request)
    call = sid("CA")
    ATTEMPTS.accepted(attempt_id, call, now=clock.now())
    carrier_events.advisor_answered(ref, call, now=clock.now())
    return call


def test_a_one_pressed_does_not_call_who_is_calling_us(client: Client, at: Clock) -> None:
    attempt = factories.calling(visitor=KAVITA)
    call = placed(attempt.id, attempt.ref)
    inbound = caller(client)
    assert "about to" in inbound.heard or inbound.is_hung_up, "their call is already under way"
    at.later(seconds=5)
    for _ in range(2):  # The same question gets the same answer.
        told = carrier_events.advisor_pressed_one(attempt.ref, call, now=clock.now())
        assert told == Decline(AttemptResult.VISITOR_ON_LINE)
    db.session.rollback()
    db.session.refresh(attempt)
    assert not attempt.counted
    assert fresh(attempt.callback).attempts_used == 0
    at.later(seconds=20)  # Our last words are over.
    asha = factories.staff(ASHA).id
    calls.start_call(attempt.callback_id, asha, now=clock.now())
    again = factories.attempt_of(fresh(attempt.callback))
    call = placed(again.id, again.ref)
    assert isinstance(carrier_events.advisor_pressed_one(again.ref, call, now=clock.now()), Connect)


@pytest.mark.parametrize("first", ["dialled", "leg"])
def test_a_busy_that_is_our_own_doing_does_not_count(client: Client, at: Clock, first: str) -> None:
    attempt = factories.calling(visitor=KAVITA)
    call = placed(attempt.id, attempt.ref)
    assert isinstance(
        carrier_events.advisor_pressed_one(attempt.ref, call, now=clock.now()), Connect
    )
    at.later(seconds=1)
    inbound = caller(client)  # They call us at the moment at which we call them.
    leg = sid("CA")

    def busy_leg() -> None:
        carrier_events.status_received(
            attempt.ref,
            Leg.VISITOR,
            leg,
            CarrierStatus.BUSY,
            sequence=1,
            error_code=None,
            problem=None,
            now=clock.now(),
        )

    def dialled() -> None:
        carrier_events.dial_finished(attempt.ref, call, CarrierStatus.BUSY, now=clock.now())

    told = (dialled, busy_leg) if first == "dialled" else (busy_leg, dialled)
    for tell in told:
        tell()
    inbound.hangs_up()
    attempt_jobs.apply_lookup(
        attempt.id, call, CarrierStatus.COMPLETED, (leg, CarrierStatus.BUSY), now=clock.now()
    )
    db.session.rollback()
    db.session.refresh(attempt)
    assert (attempt.state, attempt.result) == (AttemptState.ENDED, AttemptResult.BUSY)
    assert (attempt.counted, attempt.problem) == (False, Problem.VISITOR_ON_LINE)
    assert fresh(attempt.callback).attempts_used == 0
    client.sign_in(ASHA)
    assert "does not count as an attempt" in client.get("/desk/").text


def test_a_busy_after_their_call_counts_as_ever(client: Client, at: Clock) -> None:
    caller(client).hangs_up()
    at.later(minutes=5)
    attempt = factories.calling(visitor=KAVITA)
    call = placed(attempt.id, attempt.ref)
    carrier_events.advisor_pressed_one(attempt.ref, call, now=clock.now())
    carrier_events.dial_finished(attempt.ref, call, CarrierStatus.BUSY, now=clock.now())
    db.session.rollback()
    db.session.refresh(attempt)
    assert attempt.counted


def test_who_asks_for_a_callback_by_phone_is_not_called_while_they_listen(
    client: Client, at: Clock
) -> None:
    call = caller(client)
    if not call.is_hung_up and call.twiml is not None and call.twiml.find("Gather") is not None:
        call.press("1")
    ravi = factories.staff(RAVI).id
    while call.row.ended_at is None:
        call.press("1")
    with pytest.raises(claims.QueueEmpty):
        claims.claim_next(ravi, now=clock.now())
    call.hangs_up()
    assert claims.claim_next(ravi, now=clock.now()) == call.row.callback_id


def test_what_is_kept_of_calls_on_the_line_goes_after_a_day(client: Client, at: Clock) -> None:
    caller(client).hangs_up()
    at.later(hours=25)
    numbers.erase_expired(now=clock.now())
    db.session.rollback()
    assert not db.session.scalars(sa.select(ActiveCall)).all()
