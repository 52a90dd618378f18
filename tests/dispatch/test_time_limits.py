"""Every carrier job ends by time: a call, an offer, an inbound call, a text and a recorded message,
whether the carrier cannot be asked or its account was removed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from helpline import clock
from helpline.calls import attempt_jobs, carrier_events
from helpline.calls.attempt_jobs import ATTEMPTS
from helpline.calls.dispatch import rounds
from helpline.calls.dispatch.offer_jobs import OFFERS
from helpline.calls.inbound.models import InboundCall, MessageState, Outcome, VoiceMessage
from helpline.calls.models import Attempt, Offer, OfferResult
from helpline.db import db
from helpline.domain.call_progress import AttemptResult, AttemptState, CarrierStatus
from helpline.domain.lifecycle import Status
from helpline.domain.sms_progress import SmsStatus
from helpline.messaging.carrier_jobs import CarrierContext, Request
from helpline.messaging.models import Kind, OutboundSms, OutboxRow, OutboxState
from helpline.staff.models import Presence
from helpline.telephony.problems import Problem
from helpline.worker import runner
from helpline.worker.schedule import Job
from tests import factories
from tests.cast import ARJUN, ASHA, KAVITA
from tests.dispatch.fixtures import at_desk, decide, fresh, post
from tests.inbound.caller import Caller, sid
from tests.phonesim.fixtures import Sim
from tests.support import carrier_jobs
from tests.support.clock import Clock
from tests.support.web import Client

pytestmark = pytest.mark.settings(texts_enabled=True)

LONG = timedelta(hours=1)
CALL_MINUTES = 120


def unconfirmed_call(_client: Client) -> Attempt:
    attempt = factories.calling(visitor=KAVITA)
    placement = carrier_jobs.take_attempt()
    assert isinstance(placement, Request)
    return attempt


def queued_call(_client: Client) -> Attempt:
    return factories.calling(visitor=KAVITA)


def talking_call(_client: Client) -> Attempt:
    attempt = unconfirmed_call(_client)
    advisor_call = sid("CA")
    ATTEMPTS.accepted(attempt.id, advisor_call, now=clock.now())
    carrier_events.advisor_answered(attempt.ref, advisor_call, now=clock.now())
    carrier_events.advisor_pressed_one(attempt.ref, advisor_call, now=clock.now())
    attempt_jobs.apply_lookup(
        attempt.id,
        advisor_call,
        CarrierStatus.IN_PROGRESS,
        (sid("CA"), CarrierStatus.IN_PROGRESS),
        now=clock.now(),
    )
    assert fresh_row(attempt).state == AttemptState.TALKING
    return attempt


def queued_offer(_client: Client) -> Offer:
    decide()
    at_desk(ASHA)
    factories.callback(ARJUN)
    assert rounds.offer_next(now=clock.now())
    return db.session.scalars(sa.select(Offer)).one()


def unconfirmed_offer(client: Client) -> Offer:
    offer = queued_offer(client)
    taken = carrier_jobs.take_offer()
    assert isinstance(taken, Request)
    return offer


def ringing_offer(client: Client) -> Offer:
    offer = unconfirmed_offer(client)
    OFFERS.accepted(offer.id, sid("CA"), now=clock.now())
    return offer


def waiting_inbound_call(client: Client) -> InboundCall:
    at_desk(ASHA)
    caller = Caller(client, KAVITA.phone).ring().press("1")
    assert caller.rings == ASHA.phone
    return caller.row


def talking_inbound_call(client: Client) -> InboundCall:
    at_desk(ASHA)
    caller = Caller(client, KAVITA.phone).ring().press("1")
    caller.connects()
    return caller.row


def waiting_text(_client: Client) -> OutboundSms:
    factories.link(ARJUN, may_text=True)
    return db.session.scalars(sa.select(OutboundSms)).one()


def unconfirmed_text(client: Client) -> OutboundSms:
    text = waiting_text(client)
    assert isinstance(carrier_jobs.take_text(), Request)
    return text


def message_at_carrier(client: Client) -> VoiceMessage:
    Caller(client, KAVITA.phone).ring().press("1").press("2").recorded(sid("RE"))
    return db.session.scalars(sa.select(VoiceMessage)).one()


def fresh_row(row: Any) -> Any:
    db.session.rollback()
    return db.session.get_one(type(row), row.id, populate_existing=True)


def is_over(row: Any) -> bool:
    row = fresh_row(row)
    if isinstance(row, OutboundSms):
        return row.status == SmsStatus.NOT_SENT
    if isinstance(row, VoiceMessage):
        return row.state == MessageState.LOST
    return row.ended_at is not None


JOBS: list[tuple[Callable[[Client], Any], int]] = [
    (queued_call, 10),
    (unconfirmed_call, 10),
    (talking_call, CALL_MINUTES + 10),
    (queued_offer, 10),
    (unconfirmed_offer, 10),
    (ringing_offer, 10),
    (waiting_inbound_call, 10),
    (talking_inbound_call, CALL_MINUTES + 10),
    (waiting_text, 26 * 60),
    (unconfirmed_text, 10),
    (message_at_carrier, 8 * 24 * 60),
]


def ticks_of(app: Flask, telephone: CarrierContext | None) -> dict[str, Job]:
    """A worker's ticks: with a carrier that cannot be reached, or with none."""
    if telephone is None:
        app.extensions["helpline"] = replace(app.extensions["helpline"], carriers={})
    else:
        telephone.carrier._client.api.base_url = "http://127.0.0.1:9"
    file = app.extensions["helpline"].settings.published_crisis_file
    found = runner.build_jobs("one", [telephone] if telephone else [], file)
    names = ("end_", "look_up", "fetch_")
    return {name: found[name] for name in found if name.startswith(names)}


@pytest.mark.parametrize("has_carrier", [True, False], ids=["unreachable", "removed"])
@pytest.mark.parametrize(("begin", "minutes"), JOBS, ids=[each.__name__ for each, _ in JOBS])
def test_a_carrier_job_ends_by_time(
    app: Flask,
    client: Client,
    telephone: CarrierContext,
    at: Clock,
    begin: Callable[[Client], Any],
    minutes: int,
    has_carrier: bool,
) -> None:
    at("2026-11-23 10:05")
    job = begin(client)
    ticks = ticks_of(app, telephone if has_carrier else None)
    began = clock.now()
    while not is_over(job) and clock.now() - began < timedelta(minutes=minutes):
        at.later(minutes=max(1, minutes // 15))
        for tick in ticks.values():
            while tick():
                pass
    assert is_over(job), "whoever waits for it is free again"
    lines = db.session.scalars(sa.select(Presence.call_in).where(Presence.call_in.is_not(None)))
    assert not list(lines), "no advisor's line is taken any more"
    if minutes > CALL_MINUTES and not isinstance(job, OutboundSms | VoiceMessage):
        assert clock.now() - began > timedelta(minutes=CALL_MINUTES), "it could still have been on"


def test_an_unconfirmed_offer_frees_its_advisor_though_the_carrier_cannot_be_asked(
    app: Flask, client: Client, telephone: CarrierContext, at: Clock
) -> None:
    at("2026-11-23 10:05")
    offer = unconfirmed_offer(client)
    ticks = ticks_of(app, telephone)
    at.later(minutes=4)
    for tick in ticks.values():
        while tick():
            pass
    ended = fresh_row(offer)
    assert (ended.result, ended.problem) == (OfferResult.NOT_PLACED, Problem.LOST)
    late = post(
        client,
        f"/webhooks/offer/{offer.ref}/answered",
        CallSid=sid("CA"),
        CallStatus="in-progress",
    )
    assert "Hangup" in late.text and "Gather" not in late.text, "should it ring after all"


def test_a_wrap_up_is_accepted_after_the_carrier_account_was_removed(
    app: Flask, client: Client, telephone: CarrierContext, at: Clock
) -> None:
    at("2026-11-23 10:05")
    attempt = talking_call(client)
    ticks_of(app, None)
    at.later(minutes=9)
    client.sign_in(ASHA)
    page = client.get("/desk/")
    assert "no longer set up" in page.text
    client.submit(page, "/disposition", disposition="reached", notes="We spoke.")
    ended = fresh_row(attempt)
    assert (ended.result, ended.notes) == (AttemptResult.TALKED, "We spoke.")
    assert fresh(ended.callback).status == Status.REACHED


def test_an_inbound_caller_who_still_listens_is_not_ended_by_time(
    app: Flask, client: Client, at: Clock, telephone: CarrierContext, sim: Sim
) -> None:
    at("2026-11-23 10:05")
    at_desk(ASHA)
    caller = Caller(client, KAVITA.phone).ring().press("1")
    file = app.extensions["helpline"].settings.published_crisis_file
    ticks = runner.build_jobs("one", [telephone], file)
    for _ in range(20):
        at.later(minutes=1)
        caller.whisper(caller.address("Number", "url"))  # The advisor's phone is answered again.
        while ticks["end_overdue"]():
            pass
    assert caller.row.outcome is None
    caller.hangs_up()
    assert caller.row.outcome == Outcome.LEFT


def test_the_advisor_knows_that_a_message_is_lost_with_the_carrier_account(
    app: Flask, client: Client, telephone: CarrierContext, at: Clock
) -> None:
    at("2026-11-23 10:05")
    message = message_at_carrier(client)
    tick = ticks_of(app, None)["end_overdue"]
    for hours, state in [(5, MessageState.AT_CARRIER), (2, MessageState.LOST)]:
        at.later(hours=hours)
        while tick():
            pass
        assert fresh_row(message).state == state
    at_desk(ASHA)
    client.sign_in(ASHA)
    desk = client.submit(client.get("/desk/"), "next", follow=True)
    assert "phone company lost the recording" in desk.text
    row = db.session.scalars(sa.select(OutboxRow).where(OutboxRow.kind == Kind.FETCH_RECORDING))
    assert [each.state for each in row] == [OutboxState.GIVEN_UP]


def test_a_message_is_not_given_up_by_time_while_there_is_a_carrier(
    app: Flask, client: Client, telephone: CarrierContext, at: Clock
) -> None:
    """The worker was down for a day: the message is still there to be fetched."""
    at("2026-11-23 10:05")
    message = message_at_carrier(client)
    at.later(hours=24)
    tick = ticks_of(app, telephone)["end_overdue"]
    while tick():
        pass
    assert fresh_row(message).state == MessageState.AT_CARRIER
